"""Where requests leave for a target: the guard, the budget, the record of every exchange."""

from __future__ import annotations

from contract_tests.transport.connections import origin_of
from contract_tests.transport.exchanges import (
    BAD_CHUNKS,
    BAD_CODING,
    BAD_HEAD,
    BODY_AFTER_HEAD,
    CUT,
    CUT_CODING,
    NO_ANSWER,
    NO_JSON,
    PROBLEMS,
    SURPLUS,
    TOO_LARGE,
    TOO_SLOW,
    TWO_LENGTHS,
    UNKNOWN_CODING,
    Answer,
    Exchange,
)
from contract_tests.transport.forwarding import ForwardingApp
from contract_tests.transport.guard import READS, Refused, Stopped, Unreachable
from contract_tests.transport.guarded_session import Sender
from contract_tests.transport.in_process import InProcessMock
from contract_tests.transport.ledger import CLEANING, WRITES, Ledger, WriteRule, find_answered, make_rules
from contract_tests.transport.mock_process import started_mock
from contract_tests.transport.presented import WRONG, present
from contract_tests.transport.redaction import (
    REDACTED,
    SENTENCES,
    Redactor,
    find_forms,
    is_searched,
    tracebacks_without,
)
from contract_tests.transport.required import required_headers, required_query
from contract_tests.transport.targets import LIVE, MOCK, TARGETS, Target, TargetOptions, load_variables, make_target
from contract_tests.transport.wire import WireRequest

__all__ = [
    "BAD_CHUNKS",
    "BAD_CODING",
    "BAD_HEAD",
    "BODY_AFTER_HEAD",
    "CLEANING",
    "CUT",
    "CUT_CODING",
    "LIVE",
    "MOCK",
    "NO_ANSWER",
    "NO_JSON",
    "PROBLEMS",
    "READS",
    "REDACTED",
    "SENTENCES",
    "SURPLUS",
    "TARGETS",
    "TOO_LARGE",
    "TOO_SLOW",
    "TWO_LENGTHS",
    "UNKNOWN_CODING",
    "WRITES",
    "WRONG",
    "Answer",
    "Exchange",
    "ForwardingApp",
    "InProcessMock",
    "Ledger",
    "Redactor",
    "Refused",
    "Sender",
    "Stopped",
    "Target",
    "TargetOptions",
    "Unreachable",
    "WireRequest",
    "WriteRule",
    "find_answered",
    "find_forms",
    "is_searched",
    "load_variables",
    "make_rules",
    "make_target",
    "origin_of",
    "present",
    "required_headers",
    "required_query",
    "started_mock",
    "tracebacks_without",
]
