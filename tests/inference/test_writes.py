"""What operations that write do, and what they answer (W1 to W3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, ONE, answer, envelope, operation, understand

LISTED: dict[str, Any] = {"/pets": {"get": operation(MANY)}, "/pets/{petId}": {"get": operation(ONE)}}
KEY = {"type": "object", "properties": {"id": {"type": "integer"}}}
DONE = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
WRAPPED = {"type": "object", "properties": {"data": ONE}}

WRITES: list[tuple[str, str, str, Any, Any]] = [
    ("POST on a list creates", "/pets", "post", ONE, {"create": "pets", "answers": "record"}),
    ("and answers a wrapped record", "/pets", "post", WRAPPED, {"create": "pets", "at": "/data", "answers": "record"}),
    ("or its key", "/pets", "post", KEY, {"create": "pets", "at": "/id", "answers": "key"}),
    ("or nothing", "/pets", "post", None, {"create": "pets", "answers": "nothing"}),
    ("or its key and nothing else", "/pets", "post", {"type": "integer"}, {"create": "pets", "answers": "key"}),
    (
        "or its key as paths call it",
        "/pets",
        "post",
        {"properties": {"petId": {"type": "integer"}}},
        {"create": "pets", "at": "/petId", "answers": "key"},
    ),
    ("or anything, which is the record", "/pets", "post", {"type": "object"}, {"create": "pets", "answers": "record"}),
    ("or something else", "/pets", "post", DONE, {"create": "pets", "answers": "other"}),
    ("PUT on an item replaces", "/pets/{petId}", "put", ONE, {"replace": "pets", "key": "petId", "answers": "record"}),
    ("PATCH changes", "/pets/{petId}", "patch", ONE, {"patch": "pets", "key": "petId", "answers": "record"}),
    ("DELETE removes", "/pets/{petId}", "delete", None, {"delete": "pets", "key": "petId", "answers": "nothing"}),
    ("POST on an item without a body is an action", "/pets/{petId}", "post", ONE, "answer"),
    ("POST below an item is an action", "/pets/{petId}/sell", "post", ONE, "answer"),
    ("POST that answers a list searches", "/pets", "post", MANY, "answer"),
    ("so does one with an envelope", "/pets", "post", envelope(), "answer"),
    ("PUT on a list is kept nowhere", "/pets", "put", MANY, "answer"),
]


@pytest.mark.parametrize(("sentence", "path", "method", "schema", "effect"), WRITES, ids=[row[0] for row in WRITES])
def test_a_write(sentence: str, path: str, method: str, schema: Any, effect: Any) -> None:
    paths = {**LISTED, path: {**LISTED.get(path, {}), method: operation(schema)}}
    assert understand(paths).get(path, method=method) == effect


def post(sent: Any, *statuses: str, schema: Any = ONE) -> dict[str, Any]:
    body = {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": sent}}}}
    return {**operation(schema), **body} | (
        {"responses": {**answer(schema), **{s: {"description": "The name is already taken."} for s in statuses}}}
        if statuses
        else {}
    )


def fields(*names: str, **said: str) -> dict[str, Any]:
    named = {name: {"type": "string", "description": said.get(name, "")} for name in (*names, *said)}
    return {"type": "object", "properties": named}


POSTS: list[tuple[str, Any, Any, Any]] = [
    (
        "a body of the record's fields changes it",
        fields("name", "status"),
        ONE,
        {"patch": "pets", "key": "petId", "answers": "record"},
    ),
    (
        "so does one that is answered without a body",
        fields("name", "expand"),
        None,
        {"patch": "pets", "key": "petId", "answers": "nothing"},
    ),
    ("a body of other fields is an action", fields("name", "amount", "currency", "to"), ONE, "answer"),
    ("so is one that answers something else", fields("name"), DONE, "answer"),
]


@pytest.mark.parametrize(("sent", "schema", "effect"), [row[1:] for row in POSTS], ids=[row[0] for row in POSTS])
def test_a_post_on_an_item(sent: Any, schema: Any, effect: Any) -> None:
    known = understand({**LISTED, "/pets/{petId}": {"get": operation(ONE), "post": post(sent, schema=schema)}})
    assert known.get("/pets/{petId}", method="post") == effect


def test_a_put_above_the_records_takes_the_key_from_its_body() -> None:
    listed = {"get": operation(MANY), "put": post(ONE), "patch": post(fields("name"))}
    known = understand(
        {"/pet/all": {"get": operation(MANY)}, "/pet/{petId}": {"get": operation(ONE)}, "/pet": {"put": post(ONE)}},
    )
    assert known.get("/pet", method="put") == {"replace": "pet", "answers": "record"}
    known = understand({**LISTED, "/pets": listed})
    assert [known.get("/pets", method=each) for each in ("put", "patch")] == [
        {"replace": "pets", "answers": "record"},
        "answer",
    ]


UNIQUE: list[tuple[str, Any, str, list[str] | None]] = [
    ("the error names the field", fields("name", "status"), "409", ["name"]),
    ("no conflict is documented", fields("name", email="Must be unique."), "400", None),
    ("the field says so", fields("name", status="Must be unique in the shop."), "409", ["name", "status"]),
    ("a key's own words are none", fields(status="A unique identifier."), "409", None),
]


@pytest.mark.parametrize(("sent", "status", "unique"), [row[1:] for row in UNIQUE], ids=[row[0] for row in UNIQUE])
def test_what_is_unique(sent: Any, status: str, unique: list[str] | None) -> None:
    known = understand({**LISTED, "/pets": {"get": operation(MANY), "post": post(sent, status)}})
    assert known.document.root["x-collections"]["pets"].get("unique") == unique


def test_what_is_created_may_stand_in_a_list_of_one() -> None:
    created = {"responses": answer(MANY, "201")}
    known = understand({**LISTED, "/pets": {"get": operation(MANY), "post": created}})
    assert known.get("/pets", method="post") == {"create": "pets", "answers": "record", "is_list": True}


def test_the_smallest_documented_success_is_answered() -> None:
    responses = {**answer(ONE, "201"), **answer(None, "202")}
    known = understand({"/pets": {"get": operation(MANY), "post": {"responses": responses}}})
    assert known.get("/pets", method="post") == {"create": "pets", "answers": "record"}


def test_an_item_that_no_get_shows_is_kept_where_its_key_is_known() -> None:
    known = understand({"/pets": {"get": operation(MANY)}, "/pets/{petId}": {"delete": operation()}})
    assert known.get("/pets/{petId}", method="delete") == {"delete": "pets", "key": "petId", "answers": "nothing"}
    assert known.confidence("W2") == "likely"


def test_else_it_is_a_guess_that_waits() -> None:
    item = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    listing = {"get": operation({"type": "array", "items": item})}
    known = understand({"/pets": listing, "/pets/{reference}": {"delete": operation()}})
    assert known.confidence("W2") == "guess"
    assert known.get("/pets/{reference}", method="delete") is None
    assert known.inference.counts.guesses == 1


def test_a_path_with_one_object_that_is_written_to_is_a_singleton() -> None:
    known = understand({"/settings": {"get": operation(ONE), "put": operation(ONE)}})
    assert [known.get("/settings", method=method) for method in ("get", "put")] == ["singleton"] * 2
    assert known.inference.counts.writes == 1


def test_a_post_above_a_record_creates_even_where_nothing_lists_it() -> None:
    known = understand({"/orders": {"post": operation(ONE)}, "/orders/{id}": {"get": operation(ONE)}})
    assert known.get("/orders", method="post") == {"create": "orders", "answers": "record"}


def test_a_nested_create_knows_its_parent() -> None:
    paths = {"/users/{userId}/pets": {"get": operation(MANY), "post": operation(ONE)}}
    created = understand(paths).get("/users/{userId}/pets", method="post")
    assert created == {"create": "users.pets", "parents": {"userId": "userId"}, "answers": "record"}
