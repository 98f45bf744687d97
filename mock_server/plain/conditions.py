"""Conditions on records in memory: the values a field has, and what each test makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mock_server.engine import read_moment

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FORMS = ("date-time", "date")


def find_values(record: Any, fields: Iterable[str]) -> Iterator[Any]:
    """Every value that a record has under dotted names; those of a list one by one."""
    for name in fields:
        yield from _find_below(record, name.split("."))


def _find_below(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _find_below(each, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _find_below(value[path[0]], path[1:])


def write_plain(value: Any) -> str:
    """A value as a query would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "null" if value is None else str(value)


def _compare(is_right: Callable[[Any, Any], bool]) -> Callable[[Iterable[Any], Any], bool]:
    """Numbers are compared as numbers, moments as moments, everything else as text."""

    def test(values: Iterable[Any], wanted: Any) -> bool:
        pairs = (_comparable(value, wanted) for value in values if value is not None)
        return any(is_right(*pair) for pair in pairs)

    return test


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    left, right = write_plain(value), write_plain(wanted)
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        return float(left), float(right)
    moments = read_moment(left, _FORMS), read_moment(right, _FORMS)
    return (moments[0], moments[1]) if moments[0] and moments[1] else (left, right)


def _equals(values: Iterable[Any], wanted: Any) -> bool:
    """The same text; of a moment, its day too."""
    text = write_plain(wanted)
    day = f"{text}T" if _DAY.fullmatch(text) else None
    return any((plain := write_plain(value)) == text or (day and plain.startswith(day)) for value in values)


def _equals_fold(values: Iterable[Any], wanted: Any) -> bool:
    text = write_plain(wanted).casefold()
    return any(write_plain(value).casefold() == text for value in values)


def _one_of(values: Iterable[Any], wanted: Any) -> bool:
    texts = {write_plain(each) for each in wanted}
    return any(write_plain(value) in texts for value in values)


def _contains(values: Iterable[Any], wanted: Any) -> bool:
    text = write_plain(wanted).casefold()
    return any(text in write_plain(value).casefold() for value in values if value is not None)


def _starts(values: Iterable[Any], wanted: Any) -> bool:
    text = write_plain(wanted).casefold()
    return any(write_plain(value).casefold().startswith(text) for value in values if value is not None)


TESTS: Mapping[str, Callable[[Iterable[Any], Any], bool]] = {
    "equals": _equals,
    "equals_fold": _equals_fold,
    "one_of": _one_of,
    "contains": _contains,
    "search": _contains,
    "starts": _starts,
    "at_least": _compare(lambda value, wanted: bool(value >= wanted)),
    "at_most": _compare(lambda value, wanted: bool(value <= wanted)),
    "above": _compare(lambda value, wanted: bool(value > wanted)),
    "below": _compare(lambda value, wanted: bool(value < wanted)),
}
"""The test of a condition, and what decides it from the values that a record has."""


def sort_key(values: Iterator[Any]) -> tuple[int, Any]:
    """What records are ordered by: numbers before text, nothing first."""
    value = next(values, None)
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return 2, str(value)
