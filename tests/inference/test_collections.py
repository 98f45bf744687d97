"""Collections: what belongs to one, its name, key and parents (I1 to I4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, ONE, PET, answer, document, envelope, operation, parameter, understand

LIST, GET = {"get": operation(MANY)}, {"get": operation(ONE)}
TOY = {"type": "object", "properties": {"id": {"type": "integer"}, "pet_id": {"type": "integer"}, "sound": {}}}
TOYS = {"get": operation({"type": "array", "items": TOY})}


def wrapped(name: str, **beside: Any) -> dict[str, Any]:
    return {"get": operation({"type": "object", "properties": {name: ONE, **beside}})}


PAIRS: list[tuple[str, str, Any, Any]] = [
    ("the path below the list", "/pets/{petId}", GET, {"get": "pets", "key": "petId"}),
    ("the singular of the list", "/pet/{petId}", GET, {"get": "pets", "key": "petId"}),
    ("another path, the same item", "/animal/{id}", GET, {"get": "pets", "key": "id"}),
    ("an ending in the path", "/pets/{id}.json", GET, {"get": "pets", "key": "id"}),
    ("a record in `data`", "/pets/{id}", wrapped("data", meta={}), {"get": "pets", "at": "/data", "key": "id"}),
    ("a record named as the path", "/pets/{id}", wrapped("pet", note={}), {"get": "pets", "at": "/pet", "key": "id"}),
    ("a list of one", "/pets/{id}", {"get": operation(MANY)}, {"get": "pets", "key": "id", "is_list": True}),
    (
        "a list of one in an envelope",
        "/pets/{id}",
        {"get": operation(envelope())},
        {"get": "pets", "at": "/data", "key": "id", "is_list": True},
    ),
    (
        "most of the same properties",
        "/pets/{id}",
        {"get": operation({"type": "object", "properties": {**PET["properties"], "more": {}}})},
        {"get": "pets", "key": "id"},
    ),
    ("another thing", "/pets/{id}", {"get": operation({"type": "object", "properties": {"a": {}}})}, None),
    ("nothing in JSON", "/pets/{id}", {"get": operation()}, None),
    (
        "a choice among words",
        "/pets/{sort}",
        {"get": operation(ONE, parameter("sort", {"enum": ["new", "old"]}, "path"))},
        None,
    ),
]


@pytest.mark.parametrize(("sentence", "path", "item", "effect"), PAIRS, ids=[row[0] for row in PAIRS])
def test_a_record_of_the_list(sentence: str, path: str, item: Any, effect: Any) -> None:
    assert understand({"/pets": LIST, path: item}).get(path) == effect


def record(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


KEYS: list[tuple[str, str, tuple[str, ...], str | None]] = [
    ("the same name", "{serial}", ("id", "serial"), "serial"),
    ("the same name, spelled otherwise", "{petId}", ("pet_id", "id"), "pet_id"),
    ("the id of the resource", "{petId}", ("id", "name"), "id"),
    ("the id of the resource by another word", "{pet_uuid}", ("uuid", "name"), "uuid"),
    ("the resource itself", "{pet}", ("name", "id"), "id"),
    ("the resource by its name", "{pet}", ("name", "age"), "name"),
    ("the last word of the parameter", "{petName}", ("id", "name"), "name"),
    ("a number", "{order_number}", ("number", "id"), "number"),
    ("another word for id", "{petId}", ("uuid", "name"), "uuid"),
    ("its own id spelled out", "{id}", ("petId", "name"), "petId"),
    ("id for want of better", "{reference}", ("id", "name"), "id"),
    ("no property at all", "{reference}", ("name", "age"), None),
]


@pytest.mark.parametrize(("sentence", "slot", "names", "key"), KEYS, ids=[row[0] for row in KEYS])
def test_the_key_is(sentence: str, slot: str, names: tuple[str, ...], key: str | None) -> None:
    item = record(*names)
    paths = {"/pets": {"get": operation({"type": "array", "items": item})}, f"/pets/{slot}": {"get": operation(item)}}
    assert understand(paths).collections["pets"].get("key") == key


def test_a_list_without_paths_to_its_records_has_an_id() -> None:
    assert understand({"/pets": LIST}).collections == {"pets": {"key": "id", "records": 50}}


def test_an_object_is_no_key() -> None:
    item = {"type": "object", "properties": {"id": {"type": "object", "properties": {"a": {}}}, "name": {}}}
    paths = {"/pets": {"get": operation({"type": "array", "items": item})}, "/pets/{id}": {"get": operation(item)}}
    assert "key" not in understand(paths).collections["pets"]


def test_a_get_that_nothing_lists_is_a_collection_of_its_own() -> None:
    known = understand({"/orders/{orderId}": {"get": operation(record("id", "state"))}})
    assert known.get("/orders/{orderId}") == {"get": "orders", "key": "orderId"}
    assert known.confidence("I1") == "likely"


def test_a_list_without_records_of_its_own_is_a_view() -> None:
    known = understand({"/pets": LIST, "/pets/{id}": GET, "/pets/new": LIST, "/users/{userId}/pets": LIST})
    assert known.get("/pets/new") == {"list": "pets"}
    assert known.get("/users/{userId}/pets") == {"list": "pets", "parents": {"userId": "userId"}}
    assert list(known.collections) == ["pets"]


def test_lists_with_records_of_their_own_are_collections_of_their_own() -> None:
    paths = {"/pets": LIST, "/pets/{id}": GET, "/guests": LIST, "/guests/{id}": GET, "/rest": LIST}
    known = understand(paths)
    assert list(known.collections) == ["pets", "guests", "rest"]


def test_finders_beside_a_record_are_views_of_one_collection() -> None:
    known = understand({"/pet/findByTags": LIST, "/pet/findByStatus": LIST, "/pet/{petId}": GET})
    assert [known.get(path) for path in ("/pet/findByTags", "/pet/findByStatus")] == [{"list": "pet"}] * 2
    assert known.get("/pet/{petId}") == {"get": "pet", "key": "petId"}


def test_a_nested_list_and_its_records_elsewhere_are_one_collection() -> None:
    known = understand({"/users/{userId}/pets": LIST, "/pets/{petId}": GET})
    assert known.get("/pets/{petId}") == {"get": "users.pets", "key": "petId"}
    assert known.collections["users.pets"]["parents"] == {"userId": {}}


NESTED: dict[str, Any] = {"/pets": LIST, "/pets/{petId}": GET, "/pets/{petId}/toys": TOYS}


def test_a_parent_is_the_collection_above_and_the_property_that_names_it() -> None:
    known = understand(NESTED)
    assert known.get("/pets/{petId}/toys") == {"list": "pets.toys", "parents": {"petId": "petId"}}
    assert known.collections["pets.toys"]["parents"] == {"petId": {"collection": "pets", "field": "pet_id"}}


def test_a_parent_by_id_is_named_by_its_word() -> None:
    paths = {"/pets": LIST, "/pets/{id}": GET, "/pets/{id}/toys": TOYS}
    parents = understand(paths).collections["pets.toys"]["parents"]
    assert parents == {"id": {"collection": "pets", "field": "pet_id"}}


def test_parents_of_one_name_are_told_apart() -> None:
    paths = {"/pets": LIST, "/pets/{id}": GET, "/users/{id}/pets": LIST, "/shops/{id}/pets": LIST}
    known = understand(paths)
    assert known.get("/users/{id}/pets")["parents"] == {"id": "id"}
    assert known.get("/shops/{id}/pets")["parents"] == {"id": "shop_id"}


def test_a_parent_that_two_paths_name_otherwise_is_one() -> None:
    known = understand({**NESTED, "/pets/{pet_id}/toys/{toyId}": {"get": operation(TOY)}})
    assert known.get("/pets/{pet_id}/toys/{toyId}")["parents"] == {"pet_id": "petId"}


def test_names_are_told_apart() -> None:
    paths = {"/a/things": LIST, "/b/things": LIST, "/v1/things": LIST, "/": LIST, "/c/{id}/things": LIST}
    assert len(understand(paths).collections) == 5


def test_a_name_of_the_author_is_taken_up() -> None:
    mine = {"get": operation(MANY, **{"x-effect": {"list": "animals"}})}
    known = understand({"/pets": mine, "/pets/{petId}": GET})
    assert known.get("/pets/{petId}") == {"get": "animals", "key": "petId"}
    assert known.collections["animals"]["key"] == "id"


def test_one_path_under_two_names_is_one_list() -> None:
    paths = {"/users/{id}/pets": LIST, "/users/{name}/pets": {"post": operation(ONE), "get": operation(MANY)}}
    assert len(understand(paths).collections) == 1


def test_a_circle_of_schemas_ends() -> None:
    looped = {"Node": {"allOf": [{"$ref": "#/components/schemas/Node"}], "properties": {"id": {"type": "string"}}}}
    node = {"$ref": "#/components/schemas/Node"}
    paths = {"/nodes": {"get": {"responses": answer({"type": "array", "items": node})}}}
    assert document(paths, schemas=looped)
    assert understand(paths, schemas=looped).get("/nodes") == {"list": "nodes"}


def test_of_alike_paths_the_one_by_id_is_the_record() -> None:
    item = record("petId", "petNumber")
    one = {"get": operation(item)}
    paths = {
        "/pets": {"get": operation({"type": "array", "items": item})},
        "/pets/{petNumber}": one,
        "/pets/{petId}": one,
    }
    known = understand(paths)
    assert known.collections["pets"]["key"] == "petId"
    assert known.get("/pets/{petId}") == {"get": "pets", "key": "petId"}
    assert known.get("/pets/{petNumber}") is None


def test_a_parent_that_only_a_record_far_off_has_selects_nothing() -> None:
    known = understand({"/pets": LIST, "/shops/{shop}/pet/{id}": GET})
    assert known.get("/shops/{shop}/pet/{id}") == {"get": "pets", "key": "id"}


def test_paths_that_differ_in_their_query_are_not_one() -> None:
    known = understand({"/rest?method=pets": LIST, "/rest?method=toys": TOYS})
    assert len(known.collections) == 2


def test_alike_paths_that_list_other_things_are_not_one() -> None:
    known = understand(
        {
            "/{user}/things": LIST,
            "/{shop}/things": {
                "get": operation(
                    {"type": "array", "items": {"type": "object", "properties": {"weight": {"type": "number"}}}},
                ),
            },
        },
    )
    assert len(known.collections) == 2


def test_what_an_author_gives_the_name_of_another_collection_belongs_to_it() -> None:
    other = {"get": operation({"type": "array", "items": TOY}, **{"x-effect": {"list": "pets"}})}
    known = understand({"/pets": LIST, "/pets/{petId}": GET, "/favourites": other})
    assert list(known.collections) == ["pets"]
    assert known.get("/pets") == {"list": "pets"}


def test_a_parent_by_another_property_than_the_key_is_not_known() -> None:
    paths = {"/pets": LIST, "/pets/{petId}": GET, "/pets/{petName}/toys": TOYS}
    assert understand(paths).collections["pets.toys"]["parents"] == {"petName": {}}


def test_a_record_two_levels_down_is_found() -> None:
    inner = {"type": "object", "properties": {"name": ONE}}
    known = understand(
        {"/pets": LIST, "/pets/{id}": {"get": operation({"type": "object", "properties": {"data": inner}})}},
    )
    assert known.get("/pets/{id}") == {"get": "pets", "at": "/data/name", "key": "id"}
