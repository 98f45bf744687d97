"""`understudy diff`: every rule has a row; what a client sends and what it receives vary in opposite directions."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_tests.diff import RULES, compare_contracts
from mock_server.sessions.factory import find_home
from tests.command_line import understudy
from tests.conftest import ROOT

THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "kind": {"type": "string", "enum": ["new", "used"]},
        "name": {"type": "string", "maxLength": 50},
        "made": {"type": "string", "format": "date"},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        "price": {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"cents": {"type": "integer"}}}]},
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Acme", "version": "1"},
    "servers": [{"url": "https://api.acme.test/v1"}],
    "security": [{"key": []}],
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "size", "in": "query", "schema": {"type": "integer", "maximum": 100, "default": 20}},
                    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["id", "name"]}},
                    {"name": "code", "in": "query", "schema": {"type": ["string", "null"], "pattern": "^[a-z]+$"}},
                    {"name": "when", "in": "query", "schema": {"oneOf": [{"type": "string"}, {"type": "integer"}]}},
                ],
                "responses": {
                    "200": {
                        "headers": {"X-Total": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"content": {"application/json": {"schema": {"type": "object"}}}},
                },
            },
        },
        "/things": {
            "post": {
                "operationId": "addThing",
                "parameters": [],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"name": {"type": "string"}, "note": {"type": "integer"}},
                            },
                        },
                    },
                },
                "responses": {"201": {}},
            },
        },
    },
    "components": {
        "schemas": {"Thing": THING},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "token": {"type": "http", "scheme": "bearer"},
        },
    },
}

GET, POST = "paths./things/{id}.get", "paths./things.post"
MEMBERS, BODY = "components.schemas.Thing.properties", f"{POST}.requestBody.content.application/json.schema"
OPTIONAL = {"name": "more", "in": "query", "schema": {"type": "string"}}
NOTHING: dict[str, Any] = {}

ROWS: list[tuple[str, str, Any, list[tuple[str, str]]]] = [
    ("another base path", "servers.0.url", "https://api.acme.test/v2", [("server.base_path", "")]),
    ("another host", "servers.0.url", "https://acme.test/v1", [("server.host", "")]),
    ("a path gone", "paths./things", None, [("operation.removed", "")]),
    (
        "a method more",
        f"{POST[:-5]}.get",
        {"operationId": "listThings", "responses": {}},
        [("operation.added", "")],
    ),
    ("another operationId", f"{GET}.operationId", "readThing", [("operation.id", "")]),
    ("deprecated", f"{GET}.deprecated", True, [("operation.deprecated", "")]),
    ("a path parameter renamed in its place only", f"{GET}.summary", "Get", []),
    ("a parameter gone", f"{GET}.parameters.2", None, [("parameter.removed", "?sort")]),
    ("a parameter more", f"{GET}.parameters.5", OPTIONAL, [("parameter.added", "?more")]),
    (
        "a required one more",
        f"{GET}.parameters.5",
        {**OPTIONAL, "required": True},
        [("parameter.added_required", "?more")],
    ),
    ("required now", f"{GET}.parameters.1.required", True, [("parameter.required", "?size")]),
    ("another default", f"{GET}.parameters.1.schema.default", 50, [("parameter.default", "?size")]),
    ("written in another way", f"{GET}.parameters.2.explode", False, [("parameter.style", "?sort")]),
    ("a smaller maximum", f"{GET}.parameters.1.schema.maximum", 50, [("request.bound_narrowed", "?size")]),
    ("a larger maximum", f"{GET}.parameters.1.schema.maximum", 500, [("request.bound_widened", "?size")]),
    ("an exclusive maximum", f"{GET}.parameters.1.schema.exclusiveMaximum", 100, [("request.bound_narrowed", "?size")]),
    ("no maximum", f"{GET}.parameters.1.schema.maximum", None, [("request.bound_widened", "?size")]),
    ("a minimum", f"{GET}.parameters.1.schema.minimum", 1, [("request.bound_narrowed", "?size")]),
    ("a value taken no more", f"{GET}.parameters.2.schema.enum", ["id"], [("request.enum_narrowed", "?sort")]),
    ("a value more", f"{GET}.parameters.2.schema.enum", ["id", "name", "age"], [("request.enum_widened", "?sort")]),
    ("other values", f"{GET}.parameters.2.schema.enum", ["id", "age"], [("request.enum_narrowed", "?sort")]),
    ("another pattern", f"{GET}.parameters.3.schema.pattern", "^[a-z]{3}$", [("request.form_narrowed", "?code")]),
    ("no pattern", f"{GET}.parameters.3.schema.pattern", None, [("request.form_widened", "?code")]),
    ("null taken no more", f"{GET}.parameters.3.schema.type", "string", [("request.type_narrowed", "?code")]),
    ("any number taken", f"{GET}.parameters.1.schema.type", "number", [("request.type_widened", "?size")]),
    ("a shape taken no more", f"{GET}.parameters.4.schema.oneOf.1", None, [("request.choice_narrowed", "?when")]),
    (
        "a shape more",
        f"{GET}.parameters.4.schema.oneOf.2",
        {"type": "boolean"},
        [("request.choice_widened", "?when")],
    ),
    ("no body", f"{POST}.requestBody", None, [("body.removed", "body")]),
    ("a body", f"{GET}.requestBody", {"content": {"text/plain": {}}}, [("body.added", "body")]),
    ("a body required", f"{POST}.requestBody.required", True, [("body.required", "body")]),
    (
        "another media type of the body",
        f"{POST}.requestBody.content",
        {"text/csv": {}},
        [("body.media_type_removed", "body"), ("body.media_type_added", "body")],
    ),
    ("a member read no more", f"{BODY}.properties.note", None, [("request.member_removed", "body/note")]),
    (
        "a member of another name",
        f"{BODY}.properties",
        {"name": {"type": "string"}, "remark": {"type": "integer"}},
        [("request.member_renamed", "body/note")],
    ),
    ("an optional member", f"{BODY}.properties.size", {"type": "null"}, [("request.member_added", "body/size")]),
    ("a member required now", f"{BODY}.required", ["name", "note"], [("request.member_required", "body/note")]),
    ("a member optional now", f"{BODY}.required", [], [("request.member_optional", "body/name")]),
    (
        "another success",
        f"{GET}.responses",
        {"206": DOCUMENT["paths"]["/things/{id}"]["get"]["responses"]["200"], "404": {}},
        [("status.removed", ""), ("status.added", "")],
    ),
    ("an error no more", f"{GET}.responses.404", None, [("status.error_removed", "")]),
    ("an error more", f"{GET}.responses.429", NOTHING, [("status.error_added", "")]),
    (
        "another media type",
        f"{GET}.responses.200.content",
        {"application/xml": {}},
        [("media_type.removed", ""), ("media_type.added", "")],
    ),
    ("a header gone", f"{GET}.responses.200.headers.X-Total", None, [("header.removed", "200 x-total")]),
    ("a header more", f"{GET}.responses.200.headers.Link", NOTHING, [("header.added", "200 link")]),
    ("another credential", f"{GET}.security", [{"token": []}], [("security.removed", ""), ("security.added", "")]),
    ("one more is enough", f"{GET}.security", [{"key": []}, {"token": []}], [("security.added", "")]),
    ("both are needed", f"{GET}.security", [{"key": [], "token": []}], [("security.removed", "")]),
    ("a member gone", f"{MEMBERS}.name", None, [("response.member_removed", "/name")]),
    ("a member more", f"{MEMBERS}.size", {"type": "boolean"}, [("response.member_added", "/size")]),
    (
        "a member renamed",
        MEMBERS,
        {**{k: v for k, v in THING["properties"].items() if k != "made"}, "created": THING["properties"]["made"]},
        [("response.member_renamed", "/made")],
    ),
    ("missing at times", "components.schemas.Thing.required", ["id"], [("response.member_optional", "/kind")]),
    (
        "always there",
        "components.schemas.Thing.required",
        ["id", "kind", "name"],
        [("response.member_required", "/name")],
    ),
    ("null at times", f"{MEMBERS}.name.type", ["string", "null"], [("response.type_widened", "/name")]),
    ("nullable, as 3.0 says it", f"{MEMBERS}.name.nullable", True, [("response.type_widened", "/name")]),
    ("another type", f"{MEMBERS}.id.type", "string", [("response.type_widened", "/id")]),
    ("a number", f"{MEMBERS}.id.type", "number", [("response.type_widened", "/id")]),
    ("a new value", f"{MEMBERS}.kind.enum", ["new", "used", "lost"], [("response.enum_widened", "/kind")]),
    ("a value less", f"{MEMBERS}.kind.enum", ["new"], [("response.enum_narrowed", "/kind")]),
    ("a longer text", f"{MEMBERS}.name.maxLength", 80, [("response.bound_widened", "/name")]),
    ("a shorter text", f"{MEMBERS}.name.maxLength", 20, [("response.bound_narrowed", "/name")]),
    ("another form", f"{MEMBERS}.made.format", "date-time", [("response.form_widened", "/made")]),
    ("a form", f"{MEMBERS}.name.format", "email", [("response.form_narrowed", "/name")]),
    (
        "a shape more in an answer",
        f"{MEMBERS}.price.oneOf.2",
        {"type": "null"},
        [("response.choice_widened", "/price")],
    ),
    ("a shape less in an answer", f"{MEMBERS}.price.oneOf.1", None, [("response.choice_narrowed", "/price")]),
    (
        "a shape changed",
        f"{MEMBERS}.price.oneOf.1.properties.cents.type",
        "string",
        [("response.type_widened", "/price/cents")],
    ),
    ("no list any more", f"{MEMBERS}.parts", {"type": "string"}, [("response.type_widened", "/parts")]),
    ("words for people", f"{MEMBERS}.name.description", "A name", []),
    ("an annotation", f"{MEMBERS}.name.x-faker", "word", []),
]
"""A change by its path in the document (None: taken away), and the rules and places that report it."""

REVERSED = {
    "response.type_narrowed": "null at times",
    "request.member_added_required": "",
    "parameter.optional": "required now",
    "body.optional": "a body required",
}
"""Rules that a row proves the other way round."""


def changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    *steps, last = path.replace("application/json", "application~json").split(".")
    node: Any = document
    for step in (step.replace("~", "/") for step in steps):
        node = node[int(step)] if isinstance(node, list) else node[step]
    last = last.replace("~", "/")
    if isinstance(node, list):
        node[int(last) : int(last) + 1] = [] if value is None else [value]
    elif value is None:
        del node[last]
    else:
        node[last] = value
    return document


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    findings = compare_contracts({"acme": old}, {"acme": new})
    return [(finding.check.removeprefix("diff."), finding.place) for finding in findings]


@pytest.mark.parametrize(("path", "value", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_change_is_reported_by_its_rule_and_by_no_other(
    path: str,
    value: Any,
    expected: list[tuple[str, str]],
) -> None:
    # A thing has things as parts: the second place of a change is the same place in these.
    assert [row for row in changes(DOCUMENT, changed(path, value)) if "/parts/" not in row[1]] == expected


@pytest.mark.parametrize(("rule", "row"), [pair for pair in REVERSED.items() if pair[1]])
def test_the_other_way_round(rule: str, row: str) -> None:
    path, value = next(each[1:3] for each in ROWS if each[0] == row)
    assert rule in {name for name, _ in changes(changed(path, value), DOCUMENT)}


def test_a_new_member_that_is_required() -> None:
    body = {"type": "object", "required": ["size"], "properties": {"size": {"type": "string"}}}
    old = changed(f"{BODY}.required", [])
    new = changed(BODY, {**body, "properties": {**body["properties"], **_body_members()}})  # type: ignore[dict-item]
    assert changes(old, new) == [("request.member_added_required", "body/size")]


def _body_members() -> dict[str, Any]:
    body = DOCUMENT["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    members = body["properties"]
    assert isinstance(members, dict)
    return members


def test_every_rule_has_a_row() -> None:
    proven = {rule for *_, expected in ROWS for rule, _ in expected} | set(REVERSED)
    assert set(RULES) - proven == {"provider.removed", "provider.added"}


def test_a_path_parameter_may_be_called_anything() -> None:
    text = (
        json.dumps(DOCUMENT)
        .replace("{id}", "{thing}")
        .replace('"name": "id", "in": "path"', '"name": "thing", "in": "path"')
    )
    assert changes(DOCUMENT, json.loads(text)) == []


def test_a_type_is_read_from_its_values() -> None:
    assert changes(DOCUMENT, changed(f"{MEMBERS}.kind", {"enum": ["new", "used"]})) == []


def diff(*arguments: str | Path, cwd: Path = ROOT) -> tuple[int, str]:
    done = understudy("diff", *map(str, arguments), cwd=cwd)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_documents_and_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(changed(f"{MEMBERS}.name", None)))
    code, printed = diff("old.json", "new.yaml", cwd=tmp_path)
    assert code == 1 and "breaking new getThing response.member_removed /name" in printed
    assert "A client breaks: " in printed
    assert diff("old.json", "old.json", cwd=tmp_path) == (0, "No client breaks: 0 changes.\n")
    code, printed = diff("new.yaml", "old.json", "--format", "json", cwd=tmp_path)
    report = json.loads(printed)
    assert code == 0 and report["counts"]["breaking"] == 0 and report["changes"][0]["rule"] == "response.member_added"


def test_folders_of_providers(tmp_path: Path) -> None:
    shutil.copytree(find_home(), tmp_path / "new")
    shutil.rmtree(tmp_path / "new" / "yativo")
    code, printed = diff(find_home(), tmp_path / "new")
    assert code == 1 and "breaking yativo provider.removed" in printed
    one = tmp_path / "new" / "fatora"
    file = one / "openapi.yaml"
    file.write_text(file.read_text().replace("maximum: 100, default: 20", "maximum: 50, default: 20"))
    code, printed = diff(find_home() / "fatora", file)
    assert code == 1 and "fatora listClients request.bound_narrowed ?page_size" in printed
    assert "old  maximum 100\n  new  maximum 50" in printed


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "a: 1", "is no OpenAPI document"),
        ("a.yaml", "a: [", "a.yaml"),
        ("a.yaml", "openapi: 3.1.0\npaths: {/a: {$ref: b.yaml}}", "No contract was found in"),
    ],
)
def test_what_is_no_contract_is_a_sentence(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    code, printed = diff(name, name, cwd=tmp_path)
    assert code == 2 and said in printed


def test_documents_of_other_versions_are_compared_as_what_they_mean(tmp_path: Path) -> None:
    place = {"name": "size", "in": "query"}
    reply = {"type": "object", "properties": {"id": {"type": "string"}}}
    swagger = {
        "swagger": "2.0",
        "info": {"title": "Acme", "version": "1"},
        "host": "acme.test",
        "basePath": "/v1",
        "schemes": ["https"],
        "produces": ["application/json"],
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "parameters": [{**place, "type": "integer", "maximum": 100}],
                    "responses": {"200": {"description": "ok", "schema": reply}},
                },
            },
        },
    }
    content = {"application/json": {"schema": reply}}
    newer = {
        "openapi": "3.0.3",
        "info": {"title": "Acme", "version": "1"},
        "servers": [{"url": "https://acme.test/v1"}],
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "parameters": [
                        {**place, "schema": {"type": "integer", "maximum": 100, "exclusiveMaximum": True}},
                    ],
                    "responses": {"200": {"description": "ok", "content": content}},
                },
            },
        },
    }
    (tmp_path / "old.json").write_text(json.dumps(swagger))
    (tmp_path / "new.json").write_text(json.dumps(newer))
    code, printed = diff("old.json", "new.json", cwd=tmp_path)
    assert code == 1 and "listThings request.bound_narrowed ?size" in printed and "1 breaking." in printed
