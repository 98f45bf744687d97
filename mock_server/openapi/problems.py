"""What is wrong with a value, as the end of a sentence that begins with its place: `/tags/0` "must be a string"."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.contract import escape_pointer

MAX_SHOWN = 80
"""So many characters of a value, a pattern or a list of values are shown."""

MAX_DEPTH = 8
"""So many alternatives inside alternatives are looked into."""

_ARTICLES: Mapping[str, str] = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}

_FORMATS: Mapping[str, str] = {
    "date-time": "a date and time such as 2024-05-31T08:30:00Z",
    "date": "a date such as 2024-05-31",
    "time": "a time such as 08:30:00Z",
    "duration": "a duration such as P3DT12H",
    "uuid": "a UUID",
    "email": "an e-mail address",
    "hostname": "a host name",
    "uri": "an absolute URI",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
}


def describe_error(error: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Places and what is wrong there, of one error of `jsonschema_rs`."""
    at = "".join(f"/{escape_pointer(step)}" for step in error.instance_path)
    kind = type(error.kind).__name__
    if kind in _MEMBERS:
        names, sentence = _MEMBERS[kind]
        for name in names(error.kind):
            yield f"{at}/{escape_pointer(name)}", sentence
    elif kind in ("AnyOf", "OneOfNotValid"):
        yield from _describe_branches(error, at, depth)
    elif kind == "PropertyNames":
        yield at, f"has a name that {next(iter(describe_error(error.kind.error)), ('', 'is not allowed'))[1]}"
    else:
        describe = _SENTENCES.get(kind)
        yield at, describe(error.kind) if describe else "is not as documented"


def _describe_branches(error: Any, at: str, depth: int) -> Iterator[tuple[str, str]]:
    """Of alternatives none of which holds, what keeps the nearest from holding."""
    branches = [branch for branch in error.kind.context if branch]
    types = [_find_types(branch, error.instance_path) for branch in branches]
    fitting = [branch for branch, names in zip(branches, types) if not names]
    if not fitting:
        yield at, f"must be {_join(list(dict.fromkeys(name for names in types for name in names)))}"
    elif len(fitting) == 1 and depth < MAX_DEPTH:
        for each in fitting[0]:
            yield from describe_error(each, depth + 1)
    else:
        nearest = min(fitting, key=len)
        place, sentence = next(describe_error(nearest[0], depth + 1)) if depth < MAX_DEPTH else (at, "differs")
        inside = place.removeprefix(at)
        yield (
            at,
            f"fits none of the {len(branches)} documented forms; in the nearest it {inside and inside + ' '}{sentence}",
        )


def _find_types(branch: list[Any], path: list[Any]) -> list[str]:
    """The types that a branch wants where the value itself is of another."""
    wrong = [each for each in branch if type(each.kind).__name__ == "Type" and each.instance_path == path]
    return [name for each in wrong for name in each.kind.types]


def _join(types: list[str]) -> str:
    ordered = [words for name, words in _ARTICLES.items() if name in types]
    return " or ".join(ordered) or "of another type"


def _show(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _show_options(options: list[Any]) -> str:
    shown = ", ".join(_show(option) for option in options[:20])
    cut = shown if len(shown) <= 3 * MAX_SHOWN else f"{shown[: 3 * MAX_SHOWN]}…"
    return f"must be one of {cut}{', …' if len(options) > 20 else ''}" if len(options) > 1 else f"must be {cut}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


_MEMBERS: Mapping[str, tuple[Callable[[Any], list[str]], str]] = {
    "Required": (lambda kind: [kind.property], "is required"),
    "AdditionalProperties": (lambda kind: kind.unexpected, "is not a documented property"),
    "UnevaluatedProperties": (lambda kind: kind.unexpected, "is not a documented property"),
    "UnevaluatedItems": (lambda kind: kind.unexpected, "is one item too many"),
}
"""Errors that are about members of a value, and not the value itself."""

_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "Type": lambda kind: f"must be {_join(kind.types)}",
    "Enum": lambda kind: _show_options(kind.options),
    "Constant": lambda kind: f"must be {_show(kind.expected_value)}",
    "Format": lambda kind: f"must be {_FORMATS.get(kind.format, kind.format)}",
    "Pattern": lambda kind: f"must match the pattern {_show(kind.pattern)}",
    "BacktrackLimitExceeded": lambda kind: "takes too long to be matched with its pattern",
    "Minimum": lambda kind: f"must be at least {_show(kind.limit)}",
    "Maximum": lambda kind: f"must be at most {_show(kind.limit)}",
    "ExclusiveMinimum": lambda kind: f"must be greater than {_show(kind.limit)}",
    "ExclusiveMaximum": lambda kind: f"must be less than {_show(kind.limit)}",
    "MultipleOf": lambda kind: f"must be a multiple of {_show(kind.multiple_of)}",
    "MinLength": lambda kind: f"must have at least {_plural(kind.limit, 'character')}",
    "MaxLength": lambda kind: f"must have at most {_plural(kind.limit, 'character')}",
    "MinItems": lambda kind: f"must have at least {_plural(kind.limit, 'item')}",
    "MaxItems": lambda kind: f"must have at most {_plural(kind.limit, 'item')}",
    "AdditionalItems": lambda kind: f"must have at most {_plural(kind.limit, 'item')}",
    "MinProperties": lambda kind: f"must have at least {_plural(kind.limit, 'member')}",
    "MaxProperties": lambda kind: f"must have at most {_plural(kind.limit, 'member')}",
    "UniqueItems": lambda kind: "must not hold the same item twice",
    "Contains": lambda kind: "does not hold an item that must be there",
    "FalseSchema": lambda kind: "is not allowed",
    "Not": lambda kind: "has a form that is ruled out",
    "OneOfMultipleValid": lambda kind: f"fits {sum(not branch for branch in kind.context)} documented forms at once",
}
