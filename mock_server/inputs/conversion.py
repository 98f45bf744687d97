"""Texts, lists and mappings of texts as the values a schema allows: what a style has taken apart gets its types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.inputs.json_text import find_json
from mock_server.inputs.scalars import read_scalar
from mock_server.inputs.shapes import SCALARS, Shape, Shapes

MAX_NESTING = 20

_OPENED: Mapping[str, str] = {"[": "array", "{": "object"}


def convert(shapes: Shapes, raw: Any, schema: Any, as_text: bool = False, depth: int = 0) -> Any:
    """Text, list or mapping as it came, as a value of the schema where it can be one, else as it is.

    With `as_text` what may be a text is one, whatever it looks like.
    """
    shape = shapes.find(schema)
    if depth > MAX_NESTING:
        return raw
    if isinstance(raw, str):
        return _convert_text(shapes, raw, shape, as_text, depth)
    if isinstance(raw, list):
        if "array" in shape.types or not raw:
            return [convert(shapes, each, shape.items, as_text, depth + 1) for each in raw]
        return convert(shapes, raw[0], schema, as_text, depth) if len(raw) == 1 else raw
    if isinstance(raw, Mapping):
        return _convert_mapping(shapes, raw, shape, as_text, depth)
    return raw


def _convert_text(shapes: Shapes, text: str, shape: Shape, as_text: bool, depth: int) -> Any:
    types = shape.types
    # What is documented as an array or object without saying how it is written is mostly sent as JSON.
    if _OPENED.get(text[:1]) in types and not (as_text or shape.is_free) and (value := find_json(text)) is not None:
        return value
    if types & SCALARS:
        value = read_scalar(text, shape, as_text)
        if not isinstance(value, str) or "string" in types:
            return value
    return [convert(shapes, text, shape.items, as_text, depth + 1)] if "array" in types and text else text


def _convert_mapping(shapes: Shapes, raw: Mapping[str, Any], shape: Shape, as_text: bool, depth: int) -> Any:
    if "object" not in shape.types and "array" in shape.types and all(not key or key.isdecimal() for key in raw):
        entries = [entry for each in raw.values() for entry in (each if isinstance(each, list) else [each])]
        return [convert(shapes, each, shape.items, as_text, depth + 1) for each in entries]
    others = True if shape.others is None else shape.others
    return {
        name: convert(shapes, each, shape.properties.get(name, others), as_text, depth + 1)
        for name, each in raw.items()
    }
