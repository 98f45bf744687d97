"""The places of an OpenAPI document where annotations may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.contract.documents import escape_pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Place = tuple[str, str, Any]
"""The kind of place (a name in `annotations.schema.json`), its pointer in the document, and what stands there."""

_SUBSCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_SCHEMA_LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")


def find_places(document: Mapping[str, Any]) -> Iterator[Place]:
    """Every place of a bundled document, in document order."""
    yield "document", "", document
    for name, server in enumerate(_list(document.get("servers"))):
        yield "any", f"/servers/{name}", server
    yield "any", "/info", document.get("info", {})
    for path, item in _pairs(document, "/paths", "paths"):
        yield "path", path, item
        for number, parameter in enumerate(_list(item.get("parameters") if isinstance(item, dict) else None)):
            yield from _parameter(f"{path}/parameters/{number}", parameter)
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield from _operation(f"{path}/{method}", item[method])
    components = document.get("components", {})
    for kind, finder in _COMPONENTS.items():
        for pointer, node in _pairs(components, f"/components/{kind}", kind):
            yield from finder(pointer, node)


def _operation(pointer: str, node: dict[str, Any]) -> Iterator[Place]:
    yield "operation", pointer, node
    for number, parameter in enumerate(_list(node.get("parameters"))):
        yield from _parameter(f"{pointer}/parameters/{number}", parameter)
    for inside, media in _pairs(node.get("requestBody"), f"{pointer}/requestBody/content", "content"):
        yield from _within(inside, media, "schema")
    for inside, response in _pairs(node, f"{pointer}/responses", "responses"):
        yield from _response(inside, response)


def _parameter(pointer: str, node: Any) -> Iterator[Place]:
    yield "parameter", pointer, node
    yield from _within(pointer, node, "schema")


def _response(pointer: str, node: Any) -> Iterator[Place]:
    yield "response", pointer, node
    for inside, header in _pairs(node, f"{pointer}/headers", "headers"):
        yield from _header(inside, header)
    for inside, media in _pairs(node, f"{pointer}/content", "content"):
        yield from _within(inside, media, "schema")


def _header(pointer: str, node: Any) -> Iterator[Place]:
    yield "header", pointer, node
    yield from _within(pointer, node, "schema")


def _scheme(pointer: str, node: Any) -> Iterator[Place]:
    yield "scheme", pointer, node


def find_schema_places(pointer: str, node: Any) -> Iterator[Place]:
    """A JSON Schema and every schema in it, hidden fields of a collection included."""
    if not isinstance(node, dict):
        return
    yield "schema", pointer, node
    for key in _SUBSCHEMAS:
        yield from _within(pointer, node, key)
    for key in _SCHEMA_LISTS:
        for number, child in enumerate(_list(node.get(key))):
            yield from find_schema_places(f"{pointer}/{key}/{number}", child)
    for key in _SCHEMA_MAPS:
        for inside, child in _pairs(node, f"{pointer}/{key}", key):
            yield from find_schema_places(inside, child)
    for inside, child in _pairs(node.get("x-collection", {}), f"{pointer}/x-collection/hidden", "hidden"):
        yield from find_schema_places(inside, child)


def _within(pointer: str, node: Any, key: str) -> Iterator[Place]:
    if isinstance(node, dict):
        yield from find_schema_places(f"{pointer}/{key}", node.get(key))


def _pairs(node: Any, pointer: str, key: str) -> Iterator[tuple[str, Any]]:
    children = node.get(key) if isinstance(node, dict) else None
    if isinstance(children, dict):
        for name, child in children.items():
            yield f"{pointer}/{escape_pointer(name)}", child


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


_COMPONENTS = {
    "schemas": find_schema_places,
    "responses": _response,
    "parameters": _parameter,
    "headers": _header,
    "securitySchemes": _scheme,
}


def find_parameters(pointer: str, item: Mapping[str, Any], method: str) -> list[tuple[str, dict[str, Any]]]:
    """The parameters of an operation at `pointer` with their own pointers, those of its path first.

    One of the operation replaces one of the path with its name and place (OpenAPI 3.1, Operation Object).
    """
    above = pointer.rpartition("/")[0]
    own = [(f"{pointer}/parameters/{n}", node) for n, node in enumerate(item[method].get("parameters", []))]
    replaced = {(node["in"], node["name"]) for _, node in own}
    shared = [(f"{above}/parameters/{n}", node) for n, node in enumerate(item.get("parameters", []))]
    return [each for each in shared if (each[1]["in"], each[1]["name"]) not in replaced] + own


class RecordPlace(NamedTuple):
    """Where a response shows records: a JSON Pointer in the body, the item schema, and whether it is a list of them."""

    pointer: str
    schema: Mapping[str, Any]
    is_list: bool


def find_record_places(schema: Any, pointer: str = "") -> Iterator[RecordPlace]:
    """Every place of a response's schema that shows records; a good contract has one at most."""
    # A constant is sent as it is, whatever else the schema says.
    if not isinstance(schema, Mapping) or "const" in schema:
        return
    if schema.get("x-page") == "items":
        yield RecordPlace(pointer, schema.get("items", {}), True)
    elif "x-collection" in schema:
        yield RecordPlace(pointer, schema, False)
    else:
        for name, child in schema.get("properties", {}).items():
            yield from find_record_places(child, f"{pointer}/{escape_pointer(name)}")


def find_record_place(schema: Any) -> RecordPlace | None:
    """Where a response shows its record or its list of records, or None."""
    return next(find_record_places(schema), None)
