"""What error bodies mean, and which is the commonest (E2, E3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, answer, understand

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def holding(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def list_roles(node: Any, at: str = "") -> dict[str, str]:
    """Every `x-error` below a schema, by the dotted path of its property."""
    found: dict[str, str] = {}
    for name, inside in (node.get("properties") or {}).items():
        here = f"{at}.{name}".lstrip(".")
        found |= {here: inside["x-error"]} if "x-error" in inside else {}
        found |= list_roles(inside, here) | list_roles(inside.get("items", {}), here)
    for branch in node.get("allOf", ()):
        found |= list_roles(branch, at)
    return found


ROLES: list[tuple[str, Any, dict[str, str]]] = [
    ("message and code", holding(message=TEXT, code=TEXT), {"message": "detail", "code": "code"}),
    ("error and message", holding(error=TEXT, message=TEXT), {"error": "code", "message": "detail"}),
    ("error alone", holding(error=TEXT), {"error": "detail"}),
    ("OAuth", holding(error=TEXT, error_description=TEXT), {"error": "code", "error_description": "detail"}),
    (
        "RFC 9457",
        holding(type=TEXT, title=TEXT, status=NUMBER, detail=TEXT, instance=TEXT),
        {"type": "type", "title": "title", "status": "status", "detail": "detail", "instance": "url"},
    ),
    ("title alone", holding(title=TEXT, status=NUMBER), {"title": "detail", "status": "status"}),
    ("a number as code", holding(statusCode=NUMBER, message=TEXT), {"statusCode": "status", "message": "detail"}),
    (
        "inside `error`",
        holding(error=holding(message=TEXT, code=NUMBER)),
        {"error.message": "detail", "error.code": "code"},
    ),
    (
        "in a list",
        holding(errors={"type": "array", "items": holding(detail=TEXT, field=TEXT)}),
        {"errors.detail": "detail", "errors.field": "field"},
    ),
    ("in a composition", {"allOf": [holding(code=TEXT), holding(message=TEXT)]}, {"code": "code", "message": "detail"}),
    ("texts in a list", holding(errors={"type": "array", "items": TEXT}), {"errors": "detail"}),
    (
        "a text before texts in a list",
        holding(message=TEXT, errors={"type": "array", "items": TEXT}),
        {"message": "detail"},
    ),
    ("nothing of the kind", holding(reference=TEXT, time=NUMBER), {}),
    ("a status in words is none", holding(status=TEXT, message=TEXT), {"message": "detail"}),
    (
        "what never changes tells nothing",
        holding(message={"const": "failed"}, status={"enum": ["error"]}, data=holding(error=TEXT)),
        {"data.error": "detail"},
    ),
    ("an object is no text", holding(message=holding(a=TEXT)), {}),
]


@pytest.mark.parametrize(("sentence", "schema", "roles"), ROLES, ids=[row[0] for row in ROLES])
def test_roles(sentence: str, schema: Any, roles: dict[str, str]) -> None:
    refused = answer({"$ref": "#/components/schemas/Error"}, "400")
    known = understand({"/pets": {"get": {"responses": {**answer(MANY), **refused}}}}, schemas={"Error": schema})
    assert list_roles(known.document.root["components"]["schemas"]["Error"]) == roles


def test_a_schema_that_stands_in_the_operation_has_its_roles_too() -> None:
    refused = answer(holding(message=TEXT), "4XX")
    known = understand({"/pets": {"get": {"responses": {**answer(MANY), **refused}}}})
    responses = known.document.root["paths"]["/pets"]["get"]["responses"]
    assert list_roles(responses["4XX"]["content"]["application/json"]["schema"]) == {"message": "detail"}


def test_an_annotation_of_the_author_stays() -> None:
    error = holding(message={**TEXT, "x-error": "code"}, reason=TEXT)
    refused = answer({"$ref": "#/components/schemas/Error"}, "400")
    known = understand({"/pets": {"get": {"responses": refused}}}, schemas={"Error": error})
    assert known.document.root["components"]["schemas"]["Error"]["properties"]["message"]["x-error"] == "code"


def test_the_commonest_body_is_that_of_errors_nobody_documents() -> None:
    common, other = ({"$ref": f"#/components/schemas/{name}"} for name in ("Error", "Other"))
    paths = {
        f"/{n}": {"get": {"responses": {**answer(other if n == 0 else common, "400"), **answer(common, "default")}}}
        for n in range(3)
    }
    schemas = {"Error": holding(message=TEXT), "Other": holding(message=TEXT)}
    known = understand(paths, schemas=schemas)
    assert known.document.root["x-error-shape"] == {
        "schema": {"$ref": "#/components/schemas/Error"},
        "media_type": "application/json",
    }
    assert known.because("E3") == "2 of 3 documented errors have this body"


def test_without_a_documented_error_there_is_no_shape() -> None:
    assert "x-error-shape" not in understand({"/pets": {"get": {"responses": answer(MANY)}}}).document.root
