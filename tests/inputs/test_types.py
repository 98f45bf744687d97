"""Texts from the wire get the types that their schemas allow, and are checked by the whole schema."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.messages import Request
from tests.inputs.readers import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    parameter,
    read_path,
    read_query,
    reader_of,
    sentences,
)

NULLABLE = {"type": ["integer", "null"]}
EITHER = {"oneOf": [INTEGER, {"type": "string", "format": "date"}]}

READ: dict[str, tuple[Any, str, Any]] = {
    "an integer": (INTEGER, "7", 7),
    "a negative integer": (INTEGER, "-7", -7),
    "an integer with leading zeros": (INTEGER, "007", 7),
    "an integer beyond 64 bits": (INTEGER, "9" * 30, int("9" * 30)),
    "a number that is whole": (NUMBER, "7", 7),
    "a number": (NUMBER, "-1.5e3", -1500.0),
    "true": (BOOLEAN, "true", True),
    "false": (BOOLEAN, "false", False),
    "a text that looks like a number": (STRING, "7", "7"),
    "null": (NULLABLE, "null", None),
    "an empty text is null where no text is allowed": (NULLABLE, "", None),
    "null is a text where texts are allowed": ({"type": ["string", "null"]}, "null", "null"),
    "one of an enumeration": ({"type": "string", "enum": ["a", "b"]}, "b", "b"),
    "one of an enumeration of numbers": ({"type": "integer", "enum": [1, 2]}, "2", 2),
    "an enumeration of texts that look like numbers": ({"enum": ["1", "2"]}, "2", "2"),
    "an enumeration of numbers, said to be texts": ({"type": "string", "enum": [1, 2]}, "2", "2"),
    "an enumeration of texts, said to be numbers": ({"type": "integer", "enum": ["1", "2"]}, "2", "2"),
    "a constant": ({"const": 5}, "5", 5),
    "no type: a whole number": ({}, "7", 7),
    "no type: a text": ({}, "blue", "blue"),
    "no type: what is no number as JSON writes it": ({}, "007", "007"),
    "no type: a number that would lose a zero": ({}, "1.10", "1.10"),
    "no type: true": ({}, "true", True),
    "one of: an integer": (EITHER, "7", 7),
    "one of: a date": (EITHER, "2024-05-31", "2024-05-31"),
    "a text where the number does not fit": ({"anyOf": [{"type": "integer", "maximum": 5}, STRING]}, "7", "7"),
    "all of": ({"allOf": [INTEGER, {"minimum": 3}]}, "7", 7),
    "a type among its references": ({"$ref": "#/components/schemas/Size"}, "7", 7),
    "a pattern": ({"type": "string", "pattern": "^[a-z]+$"}, "abc", "abc"),
    "a pattern without a type is one of texts": ({"pattern": "^[0-9]{3}$"}, "007", "007"),
    "a format": (
        {"type": "string", "format": "uuid"},
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    ),
    "an encoded text": (STRING, "a%20b%2Bc+d%26", "a b+c d&"),
    "bytes that are no UTF-8": (STRING, "%ff", "\ufffd"),
    "an empty text": (STRING, "", ""),
    "a schema that is true": (True, "7", 7),
}


@pytest.mark.parametrize("row", READ.values(), ids=READ)
def test_a_text_is_read_by_its_schema(row: tuple[Any, str, Any]) -> None:
    schema, text, value = row
    components = {"schemas": {"Size": {"$ref": "#/components/schemas/Number"}, "Number": INTEGER}}
    read = reader_of(parameter("query", "color", schema), components=components)
    values = read(Request("GET", "/things", f"color={text}"), {})
    assert (values.query, sentences(values)) == ({"color": value}, [])
    assert type(values.query["color"]) is type(value)


REFUSED: dict[str, tuple[Any, str, str]] = {
    "no integer": (INTEGER, "x", "must be an integer"),
    "no whole number": (INTEGER, "1.5", "must be an integer"),
    "an empty text for an integer": (INTEGER, "", "must be an integer"),
    "digits of another script": (INTEGER, "٣", "must be an integer"),
    "five thousand digits": (INTEGER, "9" * 5000, "must be an integer"),
    "a number that is too large to be one": (NUMBER, "1e999", "must be a number"),
    "not a number": (NUMBER, "NaN", "must be a number"),
    "no number": (NUMBER, "1,5", "must be a number"),
    "no boolean": (BOOLEAN, "True", "must be true or false"),
    "neither integer nor null": (NULLABLE, "x", "must be an integer or null"),
    "below the least": ({"type": "integer", "minimum": 1}, "0", "must be at least 1"),
    "above the most": ({"type": "integer", "maximum": 100}, "101", "must be at most 100"),
    "at an excluded bound": ({"type": "number", "exclusiveMinimum": 0}, "0", "must be more than 0"),
    "at the other excluded bound": ({"type": "number", "exclusiveMaximum": 1}, "1", "must be less than 1"),
    "none of an enumeration": ({"type": "string", "enum": ["a", "b"]}, "c", "must be one of a, b"),
    "an enumeration in another case": ({"type": "string", "enum": ["a", "b"]}, "A", "must be one of a, b"),
    "none of an enumeration of numbers": ({"type": "integer", "enum": [1, 2]}, "3", "must be one of 1, 2"),
    "given twice": (INTEGER, "1&color=2", "must be given once"),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_a_text_that_is_refused_is_told_why(row: tuple[Any, str, str]) -> None:
    schema, text, sentence = row
    values = read_query(schema, f"color={text}")
    assert sentences(values) == [f"query color: {sentence}"]


BY_VALIDATOR: dict[str, tuple[Any, str]] = {
    "a pattern": ({"type": "string", "pattern": "^[a-z]+$"}, "7"),
    "a length": ({"type": "string", "minLength": 3}, "ab"),
    "a format": ({"type": "string", "format": "date"}, "2024-13-01"),
    "a multiple": ({"type": "integer", "multipleOf": 5}, "7"),
    "an entry": ({"type": "array", "items": INTEGER}, "x"),
    "too many entries": ({"type": "array", "items": INTEGER, "maxItems": 1}, "1&color=2"),
    "an entry twice": ({"type": "array", "items": INTEGER, "uniqueItems": True}, "1&color=1"),
    "none of the branches": (EITHER, "x"),
    "what nothing obeys": (False, "x"),
}


@pytest.mark.parametrize("row", BY_VALIDATOR.values(), ids=BY_VALIDATOR)
def test_a_text_is_checked_by_the_whole_schema(row: tuple[Any, str]) -> None:
    schema, text = row
    (problem,) = read_query(schema, f"color={text}").problems
    assert problem[:3] == ("invalid", "query", "color")


def test_a_refused_value_is_missing_or_of_its_type() -> None:
    assert read_query(INTEGER, "color=x").query == {}
    assert read_query({"type": "integer", "default": 3}, "color=x").query == {"color": 3}
    assert read_path(INTEGER, "x").path == {"color": "x"}
    assert read_query({"type": "array", "items": INTEGER, "maxItems": 1}, "color=1&color=2").query == {"color": [1, 2]}


DEFAULTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "a default": ({"type": "integer", "default": 3}, {"color": 3}),
    "a default behind a reference": ({"$ref": "#/components/schemas/Size"}, {"color": 20}),
    "a default as text": ({"type": "integer", "default": "3"}, {"color": 3}),
    "a default of another type is none": ({"type": "integer", "default": "many"}, {}),
    "a default list": ({"type": "array", "items": STRING, "default": ["a"]}, {"color": ["a"]}),
    "null is no default": ({"type": "string", "default": None}, {}),
    "no default": (STRING, {}),
}


@pytest.mark.parametrize("row", DEFAULTS.values(), ids=DEFAULTS)
def test_defaults_are_filled_in(row: tuple[Any, dict[str, Any]]) -> None:
    schema, expected = row
    read = reader_of(
        parameter("query", "color", schema),
        components={"schemas": {"Size": {"type": "integer", "default": 20}}},
    )
    assert read(Request("GET", "/things"), {}).query == expected


EMPTY: dict[str, tuple[Any, dict[str, Any]]] = {
    "a text": (STRING, {"color": ""}),
    "a flag": (BOOLEAN, {"color": True}),
    "a number": (INTEGER, {}),
    "a list": ({"type": "array", "items": STRING}, {}),
}


@pytest.mark.parametrize("row", EMPTY.values(), ids=EMPTY)
def test_a_parameter_may_be_there_without_a_value(row: tuple[Any, dict[str, Any]]) -> None:
    schema, expected = row
    for query in ("color", "color="):
        values = read_query(schema, query, allowEmptyValue=True, required=True)
        assert (values.query, values.problems) == (expected, ())
