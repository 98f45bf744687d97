"""Parameters of a plain document in the words of a contract: one type, one filter, one role of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.contract import Operation, Parameter
from mock_server.plain.annotations import Filter
from mock_server.plain.contract import PlainOperation

TESTS: Mapping[str, str] = {"equals": "equals", "one_of": "one_of", "contains": "contains", "search": "search"}


def choose_type(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter with one type at most, as a contract has it: what is sent is a text in any case."""
    kinds = schema.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    left = [kind for kind in listed if kind in ("string", "integer", "number", "boolean", "array")]
    if left == [kinds] or kinds is None:
        return schema
    rest = {name: value for name, value in schema.items() if name != "type"}
    return {**rest, "type": left[0]} if len(left) == 1 else rest


def write_filter(rule: Filter, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A filter in the words of a contract; of a list of words each stands for itself, and no other is asked for."""
    written: dict[str, Any] = {TESTS[rule.test]: list(rule.fields) if rule.test == "search" else rule.fields[0]}
    words = schema.get("enum")
    if rule.test == "equals" and isinstance(words, list):
        written["values"] = {str(word): word for word in words if word is not None}
    return written


def write_page(operation: Operation, plain: PlainOperation, parameter: Parameter) -> dict[str, Any] | None:
    """What a parameter does to the page, in the words of a contract; None where these have none for it."""
    role = parameter.page.role if parameter.page else ""
    if role == "size":
        return {"role": role, "zero": "default", "negative": "default"}
    if role == "number" and plain.paging.first == 1:
        return {"role": role, "zero": 1, "negative": 1}
    return {"role": role, "negative": 0} if role == "offset" else None
