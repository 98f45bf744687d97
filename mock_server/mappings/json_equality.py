"""Whether two values of JSON are the same, as WireMock compares them: in order and whole, unless told otherwise."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

MAX_UNORDERED = 1_000
"""The longest arrays that are compared in any order: it takes the square of their length."""

PLACEHOLDERS: Mapping[str, Callable[[Any], bool]] = {
    "${json-unit.ignore}": lambda value: True,
    "${json-unit.ignore-element}": lambda value: True,
    "${json-unit.any-string}": lambda value: isinstance(value, str),
    "${json-unit.any-number}": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "${json-unit.any-boolean}": lambda value: isinstance(value, bool),
}
"""Texts of a wanted value that stand for any of a kind."""


def read_json(text: str) -> Any:
    """The value of a JSON text.

    Raises: ValueError for what is none, be it nested deeper than anybody reads.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deep") from None


def is_same_json(wanted: Any, value: Any, ignores_order: bool = False, ignores_more: bool = False) -> bool:
    """Whether a value is the wanted one: where it is said in any order of arrays, with more in objects and arrays."""
    if isinstance(wanted, str) and wanted in PLACEHOLDERS:
        return PLACEHOLDERS[wanted](value)
    if isinstance(wanted, dict) and isinstance(value, dict):
        return _has_same_members(wanted, value, ignores_order, ignores_more)
    if isinstance(wanted, list) and isinstance(value, list):
        if len(value) < len(wanted) or (len(value) > len(wanted) and not ignores_more):
            return False
        same = _has_same_elements if ignores_order else _begins_with_same
        return same(wanted, value, ignores_more)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, float) and isinstance(value, int | float):
        return math.isclose(wanted, value, rel_tol=1e-15)
    return bool(wanted == value)


def _has_same_members(wanted: dict[str, Any], value: dict[str, Any], ignores_order: bool, ignores_more: bool) -> bool:
    if not ignores_more and wanted.keys() != value.keys():
        return False
    return all(
        name in value and is_same_json(each, value[name], ignores_order, ignores_more) for name, each in wanted.items()
    )


def _begins_with_same(wanted: list[Any], value: list[Any], ignores_more: bool) -> bool:
    return all(is_same_json(each, other, False, ignores_more) for each, other in zip(wanted, value))


def _has_same_elements(wanted: list[Any], value: list[Any], ignores_more: bool) -> bool:
    """Whether each wanted element has one of its own among the others; the first that is the same is taken."""
    if len(value) > MAX_UNORDERED:
        return _begins_with_same(wanted, value, ignores_more)
    left = list(value)
    for each in wanted:
        place = next((n for n, other in enumerate(left) if is_same_json(each, other, True, ignores_more)), None)
        if place is None:
            return False
        left.pop(place)
    return True
