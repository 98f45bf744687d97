"""Schemas of OpenAPI 3.0 and Swagger 2.0 as JSON Schema 2020-12, which OpenAPI 3.1 takes as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Schema = Any
Members = dict[str, Any]

_MAPS = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")


def upgrade_schema(schema: Schema) -> Schema:
    """A copy of a schema with the keywords of 2020-12; what is no schema (a boolean, a mistake) stays as it is.

    Source: the OpenAPI Initiative's guide "Migrating from OpenAPI 3.0 to 3.1".
    """
    if not isinstance(schema, Mapping):
        return schema
    members = {key: _inside(key, value) for key, value in schema.items()}
    for change in _CHANGES:
        members = change(members)
    return members


def _inside(key: str, value: Any) -> Any:
    """The schemas below a keyword; names of properties are no keywords, examples and enumerations no schemas."""
    if key in _MAPS and isinstance(value, Mapping):
        return {name: upgrade_schema(child) for name, child in value.items()}
    if key in _LISTS and isinstance(value, list):
        return [upgrade_schema(child) for child in value]
    return upgrade_schema(value) if key in _SINGLE else value


def _exclusive(members: Members) -> Members:
    """A bound that is excluded was a flag beside the bound; now it is the bound."""
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(members.get(flag), bool):
            is_exclusive = members.pop(flag)
            if is_exclusive and bound in members:
                members[flag] = members.pop(bound)
    return members


def _file(members: Members) -> Members:
    """A file of Swagger 2.0 is a text of any bytes."""
    return {**members, "type": "string", "format": "binary"} if members.get("type") == "file" else members


def _discriminator(members: Members) -> Members:
    """Swagger 2.0 names the property alone."""
    name = members.get("discriminator")
    return {**members, "discriminator": {"propertyName": name}} if isinstance(name, str) else members


def _example(members: Members) -> Members:
    """One example becomes a list of one; a list that is there already is the author's."""
    if "example" in members:
        example = members.pop("example")
        members.setdefault("examples", [example])
    return members


def _nullable(members: Members) -> Members:
    """Null is a type of its own now; `x-nullable` is how Swagger 2.0 documents said it.

    A flag beside a reference, or without any type, is meant as it reads although OpenAPI 3.0 gives it no effect there.
    """
    flags = [members.pop(name) for name in ("nullable", "x-nullable") if isinstance(members.get(name), bool)]
    if not any(flags):
        return members
    kind = members.get("type")
    if isinstance(kind, str) and not any(name in members for name in ("$ref", *_LISTS)):
        return _with_null(members, kind)
    notes: Members = {key: members.pop(key) for key in ("title", "description", "deprecated") if key in members}
    return {**notes, "anyOf": [members, {"type": "null"}]} if members else notes


def _with_null(members: Members, kind: str) -> Members:
    allowed = members.get("enum")
    if isinstance(allowed, list) and None not in allowed:
        members = {**members, "enum": [*allowed, None]}
    return {**members, "type": [kind, "null"]} if kind != "null" else members


_CHANGES: tuple[Callable[[Members], Members], ...] = (_exclusive, _file, _discriminator, _example, _nullable)
"""What is said in another way now; in this order, for null goes around all the rest."""
