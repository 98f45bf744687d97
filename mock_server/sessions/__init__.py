"""Which mock API plays for whom: from folders to mock APIs, as each session sees them, and what their requests tell."""

from __future__ import annotations

from mock_server.sessions.analysis import analyze, as_analysis, as_wiremock, body_of, near_misses, restore
from mock_server.sessions.client_rules import find_verdicts
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import (
    LIMIT_MODES,
    MAX_RECORDS,
    NOW,
    Progress,
    Settings,
    default_cache,
    find_home,
    find_providers,
    load_checked,
    load_contracts,
    load_vocabulary,
    make_apis,
    parse_readings,
)
from mock_server.sessions.request_pattern import compile_pattern
from mock_server.sessions.session_apis import HEADER, SessionApis, load_form, load_stock, make_session_apis, start_with
from mock_server.sessions.settings import change_session, find_readings, tell_session

__all__ = [
    "HEADER",
    "LIMIT_MODES",
    "MAX_RECORDS",
    "NOW",
    "MockApis",
    "Progress",
    "SessionApis",
    "Settings",
    "analyze",
    "as_analysis",
    "as_wiremock",
    "body_of",
    "change_session",
    "compile_pattern",
    "default_cache",
    "find_home",
    "find_providers",
    "find_readings",
    "find_verdicts",
    "load_checked",
    "load_contracts",
    "load_form",
    "load_stock",
    "load_vocabulary",
    "make_apis",
    "make_session_apis",
    "near_misses",
    "parse_readings",
    "restore",
    "start_with",
    "tell_session",
]
