"""What stands around records: parts that must not be empty, and parts that only speak of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.plain.playing import play

ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
ERROR = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}


PAGING = {"parameters": {"limit": "size", "offset": "offset"}}


def ask(body: dict[str, Any], effect: Any, query: str = "", paging: Mapping[str, Any] = PAGING) -> Any:
    """The answer of one operation whose success has this body."""
    root = {
        "openapi": "3.1.0",
        "x-collections": {"things": {"key": "id", "records": 5}},
        "paths": {
            "/things": {
                "get": {
                    "x-effect": effect,
                    "x-paging": paging,
                    "parameters": [
                        {"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("limit", "offset")
                    ],
                    "responses": {"200": {"description": "", "content": {"application/json": {"schema": body}}}},
                },
            },
        },
    }
    return play(root).get("/things", query)


def test_a_list_that_may_not_be_empty_has_pages() -> None:
    body = {"type": "object", "properties": {"data": {"type": "array", "minItems": 1, "items": ITEM}}}
    answer = ask(body, {"list": "things", "at": "/data"}, "limit=2&offset=3")
    assert [each["id"] for each in answer["data"]] == [4, 5]


BODIES: list[tuple[str, dict[str, Any], Any]] = [
    ("a list", {"data": {"type": "array", "items": ITEM}}, {"list": "things", "at": "/data"}),
    ("whatever else", {"data": {"type": "string"}}, "answer"),
]


@pytest.mark.parametrize(("properties", "effect"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_a_success_speaks_of_no_errors(properties: dict[str, Any], effect: Any) -> None:
    errors = {"errors": {"type": "array", "items": ERROR}, "error": {"anyOf": [ERROR, {"type": "null"}]}}
    body = {"type": "object", "required": ["data", "error"], "properties": {**properties, **errors}}
    answer = ask(body, effect)
    assert answer["error"] is None and not answer.get("errors") and answer["data"]


def test_what_stands_around_a_link_that_leads_nowhere_is_left_out() -> None:
    link = {"type": "object", "required": ["href"], "properties": {"href": {"type": "string", "format": "uri"}}}
    links = {"type": "object", "properties": {"next": link, "prev": link}}
    body = {"type": "object", "properties": {"data": {"type": "array", "items": ITEM}, "links": links}}
    facts = {"/links/next/href": "next_url", "/links/prev/href": "prev_url"}
    paging = {"parameters": {"limit": "size", "offset": "offset"}, "body": facts}
    assert set(ask(body, {"list": "things", "at": "/data"}, "limit=2&offset=0", paging)["links"]) == {"next"}
    assert set(ask(body, {"list": "things", "at": "/data"}, "limit=2&offset=4", paging)["links"]) == {"prev"}


def test_a_list_that_is_described_in_several_parts_is_made_of_all() -> None:
    anything = {"type": "object", "properties": {"data": {"type": "array", "items": {"type": "object"}}}}
    exactly = {"properties": {"data": {"type": "array", "items": ITEM}}}
    answer = ask({"allOf": [anything, exactly]}, {"list": "things", "at": "/data"}, "limit=2")
    assert [each["id"] for each in answer["data"]] == [1, 2]
