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
from mock_server.sessions.client_rules import find_verdicts
from mock_server.sessions.completion import (
    complete_operation,
    complete_provider,
    complete_reading,
    complete_scenario,
)
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.explanation import HEADER
from mock_server.sessions.factory import (
    LIMIT_MODES,
    MAX_RECORDS,
    NOW,
    Progress,
    Settings,
    default_cache,
    find_folder,
    find_folders,
    find_home,
    list_readings,
    load_alternatives,
    load_checked,
    load_contracts,
    load_vocabulary,
    make_apis,
    parse_readings,
)
from mock_server.sessions.request_pattern import compile_pattern
from mock_server.sessions.session_apis import Player, SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis

__all__ = [
    "HEADER",
    "LIMIT_MODES",
    "MAX_RECORDS",
    "NOW",
    "Analysis",
    "MockApis",
    "NearMiss",
    "Player",
    "Progress",
    "SessionApis",
    "Settings",
    "Setup",
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
    "find_unknown_parameters",
    "find_verdicts",
    "list_readings",
    "load_alternatives",
    "load_checked",
    "load_contracts",
    "load_form",
    "load_stock",
    "load_vocabulary",
    "make_apis",
    "make_session_apis",
    "parse_readings",
    "restore",
]
