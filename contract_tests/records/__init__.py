"""Checks of records: the same in every answer, and coherent in themselves."""

from __future__ import annotations

from contract_tests.records.coherence import check_coherence
from contract_tests.records.record_fields import MISSING, Field, list_fields
from contract_tests.records.records import (
    UNKNOWN,
    check_more_records,
    check_records,
    find_record,
    key_parameter,
    knows_record,
    ready_values,
    unknown_key,
)

__all__ = [
    "MISSING",
    "UNKNOWN",
    "Field",
    "check_coherence",
    "check_more_records",
    "check_records",
    "find_record",
    "key_parameter",
    "knows_record",
    "list_fields",
    "ready_values",
    "unknown_key",
]
