"""What a plain document's other operations answer: records by key, singletons, examples, writes by their schema."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mock_server.plain import PlainOptions
from tests.plain.playing import Play, play, play_petstore

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "age": {"type": "integer"}},
}
FULL = {"allOf": [PET, {"type": "object", "required": ["breed"], "properties": {"breed": {"type": "string"}}}]}


def ok(schema: Any, **more: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema, **more}}}}


def make(paths: dict[str, Any], options: PlainOptions = PlainOptions(), **root: Any) -> Play:  # noqa: B008
    return play({"x-collections": {"pets": {"key": "id"}}, "paths": paths, **root}, options)


PATH_ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]


def pets(list_schema: Any, get_schema: Any, **get_effect: Any) -> dict[str, Any]:
    return {
        "/pets": {"get": {"x-effect": {"list": "pets"}, "responses": ok({"type": "array", "items": list_schema})}},
        "/pets/{id}": {
            "get": {
                "x-effect": {"get": "pets", "key": "id", **get_effect},
                "parameters": PATH_ID,
                "responses": ok(get_schema),
            },
        },
    }


def test_a_record_is_the_same_in_every_shape_that_shows_it() -> None:
    mock = make(pets(PET, FULL))
    for listed in mock.get("/pets")[:10]:
        shown = mock.get(f"/pets/{listed['id']}")
        assert {name: shown[name] for name in listed} == listed and "breed" in shown


@pytest.mark.parametrize(
    ("schema", "effect", "find"),
    [
        (
            {"type": "object", "required": ["data"], "properties": {"data": PET}},
            {"at": "/data"},
            lambda body: body["data"],
        ),
        ({"type": "array", "items": PET}, {"is_list": True}, lambda body: body[0]),
        (
            {"type": "object", "properties": {"pets": {"type": "array", "items": PET}}},
            {"at": "/pets", "is_list": True},
            lambda body: body["pets"][0],
        ),
    ],
    ids=["in an envelope", "as a list of one", "as a list of one in an envelope"],
)
def test_a_record_stands_where_the_document_has_it(schema: Any, effect: dict[str, Any], find: Any) -> None:
    mock = make(pets(PET, schema, **effect))
    listed = mock.get("/pets")[3]
    assert find(mock.get(f"/pets/{listed['id']}")) == listed


def test_records_that_are_wrapped_one_by_one() -> None:
    wrapped = {"type": "object", "required": ["pet", "rank"], "properties": {"pet": PET, "rank": {"const": 3}}}
    listing = {"x-effect": {"list": "pets", "record": "/pet"}, "responses": ok({"type": "array", "items": wrapped})}
    mock = make({**pets(PET, PET), "/pets": {"get": listing}})
    first = mock.get("/pets")[0]
    assert mock.get(f"/pets/{first['pet']['id']}") == first["pet"] and first["rank"] == 3


def test_examples_that_obey_their_schema_are_the_first_records() -> None:
    examples = [{"id": 77, "name": "Rex", "age": 3}, {"id": 78, "name": "Tom"}, {"id": "wrong"}]
    paths = pets(PET, PET)
    paths["/pets"]["get"]["responses"] = ok({"type": "array", "items": PET}, example=examples)
    mock = make(paths)
    assert mock.get("/pets")[0] == examples[0]
    assert [pet["id"] for pet in mock.get("/pets")[:3]] == [77, 78, 1]
    assert mock.get("/pets/78")["name"] == "Tom"


EXAMPLE = {"status": "fine", "checks": 3}
HEALTH = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string"}, "checks": {"type": "integer"}},
}


@pytest.mark.parametrize(
    ("examples", "example", "is_example"),
    [
        ("records", EXAMPLE, True),
        ("prefer", EXAMPLE, True),
        ("never", EXAMPLE, False),
        ("records", {"status": 1}, False),
    ],
    ids=["by default", "when preferred", "not when unwanted", "not when it contradicts its schema"],
)
def test_an_answer_is_its_example(examples: str, example: Any, is_example: bool) -> None:
    mock = make({"/health": {"get": {"responses": ok(HEALTH, example=example)}}}, PlainOptions(examples=examples))
    assert (mock.get("/health") == EXAMPLE) is is_example


def test_a_whole_list_may_be_its_example() -> None:
    paths = pets(PET, PET)
    paths["/pets"]["get"]["responses"] = ok({"type": "array", "items": PET}, example=[{"id": 5, "name": "Rex"}])
    assert make(paths, PlainOptions(examples="prefer")).get("/pets") == [{"id": 5, "name": "Rex"}]


def test_what_a_client_sends_comes_back() -> None:
    created = play_petstore().ask("POST", "/pets", body=b'{"id": 5, "name": "Rex", "status": "sold"}')
    assert created.status == 201
    assert orjson.loads(created.body) == {"id": 51, "name": "Rex", "status": "sold"}
    assert dict(created.headers)["location"] == "http://mock/pets/pets/51"


def test_what_is_not_there_cannot_be_changed() -> None:
    mock = play_petstore()
    assert mock.ask("DELETE", "/pets/7").status == 204
    assert mock.ask("DELETE", "/pets/700").status == 404


STATUSES: list[tuple[str, list[str], int]] = [
    ("the smallest 2xx", ["400", "202", "201"], 201),
    ("a range", ["2XX", "default"], 200),
    ("the default where nothing else is documented", ["default"], 200),
    ("a redirection", ["302", "404"], 302),
    ("200 where only errors are documented", ["404"], 200),
]


@pytest.mark.parametrize(("documented", "status"), [row[1:] for row in STATUSES], ids=[r[0] for r in STATUSES])
def test_the_status_of_success_is(documented: list[str], status: int) -> None:
    responses = {each: {"description": ""} for each in documented}
    assert make({"/x": {"get": {"responses": responses}}}).ask("GET", "/x").status == status


def test_documented_headers_have_values() -> None:
    headers = {
        "X-Rate": {"schema": {"type": "integer", "minimum": 3, "maximum": 3}},
        "Content-Type": {"schema": {"type": "string"}},
    }
    mock = make({"/x": {"get": {"responses": {"204": {"description": "", "headers": headers}}}}})
    assert mock.ask("GET", "/x").headers == (("x-rate", "3"),)


@pytest.mark.parametrize(("requests", "status"), [("refuse", 400), ("report", 200), ("off", 200)])
def test_a_request_that_is_not_as_documented_is(requests: str, status: int) -> None:
    parameters = [{"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}]
    mock = make(
        {"/x": {"get": {"parameters": parameters, "responses": {"200": {"description": ""}}}}},
        PlainOptions(requests=requests),
    )
    response = mock.ask("GET", "/x", "n=one")
    assert response.status == status
    assert ("understudy-problems", "query n must be an integer") in response.headers or requests != "report"


def test_a_circle_of_collections_that_are_each_others_parents_ends() -> None:
    user = {"type": "object", "properties": {"id": {"type": "integer"}, "boss": {"type": "integer"}}}
    root = {"x-collections": {"users": {"key": "id", "parents": {"boss": {"collection": "users", "field": "boss"}}}}}
    listing = {"x-effect": {"list": "users"}, "responses": ok({"type": "array", "items": user})}
    mock = play({**root, "paths": {"/users": {"get": listing}}})
    assert {each["boss"] for each in mock.get("/users")} <= set(range(1, 51))


def test_a_collection_that_nobody_can_list_has_a_record_for_any_key() -> None:
    paths = pets(PET, PET)
    del paths["/pets"]
    mock = make(paths)
    assert mock.get("/pets/123456")["id"] == 123456
    assert mock.get("/pets/123456") == mock.get("/pets/123456") != {**mock.get("/pets/7"), "id": 123456}


def test_a_parameter_behind_a_question_mark_of_the_path_is_read_from_the_query() -> None:
    parameters = [{"name": "kind", "in": "path", "required": True, "schema": {"type": "integer"}}]
    schema = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "integer"}}}
    mock = make({"/export?kind={kind}": {"get": {"parameters": parameters, "responses": ok(schema)}}})
    assert mock.get("/export", "kind=7") == {"kind": 7}
    assert mock.ask("GET", "/export", "kind=x").status == 400


MEDIA: list[tuple[str, str, str, str, str]] = [
    ("JSON of its own kind", "application/vnd.pet+json", "", "application/vnd.pet+json", "{"),
    ("text that is no JSON", "text/plain", "", "text/plain; charset=utf-8", ""),
    ("a record a line", "application/x-ndjson", "", "application/x-ndjson", "{"),
    ("a picture that the client chooses", "image/*", "image/gif", "image/gif", "GIF8"),
    ("parts with their boundary", "multipart/mixed", "", "multipart/mixed; boundary=", "--"),
    ("a name that would be a header of its own", "text/html\r\nX-Bad: 1", "", "application/json", "{"),
]


@pytest.mark.parametrize(
    ("media_type", "accept", "sent", "begins"),
    [row[1:] for row in MEDIA],
    ids=[r[0] for r in MEDIA],
)
def test_an_answer_comes_in_its_media_type(media_type: str, accept: str, sent: str, begins: str) -> None:
    responses = {"200": {"description": "", "content": {media_type: {"schema": PET}}}}
    headers = {"accept": accept} if accept else {}
    response = make({"/x": {"get": {"responses": responses}}}).ask("GET", "/x", headers=headers)
    assert dict(response.headers)["content-type"].startswith(sent)
    assert response.body.startswith(begins.encode())
    assert not any("\n" in text or "\r" in text for pair in response.headers for text in pair)


def test_a_header_whose_name_is_none_is_not_sent() -> None:
    headers = {"X-A\r\nX-B": {"schema": {"type": "string"}}, "X-C": {"schema": {"const": "1"}}}
    mock = make({"/x": {"get": {"responses": {"204": {"description": "", "headers": headers}}}}})
    assert mock.ask("GET", "/x").headers == (("x-c", "1"),)


def test_operations_that_only_a_fixed_query_tells_apart_are_told_apart() -> None:
    def of(word: str) -> dict[str, Any]:
        return {"get": {"responses": ok({"type": "object", "required": ["is"], "properties": {"is": {"const": word}}})}}

    mock = make({"/rest?method=cats": of("cats"), "/rest?method=dogs": of("dogs"), "/rest?method=dogs&form=x": of("x")})
    answers = [mock.get("/rest", query)["is"] for query in ("method=cats", "method=dogs", "form=x&method=dogs", "")]
    assert answers == ["cats", "dogs", "x", "cats"]
