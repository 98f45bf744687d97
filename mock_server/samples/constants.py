"""Makers of one of the values that a schema lists."""

from __future__ import annotations

import copy
from typing import Any

from mock_server.openapi import is_of_type
from mock_server.samples.draws import choose, mix, pick, salt
from mock_server.samples.makers import Maker, Run
from mock_server.samples.shapes import Shape

_NULL = salt("null")


def make_constant(shape: Shape) -> Maker:
    """A maker of the listed values that have a type of the schema; null is made rarely where there are others."""
    values: list[Any] = shape["enum"]
    fitting = [value for value in values if any(is_of_type(value, kind) for kind in shape.get("type", ()))] or values
    solid = [value for value in fitting if value is not None] or fitting
    has_null = len(solid) < len(fitting)
    if not solid:
        return lambda number, owner, run: None
    is_plain = not any(isinstance(value, (dict, list)) for value in solid)

    def make(number: int, owner: int, run: Run) -> Any:
        if has_null and run.depth > 0 and pick(mix(number, _NULL), 8) == 0:
            return None
        value = choose(number, solid)
        return value if is_plain else copy.deepcopy(value)

    return make
