"""Which GETs are lists, and where their records are (L1, L2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, ONE, PET, envelope, operation, understand

TEXTS = {"type": "array", "items": {"type": "string"}}


def holding(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


LISTS: list[tuple[str, str, Any, tuple[str, ...], dict[str, Any] | None]] = [
    ("an array of objects", "/pets", MANY, (), {"list": "pets"}),
    ("an envelope with one array", "/pets", envelope(), (), {"list": "pets", "at": "/data"}),
    ("the array named as the path", "/pets", holding(owners=TEXTS, pets=MANY), (), {"list": "pets", "at": "/pets"}),
    (
        "of several arrays, the one named as the path",
        "/pets",
        holding(toys={"type": "array", "items": PET}, pets=MANY),
        (),
        {"list": "pets", "at": "/pets"},
    ),
    ("two levels down", "/pets", holding(data=holding(items=MANY)), (), {"list": "pets", "at": "/data/items"}),
    ("HAL", "/pets", holding(_embedded=holding(pets=MANY)), (), {"list": "pets", "at": "/_embedded/pets"}),
    (
        "each record inside a wrapper",
        "/pets",
        {"type": "array", "items": holding(pet=ONE)},
        (),
        {"list": "pets", "record": "/pet"},
    ),
    (
        "an array in a composition",
        "/pets",
        {"allOf": [holding(total={"type": "integer"}), holding(data=MANY)]},
        (),
        {"list": "pets", "at": "/data"},
    ),
    ("a slash in the name of the array", "/pets", holding(**{"a/b": MANY}), ("page",), {"list": "pets", "at": "/a~1b"}),
    ("below a version", "/api/v2/pets", MANY, (), {"list": "pets"}),
    ("named by a noun, not by a verb", "/pets/search", MANY, ("q",), {"list": "pets"}),
    ("texts only", "/pets", TEXTS, (), None),
    ("one object", "/pets", ONE, (), None),
    ("a list of errors", "/pets", holding(errors=MANY), (), None),
    ("a record that holds a list", "/pets/{petId}", holding(id={"type": "integer"}, data=MANY), (), None),
    ("a record with an array in it", "/me", holding(id={"type": "string"}, toys=MANY), (), None),
    (
        "a record with an array in it that is paged",
        "/me",
        holding(id={"type": "string"}, toys=MANY),
        ("page", "limit"),
        {"list": "me", "at": "/toys"},
    ),
    ("a report with an array in it", "/health", holding(version={"type": "string"}, checks=MANY), (), None),
    ("no JSON", "/pets", None, (), None),
]


@pytest.mark.parametrize(("sentence", "path", "schema", "query", "effect"), LISTS, ids=[row[0] for row in LISTS])
def test_a_list_is(sentence: str, path: str, schema: Any, query: tuple[str, ...], effect: Any) -> None:
    known = understand({path: {"get": operation(schema, *query)}})
    found = known.get(path)
    assert (found if isinstance(found, dict) and "list" in found else None) == effect


def test_an_unclear_list_is_likely_and_says_so() -> None:
    known = understand({"/overview": {"get": operation(holding(toys={"type": "array", "items": PET}))}})
    assert known.confidence("L1") == "likely"
    assert known.because("L1") == "the array `/toys` of the answer holds objects; nothing speaks against it"


def test_evidence_is_said() -> None:
    known = understand({"/pets": {"get": operation(MANY, "page", "limit")}})
    assert known.because("L1") == (
        "the answer holds objects; paging parameters, the answer is an array, `pets` is a plural"
    )


def test_a_list_below_a_list_of_the_same_item_is_one_record() -> None:
    known = understand({"/pets": {"get": operation(MANY)}, "/pets/{petId}": {"get": operation(envelope())}})
    assert known.get("/pets/{petId}") == {"get": "pets", "at": "/data", "key": "petId", "is_list": True}


@pytest.mark.parametrize("status", ["200", "206", "2XX", "default"])
def test_success_may_be_any_status(status: str) -> None:
    answer = {"responses": {status: {"content": {"application/vnd.api+json": {"schema": MANY}}}}}
    assert understand({"/pets": {"get": answer}}).get("/pets") == {"list": "pets"}


def test_beside_a_success_default_is_an_error() -> None:
    errors = {"default": {"content": {"application/json": {"schema": MANY}}}}
    assert understand({"/pets": {"get": {"responses": {"204": {}, **errors}}}}).get("/pets") is None


def test_of_several_media_types_json_is_taken() -> None:
    content = {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": MANY}}
    assert understand({"/pets": {"get": {"responses": {"200": {"content": content}}}}}).get("/pets") == {"list": "pets"}


def test_a_search_by_post_keeps_nothing() -> None:
    known = understand({"/pets": {"get": operation(MANY)}, "/pets/search": {"post": operation(MANY)}})
    assert known.get("/pets/search", method="post") == "answer"
    known = understand({"/pets": {"get": operation(envelope()), "post": operation(envelope())}})
    assert known.get("/pets", method="post") == "answer"
