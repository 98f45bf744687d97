"""Requests in the journal found by a pattern in WireMock's words: exact and part comparisons, no expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.engine import split_query
from mock_server.errors import Problem, with_suggestion
from mock_server.state import Entry

MATCHERS: Mapping[str, Callable[[list[str], Any], bool]] = {
    "equalTo": lambda values, wanted: str(wanted) in values,
    "contains": lambda values, wanted: any(str(wanted) in value for value in values),
    "doesNotContain": lambda values, wanted: not any(str(wanted) in value for value in values),
    "absent": lambda values, wanted: bool(wanted) is not bool(values),
}
"""How a value is compared: all values that came under a name, and what is wanted."""

Part = Callable[[Entry, Any], bool]


def _named(find: Callable[[Entry, str], list[str]]) -> Part:
    def part(entry: Entry, wanted: Any) -> bool:
        return all(
            MATCHERS[matcher](find(entry, name), value)
            for name, matchers in wanted.items()
            for matcher, value in matchers.items()
        )

    return part


def _header(entry: Entry, name: str) -> list[str]:
    value = entry.headers.get(name.lower())
    return [] if value is None else [value]


PARTS: Mapping[str, Part] = {
    "method": lambda entry, wanted: str(wanted) in ("ANY", entry.method),
    "url": lambda entry, wanted: entry.target == wanted,
    "urlPath": lambda entry, wanted: entry.path == wanted,
    "queryParameters": _named(lambda entry, name: split_query(entry.query).get(name, [])),
    "headers": _named(_header),
    "session": lambda entry, wanted: entry.session == wanted,
    "status": lambda entry, wanted: entry.status == wanted,
}
"""The parts of a pattern; all that are given must hold."""

NAMED = ("queryParameters", "headers")

TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "equalTo": (
        lambda value: isinstance(value, str | int | float) and not isinstance(value, bool),
        "a text or a number",
    ),
    "absent": (lambda value: isinstance(value, bool), "true or false"),
    # JSON knows one kind of number: 404.0 is a whole one.
    "status": (
        lambda value: type(value) in (int, float) and value in range(100, 600),
        "a whole number from 100 to 599",
    ),
    **dict.fromkeys(NAMED, (lambda value: isinstance(value, dict), "an object of names and matchers")),
}
"""What a value must be, by its name, and how that is said; all others are text."""

_TEXT = (lambda value: isinstance(value, str), "a text")


def _require_type(name: str, value: Any) -> None:
    is_right, says = TYPES.get(name, _TEXT)
    if not is_right(value):
        raise Problem(422, "Not a value", f"{name} takes {says}.")


def compile_pattern(pattern: Any) -> Callable[[Entry], bool]:
    """A pattern (a JSON object of `PARTS`) as a function.

    Raises:
        Problem: 422 for what is no pattern; it lists what may stand in one.
    """
    if not isinstance(pattern, dict):
        raise Problem(422, "Not a pattern", "Expected a JSON object.", sorted(PARTS))
    for name, wanted in pattern.items():
        if name not in PARTS:
            detail = with_suggestion(f"There is no {name!r} here.", name, PARTS)
            raise Problem(422, "Unknown part of a pattern", detail, sorted(PARTS))
        _require_type(name, wanted)
        if name in NAMED:
            _require_matchers(name, wanted)
    return lambda entry: all(PARTS[name](entry, wanted) for name, wanted in pattern.items())


def _require_matchers(name: str, wanted: Mapping[str, Any]) -> None:
    for matchers in wanted.values():
        if not isinstance(matchers, dict) or not set(matchers) <= set(MATCHERS):
            raise Problem(422, "Unknown matcher", f"{name} maps names to a matcher and a value.", sorted(MATCHERS))
        for matcher, value in matchers.items():
            _require_type(matcher, value)
