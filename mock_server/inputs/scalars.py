"""One text from the wire as a number, a boolean, null or a text, and the checks that most parameters need, by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.inputs.shapes import SCALARS, Shape

MAX_DIGITS = 4_000
"""Python refuses to read longer whole numbers, and reading takes the square of the length."""

MAX_WORDS_SHOWN = 20

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_CANONICAL = re.compile(r"-?(0|[1-9][0-9]{0,38})")

_WORDS = {"true": True, "false": False}

_NAMES = {"integer": "an integer", "number": "a number", "boolean": "true or false", "null": "null"}

_SAYS_NOTHING = frozenset(
    (
        *("type", "default", "title", "description", "example", "examples", "deprecated", "nullable", "readOnly"),
        *("writeOnly", "externalDocs", "xml", "$comment", "enum", "minimum", "maximum", "allowEmptyValue"),
        *("exclusiveMinimum", "exclusiveMaximum", "format", "required"),
    ),
)
"""Keywords that are checked here, or that check nothing of a scalar."""

_PLAIN_FORMATS = frozenset(("int32", "int64", "float", "double", "password", "string", "integer", "number", "boolean"))

_WIDEST: Mapping[str, int] = {"minimum": 0, "maximum": 10**9}
_EXCLUSIVE = frozenset(("exclusiveMinimum", "exclusiveMaximum"))

Check = Callable[[Any], str]
ReadText = Callable[[str], Any]


def read_scalar(text: str, shape: Shape, as_text: bool = False) -> Any:
    """A text as the value that the shape allows; the text itself where none is allowed that it could be.

    Where texts are allowed beside other types, only what is written as JSON writes it is another type (`7`, not `007`),
    and with `as_text` nothing is.
    """
    if text in shape.words:
        return shape.words[text]
    types = shape.types
    if "string" in types:
        return text if as_text or len(types) == 1 else _read_canonical(text, types)
    if "boolean" in types and text in _WORDS:
        return _WORDS[text]
    if "integer" in types and _INTEGER.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text)
    if "number" in types and (number := _read_number(text)) is not None:
        return number
    return None if "null" in types and text in ("null", "") else text


def _read_canonical(text: str, types: frozenset[str]) -> Any:
    if "boolean" in types and text in _WORDS:
        return _WORDS[text]
    if "integer" in types and _CANONICAL.fullmatch(text) and text != "-0":
        return int(text)
    number = _read_number(text) if "number" in types else None
    return number if number is not None and repr(number) == text else text


def _read_number(text: str) -> float | None:
    number = float(text) if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None


def is_plain(node: Mapping[str, Any]) -> bool:
    """Whether all that a schema asks of a scalar is checked here."""
    return all(
        (key in _SAYS_NOTHING and (key != "format" or str(node[key]) in _PLAIN_FORMATS)) or str(key).startswith("x-")
        for key in node
    )


def compile_scalar(node: Any, shape: Shape) -> ReadText | None:
    """The reader of a scalar by a schema that `is_plain`, or None for any other schema.

    It raises ValueError with a sentence that reads on from the name: `must be an integer`.
    """
    if not isinstance(node, Mapping) or not shape.is_scalar or not is_plain(node):
        return None
    if "enum" in node and shape.words:
        return _compile_words(shape)
    read = _compile_type(shape)
    checks = tuple(_find_bounds(node))
    if not checks or not shape.types & {"integer", "number"}:
        return read
    read = _with_checks(read, checks)
    has_plain = "integer" in shape.types and "string" not in shape.types
    return _with_plain(read, node) if has_plain and not _EXCLUSIVE & node.keys() else read


def _with_plain(read: ReadText, node: Mapping[str, Any]) -> ReadText:
    """A plain whole number in range is what nearly every request sends, so it is read without a detour."""
    low, high = (node[key] if _is_number(node.get(key)) else default for key, default in _WIDEST.items())

    def read_plain(text: str) -> Any:
        if len(text) < 10 and text.isdecimal() and text.isascii() and low <= (value := int(text)) <= high:
            return value
        return read(text)

    return read_plain


def _compile_words(shape: Shape) -> ReadText:
    words = shape.words
    more = ", ..." if len(words) > MAX_WORDS_SHOWN else ""
    sentence = f"must be one of {', '.join([*words][::-1][:MAX_WORDS_SHOWN])}{more}"
    as_texts = "string" in shape.types

    def read(text: str) -> Any:
        if text in words:
            return text if as_texts and words[text] is not None else words[text]
        value = read_scalar(text, shape)
        if value in words.values() and not isinstance(value, str):
            return value
        raise ValueError(sentence)

    return read


def _compile_type(shape: Shape) -> ReadText:
    types = shape.types
    if types == {"string"}:
        return str
    sentence = say_types(types)

    def read(text: str) -> Any:
        # What nearly every request sends, read without a detour.
        if is_integer and len(text) < 10 and text.isdecimal() and text.isascii():
            return int(text)
        value = read_scalar(text, shape)
        if isinstance(value, str) and "string" not in types:
            raise ValueError(sentence)
        return value

    is_integer = "integer" in types and "string" not in types
    return read


def say_types(types: frozenset[str]) -> str:
    """`must be an integer`; for several types what a person would write."""
    named = [name for key, name in _NAMES.items() if key in types and not (key == "integer" and "number" in types)]
    return f"must be {' or '.join(named)}" if types <= SCALARS and named else "cannot be read"


def _with_checks(read: ReadText, checks: tuple[Check, ...]) -> ReadText:
    def read_checked(text: str) -> Any:
        value = read(text)
        for check in checks:
            if problem := check(value):
                raise ValueError(problem)
        return value

    return read_checked


def _find_bounds(node: Mapping[str, Any]) -> Iterator[Check]:
    bounds = {key: node[key] for key in _BOUNDS if _is_number(node.get(key))}
    for key, bound in bounds.items():
        yield _BOUNDS[key](bound)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _compares(value: Any) -> bool:
    return not isinstance(value, (str, bool)) and value is not None


_BOUNDS: Mapping[str, Callable[[Any], Check]] = {
    "minimum": lambda low: lambda v: f"must be at least {low}" if _compares(v) and v < low else "",
    "maximum": lambda high: lambda v: f"must be at most {high}" if _compares(v) and v > high else "",
    "exclusiveMinimum": lambda low: lambda v: f"must be more than {low}" if _compares(v) and v <= low else "",
    "exclusiveMaximum": lambda high: lambda v: f"must be less than {high}" if _compares(v) and v >= high else "",
}
