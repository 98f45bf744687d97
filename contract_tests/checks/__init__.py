"""The checks: each a function from a provider at a target and an operation to findings."""

from __future__ import annotations

from contract_tests.checks.context import OWN_HEADERS, CheckContext, Doubt, find_fixtures, make_redactor
from contract_tests.checks.evidence import count_judged
from contract_tests.checks.filter_oracle import find_value, is_shown, matches
from contract_tests.checks.listing import Listing, find_roles
from contract_tests.checks.record_fields import MISSING, Field, list_fields
from contract_tests.checks.records import UNKNOWN, find_record, key_parameter, unknown_key
from contract_tests.checks.registry import COLUMNS, JUDGES, LATE, OPTIONAL, SCHEMATHESIS, SENDERS, Check
from contract_tests.checks.schemathesis_run import check_conformance
from contract_tests.checks.undocumented import get_census
from contract_tests.checks.walking import get_walk

__all__ = [
    "COLUMNS",
    "JUDGES",
    "LATE",
    "MISSING",
    "OPTIONAL",
    "OWN_HEADERS",
    "SCHEMATHESIS",
    "SENDERS",
    "UNKNOWN",
    "Check",
    "CheckContext",
    "Doubt",
    "Field",
    "Listing",
    "check_conformance",
    "count_judged",
    "find_fixtures",
    "find_record",
    "find_roles",
    "find_value",
    "get_census",
    "get_walk",
    "is_shown",
    "key_parameter",
    "list_fields",
    "make_redactor",
    "matches",
    "unknown_key",
]
