"""Answers that take longer than a client waits, and which parameter they have in common."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from contract_tests.checks.context import CheckContext
from contract_tests.findings import BREAKING, NOTE, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation
from mock_server.errors import count_of

USUAL_SECONDS = 5.0
"""What takes longer at a live target is worth a note: many clients give up after five to ten seconds."""


def check_slowness(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Answers come within the time that was given, or within what clients usually wait.

    No document says how long an answer may take, so it is a note; what was given by `--slow` is a demand.
    """
    limit = context.slow_seconds or USUAL_SECONDS
    # A request that was sent again is judged by its second answer alone.
    exchanges = [e for e in context.sender.traffic if e.operation == operation.id and not e.retried]
    slow = [exchange for exchange in exchanges if exchange.answer.seconds > limit]
    quick = [exchange for exchange in exchanges if exchange.answer.seconds <= limit]
    if not slow:
        return
    common = find_common(slow, quick)
    yield context.finding(
        operation,
        "slow",
        "".join(f"?{name}" for name, _ in common),
        "An answer takes longer than a client waits",
        f"{limit:g} s at most",
        _describe(slow, quick, common),
        exchange=max(slow, key=lambda exchange: exchange.answer.seconds),
        grade=BREAKING if context.slow_seconds else NOTE,
    )


def find_common(slow: list[Exchange], quick: list[Exchange]) -> list[tuple[str, str]]:
    """Parameters with the values that all slow requests have and no quick one has."""
    common = set.intersection(*map(_pairs, slow))
    usual = set[tuple[str, str]]().union(*map(_pairs, quick))
    return sorted(common - usual) if quick else []


def _pairs(exchange: Exchange) -> set[tuple[str, str]]:
    return set(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True))


def _describe(slow: list[Exchange], quick: list[Exchange], common: list[tuple[str, str]]) -> str:
    longest = max(slow, key=lambda exchange: exchange.answer.seconds)
    what = "" if longest.answer.status else "no answer after "
    of_all = f"{len(slow)} of {count_of(len(slow) + len(quick), 'answer')}"
    with_what = f" with {', '.join(f'{name}={value}' for name, value in common)}" if common else ""
    usual = f"; usually {statistics.median(e.answer.seconds for e in quick):.1f} s" if quick else ""
    return f"{what}{longest.answer.seconds:.1f} s{with_what}, {of_all}{usual}"
