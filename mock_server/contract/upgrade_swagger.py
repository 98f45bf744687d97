"""Swagger 2.0 as OpenAPI 3.1: servers of host and schemes, components, bodies, media types, parameter styles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.contract.upgrade_schema import upgrade_schema

MAX_CHAIN = 10

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"

_PLACES = {
    "#/definitions/": "#/components/schemas/",
    "#/responses/": "#/components/responses/",
    "#/parameters/": "#/components/parameters/",
}

_MOVED = (
    *("swagger", "host", "basePath", "schemes", "consumes", "produces"),
    *("paths", "definitions", "parameters", "responses", "securityDefinitions"),
)
"""Members of a document that 3.1 has elsewhere, or in another form."""

_OF_PARAMETER = ("name", "in", "description", "required", "allowEmptyValue", "deprecated")
"""What a parameter keeps as it is; its other members are those of its schema."""

_STYLES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("query", "csv"): {"style": "form", "explode": False},
    ("query", "ssv"): {"style": "spaceDelimited", "explode": False},
    ("query", "pipes"): {"style": "pipeDelimited", "explode": False},
    ("query", "multi"): {"style": "form", "explode": True},
}
"""How a list is written, by where it stands and its `collectionFormat`; path and header know commas alone."""

_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def upgrade_swagger(document: dict[str, Any]) -> dict[str, Any]:
    """A document of Swagger 2.0 as one of OpenAPI 3.1; extensions stay where they are.

    Source: the two specifications; where 2.0 has no word for it (tab-separated lists), the extension
    `x-collectionFormat` keeps what was said.
    """
    swagger = _Swagger(document)
    return {
        "openapi": "3.1.0",
        # What no specification knows stays, too: references may lead there.
        **{key: document[key] for key in document if key not in _MOVED},
        "servers": list(_servers(document)),
        "paths": {path: swagger.path_item(item) for path, item in _members(document, "paths").items()},
        "components": swagger.components(),
    }


def upgrade_swagger_part(part: Any, kind: str, document: Mapping[str, Any]) -> Any:
    """A part outside a document of Swagger 2.0 that is referred to as a schema, parameter, response or path item."""
    swagger = _Swagger(document)
    by_kind: Mapping[str, Callable[[Any], Any]] = {
        "schema": _schema,
        "parameter": swagger.parameter,
        "response": lambda response: swagger.response(response, {}),
        "path": swagger.path_item,
    }
    return by_kind.get(kind, _refer)(part)


def _members(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is a mapping; an empty one where it is missing or something else."""
    value = node.get(name)
    return value if isinstance(value, Mapping) else {}


def _listed(node: Mapping[str, Any], name: str) -> list[Any]:
    """A member that is a list; an empty one where it is missing or something else."""
    value = node.get(name)
    return value if isinstance(value, list) else []


def _servers(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    host, base = document.get("host"), str(document.get("basePath") or "")
    base = base if base.startswith("/") or not base else f"/{base}"
    if not host:
        yield {"url": base or "/"}
        return
    for scheme in _listed(document, "schemes") or ["https"]:
        yield {"url": f"{scheme}://{host}{base.rstrip('/')}"}


def _rename(reference: str) -> str:
    """What a reference leads to is elsewhere in 3.1."""
    moved = (new + reference[len(old) :] for old, new in _PLACES.items() if reference.startswith(old))
    return next(moved, reference)


def _refer(node: Any) -> Any:
    """A copy of a part that is a reference; what is none stays."""
    if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        return {**node, "$ref": _rename(node["$ref"])}
    return node


def _schema(schema: Any) -> Any:
    return upgrade_schema(schema, _rename)


def _follow(document: Any, reference: str) -> Any:
    """What a reference `#/…` names in a document, or None."""
    for step in reference.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            document = document.get(key) if isinstance(document, Mapping) else None
    return document


class _Swagger:
    """The document being lifted: what its parts refer to, and the media types that hold for all of it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.shared = _members(document, "parameters")

    def components(self) -> dict[str, Any]:
        document = self.document
        plain = {name: p for name, p in self.shared.items() if not self.is_of_body(p)}
        bodies = {
            name: self.body([p], self.media("consumes", {})) for name, p in self.shared.items() if self.is_of_body(p)
        }
        parts = {
            "schemas": {name: _schema(schema) for name, schema in _members(document, "definitions").items()},
            "parameters": {name: self.parameter(p) for name, p in plain.items()},
            "requestBodies": bodies,
            "responses": {name: self.response(r, {}) for name, r in _members(document, "responses").items()},
            "securitySchemes": {n: _security_scheme(s) for n, s in _members(document, "securityDefinitions").items()},
        }
        return {name: part for name, part in parts.items() if part}

    def media(self, name: str, operation: Mapping[str, Any]) -> list[str]:
        """The media types of an operation's bodies (`consumes`) or answers (`produces`); none said means JSON."""
        listed = operation.get(name, self.document.get(name))
        return [str(each) for each in listed] if isinstance(listed, list) and listed else [JSON]

    def target(self, parameter: Any) -> Mapping[str, Any]:
        """A parameter, or the shared one that it refers to."""
        for _ in range(MAX_CHAIN):
            reference = parameter.get("$ref") if isinstance(parameter, Mapping) else None
            if not isinstance(reference, str):
                break
            parameter = _follow(self.document, reference)
        return parameter if isinstance(parameter, Mapping) else {}

    def is_of_body(self, parameter: Any) -> bool:
        return self.target(parameter).get("in") in ("body", "formData")

    def path_item(self, item: Any) -> Any:
        if not isinstance(item, Mapping):
            return item
        shared = _listed(item, "parameters")
        lifted = {key: value for key, value in item.items() if key not in METHODS and key != "parameters"}
        plain = [self.parameter(p) for p in shared if not self.is_of_body(p)]
        lifted |= {"parameters": plain} if plain else {}
        of_body = [p for p in shared if self.is_of_body(p)]
        return lifted | {m: self.operation(item[m], of_body) for m in METHODS if isinstance(item.get(m), Mapping)}

    def operation(self, operation: Mapping[str, Any], shared_body: list[Any]) -> dict[str, Any]:
        gone = ("parameters", "responses", "consumes", "produces", "schemes")
        lifted = {key: value for key, value in operation.items() if key not in gone}
        listed = _listed(operation, "parameters")
        plain = [self.parameter(p) for p in listed if not self.is_of_body(p)]
        # A body of the path holds for an operation that has none of its own.
        of_body = [p for p in listed if self.is_of_body(p)] or shared_body
        if plain:
            lifted["parameters"] = plain
        if of_body:
            lifted["requestBody"] = self.body(of_body, self.media("consumes", operation))
        responses = _members(operation, "responses")
        return lifted | {"responses": {str(s): self.response(r, operation) for s, r in responses.items()}}

    def parameter(self, parameter: Any) -> Any:
        if not isinstance(parameter, Mapping) or "$ref" in parameter or self.is_of_body(parameter):
            return _refer(parameter)
        kept = {key: value for key, value in parameter.items() if key in _OF_PARAMETER or str(key).startswith("x-")}
        return kept | _style(parameter) | {"schema": _plain_schema(parameter)}

    def body(self, parameters: list[Any], media: list[str]) -> dict[str, Any]:
        """A request body from the parameter in the body, or from all fields of a form."""
        first = self.target(parameters[0])
        reference = str(parameters[0].get("$ref", ""))
        if len(parameters) == 1 and reference.startswith("#/parameters/") and first.get("in") == "body":
            return {"$ref": reference.replace("#/parameters/", "#/components/requestBodies/")}
        if first.get("in") == "body":
            notes = {key: value for key, value in first.items() if key == "description" or str(key).startswith("x-")}
            required = {"required": True} if first.get("required") else {}
            return (
                notes | required | {"content": {each: {"schema": _schema(first.get("schema", {}))} for each in media}}
            )
        return _form([self.target(p) for p in parameters], media)

    def response(self, response: Any, operation: Mapping[str, Any]) -> Any:
        if not isinstance(response, Mapping) or "$ref" in response:
            return _refer(response)
        lifted = {key: value for key, value in response.items() if key not in ("schema", "examples", "headers")}
        headers, examples = _members(response, "headers"), _members(response, "examples")
        if headers:
            lifted["headers"] = {name: _header(header) for name, header in headers.items()}
        # Examples are by media type, and may name one that `produces` forgets.
        media = [*self.media("produces", operation), *examples] if "schema" in response else list(examples)
        content = {each: _content(response, examples, each) for each in dict.fromkeys(media)}
        return {"description": "", **lifted, **({"content": content} if content else {})}


def _content(response: Mapping[str, Any], examples: Mapping[str, Any], media: str) -> dict[str, Any]:
    schema = {"schema": _schema(response["schema"])} if "schema" in response else {}
    return schema | ({"example": examples[media]} if media in examples else {})


def _plain_schema(parameter: Mapping[str, Any]) -> Any:
    """The schema of a parameter or header, whose keywords stand in it directly."""
    left_out = (*_OF_PARAMETER, "collectionFormat")
    members = {key: value for key, value in parameter.items() if key not in left_out and not str(key).startswith("x-")}
    return _schema({**members, **{key: parameter[key] for key in ("x-nullable",) if key in parameter}})


def _style(parameter: Mapping[str, Any]) -> dict[str, Any]:
    if parameter.get("type") != "array":
        return {}
    form = str(parameter.get("collectionFormat", "csv"))
    if form == "tsv":
        return {"style": "form", "explode": False, "x-collectionFormat": form}
    return dict(_STYLES.get((str(parameter.get("in")), form), {}))


def _header(header: Any) -> Any:
    if not isinstance(header, Mapping):
        return header
    kept = {key: value for key, value in header.items() if key == "description" or str(key).startswith("x-")}
    return kept | {"schema": _plain_schema(header)}


def _form(fields: list[Mapping[str, Any]], media: list[str]) -> dict[str, Any]:
    """A body of named fields; files go in parts, whatever `consumes` says of them."""
    forms = [each for each in media if each in (FORM, MULTIPART)]
    has_file = any(field.get("type") == "file" for field in fields)
    forms = [MULTIPART] if has_file else forms or [FORM]
    properties = {str(field.get("name")): _field(field) for field in fields}
    required = [str(field.get("name")) for field in fields if field.get("required")]
    schema = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    encoding = {str(field.get("name")): style for field in fields if (style := _style({**field, "in": "query"}))}
    content = {"schema": schema, **({"encoding": encoding} if encoding else {})}
    return {**({"required": True} if required else {}), "content": {each: dict(content) for each in forms}}


def _field(field: Mapping[str, Any]) -> Any:
    schema = _plain_schema(field)
    return {**schema, "description": field["description"]} if "description" in field else schema


def _security_scheme(scheme: Any) -> Any:
    if not isinstance(scheme, Mapping):
        return scheme
    if scheme.get("type") == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if scheme.get("type") != "oauth2":
        return dict(scheme)
    kept = {key: value for key, value in scheme.items() if key in ("type", "description") or str(key).startswith("x-")}
    flow = str(scheme.get("flow", "implicit"))
    urls = {key: scheme[key] for key in ("authorizationUrl", "tokenUrl") if key in scheme}
    return kept | {"flows": {_FLOWS.get(flow, flow): {**urls, "scopes": scheme.get("scopes", {})}}}
