"""Small documents for the rules: each is as much as one rule needs."""

from __future__ import annotations

from typing import Any, NamedTuple

from mock_server.inference import Inference, annotate
from mock_server.openapi import Document

PET: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "status": {"type": "string", "enum": ["free", "sold"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "created_at": {"type": "string", "format": "date-time"},
        "owner": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
ONE = {"$ref": "#/components/schemas/Pet"}
MANY = {"type": "array", "items": ONE}


def answer(schema: Any = None, status: str = "200", **more: Any) -> dict[str, Any]:
    """The `responses` of an operation with one JSON answer."""
    content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    return {status: {"description": "", **content, **more}}


def operation(schema: Any = None, *query: Any, **more: Any) -> dict[str, Any]:
    """An operation that answers a schema, with query parameters by name, or whole ones."""
    named = [each if isinstance(each, dict) else parameter(each) for each in query]
    return {"parameters": named, "responses": answer(schema), **more}


def parameter(name: str, schema: Any = None, place: str = "query", **more: Any) -> dict[str, Any]:
    """A parameter; of text where nothing else is said."""
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": schema or {"type": "string"}, **required, **more}


def envelope(**beside: Any) -> dict[str, Any]:
    """An object with pets as `data`, and other properties by type or schema."""
    more = {name: {"type": value} if isinstance(value, str) else value for name, value in beside.items()}
    return {"type": "object", "properties": {"data": MANY, **more}}


def document(paths: dict[str, Any], **components: Any) -> Document:
    """A document of OpenAPI 3.1 with these paths, a schema `Pet`, and more components."""
    schemas = {"Pet": PET, **components.pop("schemas", {})}
    root = components.pop("root", {})
    return Document(
        "pets",
        {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas, **components}, **root},
    )


def understand(paths: dict[str, Any], **more: Any) -> Annotated:
    """What inference makes of a document with these paths."""
    return Annotated(*annotate(document(paths, **more)))


class Annotated(NamedTuple):
    """An annotated document, easy to ask."""

    document: Document
    inference: Inference

    def get(self, path: str, annotation: str = "x-effect", method: str = "get") -> Any:
        """An annotation of an operation, or None."""
        return self.document.root["paths"][path][method].get(annotation)

    @property
    def collections(self) -> Any:
        """The collections, by name."""
        return self.document.root.get("x-collections", {})

    def because(self, rule: str) -> str:
        """The evidence of the first conclusion of a rule."""
        return next(each.because for each in self.inference.conclusions if each.rule == rule)

    def confidence(self, rule: str) -> str:
        """How sure the first conclusion of a rule is."""
        return next(each.confidence for each in self.inference.conclusions if each.rule == rule)
