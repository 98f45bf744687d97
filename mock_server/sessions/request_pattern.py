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
            MATCHERS[how](find(entry, name), value) for name, told in wanted.items() for how, value in told.items()
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

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "equalTo": (str, int, float),
    "absent": bool,
    "status": int,
    **dict.fromkeys(NAMED, dict),
}
"""Of what type a value is; text unless told."""


def _require_type(name: str, value: Any) -> None:
    wanted = TYPES.get(name, str)
    if not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool):
        raise Problem(422, "Not a value", f"{name} takes another type of value than {type(value).__name__}.")


def compile_pattern(told: Any) -> Callable[[Entry], bool]:
    """A pattern as a function; raises Problem for what is no pattern."""
    if not isinstance(told, dict):
        raise Problem(422, "Not a pattern", "Expected a JSON object.", sorted(PARTS))
    for name, wanted in told.items():
        if name not in PARTS:
            detail = with_suggestion(f"There is no {name!r} here.", name, PARTS)
            raise Problem(422, "Unknown part of a pattern", detail, sorted(PARTS))
        _require_type(name, wanted)
        if name in NAMED:
            _require_matchers(name, wanted)
    return lambda entry: all(PARTS[name](entry, wanted) for name, wanted in told.items())


def _require_matchers(name: str, wanted: Any) -> None:
    listed = list(wanted.values())
    if not all(isinstance(each, dict) and set(each) <= set(MATCHERS) for each in listed):
        raise Problem(422, "Unknown matcher", f"{name} maps names to a matcher and a value.", sorted(MATCHERS))
    for told in listed:
        for how, value in told.items():
            _require_type(how, value)
