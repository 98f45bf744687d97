"""Bodies of named fields: `application/x-www-form-urlencoded` and `multipart/form-data`, typed by their schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from mock_server.inputs.conversion import convert
from mock_server.inputs.json_text import find_json
from mock_server.inputs.multipart import read_parts
from mock_server.inputs.queries import nest
from mock_server.inputs.shapes import Shape, Shapes
from mock_server.inputs.styles import find_query_style

MAX_FIELDS = 10_000

Fields = dict[str, list[str]]


def read_form(body: bytes, schema: Any, encoding: Mapping[str, Any], shapes: Shapes) -> dict[str, Any]:
    """A form in the form of a query. Raises ValueError with a sentence."""
    fields: Fields = {}
    pieces = body.decode("latin-1").split("&", MAX_FIELDS)
    if len(pieces) > MAX_FIELDS:
        raise ValueError(f"has more than {MAX_FIELDS:,} fields")
    for piece in pieces:
        name, _, value = piece.partition("=")
        if name:
            fields.setdefault(unquote_plus(name), []).append(value)
    return read_fields(fields, schema, encoding, shapes)


def read_multipart(body: bytes, content_type: str, schema: Any, shapes: Shapes) -> dict[str, Any]:
    """A form in parts: files are texts of their bytes, parts of JSON are what they say.

    Raises ValueError with a sentence.
    """
    fields: dict[str, list[Any]] = {}
    for part in read_parts(body, content_type):
        value: Any = part.text
        if "json" in part.media_type and (read := find_json(part.text)) is not None:
            value = read
        fields.setdefault(part.name, []).append(value)
    shape = shapes.find(schema)
    plain = {name: several for name, several in fields.items() if _find_head(name, shape) is None}
    values = {name: _read_part(several, shape, name, shapes) for name, several in plain.items()}
    for head in _find_heads(fields, shape):
        nested = nest(head, fields, shape.properties, lambda each: each)
        values[head] = convert(shapes, nested, shape.properties[head])
    return values


def _find_head(name: str, shape: Shape) -> str | None:
    """The documented name that a name with brackets leads into; None for a name that stands for itself."""
    head, bracket, _ = name.partition("[")
    return head if bracket and name not in shape.properties and head in shape.properties else None


def _find_heads(fields: Mapping[str, Any], shape: Shape) -> list[str]:
    heads = [_find_head(name, shape) for name in fields]
    return [head for head in dict.fromkeys(heads) if head is not None and head not in fields]


def _read_part(values: list[Any], shape: Shape, name: str, shapes: Shapes) -> Any:
    schema = shape.properties.get(name, True if shape.others is None else shape.others)
    field = shapes.find(schema)
    if len(values) > 1 or (field.types == {"array"} and not isinstance(values[0], (list, str))):
        return convert(shapes, values, schema)
    return convert(shapes, values[0], schema, as_text=field.is_free)


def read_fields(fields: Fields, schema: Any, encoding: Mapping[str, Any], shapes: Shapes) -> dict[str, Any]:
    """Fields as they came (values still encoded) as the object that the schema documents."""
    shape = shapes.find(schema)
    value: dict[str, Any] = {}
    for name, texts in fields.items():
        if _find_head(name, shape) is None:
            below = shape.properties.get(name, True if shape.others is None else shape.others)
            value[name] = _read_field(texts, below, encoding.get(name), shapes)
    for head in _find_heads(fields, shape):
        value[head] = convert(shapes, nest(head, fields, shape.properties), shape.properties[head])
    return value


def _read_field(texts: list[str], schema: Any, encoding: Any, shapes: Shapes) -> Any:
    said = encoding if isinstance(encoding, Mapping) else {}
    style = said["style"] if isinstance(said.get("style"), str) else "form"
    explode = said["explode"] if isinstance(said.get("explode"), bool) else style == "form"
    shape = shapes.find(schema)
    try:
        raw = find_query_style(style, explode, shape)(texts)
    except ValueError:
        raw = [unquote_plus(text) for text in texts]
    if isinstance(raw, list) and len(raw) == 1 and raw[0][:1] == "[":
        raw = raw[0]
    return convert(shapes, raw, schema, as_text=shape.is_free)
