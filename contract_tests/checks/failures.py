"""What a failure that Schemathesis tells is about: its place, and the sentence or assumption it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract_tests.answers import find_errors, find_place, generalize, of_place, of_status
from contract_tests.context import CheckContext
from contract_tests.findings import NONE, Evidence, find_evidence, find_node
from contract_tests.transport import NO_JSON, Exchange
from mock_server.contract import Operation, Reply

Explained = tuple[str, Evidence]
"""A place in the answer, and what the rule that is broken there rests on."""


def explain(
    context: CheckContext,
    operation: Operation,
    check: str,
    failure: Any,
    exchange: Exchange | None,
) -> Explained:
    """The place of a failure and its evidence; neither for a failure of no answer."""
    if exchange is None or exchange.answer.status >= 500:
        return "", NONE
    return _EXPLAINERS.get(check, _of_answer)(context, operation, failure, exchange)


def find_reply(operation: Operation, status: int) -> Reply | None:
    """The documented reply of a status."""
    return next((reply for reply in (operation.success, *operation.errors.values()) if reply.status == status), None)


def _of_request(context: CheckContext, operation: Operation, failure: Any, exchange: Exchange) -> Explained:
    """A request that is right by the contract was refused, or one that is wrong was taken."""
    return "", of_status(context, operation, exchange, operation.success)


def _of_answer(context: CheckContext, operation: Operation, failure: Any, exchange: Exchange) -> Explained:
    reply = find_reply(operation, exchange.answer.status)
    if reply is None:
        return _of_request(context, operation, failure, exchange)
    return "", context.of_reply(reply, "body")


def _of_schema(context: CheckContext, operation: Operation, failure: Any, exchange: Exchange) -> Explained:
    reply = find_reply(operation, exchange.answer.status)
    path = getattr(failure, "instance_path", None)
    body = exchange.answer.json
    if reply is None or path is None or body is NO_JSON:
        return _of_answer(context, operation, failure, exchange)
    # The engine's path leads through its own bundle of the schema, ours through the contract's.
    keyword = (list(failure.schema_path) or [""])[-1]
    for error in find_errors(reply.schema, body):
        if list(error.instance_path) == list(path) and (list(error.schema_path) or [""])[-1] == keyword:
            place, steps = find_place(error)
            return place, of_place(context, operation, reply, body, place, steps)
    return generalize(list(path)), context.of_reply(reply, "body")


def _of_headers(context: CheckContext, operation: Operation, failure: Any, exchange: Exchange) -> Explained:
    reply = find_reply(operation, exchange.answer.status)
    evidence = [(name, find_evidence(node)) for name, node in _headers(context, reply, failure)]
    if not evidence:
        return _of_answer(context, operation, failure, exchange)
    # Several headers in one failure: one that is promised makes it break.
    return min(evidence, key=lambda pair: bool(pair[1].assumed))


def _headers(context: CheckContext, reply: Reply | None, failure: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    nodes = find_node(context.contract.document, reply.pointer).get("headers", {}) if reply else {}
    missing = {name.lower() for name in getattr(failure, "missing_headers", ())}
    message = str(getattr(failure, "message", ""))
    for name, node in nodes.items():
        if name.lower() in missing or (not missing and name.lower() in message.lower()):
            yield name.lower(), node


_EXPLAINERS: Mapping[str, Callable[[CheckContext, Operation, Any, Exchange], Explained]] = {
    "response_schema_conformance": _of_schema,
    "response_headers_conformance": _of_headers,
    "positive_data_acceptance": _of_request,
    "negative_data_rejection": _of_request,
    "missing_required_header": _of_request,
    "status_code_conformance": _of_request,
}
"""How a check of Schemathesis is explained; the others are about the answer as a whole."""
