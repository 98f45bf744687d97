"""Values that say nothing (`-1` for all, the far past, empty text) leave a list as it is; all are asked for at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract_tests.filters.filter_asking import Asking, FilteredAnswer
from contract_tests.filters.filter_values import write_far
from contract_tests.findings import Finding
from contract_tests.transport import Stopped
from mock_server.contract import FilterRule, Parameter

AWKWARD = "'\"\\\U0001f642"
"""Both quotes, a backslash, and a sign of four bytes."""


def check_neutral(asking: Asking, filters: Sequence[Parameter]) -> Iterator[Finding]:
    """All values that say nothing in one request: everything is answered, or halves of them show which one it is."""
    query = {p.name: value for p in filters if p.filter and (value := find_neutral(p.filter)) is not None}
    yield from _search(asking, {p.name: p for p in filters}, query, "sets no condition: all records")


def check_empty(asking: Asking, filters: Sequence[Parameter]) -> Iterator[Finding]:
    """Empty values in one request: no filter, or halves of them show which one it is."""
    query = dict.fromkeys(_texts(filters), "")
    yield from _search(asking, {p.name: p for p in filters}, query, "empty: no filter, all records")


def check_awkward(asking: Asking, filters: Sequence[Parameter]) -> Iterator[Finding]:
    """Signs that end a text in SQL or do not fit its encoding, in every text at once: no failure of the server."""
    yield from _find_failing(asking, _texts(filters))


def _find_failing(asking: Asking, names: Sequence[str]) -> Iterator[Finding]:
    """The failure of one filter alone, or of several where no half of them fails."""
    if not names:
        return
    answer = asking.ask(dict.fromkeys(names, AWKWARD), "quotes and signs of four bytes do not fail", may_refuse=True)
    failures = list(asking.take_failures())
    if answer.exchange.answer.status < 500:
        return
    halves: list[Finding] = []
    try:
        for part in _halve(names):
            halves += _find_failing(asking, part)
    except Stopped:
        yield from halves or failures
        raise
    yield from halves or failures


def _texts(filters: Sequence[Parameter]) -> list[str]:
    """The names of filters that take any text."""
    texts = [p for p in filters if p.filter and p.filter.values is None and not p.filter.dates]
    return [parameter.name for parameter in texts if parameter.schema.get("type") == "string"]


def find_neutral(rule: FilterRule) -> str | None:
    """A value that leaves every record, or None where the filter has none."""
    if rule.dates:
        return write_far(rule, is_past=rule.test == "at_least")
    return next((word for word, stored in (rule.values or {}).items() if stored is None), None)


def _search(
    asking: Asking,
    parameters: Mapping[str, Parameter],
    query: Mapping[str, Any],
    why: str,
) -> Iterator[Finding]:
    if not query:
        return
    answer = asking.ask(query, why, may_refuse=True)
    if answer.page is None or answer.total == asking.all:
        return
    halves: list[Finding] = []
    try:
        for part in _halve(list(query)):
            halves += _search(asking, parameters, {name: query[name] for name in part}, why)
    except Stopped:  # whose fault it is cannot be asked any more
        yield from halves or [_left_out(asking, parameters, query, answer)]
        raise
    yield from halves or [_left_out(asking, parameters, query, answer)]


def _halve(names: Sequence[str]) -> tuple[Sequence[str], ...]:
    middle = len(names) // 2
    return (names[:middle], names[middle:]) if len(names) > 1 else ()


def _left_out(
    asking: Asking,
    parameters: Mapping[str, Parameter],
    query: Mapping[str, Any],
    answer: FilteredAnswer,
) -> Finding:
    """One filter, or several together, that answer less than all although they set no condition."""
    evidence = [asking.context.of_parameter(parameters[name], "matching") for name in query]
    return asking.finding(
        "neutral",
        ", ".join(query),
        "A filter leaves out records at a value that sets no condition",
        f"{', '.join(f'{name}={value}' for name, value in query.items())}: all {asking.all}",
        answer.total,
        answer,
        next((each for each in evidence if each.assumed), evidence[0]),
    )
