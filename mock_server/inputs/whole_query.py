"""A parameter that is the whole query (`in: querystring`, OpenAPI 3.2): a form, JSON, or a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from mock_server.inputs.forms import read_fields
from mock_server.inputs.json_text import read_json
from mock_server.inputs.queries import split_query
from mock_server.inputs.shapes import Shapes
from mock_server.inputs.values import NOTHING, InputProblem, Problems
from mock_server.openapi import Validators


def compile_whole_query(
    node: Mapping[str, Any],
    shapes: Shapes,
    validators: Validators,
) -> Callable[[str, dict[str, Any], Problems], None]:
    """A function that reads a query into the values by the parameter's name."""
    name, content = node["name"], node.get("content")
    media_type, media = next(iter(content.items()), ("", {})) if isinstance(content, Mapping) else ("", {})
    media = media if isinstance(media, Mapping) else {}
    schema, encoding = media.get("schema", True), media.get("encoding")
    encoding = encoding if isinstance(encoding, Mapping) else {}

    def read_value(query: str, problems: Problems) -> Any:
        if "json" in str(media_type):
            return read_json(unquote(query).encode("utf-8", "replace"))
        if "urlencoded" in str(media_type):
            return read_fields(split_query(query, problems), schema, encoding, shapes)
        return unquote(query)

    def read(query: str, values: dict[str, Any], problems: Problems) -> None:
        try:
            value = read_value(query, problems) if query else NOTHING
        except ValueError as error:
            problems.append(InputProblem("invalid", "query", name, str(error)))
            return
        if value is not NOTHING:
            values[name] = value
            for pointer, sentence in validators.find_problems(schema, value, "request"):
                place = f" at {pointer}" if pointer else ""
                problems.append(InputProblem("invalid", "query", name, f"{sentence}{place}"))
        elif node.get("required") is True:
            problems.append(InputProblem("invalid", "query", name, "is required"))

    return read
