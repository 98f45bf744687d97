"""Schemas of OpenAPI 3.0 and Swagger 2.0 as JSON Schema 2020-12, which OpenAPI 3.1 takes as it is.

Nothing here recurses: a schema may be nested as deeply as a file may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Any
Members = dict[str, Any]
Rename = Callable[[str], str]
"""What a reference is called now."""

MAPS = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
UNDER = frozenset((*MAPS, *LISTS, *SINGLE))


def upgrade_schema(schema: Schema, rename: Rename | None = None) -> Schema:
    """A copy of a schema with the keywords of 2020-12; what is no schema (a boolean, a mistake) stays as it is.

    Source: the OpenAPI Initiative's guide "Migrating from OpenAPI 3.0 to 3.1".
    """
    top: list[Schema] = [schema]
    waiting: list[tuple[Any, Any]] = [(top, 0)]
    while waiting:
        holder, key = waiting.pop()
        if isinstance(holder[key], Mapping):
            members = dict(holder[key])
            if rename and isinstance(members.get("$ref"), str):
                members["$ref"] = rename(members["$ref"])
            holder[key] = _change(members)
            waiting.extend(_copy_inside(members))
    return top[0]


def _change(members: Members) -> Members:
    """The members changed in place, or what stands around them now."""
    for change in _CHANGES:
        change(members)
    return _nullable(members)


def _copy_inside(members: Members) -> Iterator[tuple[Any, Any]]:
    """Where the schemas below a schema stand; names of properties are no keywords, examples and enumerations none."""
    for key in UNDER.intersection(members):
        value = members[key]
        if key in SINGLE and isinstance(value, Mapping):
            yield members, key
        elif key in MAPS and isinstance(value, Mapping):
            members[key] = copied = dict(value)
            yield from ((copied, name) for name in copied)
        elif isinstance(value, list):  # `items` may be a list in older drafts of JSON Schema
            members[key] = listed = list(value)
            yield from ((listed, place) for place in range(len(listed)))


BESIDE_REFERENCE = ("$ref", "title", "description", "deprecated", "readOnly", "writeOnly", "nullable", "x-nullable")
"""What is meant as it reads beside a reference, although OpenAPI 3.0 gives it no effect there."""


def _reference(members: Members) -> None:
    """What else stands beside a reference was passed over, and is often left over: a `type` of something else."""
    if isinstance(members.get("$ref"), str):
        for name in [name for name in members if name not in BESIDE_REFERENCE and not str(name).startswith("x-")]:
            del members[name]


def _exclusive(members: Members) -> None:
    """A bound that is excluded was a flag beside the bound; now it is the bound."""
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(members.get(flag), bool):
            is_exclusive = members.pop(flag)
            if is_exclusive and bound in members:
                members[flag] = members.pop(bound)


def _file(members: Members) -> None:
    """A file of Swagger 2.0 is a text of any bytes."""
    if members.get("type") == "file":
        members |= {"type": "string", "format": "binary"}


def _discriminator(members: Members) -> None:
    """Swagger 2.0 names the property alone."""
    if isinstance(name := members.get("discriminator"), str):
        members["discriminator"] = {"propertyName": name}


def _example(members: Members) -> None:
    """One example becomes a list of one; a list that is there already is the author's."""
    if "example" in members:
        example = members.pop("example")
        members.setdefault("examples", [example])


_CHANGES: tuple[Callable[[Members], None], ...] = (_reference, _exclusive, _file, _discriminator, _example)
"""What is said in another way now; null comes after them, for it goes around all the rest."""


def _nullable(members: Members) -> Members:
    """Null is a type of its own now; `x-nullable` is how Swagger 2.0 documents said it.

    A flag without any type is meant as it reads, too, although OpenAPI 3.0 gives it no effect there.
    """
    flags = [members.pop(name) for name in ("nullable", "x-nullable") if isinstance(members.get(name), bool)]
    if not any(flags):
        return members
    kind = members.get("type")
    if isinstance(kind, str) and not any(name in members for name in ("$ref", *LISTS)):
        return _with_null(members, kind)
    notes: Members = {key: members.pop(key) for key in ("title", "description", "deprecated") if key in members}
    return {**notes, "anyOf": [members, {"type": "null"}]} if members else notes


def _with_null(members: Members, kind: str) -> Members:
    allowed = members.get("enum")
    if isinstance(allowed, list) and None not in allowed:
        members["enum"] = [*allowed, None]
    if kind != "null":
        members["type"] = [kind, "null"]
    return members
