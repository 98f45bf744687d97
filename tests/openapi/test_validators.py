"""Values against any document's schemas: what holds, what does not and how it is said, whatever the document wrote."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from mock_server.openapi import Direction, Validators, clean_schema, find_pattern

ROOT: dict[str, Any] = {
    "paths": {"/pets/{id}": {"get": {"x-schema": {"type": "integer"}}}},
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "name", "secret"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string"},
                    "secret": {"$ref": "#/components/schemas/Secret"},
                    "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
                },
            },
            "Secret": {"type": "string", "writeOnly": True},
            "Dog": {
                "allOf": [
                    {"$ref": "#/components/schemas/Pet"},
                    {"required": ["id", "bark"], "properties": {"bark": {"type": "boolean"}}},
                ],
            },
            "A B": {"type": "integer"},
            "Circle": {"$ref": "#/components/schemas/Ring"},
            "Ring": {"$ref": "#/components/schemas/Circle"},
            "Self": {"allOf": [{"$ref": "#/components/schemas/Self"}]},
        },
    },
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


VALID: list[tuple[str, Any, Any, Direction]] = [
    ("a server need not tell a secret", ref("Pet"), {"id": 1, "name": "Rex"}, "response"),
    ("a client need not send what only a server knows", ref("Pet"), {"name": "Rex", "secret": "x"}, "request"),
    ("and may do so behind allOf", ref("Dog"), {"name": "Rex", "secret": "x", "bark": True}, "request"),
    ("a reference into the paths", {"$ref": "#/paths/~1pets~1{id}/get/x-schema"}, 5, "response"),
    ("a percent-encoded reference", ref("A%20B"), 5, "response"),
    ("a percent-encoded brace", {"$ref": "#/paths/~1pets~1%7Bid%7D/get/x-schema"}, 5, "response"),
    ("a broken reference allows anything", ref("Nothing"), [5], "response"),
    ("a reference to elsewhere allows anything", {"$ref": "other.yaml#/A"}, [5], "response"),
    ("references in a circle allow anything", ref("Circle"), [5], "response"),
    ("a schema that holds itself at once", ref("Self"), [5], "response"),
    ("`required: true` in a property says nothing", {"properties": {"a": {"required": True}}}, {}, "response"),
    ("a type nobody knows", {"type": "any"}, [5], "response"),
    ("a file", {"type": "file"}, "bytes", "response"),
    ("an enumeration that is no list", {"enum": "a"}, "b", "response"),
    ("an empty enumeration", {"enum": []}, "b", "response"),
    ("an enumeration of another type", {"type": "boolean", "enum": ["true"]}, "true", "response"),
    ("a flag without its bound", {"exclusiveMinimum": True}, 0, "response"),
    ("bounds that are texts", {"minimum": "9", "maxLength": "1"}, "abc", "response"),
    ("a bound of 400 digits", {"maximum": -(10**400)}, 5, "response"),
    ("half a character", {"minLength": 2.5}, "", "response"),
    ("a step of nothing", {"multipleOf": 0}, 5, "response"),
    ("cents", {"multipleOf": 0.01}, 19.99, "response"),
    ("an unknown format", {"format": "colour"}, "x", "response"),
    ("a format that is not checked", {"format": "regex"}, "(", "response"),
    ("a pattern that is none", {"pattern": "[a-z"}, "5", "response"),
    ("a pattern of many megabytes", {"pattern": "((a{999}){999}){999}"}, "5", "response"),
    ("a hyphen behind a class", {"pattern": r"^[\w- ]+$"}, "a - b", "response"),
    (
        "a broken pattern of names",
        {"patternProperties": {"[": {}}, "additionalProperties": False},
        {"a": 1},
        "response",
    ),
    ("nullable in 3.1", {"type": "string", "nullable": True}, None, "response"),
    ("nullable beside a reference", {**ref("Pet"), "nullable": True}, None, "response"),
    ("`x-nullable` beside an enumeration", {"enum": ["a"], "x-nullable": True}, None, "response"),
    ("a property that is no schema", {"properties": {"a": "text"}}, {"a": 5}, "response"),
    ("a list of types with a mistake", {"type": ["string", "strnig"]}, "a", "response"),
    ("no schema at all", None, [5], "response"),
    ("a schema of two discriminated forms", {"oneOf": [{}, {}], "discriminator": {"propertyName": "a"}}, {}, "request"),
]


@pytest.mark.parametrize(("schema", "value", "direction"), [row[1:] for row in VALID], ids=[row[0] for row in VALID])
def test_what_is_valid(schema: Any, value: Any, direction: Direction) -> None:
    validators = Validators(ROOT)
    assert validators.is_valid(schema, value, direction)
    assert validators.find_problems(schema, value, direction) == []


WRONG: list[tuple[Any, Any, str, str]] = [
    (ref("Pet"), {"id": 1}, "/name", "is required"),
    (ref("Pet"), {"id": "1", "name": "a"}, "/id", "must be an integer"),
    (ref("Pet"), {"id": 1, "name": "a", "friends": [{"id": 1}]}, "/friends/0/name", "is required"),
    ({"properties": {"a/b": {"type": "string"}}}, {"a/b": 1}, "/a~1b", "must be a string"),
    ({"type": ["string", "null"]}, 1, "", "must be a string or null"),
    ({"type": "string", "nullable": True}, 1, "", "must be a string or null"),
    ({"type": "array"}, 1, "", "must be a list"),
    ({"enum": ["a", 1, None]}, "b", "", "must be one of a, 1, null"),
    ({"enum": ["a"]}, "b", "", "must be a"),
    ({"const": {"a": 1}}, "b", "", 'must be {"a": 1}'),
    ({"minimum": 0, "exclusiveMinimum": True}, 0, "", "must be greater than 0"),
    ({"maximum": 2.5}, 3, "", "must be at most 2.5"),
    ({"multipleOf": 5}, 3, "", "must be a multiple of 5"),
    ({"minLength": 1}, "", "", "must have at least 1 character"),
    ({"maxItems": 1000}, [0] * 1001, "", "must have at most 1,000 items"),
    ({"uniqueItems": True}, [1, 1], "", "must not hold the same item twice"),
    ({"items": [{"type": "string"}]}, [1], "/0", "must be a string"),
    ({"prefixItems": [{}], "items": False}, [1, 2], "/1", "is not allowed"),
    ({"format": "date-time"}, "yesterday", "", "must be a date and time such as 2024-05-31T08:30:00Z"),
    ({"format": "ipv6"}, "yesterday", "", "must be an IPv6 address"),
    ({"pattern": "^a+$"}, "b", "", "must match the pattern ^a+$"),
    ({"pattern": "^" + "a" * 99}, "b", "", "must match the pattern ^" + "a" * 78 + "…"),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, "/b", "is not a documented property"),
    ({"propertyNames": {"maxLength": 1}}, {"bc": 1}, "", "has a name that must have at most 1 character"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "/b", "is required"),
    ({"not": {"type": "string"}}, "a", "", "has a form that is ruled out"),
    ({"oneOf": [{"type": "string"}, {"required": ["a"], "type": "object"}]}, {}, "/a", "is required"),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {}, "", "must be a string or an integer"),
    ({"oneOf": [{}, {"type": "integer"}]}, 5, "", "fits 2 documented forms at once"),
    (
        {"anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]},
        {},
        "",
        "fits none of the 2 documented forms; in the nearest it /a is required",
    ),
    (False, 1, "", "is not allowed"),
]


@pytest.mark.parametrize(("schema", "value", "place", "sentence"), WRONG)
def test_what_is_wrong_is_said(schema: Any, value: Any, place: str, sentence: str) -> None:
    validators = Validators(ROOT)
    assert validators.find_problems(schema, value) == [(place, sentence)]
    assert not validators.is_valid(schema, value)


def test_few_problems_are_said_and_shortly() -> None:
    schema = {"items": {"enum": ["word" * 50] * 2 + [f"{n}" * 90 for n in range(90)]}}
    problems = Validators({}).find_problems(schema, list(range(500)))
    assert len(problems) == 10
    assert all(len(sentence) < 300 for _, sentence in problems)


@pytest.mark.parametrize("value", [{1: 2}, b"bytes", object(), "\ud800"])
def test_what_is_no_json_is_never_valid(value: object) -> None:
    validators = Validators({})
    assert not validators.is_valid({"type": ["object", "string"]}, value)
    assert validators.find_problems({"type": ["object", "string"]}, value)


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a|a)*b$", r"^(?=(a+)+$)b", r"^(a|a?)+\1c$", "^(([a-z])+.)+[A-Z]([a-z])+$"],
)
def test_no_pattern_explodes(pattern: str) -> None:
    started = time.monotonic()
    assert not Validators({}).is_valid({"pattern": pattern}, "a" * 5000 + "!")
    assert time.monotonic() - started < 2


def test_a_pattern_is_repaired_or_refused_once() -> None:
    assert find_pattern("^a$") == "^a$"
    assert find_pattern(r"[\w-.]") == r"[\w\-.]"
    assert find_pattern("(") is None


def test_only_what_is_reached_is_compiled() -> None:
    root = {
        "components": {"schemas": {f"S{n}": {"properties": {"a": {"pattern": f"x{n}y" * 9}}} for n in range(20_000)}},
    }
    started = time.monotonic()
    assert Validators(root).is_valid(ref("S5"), {})
    assert time.monotonic() - started < 0.5


def test_a_schema_of_any_depth_is_taken() -> None:
    schema: dict[str, Any] = {}
    for _ in range(20_000):
        schema = {"properties": {"a": schema}}
    assert Validators({}).is_valid(schema, {"a": {"a": {}}})
    assert not Validators({}).is_valid(schema | {"type": "array"}, {})


def test_threads_share_validators() -> None:
    validators = Validators(ROOT)
    answers: list[bool] = []
    schemas = [{"minimum": n} for n in range(600)]
    ask = lambda: answers.extend(validators.is_valid(each, 5) == (each["minimum"] <= 5) for each in schemas)  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2400
    assert all(answers)


def test_what_a_schema_holds_besides_is_left_out() -> None:
    node = {"type": "string", "example": 5, "description": "A name", "x-faker": "name", "$id": "http://a"}
    assert clean_schema(node) == {"type": ["string"]}
    assert clean_schema(True) is True
    assert clean_schema("text") == {}
