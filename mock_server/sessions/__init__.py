"""Which mock API plays for whom: from folders to mock APIs, as each session sees them, and what clients did wrong."""

from __future__ import annotations

from mock_server.sessions.analysis import (
    Analysis,
    NearMiss,
    as_plain,
    as_wiremock,
    describe_near_miss,
    find_body,
    find_unknown_parameters,
    restore,
)
from mock_server.sessions.chosen_readings import parse_readings
from mock_server.sessions.client_rules import find_verdicts
from mock_server.sessions.completion import (
    complete_operation,
    complete_provider,
    complete_reading,
    complete_scenario,
)
from mock_server.sessions.dispatch import Dispatcher, MockApis
from mock_server.sessions.explanation import HEADER
from mock_server.sessions.factory import (
    MAX_RECORDS,
    NOW,
    Progress,
    Recall,
    Settings,
    default_cache,
    find_folder,
    find_folders,
    find_home,
    find_own_folder,
    list_readings,
    load_alternatives,
    load_checkable,
    load_checked,
    load_contracts,
    load_providers,
    load_vocabulary,
    make_apis,
)
from mock_server.sessions.modes import (
    CREDENTIAL_MODES,
    DOCUMENTED_MODES,
    EXAMPLE_MODES,
    LIMIT_MODES,
    REQUEST_MODES,
)
from mock_server.sessions.mounts import find_shadowed
from mock_server.sessions.narrowing import find_operations, read_played
from mock_server.sessions.origins import Origin, find_origins, get_document
from mock_server.sessions.own_records import OwnCollection, OwnRecord, open_collection
from mock_server.sessions.player import Player
from mock_server.sessions.providers import Provider, Understanding, Understood, is_plain, load_plain
from mock_server.sessions.record_files import NO_RECORDS, OwnRecords, load_own_records
from mock_server.sessions.request_pattern import compile_pattern
from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis
from mock_server.sessions.sources import SUFFIXES, ProviderSource, find_local, find_sources
from mock_server.sessions.warming import warm

__all__ = [
    "CREDENTIAL_MODES",
    "DOCUMENTED_MODES",
    "EXAMPLE_MODES",
    "HEADER",
    "LIMIT_MODES",
    "MAX_RECORDS",
    "NOW",
    "NO_RECORDS",
    "REQUEST_MODES",
    "SUFFIXES",
    "Analysis",
    "Dispatcher",
    "MockApis",
    "NearMiss",
    "Origin",
    "OwnCollection",
    "OwnRecord",
    "OwnRecords",
    "Player",
    "Progress",
    "Provider",
    "ProviderSource",
    "Recall",
    "SessionApis",
    "Settings",
    "Setup",
    "Understanding",
    "Understood",
    "as_plain",
    "as_wiremock",
    "compile_pattern",
    "complete_operation",
    "complete_provider",
    "complete_reading",
    "complete_scenario",
    "default_cache",
    "describe_near_miss",
    "find_body",
    "find_folder",
    "find_folders",
    "find_home",
    "find_local",
    "find_operations",
    "find_origins",
    "find_own_folder",
    "find_shadowed",
    "find_sources",
    "find_unknown_parameters",
    "find_verdicts",
    "get_document",
    "is_plain",
    "list_readings",
    "load_alternatives",
    "load_checkable",
    "load_checked",
    "load_contracts",
    "load_form",
    "load_own_records",
    "load_plain",
    "load_providers",
    "load_stock",
    "load_vocabulary",
    "make_apis",
    "make_session_apis",
    "open_collection",
    "parse_readings",
    "read_played",
    "restore",
    "warm",
]
