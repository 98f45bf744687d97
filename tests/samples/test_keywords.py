"""Every keyword of JSON Schema 2020-12: what is sampled obeys it, by an independent validator."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.samples import Sampler

TREE = {
    "type": "object",
    "required": ["value"],
    "properties": {
        "value": {"type": "integer"},
        "left": {"$ref": "#/$defs/Tree"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
    },
}
ENDLESS = {"type": ["object", "null"], "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Endless"}}}
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}
DEFINITIONS = {"Tree": TREE, "Endless": ENDLESS, "Cat": CAT, "Dog": {**CAT, "properties": {"kind": {"type": "string"}}}}

SCHEMAS: list[tuple[str, Any]] = [
    ("anything", True),
    ("anything as an object", {}),
    ("a constant", {"const": {"a": [1, None]}}),
    ("one of some values", {"enum": ["a", 1, None]}),
    ("values of a type only", {"type": "string", "enum": ["a", 1, None]}),
    ("several types", {"type": ["string", "integer", "null"]}),
    ("null", {"type": "null"}),
    ("a least number", {"type": "integer", "minimum": 10_000}),
    ("a greatest number", {"type": "integer", "maximum": -10_000}),
    ("between excluded bounds", {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}),
    ("between close bounds", {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001}),
    ("exactly one number", {"type": "number", "minimum": 2.5, "maximum": 2.5}),
    ("64 bits", {"type": "integer", "minimum": 2**62, "maximum": 2**64}),
    ("a bound with decimals", {"type": "integer", "minimum": 1.5, "maximum": 2.5}),
    ("multiples", {"type": "integer", "multipleOf": 7, "minimum": 100, "maximum": 120}),
    (
        "multiples between excluded bounds",
        {"type": "integer", "multipleOf": 5, "exclusiveMinimum": 5, "exclusiveMaximum": 15},
    ),
    ("a number of halves", {"type": "number", "multipleOf": 0.5}),
    ("a whole number of halves", {"type": "integer", "multipleOf": 2.5}),
    ("no type but bounds", {"minimum": 5, "maximum": 6}),
    ("a text of some length", {"type": "string", "minLength": 300, "maxLength": 310}),
    ("a short text", {"type": "string", "maxLength": 1}),
    ("no text", {"type": "string", "maxLength": 0}),
    ("a pattern", {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"}),
    ("a pattern and lengths", {"type": "string", "pattern": "^[a-z]+$", "minLength": 30, "maxLength": 40}),
    ("a pattern that looks ahead", {"type": "string", "pattern": "^(?=.*[0-9])(?=.*[a-z])[a-z0-9]{8,12}$"}),
    ("two patterns", {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "^[a-f]{3}$"}]}),
    ("a pattern without an edge", {"type": "string", "pattern": "[0-9]{3}"}),
    *[
        (f"the format {name}", {"type": "string", "format": name})
        for name in ("date-time", "date", "time", "uuid", "email", "uri", "ipv4", "ipv6", "hostname", "duration")
    ],
    ("a list", {"type": "array", "items": {"type": "integer"}, "minItems": 5, "maxItems": 6}),
    ("an empty list", {"type": "array", "maxItems": 0}),
    ("a list of unlike items", {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3}),
    ("unlike texts", {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 20}),
    ("a tuple", {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}),
    (
        "a list that contains",
        {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 900}, "minContains": 2},
    ),
    ("a list of anything", {"type": "array", "minItems": 2}),
    ("required properties", {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}}}),
    ("no type but properties", {"properties": {"a": {"type": "string"}}, "required": ["a"]}),
    ("no other properties", {"properties": {"a": {}}, "additionalProperties": False, "required": ["a"]}),
    ("a map", {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2}),
    ("a map of few", {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 1}),
    (
        "names of a pattern",
        {
            "type": "object",
            "patternProperties": {"^x-[a-z]{3}$": {"type": "integer"}},
            "minProperties": 2,
            "additionalProperties": False,
        },
    ),
    (
        "names that obey",
        {"type": "object", "propertyNames": {"pattern": "^[a-z]{4}$"}, "additionalProperties": {}, "minProperties": 2},
    ),
    (
        "names of a list",
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": {"type": "string"}},
    ),
    (
        "at least so many properties",
        {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "minProperties": 2},
    ),
    ("at most so many properties", {"properties": {name: {"type": "string"} for name in "abcdef"}, "maxProperties": 2}),
    (
        "dependent names",
        {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "dependentRequired": {"a": ["b"]}},
    ),
    (
        "dependent schemas",
        {
            "required": ["a"],
            "properties": {"a": {"type": "string"}},
            "dependentSchemas": {"a": {"required": ["c"], "properties": {"c": {"const": 5}}}},
        },
    ),
    (
        "nothing unevaluated",
        {"allOf": [{"properties": {"a": {"type": "string"}}}], "unevaluatedProperties": False, "type": "object"},
    ),
    (
        "allOf beside properties",
        {
            "type": "object",
            "allOf": [{"required": ["a"]}, {"properties": {"b": {"type": "integer", "minimum": 5}}}],
            "properties": {"a": {"type": "string"}, "b": {"maximum": 6}},
        },
    ),
    ("anyOf", {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}),
    ("anyOf beside a type", {"type": "object", "required": ["x"], "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
    (
        "oneOf by required names",
        {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
    ),
    ("oneOf of an integer or a number", {"oneOf": [{"type": "integer"}, {"type": "number"}]}),
    ("oneOf of a text or a date", {"oneOf": [{"type": "string"}, {"type": "string", "pattern": "^[0-9-]+$"}]}),
    ("oneOf within anyOf", {"anyOf": [{"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, {"type": "null"}]}),
    (
        "two choices at once",
        {
            "type": "object",
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            "oneOf": [
                {"properties": {"c": {"const": 1}}, "required": ["c"]},
                {"properties": {"c": {"const": 2}}, "required": ["c"]},
            ],
        },
    ),
    ("not", {"type": "integer", "minimum": 0, "maximum": 3, "not": {"enum": [1, 2]}}),
    (
        "not with a name",
        {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "not": {"required": ["b"]},
        },
    ),
    (
        "a condition",
        {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": ["a", "b"]}},
            "if": {"properties": {"kind": {"const": "a"}}},
            "then": {"required": ["x"], "properties": {"x": {"const": 1}}},
            "else": {"required": ["y"]},
        },
    ),
    ("a reference with a sibling", {"$ref": "#/$defs/Cat", "required": ["lives"]}),
    ("a tree", {"$ref": "#/$defs/Tree"}),
    ("a chain that only null ends", {"$ref": "#/$defs/Endless"}),
]


def validate(schema: Any, value: Any) -> None:
    whole = {"allOf": [schema], "$defs": DEFINITIONS}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(whole, format_checker=checker).validate(value)


@pytest.mark.parametrize("schema", [row[1] for row in SCHEMAS], ids=[row[0] for row in SCHEMAS])
def test_a_sample_obeys_its_keywords(schema: Any) -> None:
    sampler = Sampler({"$defs": DEFINITIONS}, "seed")
    for key in range(20):
        validate(schema, sampler.sample(schema, f"{key}"))


NUMBERS = st.integers(-1000, 1000)
SCALARS = st.one_of(
    st.just({"type": "boolean"}),
    st.builds(
        lambda low, width: {"type": "integer", "minimum": low, "maximum": low + width},
        NUMBERS,
        st.integers(0, 50),
    ),
    st.builds(
        lambda low, width: {"type": "number", "minimum": low, "exclusiveMaximum": low + width},
        NUMBERS,
        st.floats(0.001, 50),
    ),
    st.builds(lambda step: {"type": "number", "multipleOf": step}, st.sampled_from([1, 2, 5, 0.5, 0.25])),
    st.builds(
        lambda low, width: {"type": "string", "minLength": low, "maxLength": low + width},
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    st.builds(lambda name: {"type": "string", "format": name}, st.sampled_from(["date", "uuid", "email", "date-time"])),
    st.builds(
        lambda pattern: {"type": "string", "pattern": pattern},
        st.sampled_from(["^[a-f]{2,9}$", "^\\d+$", "^(ab|cd)+$", "x"]),
    ),
    st.builds(
        lambda values: {"enum": values},
        st.lists(st.one_of(st.integers(), st.text(max_size=3), st.none()), min_size=1, max_size=4),
    ),
)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["id", "name", "email", "created_at", "tags", "price", "x"])
    properties = st.dictionaries(names, inner, max_size=5)
    return st.one_of(
        st.builds(
            lambda items, least, extra: {"type": "array", "items": items, "minItems": least, "maxItems": least + extra},
            inner,
            st.integers(0, 3),
            st.integers(0, 3),
        ),
        st.builds(
            lambda declared, required, extra: {
                "type": "object",
                "properties": declared,
                "required": required,
                "additionalProperties": extra,
            },
            properties,
            st.lists(names, unique=True, max_size=3),
            st.one_of(st.just(True), inner),
        ),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"allOf": [part, {"title": "A part"}]}, inner),
        st.builds(lambda part: {"oneOf": [part, {"type": "null"}]}, inner.filter(lambda part: "enum" not in str(part))),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(SCALARS, containers, max_leaves=12))
def test_a_sample_obeys_any_schema(schema: Any) -> None:
    sampler = Sampler({}, "seed")
    for key in "ab":
        value = sampler.sample(schema, key)
        try:
            validate(schema, value)
        except jsonschema.ValidationError:
            # The same by our own validator, which says that no value was found: then it says so.
            assert sampler.find_unsatisfied(schema)
            raise
