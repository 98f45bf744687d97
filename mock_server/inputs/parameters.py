"""One documented parameter, compiled: from the texts that came under its name to its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.inputs.conversion import convert
from mock_server.inputs.json_text import read_json
from mock_server.inputs.scalars import ReadText, compile_scalar, read_scalar, say_types
from mock_server.inputs.shapes import SCALARS, Shape, Shapes, type_of
from mock_server.inputs.styles import (
    Raw,
    Take,
    decode,
    find_cookie_style,
    find_header_style,
    find_path_style,
    find_query_style,
)
from mock_server.inputs.values import NOTHING, InputProblem, Problems
from mock_server.openapi import Validators

_DEFAULT_STYLES: Mapping[str, str] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}


_COMMAS = re.compile(
    r"comma[- ]*(?:sep[ae]rated|delimited)|(?:sep[ae]rated|delimited|divided|split) (?:by|with) (?:a )?comma|\bcsv\b",
    re.IGNORECASE,
)
"""What descriptions say of a list that takes commas, although nothing says so of its style."""


class Slot(NamedTuple):
    """One parameter: `read` takes the texts under its name as they came, `settle` a text, list or mapping of texts.

    Both note what is wrong, and give `NOTHING` for what could not be read. `style` decides where the texts come from.
    """

    name: str
    where: str
    shape: Shape
    style: str
    explode: bool
    required: bool
    default: Any
    read: Callable[[list[str], Problems], Any]
    settle: Callable[[Raw, Problems], Any]

    @property
    def is_spread(self) -> bool:
        """Whether the members of an object stand as parameters of their own."""
        return (
            self.style == "form" and self.explode and "object" in self.shape.types and "array" not in self.shape.types
        )


def compile_parameter(node: Mapping[str, Any], shapes: Shapes, validators: Validators) -> Slot:
    """A parameter as the document has it, compiled."""
    where, name = node["in"], node["name"]
    style = _find_style(node, where)
    explode = node["explode"] if isinstance(node.get("explode"), bool) else style in ("form", "deepObject")
    content = node.get("content")
    if isinstance(content, Mapping) and content and "schema" not in node:
        media_type, media = next(iter(content.items()))
        schema = media.get("schema", True) if isinstance(media, Mapping) else True
        return _compile_content(node, str(media_type), schema, shapes, validators)
    schema = _lower_enum(node.get("schema", True), shapes)
    shape = shapes.find(schema)
    settle = _compile_settle(where, name, schema, shapes, validators)
    mark = "," if _COMMAS.search(str(node.get("description", ""))[:2000]) else ""
    take = _find_take(where, name, style, explode, shape, mark)
    scalar = compile_scalar(shapes.resolve(schema), shape)
    empty = _find_empty(shape) if node.get("allowEmptyValue") is True else None
    if scalar:
        read = _compile_scalar_read(where, name, take, scalar, empty)
    else:
        read = _compile_read(where, name, take, settle, empty)
    is_required = node.get("required") is True and where != "path"
    return Slot(name, where, shape, style, explode, is_required, _find_default(schema, shapes), read, settle)


def _lower_enum(schema: Any, shapes: Shapes) -> Any:
    """An array whose values are listed beside its items: what is listed are the items, for arrays are none of them."""
    node = shapes.resolve(schema)
    listed = node.get("enum") if isinstance(node, Mapping) and node.get("type") == "array" else None
    if not isinstance(listed, list) or any(isinstance(each, list) for each in listed):
        return schema
    kept = {key: value for key, value in node.items() if key != "enum"}
    return {**kept, "items": {"allOf": [node.get("items", True)], "enum": listed}}


def _find_style(node: Mapping[str, Any], where: str) -> str:
    if node.get("x-collectionFormat") == "tsv":
        return "tabDelimited"
    style = node.get("style")
    return style if style in _STYLES[where] else _DEFAULT_STYLES[where]


def _find_take(where: str, name: str, style: str, explode: bool, shape: Shape, mark: str) -> Take:
    if where == "query":
        return find_query_style(style, explode, shape, mark)
    if where == "path":
        return find_path_style(name, style, explode, shape)
    return find_header_style(explode, shape) if where == "header" else find_cookie_style(explode, shape)


def _find_default(schema: Any, shapes: Shapes) -> Any:
    """The documented default where it is of a type that the schema allows, or is a text that can be read as one."""
    node = shapes.resolve(schema)
    if not isinstance(node, Mapping) or node.get("default") is None:
        return NOTHING
    shape, default = shapes.find(schema), node["default"]
    if type_of(default) not in shape.types and isinstance(default, str):
        default = read_scalar(default, shape)
    return default if type_of(default) in shape.types else NOTHING


def _find_empty(shape: Shape) -> Any:
    """What a parameter without a value says where it is allowed: an empty text, that a flag is set, or nothing."""
    return "" if "string" in shape.types else True if "boolean" in shape.types else NOTHING


def _compile_scalar_read(where: str, name: str, take: Take, scalar: ReadText, empty: Any) -> Any:
    is_query = where == "query"

    def read(texts: list[str], problems: Problems) -> Any:
        try:
            text = texts[0]
            # What nearly every request sends is read without a detour.
            if not is_query or len(texts) > 1 or "%" in text or "+" in text:
                text = take(texts)  # type: ignore[assignment]  # a scalar is taken as it is
            return scalar(text) if text or empty is None else empty
        except ValueError as error:
            problems.append(InputProblem("invalid", where, name, str(error)))
            return NOTHING

    return read


def _compile_read(where: str, name: str, take: Take, settle: Any, empty: Any) -> Any:
    def read(texts: list[str], problems: Problems) -> Any:
        if texts == [""] and empty is not None:
            return empty
        try:
            return settle(take(texts), problems)
        except ValueError as error:
            problems.append(InputProblem("invalid", where, name, str(error)))
            return NOTHING

    return read


def _compile_settle(where: str, name: str, schema: Any, shapes: Shapes, validators: Validators) -> Any:
    """From texts to a valid value: with the types they look like, else as the texts they are."""
    shape = shapes.find(schema)

    def find_others(raw: Raw, value: Any) -> Iterator[Any]:
        """What else may have been meant: the texts as they are, a list of one."""
        if (plain := convert(shapes, raw, schema, as_text=True)) != value:
            yield plain
        if isinstance(raw, str) and "array" in shape.types:
            yield convert(shapes, [raw], schema)

    def settle(raw: Raw, problems: Problems) -> Any:
        value = convert(shapes, raw, schema)
        if type_of(value) not in shape.types and shape.types <= SCALARS - {"string"}:
            problems.append(InputProblem("invalid", where, name, say_types(shape.types)))
            return NOTHING
        found = validators.find_problems(schema, value, "request")
        for other in find_others(raw, value) if found else ():
            if not validators.find_problems(schema, other, "request"):
                return other
        for pointer, sentence in found:
            place = f" at {pointer}" if pointer else ""
            problems.append(InputProblem("invalid", where, name, f"{sentence}{place}"))
        return value if type_of(value) in shape.types else NOTHING

    return settle


def _compile_content(
    node: Mapping[str, Any],
    media_type: str,
    schema: Any,
    shapes: Shapes,
    validators: Validators,
) -> Slot:
    """A parameter whose text is a document of a media type; of those only JSON is read."""
    where, name = node["in"], node["name"]
    settle = _compile_settle(where, name, schema, shapes, validators)

    def read(texts: list[str], problems: Problems) -> Any:
        text = decode(texts[-1]) if where in ("query", "cookie") else texts[-1]
        if "json" not in media_type.lower():
            return settle(text, problems)
        try:
            value = read_json(text.encode())
        except ValueError as error:
            problems.append(InputProblem("invalid", where, name, str(error)))
            return NOTHING
        for pointer, sentence in validators.find_problems(schema, value, "request"):
            problems.append(InputProblem("invalid", where, name, f"{sentence}{f' at {pointer}' if pointer else ''}"))
        return value

    shape = shapes.find(schema)
    is_required = node.get("required") is True and where != "path"
    return Slot(name, where, shape, "content", False, is_required, _find_default(schema, shapes), read, settle)
