"""Errors of a plain document: the documented one of a status, a range, `default`, the commonest shape, else RFC 9457."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.plain.playing import Play, play


def body_of(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"description": "", "content": {media_type: {"schema": schema}}}


MESSAGE = {
    "type": "object",
    "required": ["message"],
    "properties": {"message": {"type": "string", "x-error": "detail"}},
}
LISTED = {
    "type": "object",
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "x-error": "detail"},
                    "code": {"type": "string", "x-error": "code"},
                },
            },
        },
    },
}
NESTED = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "status": {"type": "integer", "x-error": "status"},
                "title": {"type": "string", "x-error": "title"},
            },
        },
    },
}


THING = {"type": "object", "properties": {"id": {"type": "integer"}}}


def make(responses: dict[str, Any], **root: Any) -> Play:
    """A list and a get by number, with the responses that the get documents beside its success."""
    operation = {
        "x-effect": {"get": "things", "key": "id"},
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "responses": {"200": body_of(THING), **responses},
    }
    listing = {"x-effect": {"list": "things"}, "responses": {"200": body_of({"type": "array", "items": THING})}}
    paths = {"/things": {"get": listing}, "/things/{id}": {"get": operation}}
    return play({"x-collections": {"things": {"key": "id"}}, "paths": paths, **root})


SHAPE = {"x-error-shape": {"schema": NESTED, "media_type": "application/vnd.api+json"}}
ROWS: list[tuple[str, dict[str, Any], dict[str, Any], str, int, Any]] = [
    ("the documented status", {"404": body_of(MESSAGE)}, {}, "/things/900", 404, {"message": "id: there is no 900"}),
    (
        "a list of errors",
        {"404": body_of(LISTED)},
        {},
        "/things/900",
        404,
        {"errors": [{"text": "id: there is no 900", "code": "404"}]},
    ),
    ("a range", {"4XX": body_of(MESSAGE)}, {}, "/things/x", 400, {"message": "id: must be an integer"}),
    ("the default", {"default": body_of(MESSAGE)}, {}, "/things/900", 404, {"message": "id: there is no 900"}),
    (
        "422 where 400 is not documented",
        {"422": body_of(MESSAGE)},
        {},
        "/things/x",
        422,
        {"message": "id: must be an integer"},
    ),
    (
        "a path that nothing can have",
        {"404": body_of(MESSAGE)},
        {},
        "/things/x",
        404,
        {"message": "id: must be an integer"},
    ),
    ("no body where none is documented", {"404": {"description": ""}}, {}, "/things/900", 404, None),
    ("the document's commonest shape", {}, SHAPE, "/things/900", 404, {"error": {"status": 404, "title": "Not Found"}}),
    (
        "RFC 9457 where nothing is documented",
        {},
        {},
        "/things/900",
        404,
        {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "id: there is no 900"},
    ),
]


@pytest.mark.parametrize(
    ("responses", "root", "path", "status", "body"),
    [row[1:] for row in ROWS],
    ids=[r[0] for r in ROWS],
)
def test_what_goes_wrong_is_answered_by(
    responses: dict[str, Any],
    root: dict[str, Any],
    path: str,
    status: int,
    body: Any,
) -> None:
    response = make(responses, **root).ask("GET", path)
    assert response.status == status
    assert (orjson.loads(response.body) if response.body else None) == body


def test_an_error_that_is_asked_for_by_name_comes_documented_or_says_what_is_known() -> None:
    mock = make({"404": body_of(MESSAGE), "503": body_of(MESSAGE)})
    match = mock.api.find("GET", "/things/1")
    assert match and match.target.errors.keys() >= {"not_found", "status 503"}


def test_a_path_and_a_method_that_are_not_documented_are_problems() -> None:
    mock = make({})
    assert mock.ask("GET", "/nothing").status == 404
    response = mock.ask("PUT", "/things/1")
    assert (response.status, dict(response.headers)["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert mock.ask("OPTIONS", "/things/1").status == 200


TYPED = {
    "type": "object",
    "properties": {"type": {"type": "string", "x-error": "type"}, "text": {"type": "string", "x-error": "detail"}},
}


def test_an_error_of_which_nothing_more_is_known_says_what_its_kind_means() -> None:
    security = {
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        "security": [{"key": []}],
    }
    body = orjson.loads(make({"401": body_of(TYPED)}, **security).ask("GET", "/things/1").body)
    assert body == {"type": "unauthenticated", "text": "a credential is missing, or is none that is accepted"}
