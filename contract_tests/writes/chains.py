"""What a collection's operations are to each other: who makes a record, who shows it, who changes and deletes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from contract_tests.context import CheckContext
from contract_tests.findings import Evidence, find_evidence, find_node
from contract_tests.transport import find_answered
from mock_server.contract import Operation, Parameter, find_pointer, find_record_place

JSON_PATCH = "application/json-patch+json"

KEY_HEADERS = ("idempotency-key", "x-idempotency-key", "x-request-idempotency-key")
"""Names of the header by which a create is recognised when it is sent again."""


class Chain(NamedTuple):
    """The operations of one collection, None for those it does not have; `key` is the member that is a record's key.

    `fields` are the schemas of what the reads show of a record, by name, `always` the names that are always shown.
    Below another record, `sibling` lists the same below a third one, and `given` are the members that say whose it is.
    """

    collection: str
    key: str
    fields: Mapping[str, Any]
    always: frozenset[str]
    lister: Operation | None
    getter: Operation | None
    create: Operation | None
    replace: Operation | None
    patch: Operation | None
    delete: Operation | None
    sibling: Operation | None = None
    given: Mapping[str, Any] = MappingProxyType({})


class Body(NamedTuple):
    """The documented body of a write: its media type, its schema, and where the record stands in it."""

    media_type: str
    schema: Any
    at: str


def find_chain(context: CheckContext, operation: Operation) -> Chain:
    """The chain that a write belongs to; of several operations with one effect the write itself, else the first."""
    return make_chain(context, operation.collection, operation)


def make_chain(context: CheckContext, collection: str, operation: Operation | None = None) -> Chain:
    """The chain of a collection, with one of its operations."""
    mine = [o for o in context.every_write if o.collection == collection and context.may_write(o)]
    reads = [o for o in context.contract.operations if o.collection == collection]
    lister = next((o for o in reads if o.is_list and not any(map(_narrows, o.parameters))), None)
    getter = next((o for o in reads if o.effect == "get" and o.key), None)

    def choose(effect: str) -> Operation | None:
        alike = [o for o in mine if o.effect == effect]
        return operation if operation in alike else next(iter(alike), None)

    return Chain(
        collection,
        context.contract.collections[collection].key,
        *_find_fields(context, lister, getter),
        lister,
        getter,
        choose("create"),
        choose("replace"),
        choose("patch"),
        choose("delete"),
        context.siblings.get(collection),
        context.given.get(collection, {}),
    )


def _narrows(parameter: Parameter) -> bool:
    """Whether a list cannot be asked for without leaving records out."""
    is_asked = parameter.required and parameter.where in ("path", "query", "header")
    return is_asked and (parameter.where == "path" or bool(parameter.filter))


def _find_fields(
    context: CheckContext,
    lister: Operation | None,
    getter: Operation | None,
) -> tuple[Mapping[str, Any], frozenset[str]]:
    place = find_record_place(getter.success.schema) if getter else None
    schema = place.schema if place else context.listings[lister.id].item_schema if lister else {}
    properties, required = schema.get("properties"), schema.get("required")
    always = frozenset(required if isinstance(required, list) else ())
    return (properties if isinstance(properties, Mapping) else {}), always


def find_body(context: CheckContext, operation: Operation) -> Body | None:
    """The body of a write as JSON, or None."""
    node = find_node(context.contract.document, f"{operation.pointer}/requestBody")
    content = node.get("content")
    media_type, media = next(iter(content.items()), ("", None)) if isinstance(content, Mapping) else ("", None)
    if not isinstance(media, Mapping):
        return None
    at, is_key = find_answered(context.contract, operation)
    is_inside = bool(at) and not is_key and bool(_find_property(media.get("schema"), at))
    return Body(media_type, media.get("schema", {}), at if is_inside else "")


def _find_property(schema: Any, pointer: str) -> Mapping[str, Any]:
    for step in pointer.split("/")[1:]:
        properties = schema.get("properties") if isinstance(schema, Mapping) else None
        schema = properties.get(step) if isinstance(properties, Mapping) else None
    return schema if isinstance(schema, Mapping) else {}


def find_sent_fields(body: Body) -> Mapping[str, Any]:
    """The schemas of a record's members as a body has them, by name."""
    inside = _find_property(body.schema, body.at) if body.at else body.schema
    properties = inside.get("properties") if isinstance(inside, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


def find_required(body: Body) -> frozenset[str]:
    """The members of a record that a body must have."""
    inside = _find_property(body.schema, body.at) if body.at else body.schema
    required = inside.get("required") if isinstance(inside, Mapping) else None
    return frozenset(required if isinstance(required, list) else ())


def find_statuses(context: CheckContext, operation: Operation) -> frozenset[int]:
    """Every status of success that an operation documents."""
    responses = find_node(context.contract.document, operation.pointer).get("responses", {})
    return frozenset(int(status) for status in responses if str(status).isdecimal() and 200 <= int(status) < 300)


def documents(context: CheckContext, operation: Operation, status: int) -> bool:
    """Whether an operation documents a status."""
    return str(status) in find_node(context.contract.document, operation.pointer).get("responses", {})


def of_effect(context: CheckContext, operation: Operation) -> Evidence:
    """The evidence that an operation does to records what it is taken to do."""
    return find_evidence(find_node(context.contract.document, operation.pointer))


def find_answered_record(context: CheckContext, operation: Operation, body: Any) -> Mapping[str, Any] | None:
    """The record that the answer to a write shows, or None where it shows none."""
    at, is_key = find_answered(context.contract, operation)
    inside = find_pointer(body, at) if isinstance(body, (dict, list)) and not is_key else None
    return inside if isinstance(inside, dict) else None


def find_header(operation: Operation, *names: str) -> Parameter | None:
    """The documented request header of one of these names, in lower case, or None."""
    headers = (p for p in operation.parameters if p.where == "header")
    return next((p for p in headers if p.name.lower() in names), None)


def find_key_header(operation: Operation) -> Parameter | None:
    """The documented header that makes a create repeatable, or None."""
    return find_header(operation, *KEY_HEADERS) if operation.effect == "create" else None


def is_read_only(schema: Any) -> bool:
    """Whether only the server writes what a schema describes."""
    return isinstance(schema, Mapping) and bool(schema.get("readOnly"))


STAMP = re.compile(r"creat|updat|modif|chang|edit|touch|insert|added|saved|version|revision", re.IGNORECASE)
"""Names of what servers write on their own at each change, whoever may send it."""


def is_stamp(name: str, schema: Any) -> bool:
    """Whether a member tells when, or how often, a record was written: a server's own matter."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return STAMP.search(name) is not None and kind in ("string", "integer", "number", None)


def list_writable(chain: Chain, body: Body) -> Iterator[str]:
    """Names of members that a client writes and that reads show."""
    for name, schema in find_sent_fields(body).items():
        shown = chain.fields.get(name)
        if name == chain.key or not isinstance(schema, Mapping) or not isinstance(shown, Mapping):
            continue
        if not (schema.get("readOnly") or shown.get("readOnly") or shown.get("writeOnly") or is_stamp(name, shown)):
            yield name
