"""The published documents say nothing that generators of clients stumble over; what the engine plays by stays as it is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mock_server.contract import find_places
from mock_server.contract.documents import resolve
from mock_server.server.api_docs import publish
from mock_server.server.published import make_publishable
from mock_server.sessions.dispatch import MockApis
from tests.conftest import LISTS, Ask

Schema = dict[str, Any]


def kinds_of(schema: Schema) -> list[str]:
    """The types a schema allows, as a list."""
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]


RULES: list[Any] = [
    pytest.param(
        lambda schema, inside: (
            isinstance(schema.get("const", ""), str | int) and not isinstance(schema.get("const"), bool)
        ),
        id="constants are text or whole numbers",
    ),
    pytest.param(
        lambda schema, inside: len({type(value) for value in schema.get("enum", ()) if value is not None}) < 2,
        id="values of an enumeration are of one type",
    ),
    pytest.param(
        lambda schema, inside: (
            not schema.get("enum") or "string" in kinds_of(schema) or not isinstance(schema["enum"][0], str)
        ),
        id="an enumeration of words is text",
    ),
    pytest.param(lambda schema, inside: "anyOf" not in schema or not inside, id="a parameter has one form"),
    pytest.param(lambda schema, inside: "array" not in kinds_of(schema) or "items" in schema, id="an array has items"),
    pytest.param(lambda schema, inside: kinds_of(schema) != ["null"], id="nothing is null only"),
]


def schemas_of(document: Any) -> Iterator[tuple[str, Schema]]:
    """Every schema of a document, with its pointer."""
    for place, pointer, node in find_places(document):
        if place == "schema":
            yield pointer, node


@pytest.mark.parametrize("name", list(LISTS))
@pytest.mark.parametrize("holds", RULES)
def test_a_published_document_is_plain(name: str, holds: Callable[[Schema, bool], bool], apis: MockApis) -> None:
    document = publish(apis.apis[name], "http://mock.test")
    odd = [pointer for pointer, schema in schemas_of(document) if not holds(schema, "/parameters/" in pointer)]
    assert not odd


@pytest.mark.parametrize("name", list(LISTS))
def test_publishing_changes_nothing_that_is_played(name: str, apis: MockApis) -> None:
    document = apis.apis[name].contract.document
    before = copy.deepcopy(document)
    publish(apis.apis[name], "http://mock.test")
    assert document == before


@pytest.mark.parametrize("name", list(LISTS))
def test_every_answer_is_as_published(name: str, apis: MockApis, ask: Ask) -> None:
    """The plain form allows whatever the contract allows."""
    published = publish(apis.apis[name], "http://mock.test")
    operation = next(operation for operation in apis.apis[name].contract.operations if operation.is_list)
    path = next(
        path for path, item in published["paths"].items() if item.get("get", {}).get("operationId") == operation.id
    )
    reply = resolve(published, published["paths"][path]["get"]["responses"]["200"])
    schema = reply["content"]["application/json"]["schema"]
    body = json.loads(ask(LISTS[name]).body)
    assert not [error.message for error in Draft202012Validator(schema).iter_errors(body)]


def one(schema: Schema, in_body: bool = False) -> Schema:
    """A schema as it is published, in a parameter or in a body."""
    node: Schema = {"parameters": [{"name": "x", "in": "query", "schema": schema}], "responses": {}}
    if in_body:
        node = {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}
    published = make_publishable({"paths": {"/x": {"get": node}}, "components": {}})["paths"]["/x"]["get"]
    found: Schema = (
        published["responses"]["200"]["content"]["application/json"]["schema"]
        if in_body
        else published["parameters"][0]["schema"]
    )
    return found


SAID: list[Any] = [
    pytest.param({"const": False}, True, {"type": "boolean", "examples": [False]}, id="a constant truth"),
    pytest.param({"const": None}, True, {"examples": [None]}, id="nothing"),
    pytest.param({"const": []}, True, {"type": "array", "examples": [[]], "items": {}}, id="an empty list"),
    pytest.param({"const": "a"}, True, {"const": "a"}, id="a word stays"),
    pytest.param({"const": 200}, True, {"const": 200}, id="a number stays"),
    pytest.param({"enum": ["a", 0, "0"]}, False, {"enum": ["a", "0"], "type": "string"}, id="words and numbers"),
    pytest.param({"enum": ["a", 0]}, True, {"examples": ["a", 0]}, id="words and numbers in a body"),
    pytest.param({"enum": ["a", None]}, True, {"enum": ["a", None]}, id="words or nothing stay"),
    pytest.param({"anyOf": [{"format": "date"}, {"pattern": "x"}]}, False, {"type": "string"}, id="forms of a text"),
    pytest.param(
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        False,
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        id="two types stay",
    ),
    pytest.param({"type": ["array", "null"]}, True, {"type": ["array", "null"], "items": {}}, id="an array or nothing"),
]


@pytest.mark.parametrize(("schema", "in_body", "published"), SAID)
def test_a_schema_is_said_plainly(schema: Schema, in_body: bool, published: Schema) -> None:
    assert one(schema, in_body) == published
