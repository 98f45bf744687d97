"""One record by its key: it is the record of the list, and an unknown key is the documented refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.checks.context import CheckContext
from contract_tests.checks.walking import get_walk
from contract_tests.findings import Finding
from mock_server.contract import Operation, Parameter, find_pointer, find_record_place

# Below 2**31, so that a database's integer column can be asked for it.
UNKNOWN = {"integer": 2_000_000_011, "string": "understudy-unknown"}
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"


def check_records(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """The first and the last record of the list, fetched by key, are the same; an unknown key is refused."""
    if not operation.key:
        return
    parameter = key_parameter(operation)
    for listed in find_listed(context, operation):
        yield from _same(context, operation, parameter, listed)
    if "not_found" in operation.errors:
        yield from _unknown(context, operation, parameter)


def find_listed(context: CheckContext, operation: Operation) -> list[Any]:
    """Two records that the list of the same collection shows: its first and its last."""
    for listing_operation in context.contract.operations:
        if listing_operation.is_list and listing_operation.collection == operation.collection:
            records = get_walk(context, listing_operation).seen
            return [records[0], records[-1]] if len(records) > 1 else records
    return []


def key_parameter(operation: Operation) -> Parameter:
    """The path parameter that identifies the record."""
    return next(p for p in operation.parameters if p.name == operation.key)


def ready_values(context: CheckContext, operation: Operation) -> dict[str, Any]:
    """The path values of a request that is right: those of a record that the target has, where one is known."""
    return {
        parameter.name: next(_known_values(context, operation, parameter), unknown_key(parameter))
        for parameter in path_parameters(operation)
    }


def path_parameters(operation: Operation) -> list[Parameter]:
    """The parameters in the operation's path."""
    return [parameter for parameter in operation.parameters if parameter.where == "path"]


def _known_values(context: CheckContext, operation: Operation, parameter: Parameter) -> Iterator[Any]:
    for listed in find_listed(context, operation) if parameter.filter else ():
        value = _key(parameter, listed)
        if value is not None:
            yield value


def knows_record(context: CheckContext, operation: Operation) -> bool:
    """Whether a request for one record can be answered: some record of the target is known, or none is needed."""
    selecting = [parameter for parameter in path_parameters(operation) if parameter.filter]
    return all(any(True for _ in _known_values(context, operation, parameter)) for parameter in selecting)


def _key(parameter: Parameter, listed: Any) -> Any:
    field = parameter.filter.fields[0] if parameter.filter else parameter.name
    return listed.get(field) if isinstance(listed, dict) else None


def _same(context: CheckContext, operation: Operation, parameter: Parameter, listed: Any) -> Iterator[Finding]:
    key = _key(parameter, listed)
    if key is None:
        return
    exchange = context.send(operation, "records", path_values={operation.key: key})
    shown = find_record(operation, exchange.answer.json)
    if exchange.answer.status != operation.success.status:
        return
    # A field that only one of the two shows is a matter of their schemas; what both show must be equal.
    for name in sorted({*listed, *(shown if isinstance(shown, dict) else {})}):
        ours, theirs = listed.get(name), shown.get(name) if isinstance(shown, dict) else None
        if ours != theirs and (isinstance(shown, dict) and name in shown) == (name in listed):
            yield context.finding(
                operation,
                "records.same",
                f"/{name}",
                "A record by its key is not the record that the list shows",
                f"{ours!r}",
                f"{theirs!r}",
                context.of_parameter(parameter),
                exchange,
            )


def find_record(operation: Operation, body: Any) -> Any:
    """The record in an answer: where the response's schema has the item schema."""
    place = find_record_place(operation.success.schema)
    return find_pointer(body, place.pointer) if place else None


def unknown_key(parameter: Parameter) -> Any:
    """A key of the right form that no record has."""
    if parameter.schema.get("format") == "uuid":
        return UNKNOWN_UUID
    return UNKNOWN["integer" if parameter.schema.get("type") == "integer" else "string"]


def _unknown(context: CheckContext, operation: Operation, parameter: Parameter) -> Iterator[Finding]:
    reply = operation.errors["not_found"]
    key = unknown_key(parameter)
    exchange = context.send(operation, "records", reply=reply, path_values={operation.key: key})
    if exchange.answer.status < 300 <= reply.status:
        yield context.finding(
            operation,
            "records.unknown",
            "",
            "A key that no record has is answered with success",
            reply.status,
            exchange.answer.status,
            context.of_reply(reply),
            exchange,
        )
