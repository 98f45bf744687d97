"""Where requests leave for a target: the guard, the budget, the record of every exchange."""

from __future__ import annotations

from contract_tests.transport.exchanges import NO_JSON, Answer, Exchange
from contract_tests.transport.forwarding import ForwardingApp
from contract_tests.transport.guarded_session import WRONG, Refused, Sender, Stopped, Unreachable, present
from contract_tests.transport.in_process import InProcessMock
from contract_tests.transport.mock_process import started_mock
from contract_tests.transport.redaction import REDACTED, Redactor, is_searched
from contract_tests.transport.targets import LIVE, MOCK, TARGETS, Target, TargetOptions, load_variables, make_target

__all__ = [
    "LIVE",
    "MOCK",
    "NO_JSON",
    "REDACTED",
    "TARGETS",
    "WRONG",
    "Answer",
    "Exchange",
    "ForwardingApp",
    "InProcessMock",
    "Redactor",
    "Refused",
    "Sender",
    "Stopped",
    "Target",
    "TargetOptions",
    "Unreachable",
    "is_searched",
    "load_variables",
    "make_target",
    "present",
    "started_mock",
]
