"""A record in the shapes of several operations: wherever it is shown, it is the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plain.playing import play

WIDE: dict[str, Any] = {"type": "string"}


def make_root(listed: Any, shown: Any, first: str) -> dict[str, Any]:
    def answer(kind: Any) -> Any:
        return {"type": "object", "required": ["id", "kind"], "properties": {"id": {"type": "integer"}, "kind": kind}}

    def body(schema: Any) -> dict[str, Any]:
        return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}

    listing = {"x-effect": {"list": "lists"}, "responses": body({"type": "array", "items": answer(listed)})}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    getting = {"x-effect": {"get": "lists", "key": "id"}, "parameters": [key], "responses": body(answer(shown))}
    paths = {"/lists": {"get": listing}, "/lists/{id}": {"get": getting}}
    ordered = paths if first == "list" else dict(reversed(paths.items()))
    return {"x-collections": {"lists": {"key": "id"}}, "paths": ordered}


@pytest.mark.parametrize("first", ["list", "get"])
@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        pytest.param({"type": "string", "enum": ["shield_list"]}, WIDE, id="the list knows one word"),
        pytest.param(WIDE, {"type": "string", "enum": ["a", "b"]}, id="the record knows two words"),
        pytest.param({"type": "string", "maxLength": 3}, {"type": "string", "pattern": "^[a-z]+$"}, id="both ask much"),
    ],
)
def test_what_two_shapes_allow_is_what_both_show(listed: Any, shown: Any, first: str) -> None:
    mock = play(make_root(listed, shown, first))
    for record in mock.get("/lists"):
        assert mock.get(f"/lists/{record['id']}") == record
