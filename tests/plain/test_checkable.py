"""A plain document as the harness takes it: an annotated contract of what can be asked."""

from __future__ import annotations

from mock_server.contract import find_record_place, load_document
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract, make_checkable
from tests.plain.playing import PETSTORE


def test_lists_and_gets_are_said_in_the_words_of_a_contract() -> None:
    contract = make_checkable(load_plain_contract(Document("pets", load_document(PETSTORE), "Pets")))
    by_path = {operation.path: operation for operation in contract.operations if operation.method == "GET"}
    assert set(by_path) == {"/v1/pets", "/v1/pets/{petId}", "/v1/owners", "/v1/health"}
    pets, pet = by_path["/v1/pets"], by_path["/v1/pets/{petId}"]
    assert (pets.effect, pet.effect, pet.key) == ("list", "get", "petId")
    assert [p.page.role for p in pets.parameters if p.page] == ["number", "size"]
    place = find_record_place(pets.success.schema)
    assert place and (place.pointer, place.is_list) == ("/data", True)
    assert pets.errors.keys() == {"invalid"}


def test_a_schema_that_contains_itself_is_written_out_once() -> None:
    tree = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "description": {"type": "string"},
            "child": {"$ref": "#/components/schemas/T"},
        },
    }
    listing = {
        "x-effect": {"list": "trees"},
        "responses": {
            "200": {
                "description": "",
                "content": {
                    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/T"}}},
                },
            },
        },
    }
    root = {
        "x-collections": {"trees": {"key": "id"}},
        "paths": {"/trees": {"get": listing}},
        "components": {"schemas": {"T": tree}},
    }
    contract = make_checkable(load_plain_contract(Document("trees", root, "Trees")))
    item = contract.operations[0].success.schema
    assert item and item["items"]["properties"]["child"] == {} and "description" in item["items"]["properties"]


def test_writes_are_said_with_their_effects_and_lead_from_what_creates_to_what_changes() -> None:
    contract = make_checkable(load_plain_contract(Document("pets", load_document(PETSTORE), "Pets")))
    writes = {operation.method: operation for operation in contract.operations if operation.method != "GET"}
    effects = [(each.effect, each.collection, each.key) for each in writes.values()]
    assert effects == [("create", "pets", ""), ("delete", "pets", "petId")]
    node = contract.document["paths"]["/pets"]["post"]
    assert node["x-effect"] == {"create": "pets", "answers": "record"}
    links = node["responses"]["201"]["links"]
    assert links["delete-pets-petId"]["parameters"] == {"petId": "$response.body#/id"}
    assert node["requestBody"]["content"]["application/json"]["schema"]["required"] == ["id", "name"]
