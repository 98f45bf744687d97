"""Requests that failed and were answered when they were sent again: a note, and a fault where that is usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from contract_tests.context import CheckContext
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding
from contract_tests.transport import CUT, Exchange
from mock_server.contract import Operation

USUAL_NUMBER, USUAL_SHARE = 4, 0.2
"""How many requests, and what share of an operation's, must fail at first before that is how the server is."""

_SENTENCE = Evidence("RFC 9110, 15.6: the server is aware that it has erred or is incapable of performing the request")


def check_steadiness(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A request is answered when it is sent first, and not only when it is sent again."""
    mine = [exchange for exchange in context.sender.traffic if exchange.operation == operation.id]
    failed = [exchange for exchange in mine if exchange.retried and has_no_answer(exchange)]
    if not failed:
        return
    is_usual = len(failed) >= max(USUAL_NUMBER, USUAL_SHARE * len(mine))
    reasons = Counter(exchange.retried for exchange in failed)
    yield context.finding(
        operation,
        "status",
        "",
        "Requests fail again and again, and are answered when they are sent once more"
        if is_usual
        else "A request failed, and was answered when it was sent once more",
        "an answer at the first time",
        f"{len(failed)} of {len(mine)}: {', '.join(f'{reason} ({number})' for reason, number in reasons.items())}",
        _SENTENCE,
        failed[0],
        BREAKING if is_usual else NOTE,
        is_firm=True,
    )


def has_no_answer(exchange: Exchange) -> bool:
    """Whether nothing came, half an answer, or a failure of the server; a limit that was reached is none of these."""
    return exchange.answer.status in (0, *range(500, 600)) or CUT in exchange.answer.problems
