"""Documented exchanges: each request is sent, and its answer has the shape of the documented one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract_tests.context import CheckContext
from contract_tests.findings import Evidence, Finding, find_along
from contract_tests.records import knows_record, ready_values
from contract_tests.transport import NO_JSON
from mock_server.contract import Contract, Operation, Reply, escape_pointer, load_document
from mock_server.engine import Routes


def load_exchanges(folder: Path, contract: Contract) -> list[tuple[Operation, Mapping[str, Any]]]:
    """The documented exchanges of a provider, each with the operation it is of; the same request once."""
    rows = ((operation.method, operation.path, operation) for operation in contract.operations)
    routes: Routes[Operation] = Routes(rows, "path" in contract.ignore_case)
    exchanges: dict[str, tuple[Operation, Mapping[str, Any]]] = {}
    for path in sorted((folder / contract.provider).glob("*.yaml")):
        exchange = load_document(path)
        request = exchange["request"]
        match = routes.find(request["method"], urlsplit(request["url"]).path)
        if match:
            status = exchange["response"]["status"]
            query = sorted(urlsplit(request["url"]).query.split("&"))
            # Documents repeat a call, as curl, as JavaScript and so on; it is sent once.
            same = json.dumps([match.target.id, status, query])
            exchanges.setdefault(same, (match.target, exchange))
    return list(exchanges.values())


def check_exchanges(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Each documented request that can be provoked, with the target's own credential and a record it has."""
    if not knows_record(context, operation):
        return
    for owner, exchange in load_exchanges(context.fixtures, context.contract):
        documented = exchange["response"]
        reply = _reply(operation, documented["status"])
        # A documented failure of the server cannot be provoked by asking.
        if owner.id == operation.id and reply and documented["status"] < 500:
            yield from _compare(context, operation, reply, exchange)


def _reply(operation: Operation, status: int) -> Reply | None:
    replies = (operation.success, *operation.errors.values())
    return next((reply for reply in replies if reply.status == status), None)


def _compare(
    context: CheckContext,
    operation: Operation,
    reply: Reply,
    exchange: Mapping[str, Any],
) -> Iterator[Finding]:
    asked, documented = exchange["request"], exchange["response"]
    secret = {"authorization", *(scheme.field.lower() for scheme in context.contract.schemes)}
    headers = {name: value for name, value in asked["headers"].items() if name.lower() not in secret}
    # The sample's credential is somebody else's; the target's own is sent, or a wrong one where refusal is documented.
    credential = "wrong" if reply.kind in ("unauthenticated", "forbidden") else "valid"
    sent = context.send(
        operation,
        "exchanges",
        reply=reply,
        query=urlsplit(asked["url"]).query,
        headers=headers,
        path_values=ready_values(context, operation),
        credential=credential,
    )
    # A body that is no JSON has no shape; that it is none is another check's to say.
    if sent.answer.status != reply.status or sent.answer.json is NO_JSON:
        return
    lines = exchange["lines"]["response"]
    sample = f"the sample of {exchange['document']}, lines {lines[0]} to {lines[1]}"
    for place, expected, actual in compare_shapes(documented["body"], sent.answer.json, reply.schema):
        yield context.finding(
            operation,
            "exchanges",
            place,
            "The answer has not the shape of the documented one",
            expected,
            actual,
            Evidence(sample, _find_assumption(reply.schema, place)),
            sent,
        )


_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


def compare_shapes(documented: Any, answered: Any, schema: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Where an answer lacks a documented member or has another kind of value: place, expected, actual.

    Null is of every kind where the schema allows it; an empty list has the shape of every list; of members that
    the schema does not require nothing is said.
    """
    schema = schema if isinstance(schema, Mapping) else {}
    if documented is None or (answered is None and _may_be_null(schema)):
        return
    kinds = _KINDS.get(type(documented), "?"), _KINDS.get(type(answered), "null")
    if kinds[0] != kinds[1]:
        if kinds[1] not in _kinds_of(schema):
            yield place, kinds[0], kinds[1]
    elif isinstance(documented, dict):
        for name, value in documented.items():
            below, inside = f"{place}/{escape_pointer(name)}", schema.get("properties", {}).get(name, {})
            if name in answered:
                yield from compare_shapes(value, answered[name], inside, below)
            elif name in schema.get("required", documented):
                yield below, "present", "absent"
    elif isinstance(documented, list) and documented and answered:
        # One record stands for all: that every record fits the schema is another check's.
        yield from compare_shapes(documented[0], answered[0], schema.get("items", {}), f"{place}/*")


def _kinds_of(schema: Mapping[str, Any]) -> set[str]:
    """The kinds a schema allows: where a table contradicts its sample, both are documented."""
    types = schema.get("type", [])
    return {"number" if kind == "integer" else kind for kind in ([types] if isinstance(types, str) else types)}


def _find_assumption(schema: Any, place: str) -> str:
    """Why the contract has assumed what stands at a place of an answer; empty where it has not."""
    steps: list[str] = []
    for step in place.split("/")[1:]:
        steps += ["items"] if step == "*" else ["properties", step.replace("~1", "/").replace("~0", "~")]
    # The sample is the sentence: what it shows is documented unless the field itself is marked.
    return find_along(schema, [*steps, "type"]).assumed


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    types = schema.get("type", "null")
    return types == "null" or (isinstance(types, list) and "null" in types)
