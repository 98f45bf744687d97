"""What a check is given: the run's context, and how lists are read and walked."""

from __future__ import annotations

from contract_tests.context.context import (
    OWN_HEADERS,
    CheckContext,
    Doubt,
    MadeRecord,
    find_fixtures,
    make_redactor,
    split_writes,
)
from contract_tests.context.departures import Departure, both, confirm, find_new, report, report_change, unique
from contract_tests.context.list_walk import Walk, WalkStep, as_count, find_shared_keys, read_step
from contract_tests.context.listing import Listing, ListPage, find_roles
from contract_tests.context.near_misses import (
    CASE,
    END,
    LONGER,
    MADE_UP,
    PREFIX,
    NearMiss,
    find_near_misses,
    is_case_nothing,
)
from contract_tests.context.walking import REFUSALS, ask_page, get_walk, send_tolerant

__all__ = [
    "CASE",
    "END",
    "LONGER",
    "MADE_UP",
    "OWN_HEADERS",
    "PREFIX",
    "REFUSALS",
    "CheckContext",
    "Departure",
    "Doubt",
    "ListPage",
    "Listing",
    "MadeRecord",
    "NearMiss",
    "Walk",
    "WalkStep",
    "as_count",
    "ask_page",
    "both",
    "confirm",
    "find_fixtures",
    "find_near_misses",
    "find_new",
    "find_roles",
    "find_shared_keys",
    "get_walk",
    "is_case_nothing",
    "make_redactor",
    "read_step",
    "report",
    "report_change",
    "send_tolerant",
    "split_writes",
    "unique",
]
