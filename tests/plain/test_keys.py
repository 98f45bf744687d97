"""What keys are made of: the property of the record, and the path parameter that names it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plain.playing import play

NAMED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("a number in the path", {"type": "string"}, {"type": "integer"}),
    ("a pattern", {"type": "string"}, {"type": "string", "pattern": "^[a-f]{4}$"}),
    ("bounds", {"type": "integer"}, {"type": "integer", "minimum": 100}),
    ("any number as a property", {"type": "number"}, {"type": "integer"}),
    ("several keys", {"type": "integer"}, {"type": "array", "items": {"type": "integer"}}),
    ("nothing said of the property", {}, {"type": "string"}),
    ("nothing said of the parameter", {"type": "string", "maxLength": 6}, {}),
]


@pytest.mark.parametrize(("record", "path"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED])
def test_every_listed_record_is_found_by_its_key(record: dict[str, Any], path: dict[str, Any]) -> None:
    item = {"type": "object", "required": ["id"], "properties": {"id": record, "name": {"type": "string"}}}
    listed = {"type": "array", "items": item}

    def answers(schema: dict[str, Any]) -> dict[str, Any]:
        return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}

    of_path = [{"name": "id", "in": "path", "required": True, "schema": path}]
    root = {
        "openapi": "3.1.0",
        "x-collections": {"things": {"key": "id", "records": 6}},
        "paths": {
            "/things": {"get": {"x-effect": {"list": "things"}, "responses": answers(listed)}},
            "/things/{id}": {
                "get": {"x-effect": {"get": "things", "key": "id"}, "parameters": of_path, "responses": answers(item)},
            },
        },
    }
    playing = play(root)
    records = playing.get("/things")
    assert len({each["id"] for each in records}) == 6
    assert [playing.get(f"/things/{each['id']}")["id"] for each in records] == [each["id"] for each in records]


BOTH: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("a text of a form", {"type": "string"}, {"type": "string", "format": "uuid"}),
    ("a number here, a text there", {"type": "integer"}, {"type": "string"}),
    ("a text here, a number there", {"type": "string"}, {"type": "integer"}),
]


@pytest.mark.parametrize("keys", [row[1:] for row in BOTH], ids=[row[0] for row in BOTH])
def test_a_key_is_one_that_the_list_and_the_record_allow(keys: tuple[dict[str, Any], dict[str, Any]]) -> None:
    shapes = [{"type": "object", "properties": {"id": key}} for key in keys]
    bodies = [{"type": "array", "items": shapes[1]}, shapes[0]]
    answers = [{"200": {"description": "", "content": {"application/json": {"schema": each}}}} for each in bodies]
    of_path = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    get = {"x-effect": {"get": "things", "key": "id"}, "parameters": of_path, "responses": answers[1]}
    playing = play(
        {
            "openapi": "3.1.0",
            "x-collections": {"things": {"key": "id", "records": 3}},
            "paths": {
                "/things": {"get": {"x-effect": {"list": "things"}, "responses": answers[0]}},
                "/things/{id}": {"get": get},
            },
        },
    )
    listed = playing.get("/things")
    assert all(str(playing.get(f"/things/{each['id']}")["id"]) == str(each["id"]) for each in listed)
