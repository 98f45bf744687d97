"""Every check by name, in the order they run, and the engine of Schemathesis among them."""

from __future__ import annotations

from contract_tests.checks.evidence import count_judged
from contract_tests.checks.registry import (
    COLUMNS,
    JUDGES,
    LATE,
    OPTIONAL,
    SCHEMATHESIS,
    SENDERS,
    WRITERS,
    Check,
    ask_why_not,
)
from contract_tests.checks.schemathesis_run import check_conformance, check_written

__all__ = [
    "COLUMNS",
    "JUDGES",
    "LATE",
    "OPTIONAL",
    "SCHEMATHESIS",
    "SENDERS",
    "WRITERS",
    "Check",
    "ask_why_not",
    "check_conformance",
    "check_written",
    "count_judged",
]
