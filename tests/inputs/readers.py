"""Readers of operations that a test writes in a few words."""

from __future__ import annotations

from typing import Any

from mock_server.inputs import ReadRequest, RequestValues, compile_request
from mock_server.messages import Request
from mock_server.openapi import Document, Validators

Node = dict[str, Any]

INTEGER, NUMBER, BOOLEAN, STRING = ({"type": name} for name in ("integer", "number", "boolean", "string"))
COLORS = {"type": "array", "items": STRING}
RGB = {"type": "object", "properties": {"R": INTEGER, "G": INTEGER, "B": INTEGER}}


def parameter(where: str, name: str, schema: Any, **members: Any) -> Node:
    """One parameter of a document."""
    return {"in": where, "name": name, "schema": schema, **members}


def reader_of(
    *parameters: Node,
    body: Node | None = None,
    components: Node | None = None,
    **members: Any,
) -> ReadRequest:
    """The reader of the one operation of a document with these parameters and this request body."""
    operation = {"parameters": list(parameters), **({"requestBody": body} if body else {}), **members}
    root = {"openapi": "3.1.0", "paths": {"/things": {"post": operation}}, "components": components or {}}
    document = Document("things", root)
    return compile_request(document, document.operations[0], Validators(root))


def read_query(schema: Any, query: str, **members: Any) -> RequestValues:
    """What a query says to an operation with one parameter `color`."""
    return reader_of(parameter("query", "color", schema, **members))(Request("GET", "/things", query), {})


def read_path(schema: Any, text: str, **members: Any) -> RequestValues:
    """What a path with one parameter `color` says."""
    return reader_of(parameter("path", "color", schema, **members))(Request("GET", "/things"), {"color": text})


def read_headers(where: str, schema: Any, headers: dict[str, str], **members: Any) -> RequestValues:
    """What headers say to an operation with one parameter `color` in a header or a cookie."""
    return reader_of(parameter(where, "color", schema, **members))(Request("GET", "/things", headers=headers), {})


def read_body(schema: Any, media_type: str, text: bytes, sent: str | None = None, **members: Any) -> RequestValues:
    """What a body says to an operation that documents one media type."""
    read = reader_of(body={"content": {media_type: {"schema": schema, **members}}})
    headers = {"content-type": media_type if sent is None else sent} if sent != "" else {}
    return read(Request("POST", "/things", headers=headers, body=text), {})


def sentences(values: RequestValues) -> list[str]:
    """The problems as a caller reads them: `query color: must be an integer`."""
    return [" ".join(f"{each.where} {each.name}".split()) + f": {each.sentence}" for each in values.problems]
