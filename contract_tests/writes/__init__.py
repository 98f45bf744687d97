"""Checks of writes: records that the run creates, changes and deletes, and what every read shows of them."""

from __future__ import annotations

from contract_tests.writes.chains import find_key_header
from contract_tests.writes.cleaning import clean_up
from contract_tests.writes.conflicts import check_conflicts, find_conflicts
from contract_tests.writes.creates import check_create
from contract_tests.writes.deletes import check_delete
from contract_tests.writes.nested import bind_nested, list_nested_writes
from contract_tests.writes.patches import check_patch
from contract_tests.writes.repeats import check_repeats
from contract_tests.writes.replaces import check_replace

__all__ = [
    "bind_nested",
    "check_conflicts",
    "check_create",
    "check_delete",
    "check_patch",
    "check_repeats",
    "check_replace",
    "clean_up",
    "find_conflicts",
    "find_key_header",
    "list_nested_writes",
]
