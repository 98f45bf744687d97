"""A cell of a table as the value that its field may have: texts are all that a table holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from mock_server.inputs.scalars import read_scalar
from mock_server.inputs.shapes import Shape, Shapes
from mock_server.openapi import Document

MIN_INTEGER, MAX_INTEGER = -(2**63), 2**64 - 1
"""What JSON is written with here; databases and clients keep no more either."""

Steps = tuple[str, ...]
ReadCell = Callable[[str, str], tuple[Steps, Any]]
"""From the name of a column and the text of a cell to the field, by its steps, and its value.

That is the text itself where it can be nothing else.
"""

_OPENINGS = {"[": "array", "{": "object"}


def compile_cells(document: Document, schemas: Sequence[Any]) -> ReadCell:
    """What reads the cells of records that these schemas show; the first that has a field says what it is."""
    shapes = Shapes(document)

    def find_field(schema: Any, parts: Steps) -> tuple[Steps, Any] | None:
        """A field below a schema: its steps, and what it is; a name may have dots of its own."""
        for number in range(len(parts), 0, -1):
            name = ".".join(parts[:number])
            inside = shapes.find(schema).properties.get(name)
            below = ((), inside) if inside is None or not parts[number:] else find_field(inside, parts[number:])
            if inside is not None and below is not None:
                return (name, *below[0]), below[1]
        return None

    def read(column: str, text: str) -> tuple[Steps, Any]:
        parts = tuple(column.split("."))
        fields = (find_field(schema, parts) for schema in schemas)
        field = next((each for each in fields if each is not None), None)
        if field is None:
            return parts, text
        shape = shapes.find(field[1])
        return field[0], _read_json(text) if _OPENINGS.get(text[:1]) in shape.types else _read_scalar(text, shape)

    return read


def _read_scalar(text: str, shape: Shape) -> Any:
    value = read_scalar(text, shape)
    return text if isinstance(value, int) and not MIN_INTEGER <= value <= MAX_INTEGER else value


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
