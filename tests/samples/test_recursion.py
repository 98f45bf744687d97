"""Schemas that hold themselves wherever something must be there: a valid value, and soon."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.openapi import Validators
from mock_server.samples import Sampler

QUERY: dict[str, Any] = {"$ref": "#/components/schemas/Query"}
NAMES = [f"kind{n}" for n in range(20)]
SCHEMAS: list[tuple[str, dict[str, Any]]] = [
    (
        "one of many properties, most of which hold another one",
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {
                **{name: {"type": "object", "required": ["of"], "properties": {"of": QUERY}} for name in NAMES},
                "all": {"type": "object", "properties": {"boost": {"type": "number"}}},
            },
        },
    ),
    (
        "exactly one of some, each with a map that must hold one more",
        {
            "oneOf": [
                {"type": "string"},
                *(
                    {
                        "type": "object",
                        "required": [name],
                        "properties": {name: {"type": "object", "minProperties": 1, "additionalProperties": QUERY}},
                    }
                    for name in NAMES[:3]
                ),
            ],
        },
    ),
    (
        "not what it holds",
        {"type": "object", "required": ["of"], "properties": {"of": {"type": ["object", "null"], "not": QUERY}}},
    ),
]


@pytest.mark.parametrize("schema", [row[1] for row in SCHEMAS], ids=[row[0] for row in SCHEMAS])
def test_a_value_of_a_schema_that_holds_itself(schema: dict[str, Any]) -> None:
    root = {"openapi": "3.1.0", "components": {"schemas": {"Query": schema}}}
    validators = Validators(root)
    sampler = Sampler(root, "seed", validators)
    values = [sampler.sample(QUERY, f"key {number}") for number in range(5)]
    assert all(validators.is_valid(QUERY, value) for value in values)
