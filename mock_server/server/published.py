"""A contract as the OpenAPI document that is published: as generators of clients take it.

What the engine plays by stays as it is. JSON Schema allows more than the generators that people use can turn into
types, so a few keywords are said more plainly; whatever the plain form allows contains what the contract allows.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from mock_server.contract import find_places

Schema = dict[str, Any]


def make_publishable(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a bundled document in which every schema is one that generators accept."""
    published = copy.deepcopy(dict(document))
    # The places are listed first, for a rule may add schemas (`items`) that need no rule.
    for place, pointer, schema in list(find_places(published)):
        if place == "schema" and isinstance(schema, dict):
            for rule in RULES:
                rule(schema, "/parameters/" in pointer)
    return published


def _constant_as_type(schema: Schema, is_parameter: bool) -> None:
    """`const: false`, `[]` and `null` become types: a generated class of one such value does not compile."""
    if "const" in schema and isinstance(schema["const"], tuple(_TYPES)):
        value = schema.pop("const")
        if value is not None:  # `type: null` alone is none that every language has; without a type it is anything
            schema.setdefault("type", _TYPES[type(value)])
        schema.setdefault("examples", [value])


_TYPES = {bool: "boolean", list: "array", dict: "object", type(None): "null"}


def _enumeration_of_one_type(schema: Schema, is_parameter: bool) -> None:
    """Words and numbers in one enumeration: a parameter is text anyway, a value in a body is only described."""
    listed = schema.get("enum", ())
    if len({type(value) for value in listed if value is not None}) < 2:
        return
    if is_parameter:
        schema["enum"] = list(dict.fromkeys(str(value) for value in listed if value is not None))
        schema["type"] = "string"
    else:
        del schema["enum"]
        schema.setdefault("examples", list(listed))


def _plain_text(schema: Schema, is_parameter: bool) -> None:
    """Several forms of one text (dates) are text; a generator would make a class for each form."""
    branches = schema.get("anyOf", ())
    if is_parameter and branches and all(branch.get("type", "string") == "string" for branch in branches):
        del schema["anyOf"]
        schema.setdefault("type", "string")


def _array_of_something(schema: Schema, is_parameter: bool) -> None:
    """An array says what it holds, be it anything."""
    kinds = schema.get("type")
    if "array" in (kinds if isinstance(kinds, list) else [kinds]):
        schema.setdefault("items", {})


RULES: tuple[Callable[[Schema, bool], None], ...] = (
    _constant_as_type,
    _enumeration_of_one_type,
    _plain_text,
    _array_of_something,
)
"""What is said more plainly, in this order; each changes a schema, given whether it is a parameter's."""
