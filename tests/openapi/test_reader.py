"""Documents of every version and form are read: what stands in them afterwards, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.errors import ContractError
from mock_server.openapi import Document, Source, read_document

MINIMAL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"204": {"description": ""}}}}},
}


def read(text: str | bytes | dict[str, Any], folder: Path | None = None, file: str = "pets.yaml") -> Document:
    content = json.dumps(text) if isinstance(text, dict) else text
    return read_document(Source(content.encode() if isinstance(content, str) else content, file, folder))


def write(folder: Path, **files: Any) -> Path:
    """Files by their name, `__` for a slash and `_` before the ending; the first is the document."""
    paths = []
    for name, content in files.items():
        path = folder / (name.replace("__", "/").rsplit("_", 1)[0] + "." + name.rsplit("_", 1)[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        paths.append(path)
    return paths[0]


FORMS = [
    pytest.param('{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {}}}}}}', id="JSON"),
    pytest.param("openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {}}}}}", id="YAML, its statuses numbers"),
    pytest.param("{openapi: 3.1.0, paths: {/a: {get: {responses: {200: {}}}}}}", id="YAML that begins as JSON does"),
    pytest.param("\ufeffopenapi: '3.1.0'\npaths:\n  /a: {get: {responses: {'200': {}}}}\n", id="with a mark before it"),
]


@pytest.mark.parametrize("text", FORMS)
def test_a_document_is_read_in_any_form(text: str) -> None:
    assert read(text).root["paths"] == {"/a": {"get": {"responses": {"200": {}}}}}


VALUES = [
    ("NO", "NO"),
    ("2020-01-01", "2020-01-01"),
    ("007", "007"),
    ("18:00", "18:00"),
    ("1_000", "1_000"),
    ("~", None),
]


@pytest.mark.parametrize(("written", "value"), [*VALUES, ("true", True), ("1.5", 1.5), ("0x1F", 31), ("!x 5", "5")])
def test_a_value_of_yaml_is_what_its_author_sees(written: str, value: Any) -> None:
    assert read(f"openapi: 3.1.0\nx-a: {written}\npaths: {{}}").root["x-a"] == value


def test_references_lead_to_other_files(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        api_yaml={
            **MINIMAL,
            "openapi": "3.0.0",
            "paths": {"/pets": {"$ref": "paths/pets.json"}, "/cats": {"$ref": "./paths%2Fpets.json"}},
        },
        paths__pets_json={"get": {"responses": {"200": {"$ref": "../responses.json#/Pets"}}}},
        responses_json={"Pets": {"content": {"application/json": {"schema": {"$ref": "schemas/pet.yaml#/Pet"}}}}},
        schemas__pet_yaml={
            "Pet": {"properties": {"a": {"$ref": "#/Age"}}},
            "Age": {"type": "integer", "nullable": True},
        },
    )
    document = read_document(path)
    assert document.warnings == ()
    assert [operation.name for operation in document.operations] == ["GET /pets", "GET /cats"]
    response = document.find_responses(document.operations[0])["200"]
    pet = document.resolve(document.find_content(response)["application/json"].node)
    assert document.resolve(pet["properties"]["a"]) == {"type": ["integer", "null"]}
    assert set(document.root["x-files"]) == {"paths/pets.json", "responses.json", "schemas/pet.yaml"}


def test_parts_of_swagger_in_other_files_are_lifted(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        api_json={
            "swagger": "2.0",
            "paths": {"/pets": {"$ref": "paths.json#/pets"}},
            "definitions": {"Pet": {"type": "object"}},
        },
        paths_json={
            "pets": {
                "post": {
                    "parameters": [{"$ref": "#/body"}, {"in": "query", "name": "a", "type": "integer"}],
                    "responses": {"200": {"description": "", "schema": {"$ref": "api.json#/definitions/Pet"}}},
                },
            },
            "body": {"in": "body", "name": "b", "schema": {"type": "string"}},
        },
    )
    operation = read_document(path).operations[0]
    assert operation.node["requestBody"] == {"content": {"application/json": {"schema": {"type": "string"}}}}
    assert [each.node["schema"] for each in operation.parameters] == [{"type": "integer"}]
    assert operation.node["responses"]["200"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}},
    }


NAMED = [
    ({"$ref": "#node"}, {"$ref": "#/components/schemas/Node"}),
    ({"$dynamicRef": "#node"}, {"$ref": "#/components/schemas/Node"}),
    ({"$ref": "https://example.com/node.json"}, {"$ref": "#/components/schemas/Node"}),
    ({"$ref": "#/components/schemas/A%7B1%7D"}, {"$ref": "#/components/schemas/A{1}"}),
    ({"title": "t", "$ref": "#nothing"}, {"title": "t"}),
]


@pytest.mark.parametrize(("written", "read_as"), NAMED)
def test_a_reference_by_a_name_becomes_one_by_its_place(written: dict[str, Any], read_as: dict[str, Any]) -> None:
    node = {"$id": "https://example.com/node.json", "$dynamicAnchor": "node", "type": "object"}
    document = read({**MINIMAL, "components": {"schemas": {"Node": node, "A{1}": {}, "B": {"items": written}}}})
    assert document.root["components"]["schemas"]["B"] == {"items": read_as}


def test_a_discriminator_leads_to_other_files(tmp_path: Path) -> None:
    pet = {"discriminator": {"propertyName": "kind", "mapping": {"cat": "cat.yaml", "dog": "#/Dog", "ape": "x.json"}}}
    path = write(
        tmp_path,
        api_json={**MINIMAL, "components": {"schemas": {"Pet": {"$ref": "pets/pet.json#/Pet"}}}},
        pets__pet_json={"Pet": pet, "Dog": {}},
        pets__cat_yaml={"type": "object"},
    )
    document = read_document(path)
    assert document.at("/x-files/pets~1pet.json/Pet/discriminator/mapping") == {
        "cat": "#/x-files/pets~1cat.yaml",
        "dog": "#/x-files/pets~1pet.json/Dog",
    }
    assert [warning.pointer for warning in document.warnings] == ["/Pet/discriminator/mapping/ape"]


def test_data_holds_no_references() -> None:
    data = {"$ref": "http://nowhere"}
    schema = {
        "example": data,
        "default": data,
        "enum": [data],
        "properties": {"default": {"$ref": "#/components/schemas/B"}},
    }
    document = read({**MINIMAL, "components": {"schemas": {"A": schema, "B": {}}}, "x-more": data})
    assert document.warnings == () and document.root["components"]["schemas"]["A"]["default"] == data


NAMES = [
    ("petstore.yaml", "shop", "Pets", "petstore"),
    ("openapi.yaml", "shop", "Pets", "shop"),
    ("swagger.json", None, "Pet Store API", "Pet-Store-API"),
    ("my pets (v2).json", "shop", "", "my-pets-v2"),
    ("3scale.yml", "shop", "", "api-3scale"),
    ("каталог.yaml", "shop", "", "api"),
    ("petstore.openapi.yaml", "shop", "", "petstore"),
]


@pytest.mark.parametrize(("file", "folder", "title", "name"), NAMES)
def test_a_provider_is_called_as_its_file_or_folder(file: str, folder: str | None, title: str, name: str) -> None:
    text = {**MINIMAL, "info": {"title": title, "version": "1"}}
    assert read(text, Path("/somewhere") / folder if folder else None, file).name == name


ODD = [
    ({"info": None}, "/info", "is missing"),
    ({"paths": []}, "/paths", "is no mapping"),
    ({"openapi": "4.2"}, "/openapi", "version '4.2' is not known"),
    ({"paths": {"pets": {}}}, "/paths/pets", "begins with /"),
    ({"paths": {"/a": {"get": 5}}}, "/paths/~1a/get", "is no operation"),
    ({"paths": {"/a": {"get": {}}}}, "/paths/~1a/get/responses", "is missing"),
    ({"paths": {"/a": {"get": {"responses": {"ok": {}}}}}}, "/paths/~1a/get/responses/ok", "is no status"),
    ({"paths": {"/a": {"parameters": {}}}}, "/paths/~1a/parameters", "is no list"),
    ({"paths": {"/a": {"parameters": [{"name": "b"}]}}}, "/paths/~1a/parameters/0", "has a `name`"),
    (
        {"paths": {"/a": {"get": {"responses": {}, "security": [{"key": []}]}}}},
        "/paths/~1a/get/security/0",
        "no security scheme 'key'",
    ),
]


@pytest.mark.parametrize(("members", "pointer", "problem"), ODD, ids=[problem for _, _, problem in ODD])
def test_what_is_odd_is_a_warning(members: dict[str, Any], pointer: str, problem: str) -> None:
    warnings = {each.pointer: each.problem for each in read({**MINIMAL, **members}).warnings}
    assert problem in warnings[pointer]


REFUSED = [
    ("https://example.com/pet.json", "nothing is fetched"),
    ("file:///etc/passwd", "nothing is fetched"),
    ("../outside.json", "outside the folder"),
    ("/etc/passwd", "outside the folder"),
    ("missing.json", "no such file"),
    ("#/components/schemas/Missing", "does not exist"),
    ("#/components/schemas/Itself", "leads to itself"),
    ("broken.json#/a", "is not JSON"),
]


@pytest.mark.parametrize(("reference", "problem"), REFUSED)
def test_what_a_reference_cannot_lead_to_is_anything(reference: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text("{}", encoding="utf-8")
    schemas = {"A": {"items": {"$ref": reference, "title": "t"}}, "Itself": {"$ref": "#/components/schemas/Itself"}}
    path = write(tmp_path / "in", api_json={**MINIMAL, "components": {"schemas": schemas}}, broken_json='{"a"')
    document = read_document(path)
    assert document.root["components"]["schemas"]["A"] == {"items": {"title": "t"}}
    assert problem in " ".join(map(str, document.warnings))


UNREADABLE = [
    (b"", "is no OpenAPI document"),
    (b"[]", "is no OpenAPI document"),
    (b"a: [", "is not YAML"),
    (b'{"openapi": "3.1.0",\n"paths": {', "is not JSON: Expecting property name enclosed in double quotes in line 2"),
]


@pytest.mark.parametrize(("content", "problem"), UNREADABLE)
def test_a_text_that_says_nothing_is_refused_in_a_sentence(content: bytes, problem: str) -> None:
    with pytest.raises(ContractError) as caught:
        read(content)
    assert problem in str(caught.value)
