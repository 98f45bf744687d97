"""The key of a collection's records: what its property allows, and the path parameters that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.openapi import Document
from mock_server.plain.contract import PlainOperation
from mock_server.plain.places import find_property

COUNTED = {"type": "integer"}
"""What a key is of which nobody says anything."""

TEXT = ("pattern", "format", "minLength", "maxLength", "enum")
NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
"""What a path parameter may say of its value, beside its type."""

DIGITS = {"pattern": "^[1-9][0-9]{0,8}$"}
"""A text that a path parameter reads as a number."""


def find_key_schema(document: Document, key: str, shapes: Sequence[Any], operations: Sequence[PlainOperation]) -> Any:
    """The schema of the keys of records, without a reference on top: found in every record, and asked for in paths."""
    asked = list(_find_asked(document, operations))
    properties = (document.resolve(find_property(document, shape, key)) for shape in shapes) if key else ()
    said = [each for each in properties if isinstance(each, Mapping)]
    if not said:
        return asked[0] if asked else COUNTED
    own, *others = said
    narrow = _NARROW.get(_find_type(own))
    # A list may say more of the key than the record by itself does.
    likes = (_find_type(own), "integer") if _find_type(own) == "string" else (_find_type(own),)
    others = [each for each in others if each and _find_type(each) in likes]
    return narrow(own, [*asked, *others]) if narrow else own


def find_key_kinds(document: Document, key: str, shapes: Sequence[Any]) -> tuple[Any, ...]:
    """The key's schema in each shape, None where one has none; nothing where all are of one type."""
    kinds = [document.resolve(find_property(document, shape, key)) if key else None for shape in shapes]
    types = {_find_type(kind) for kind in kinds if isinstance(kind, Mapping)}
    return tuple(kinds) if len(types) > 1 else ()


def _find_asked(document: Document, operations: Sequence[PlainOperation]) -> Iterator[Mapping[str, Any]]:
    """What path parameters say of the key; of several keys in one segment, what each of them is."""
    for plain in operations:
        for located in plain.documented.parameters:
            if located.node["name"] == plain.effect.key and located.node["in"] == "path":
                schema = document.resolve(located.node.get("schema"))
                if isinstance(schema, Mapping) and _find_type(schema) == "array":
                    schema = document.resolve(schema.get("items"))
                if isinstance(schema, Mapping) and schema:
                    yield schema


def _find_type(schema: Mapping[str, Any]) -> str:
    """The only type that a schema allows beside null, or an empty text."""
    kinds = schema.get("type")
    listed = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind != "null"]
    return listed[0] if len(listed) == 1 and isinstance(listed[0], str) else ""


def _narrow_text(own: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Any:
    """A text that every path takes."""
    more: list[Mapping[str, Any]] = []
    for schema in asked:
        is_number = _find_type(schema) in ("integer", "number")
        said = DIGITS if is_number else {name: schema[name] for name in TEXT if name in schema}
        if said and said not in more and not said.items() <= own.items():
            more.append(said)
    return {"allOf": [own, *more]} if more else own


def _narrow_whole(own: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Any:
    """A whole number, also where any number would do."""
    said = {name: schema[name] for schema in asked for name in NUMBER if name in schema}
    return {**said, **own, "type": "integer"} if said or own.get("type") != "integer" else own


_NARROW = {"string": _narrow_text, "integer": _narrow_whole, "number": _narrow_whole}
