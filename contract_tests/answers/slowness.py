"""Answers that take longer than a client waits, and which parameter they have in common."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from contract_tests.context import CheckContext
from contract_tests.findings import BREAKING, NOTE, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation
from mock_server.errors import count_of

Pair = tuple[str, str]
"""A parameter's name and value."""

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
    # A refusal is quick whatever it was asked.
    quick = [e for e in exchanges if e.answer.seconds <= limit and 200 <= e.answer.status < 300]
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
    """Parameters that slow requests share and no quick one has, each with what its values have in common.

    That is one value, or a number from which on it is slow, or a value that at least half of the slow requests have.
    """
    sets = [_pairs(exchange) for exchange in slow]
    usual = set[Pair]().union(*map(_pairs, quick))
    if not quick:
        return []
    if shared := set.intersection(*sets) - usual:
        return sorted(shared)
    large = [(name, f"{least} and more") for name, least in _find_large(sets, usual)]
    often = Counter(pair for pairs in sets for pair in pairs - usual)
    return large or [pair for pair, count in often.most_common(1) if count * 2 >= len(sets)]


def _find_large(slow: list[set[Pair]], usual: set[Pair]) -> Iterator[tuple[str, int]]:
    """Parameters with a number in all slow requests that is above each number of the quick ones."""
    for name in sorted(set.intersection(*({name for name, _ in pairs} for pairs in slow))):
        values = [value for pairs in slow for known, value in pairs if known == name]
        others = [int(value) for known, value in usual if known == name and value.isdecimal()]
        if all(value.isdecimal() for value in values) and others and min(map(int, values)) > max(others):
            yield name, min(map(int, values))


def _pairs(exchange: Exchange) -> set[Pair]:
    return set(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True))


def _describe(slow: list[Exchange], quick: list[Exchange], common: list[tuple[str, str]]) -> str:
    longest = max(slow, key=lambda exchange: exchange.answer.seconds)
    what = "" if longest.answer.status else "no answer after "
    of_all = f"{len(slow)} of {count_of(len(slow) + len(quick), 'answer')}"
    with_what = f" with {', '.join(f'{name}={value}' for name, value in common)}" if common else ""
    usual = f"; usually {statistics.median(e.answer.seconds for e in quick):.1f} s" if quick else ""
    return f"{what}{longest.answer.seconds:.1f} s{with_what}, {of_all}{usual}"
