"""Older documents lifted to OpenAPI 3.1: each row is one thing that is said in another way now."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mock_server.contract.upgrade import find_original, upgrade
from mock_server.contract.upgrade_schema import upgrade_schema

SCHEMAS = [
    pytest.param({"type": "string", "nullable": True}, {"type": ["string", "null"]}, id="null becomes a type"),
    pytest.param(
        {"type": "string", "enum": ["a"], "nullable": True},
        {"type": ["string", "null"], "enum": ["a", None]},
        id="and a value of its enumeration",
    ),
    pytest.param(
        {"type": "string", "enum": ["a", None], "nullable": True},
        {"type": ["string", "null"], "enum": ["a", None]},
        id="which may list it already",
    ),
    pytest.param({"type": "string", "nullable": False}, {"type": "string"}, id="what is not null says nothing"),
    pytest.param({"type": "string", "x-nullable": True}, {"type": ["string", "null"]}, id="as Swagger 2.0 says it"),
    pytest.param(
        {"$ref": "#/a", "nullable": True, "description": "d"},
        {"description": "d", "anyOf": [{"$ref": "#/a"}, {"type": "null"}]},
        id="beside a reference it is meant as it reads",
    ),
    pytest.param(
        {"$ref": "#/a", "type": "string", "maxLength": 3, "readOnly": True, "x-b": 1},
        {"$ref": "#/a", "readOnly": True, "x-b": 1},
        id="what else stands beside a reference was passed over",
    ),
    pytest.param(
        {"allOf": [{"$ref": "#/a"}], "nullable": True},
        {"anyOf": [{"allOf": [{"$ref": "#/a"}]}, {"type": "null"}]},
        id="around a composition",
    ),
    pytest.param(
        {"minimum": 1, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": False},
        {"exclusiveMinimum": 1, "maximum": 9},
        id="a bound that is excluded is the bound",
    ),
    pytest.param({"exclusiveMinimum": 1}, {"exclusiveMinimum": 1}, id="as it may be said already"),
    pytest.param({"example": 1}, {"examples": [1]}, id="an example becomes a list of one"),
    pytest.param({"example": 1, "examples": [2]}, {"examples": [2]}, id="unless there is one"),
    pytest.param({"type": "file"}, {"type": "string", "format": "binary"}, id="a file is bytes"),
    pytest.param({"discriminator": "kind"}, {"discriminator": {"propertyName": "kind"}}, id="a discriminator"),
    pytest.param(
        {"properties": {"nullable": {"type": "boolean", "nullable": True}}},
        {"properties": {"nullable": {"type": ["boolean", "null"]}}},
        id="a property may be named as a keyword is",
    ),
    pytest.param(
        {"items": {"nullable": True, "type": "number"}, "additionalProperties": False},
        {"items": {"type": ["number", "null"]}, "additionalProperties": False},
        id="below items; a boolean is a schema too",
    ),
    pytest.param(
        {"enum": [{"nullable": True}], "default": {"example": 1}},
        {"enum": [{"nullable": True}], "default": {"example": 1}},
        id="values are no schemas",
    ),
]


@pytest.mark.parametrize(("older", "newer"), SCHEMAS)
def test_a_schema_is_lifted(older: Any, newer: Any) -> None:
    before = copy.deepcopy(older)
    assert upgrade_schema(older) == newer
    assert older == before, "what is lifted is a copy"
    assert upgrade_schema(newer) == newer, "what is lifted already stays"


def lift(**members: Any) -> dict[str, Any]:
    return upgrade({"swagger": "2.0", "info": {}, "paths": {}, **members})


def lift_operation(**members: Any) -> Any:
    return lift(paths={"/a": {"post": {"responses": {}, **members}}})["paths"]["/a"]["post"]


def lift_parameter(**members: Any) -> Any:
    return lift_operation(parameters=[{"name": "p", "in": "query", **members}])["parameters"][0]


BODY = {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/A"}}
A = {"$ref": "#/components/schemas/A"}
SWAGGER = [
    pytest.param(
        lambda: lift(host="h:1", basePath="/v1/", schemes=["https", "http"])["servers"],
        [{"url": "https://h:1/v1"}, {"url": "http://h:1/v1"}],
        id="host, base path and schemes are servers",
    ),
    pytest.param(lambda: lift(basePath="v1")["servers"], [{"url": "/v1"}], id="a base path without a host"),
    pytest.param(
        lambda: lift(host="h")["servers"],
        [{"url": "https://h"}],
        id="a host without a scheme is asked by TLS",
    ),
    pytest.param(
        lambda: lift(definitions={"A": {"properties": {"b": {"$ref": "#/definitions/B"}}}})["components"]["schemas"],
        {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}}},
        id="definitions are schemas, and references follow them",
    ),
    pytest.param(
        lambda: lift_parameter(type="integer", minimum=0, exclusiveMinimum=True, description="d"),
        {"name": "p", "in": "query", "description": "d", "schema": {"type": "integer", "exclusiveMinimum": 0}},
        id="a parameter's keywords are its schema's",
    ),
    pytest.param(
        lambda: lift_parameter(**{"type": "string", "x-page": "number", "x-nullable": True}),
        {"name": "p", "in": "query", "x-page": "number", "x-nullable": True, "schema": {"type": ["string", "null"]}},
        id="its annotations stay its own",
    ),
    pytest.param(
        lambda: [
            lift_parameter(type="array", items={}, collectionFormat=form) for form in ("csv", "ssv", "pipes", "multi")
        ],
        [
            {"name": "p", "in": "query", "style": style, "explode": explode, "schema": {"type": "array", "items": {}}}
            for style, explode in (("form", False), ("spaceDelimited", False), ("pipeDelimited", False), ("form", True))
        ],
        id="formats of lists are styles",
    ),
    pytest.param(
        lambda: lift_parameter(type="array", items={})["explode"],
        False,
        id="a list without a format has commas",
    ),
    pytest.param(
        lambda: lift_parameter(type="array", items={}, collectionFormat="tsv")["x-collectionFormat"],
        "tsv",
        id="what 3.1 has no word for is kept",
    ),
    pytest.param(
        lambda: lift_operation(parameters=[BODY], consumes=["application/xml", "text/xml"])["requestBody"],
        {"required": True, "content": {"application/xml": {"schema": A}, "text/xml": {"schema": A}}},
        id="a body has a schema for each media type",
    ),
    pytest.param(
        lambda: lift(parameters={"B": BODY}, consumes=["application/xml"])["components"],
        {"requestBodies": {"B": {"required": True, "content": {"application/xml": {"schema": A}}}}},
        id="a shared one is a shared request body",
    ),
    pytest.param(
        lambda: lift(parameters={"B": BODY}, paths={"/a": {"put": {"parameters": [{"$ref": "#/parameters/B"}]}}})[
            "paths"
        ],
        {"/a": {"put": {"requestBody": {"$ref": "#/components/requestBodies/B"}, "responses": {}}}},
        id="and is referred to as one",
    ),
    pytest.param(
        lambda: lift(paths={"/a": {"parameters": [BODY], "put": {}}})["paths"]["/a"],
        {"put": {"requestBody": {"required": True, "content": {"application/json": {"schema": A}}}, "responses": {}}},
        id="a body of the path is each operation's",
    ),
    pytest.param(
        lambda: lift_operation(
            parameters=[
                {"name": "n", "in": "formData", "type": "string", "required": True, "description": "d"},
                {"name": "f", "in": "formData", "type": "file"},
            ],
            consumes=["application/x-www-form-urlencoded"],
        )["requestBody"],
        {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "n": {"type": "string", "description": "d"},
                            "f": {"type": "string", "format": "binary"},
                        },
                        "required": ["n"],
                    },
                },
            },
        },
        id="a form with a file comes in parts",
    ),
    pytest.param(
        lambda: lift_operation(
            parameters=[{"name": "n", "in": "formData", "type": "array", "items": {}, "collectionFormat": "pipes"}],
        )["requestBody"]["content"]["application/x-www-form-urlencoded"],
        {
            "schema": {"type": "object", "properties": {"n": {"type": "array", "items": {}}}},
            "encoding": {"n": {"style": "pipeDelimited", "explode": False}},
        },
        id="a list in a form is written as it was",
    ),
    pytest.param(
        lambda: [
            lift(**{key: value})
            for key, value in (
                ("schemes", "https"),
                ("definitions", []),
                ("parameters", 5),
                ("securityDefinitions", None),
            )
        ],
        [{"openapi": "3.1.0", "info": {}, "servers": [{"url": "/"}], "paths": {}, "components": {}}] * 4,
        id="what is of no use is left out",
    ),
    pytest.param(
        lambda: lift(**{"x-more": 1, "more": {"A": {}}, "basePath": None})["more"],
        {"A": {}},
        id="what no specification knows stays where references lead to it",
    ),
    pytest.param(
        lambda: lift_operation(parameters="none", responses={"200": None, "default": 5})["responses"],
        {"200": None, "default": 5},
        id="a mistake stays one",
    ),
    pytest.param(
        lambda: lift_operation(
            produces=["application/json"],
            responses={
                200: {
                    "schema": {"$ref": "#/definitions/A"},
                    "examples": {"application/json": {"a": 1}, "text/csv": "a"},
                    "headers": {"X-Left": {"type": "integer", "description": "d"}},
                },
                "default": {"$ref": "#/responses/R"},
            },
        )["responses"],
        {
            "200": {
                "description": "",
                "headers": {"X-Left": {"description": "d", "schema": {"type": "integer"}}},
                "content": {
                    "application/json": {"schema": A, "example": {"a": 1}},
                    "text/csv": {"schema": A, "example": "a"},
                },
            },
            "default": {"$ref": "#/components/responses/R"},
        },
        id="a response has its schema and examples by media type",
    ),
    pytest.param(
        lambda: lift_operation(responses={"204": {"description": "d"}})["responses"],
        {"204": {"description": "d"}},
        id="one without a body has none",
    ),
    pytest.param(
        lambda: lift(
            securityDefinitions={
                "b": {"type": "basic"},
                "k": {"type": "apiKey", "in": "header", "name": "X-Key", "x-credentials": {"valid": ["v"]}},
                "o": {
                    "type": "oauth2",
                    "flow": "accessCode",
                    "authorizationUrl": "a",
                    "tokenUrl": "t",
                    "scopes": {"s": ""},
                },
            },
        )["components"]["securitySchemes"],
        {
            "b": {"type": "http", "scheme": "basic"},
            "k": {"type": "apiKey", "in": "header", "name": "X-Key", "x-credentials": {"valid": ["v"]}},
            "o": {
                "type": "oauth2",
                "flows": {"authorizationCode": {"authorizationUrl": "a", "tokenUrl": "t", "scopes": {"s": ""}}},
            },
        },
        id="security definitions are security schemes",
    ),
]


@pytest.mark.parametrize(("lifted", "expected"), SWAGGER)
def test_a_document_of_swagger_is_lifted(lifted: Any, expected: Any) -> None:
    assert lifted() == expected


NAMES_AND_VALUES = {
    "openapi": "3.0.3",
    "paths": {
        "/a": {
            "get": {
                "responses": {"default": {"content": {"a/b": {"schema": {"type": "string", "nullable": True}}}}},
                "parameters": [{"example": {"schema": {"nullable": True}}}],
            },
        },
    },
    "components": {
        "examples": {"schema": {"value": {"schema": {"nullable": True}}}},
        "schemas": {"schema": {"example": 1}},
    },
}


def test_names_are_no_keywords_and_values_stay_in_a_document_of_3_0() -> None:
    lifted = upgrade(NAMES_AND_VALUES)
    operation = lifted["paths"]["/a"]["get"]
    assert operation["responses"]["default"]["content"]["a/b"]["schema"] == {"type": ["string", "null"]}
    assert operation["parameters"] == NAMES_AND_VALUES["paths"]["/a"]["get"]["parameters"]  # type: ignore[index]
    assert lifted["components"]["examples"] == NAMES_AND_VALUES["components"]["examples"]  # type: ignore[index]
    assert lifted["components"]["schemas"] == {"schema": {"examples": [1]}}


def test_only_older_documents_are_touched() -> None:
    for document in ({"openapi": "3.1.1", "x": {"nullable": True}}, {"openapi": "4.0"}, {"swagger": "1.2"}, {}):
        assert upgrade(document) is document


POINTERS = [
    ("/components/schemas/A/properties/b", "/definitions/A/properties/b"),
    ("/components/responses/R/content/application~1json/schema/type", "/responses/R/schema/type"),
    ("/components/securitySchemes/key", "/securityDefinitions/key"),
    ("/paths/~1a/get/parameters/0/schema/minimum", "/paths/~1a/get/parameters/0/minimum"),
    ("/paths/~1a/get/responses/200/x-error", "/paths/~1a/get/responses/200/x-error"),
    ("/paths/~1a/get/operationId", "/paths/~1a/get/operationId"),
    ("", ""),
]


@pytest.mark.parametrize(("lifted", "written"), POINTERS)
def test_a_problem_names_the_place_as_it_is_written(lifted: str, written: str) -> None:
    document = {
        "swagger": "2.0",
        "paths": {"/a": {"get": {"parameters": [{"minimum": 1}], "responses": {200: {}}}}},
        "definitions": {"A": {"properties": {}}},
        "responses": {"R": {"schema": {}}},
        "securityDefinitions": {"key": {}},
    }
    assert find_original(document, lifted) == written
