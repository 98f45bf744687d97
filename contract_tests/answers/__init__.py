"""Checks of each answer by itself: status, headers, body, and the bytes they came in."""

from __future__ import annotations

from contract_tests.answers.grounds import of_status
from contract_tests.answers.leaks import check_leaks
from contract_tests.answers.responses import (
    check_headers,
    check_media_type,
    check_reached,
    check_schema,
    check_status,
    find_errors,
    find_place,
    generalize,
    of_place,
)
from contract_tests.answers.server_failures import check_failures
from contract_tests.answers.slowness import check_slowness
from contract_tests.answers.steadiness import check_steadiness
from contract_tests.answers.undocumented import check_audit, get_census
from contract_tests.answers.wire import ask_more_of_wire, ask_wire, judge_wire

__all__ = [
    "ask_more_of_wire",
    "ask_wire",
    "check_audit",
    "check_failures",
    "check_headers",
    "check_leaks",
    "check_media_type",
    "check_reached",
    "check_schema",
    "check_slowness",
    "check_status",
    "check_steadiness",
    "find_errors",
    "find_place",
    "generalize",
    "get_census",
    "judge_wire",
    "of_place",
    "of_status",
]
