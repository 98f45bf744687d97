"""Schemas that were written to break whoever reads them: a bounded value, soon, and never an exception."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.samples import Sampler


def nest(levels: int, around: Callable[[Any], Any]) -> Any:
    node: Any = {"type": "string"}
    for _ in range(levels):
        node = around(node)
    return node


ROOT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Self": {"$ref": "#/components/schemas/Self"},
            "All": {"allOf": [{"$ref": "#/components/schemas/All"}]},
            "Any": {"anyOf": [{"$ref": "#/components/schemas/Any"}]},
            "List": {"type": "array", "minItems": 3, "items": {"$ref": "#/components/schemas/List"}},
            "Wide": {
                "type": "object",
                "required": [f"p{n}" for n in range(30)],
                "properties": {f"p{n}": {"$ref": "#/components/schemas/Wide"} for n in range(30)},
            },
            "Map": {"type": "object", "minProperties": 3, "additionalProperties": {"$ref": "#/components/schemas/Map"}},
            "Not": {"not": {"$ref": "#/components/schemas/Not"}},
            "If": {"if": {"$ref": "#/components/schemas/If"}, "then": {"$ref": "#/components/schemas/If"}},
        },
    },
}

HOSTILE: list[tuple[str, Any]] = [
    *((f"{name} within itself", {"$ref": f"#/components/schemas/{name}"}) for name in ROOT["components"]["schemas"]),
    (
        "10,000 objects deep",
        nest(10_000, lambda node: {"type": "object", "required": ["a"], "properties": {"a": node}}),
    ),
    ("10,000 lists deep", nest(10_000, lambda node: {"type": "array", "minItems": 1, "items": node})),
    ("10,000 choices deep", nest(10_000, lambda node: {"anyOf": [node]})),
    ("10,000 parts deep", nest(10_000, lambda node: {"allOf": [node]})),
    ("10,000 negations deep", nest(10_000, lambda node: {"not": node})),
    ("a text of a gigabyte", {"type": "string", "minLength": 10**9}),
    ("a pattern of a gigabyte", {"type": "string", "pattern": "^((a{999}){999}){999}$"}),
    ("a pattern that explodes", {"type": "string", "pattern": "^(a+)+$", "minLength": 3000}),
    ("a pattern that nothing matches", {"type": "string", "pattern": "^a$(?<!a)b"}),
    ("a list of a billion", {"type": "array", "minItems": 10**9, "items": {"type": "string"}}),
    ("lists of lists of a billion", {"type": "array", "minItems": 10**9, "items": {"minItems": 10**9, "items": {}}}),
    (
        "a billion unlike items of two",
        {"type": "array", "minItems": 10**9, "uniqueItems": True, "items": {"enum": [1, 2]}},
    ),
    ("a billion names", {"type": "object", "minProperties": 10**9}),
    ("20,000 properties", {"type": "object", "properties": {f"p{n}": {} for n in range(20_000)}}),
    ("numbers of 4,000 digits", {"type": "integer", "minimum": 10**4000, "example": 10**4000}),
    ("no number between", {"type": "number", "minimum": 5, "maximum": 4}),
    ("a step beyond its bounds", {"type": "integer", "multipleOf": 10**9, "minimum": 1, "maximum": 2}),
    ("types that exclude each other", {"allOf": [{"type": "string"}, {"type": "integer"}]}),
    ("nothing at all", False),
    (
        "keywords of wrong types",
        {"type": 5, "properties": [], "required": "a", "items": 7, "enum": {}, "allOf": {}, "minimum": "a"},
    ),
    (
        "names with markup",
        {"type": "object", "required": ["<b>\n\u0000"], "properties": {"<b>\n\u0000": {"type": "string"}}},
    ),
    (
        "a discriminator of nonsense",
        {"oneOf": [{}, {}], "discriminator": {"propertyName": "a", "mapping": {"b": 5, "c": "nowhere"}}},
    ),
    ("a Faker of nonsense", {"type": "string", "x-faker": {"pystr": {"max_chars": 10**9}}}),
]


@pytest.mark.parametrize("schema", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_a_hostile_schema_gives_a_bounded_value(schema: Any) -> None:
    sampler = Sampler(ROOT, "seed")
    started = time.monotonic()
    for key in "abc":
        assert len(json.dumps(sampler.sample(schema, key))) < 2_500_000
    assert sampler.sample(schema, "a", given={"a": {"a": 1}}) == sampler.sample(schema, "a", given={"a": {"a": 1}})
    sampler.find_unsatisfied(schema)
    assert time.monotonic() - started < 20
