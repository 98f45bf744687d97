"""Checks of what must be refused: credentials, wrong requests, ways around."""

from __future__ import annotations

from contract_tests.refusals.credentials import check_credentials, check_misplaced, check_more_credentials
from contract_tests.refusals.doubled import check_doubled
from contract_tests.refusals.errors import check_errors, check_more_errors
from contract_tests.refusals.open_ways import check_open_ways
from contract_tests.refusals.provocations import check_methods, check_more_provocations, check_provocations

__all__ = [
    "check_credentials",
    "check_doubled",
    "check_errors",
    "check_methods",
    "check_misplaced",
    "check_more_credentials",
    "check_more_errors",
    "check_more_provocations",
    "check_open_ways",
    "check_provocations",
]
