"""One record by its key: it is the record of the list, and an unknown key is the documented refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.context import CheckContext, Walk, get_walk
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding, find_along
from contract_tests.records.record_fields import MISSING
from contract_tests.records.same_record import find_differences, find_gaps, find_prefixes, pick_records
from mock_server.contract import Operation, Parameter, find_pointer, find_record_place
from mock_server.samples import Sampler

# Below 2**31, so that a database's integer column can be asked for it.
UNKNOWN = {"integer": 2_000_000_011, "string": "understudy-unknown"}
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"


FIRST_RECORDS = 4
"""Records fetched by key at first; more of them are fetched of what a budget leaves."""


def check_records(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Some records of the list, fetched by key, are the same; an unknown key is refused."""
    if not operation.key:
        return
    parameter = key_parameter(operation)
    yield from _check_same(context, operation, parameter, _pick(context, operation)[:FIRST_RECORDS])
    if "not_found" in operation.errors:
        yield from _unknown(context, operation, parameter)


def check_more_records(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """More records of the list by their keys; keys between and before those of records are nobody's."""
    remaining = context.remaining
    share = MORE_OF_A_MOCK if remaining is None else min(MORE_RECORDS, remaining // 8)
    if not operation.key or not share:
        return
    parameter = key_parameter(operation)
    yield from _check_same(context, operation, parameter, _pick(context, operation)[FIRST_RECORDS:][:share])
    walk = _find_walk(context, operation)
    if walk and walk.whole and "not_found" in operation.errors:
        keys = [_key(parameter, record) for record in walk.seen]
        others = [
            ("no record of the list has", find_prefixes(keys, 2)),
            ("lies between two others", find_gaps(keys, share)),
        ]
        for what, unknown in others:
            yield from _nobody(context, operation, unknown, what)


MORE_RECORDS, MORE_OF_A_MOCK = 25, 2
"""Records, and keys of nobody, that are asked for late: of a live target at most, and of a mock."""


def _nobody(context: CheckContext, operation: Operation, keys: list[Any], what: str) -> Iterator[Finding]:
    for key in keys:
        why = "a key of no listed record answers none"
        exchange = context.sender.send(operation, "records", path_values={operation.key: key}, why=why)
        record = find_record(operation, exchange.answer.json)
        if exchange.answer.status == operation.success.status and isinstance(record, dict):
            problem = "A key that no record of the list has is answered with a record: a deleted one, or another's"
            actual = f"{key!r}, which {what}: a record with {next(iter(record.items()), '')}"
            sentence = context.of_reply(operation.errors["not_found"])
            status = operation.errors["not_found"].status
            yield context.finding(
                operation,
                "records.nobody",
                operation.key,
                problem,
                status,
                actual,
                sentence,
                exchange,
                NOTE,
            )
            return


def _find_walk(context: CheckContext, operation: Operation) -> Walk | None:
    """The walk over the list of the same collection."""
    lists = (o for o in context.contract.operations if o.is_list and o.collection == operation.collection)
    return next((get_walk(context, listing) for listing in lists), None)


def _pick(context: CheckContext, operation: Operation) -> list[Any]:
    walk = _find_walk(context, operation)
    records = [record for record in walk.seen if isinstance(record, dict)] if walk else []
    return pick_records(records, walk.listing.key_of) if walk else []


def _check_same(
    context: CheckContext,
    operation: Operation,
    parameter: Parameter,
    picked: list[Any],
) -> Iterator[Finding]:
    """Where records differ by key; where a live target's do, the list is looked at once more."""
    is_confirmed = not context.target.is_live
    for listed in picked:
        findings = list(_same(context, operation, parameter, listed))
        if findings and not is_confirmed:
            # Records of a real API change: what the list shows by now may be what the key shows.
            is_confirmed = _is_listed_still(context, operation, listed)
        yield from findings if is_confirmed else ()


def _is_listed_still(context: CheckContext, operation: Operation, listed: Any) -> bool:
    walk = _find_walk(context, operation)
    steps = [step for step in walk.steps if step.page and listed in step.page.records] if walk else []
    if not walk or not steps:
        return True
    why = "whether the list still shows what the record by its key does not"
    again = context.send(walk.listing.operation, "records", url=steps[0].exchange.url, why=why)
    page = walk.listing.read(again)
    return page is not None and listed in page.records


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
    given = context.known_record(operation.id)
    if parameter.name in given:
        yield given[parameter.name]
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
    why = "a record by its key is the listed one"
    exchange = context.send(operation, "records", path_values={operation.key: key}, why=why)
    if exchange.answer.status != operation.success.status:
        return
    place = find_record_place(operation.success.schema)
    schema = place.schema if place else {}
    for where, ours, theirs in find_differences(listed, find_record(operation, exchange.answer.json), schema):
        lacks = MISSING in (ours, theirs)
        yield context.finding(
            operation,
            "records.same",
            where,
            _LACKS if lacks else "A record by its key is not the record that the list shows",
            "absent" if ours is MISSING else f"{ours!r} in the list, for the key {key!r}",
            "absent" if theirs is MISSING else f"{theirs!r}",
            _of_field(schema, where),
            exchange,
            NOTE if lacks else BREAKING,
        )


_LACKS = "A member is missing in the record by its key, or in the list, and not in the other"


def _of_field(schema: Any, where: str) -> Evidence:
    steps = [step for name in where.split("/")[1:] for step in (["items"] if name == "*" else ["properties", name])]
    return find_along(schema, steps)


def find_record(operation: Operation, body: Any) -> Any:
    """The record in an answer: where the response's schema has the item schema."""
    place = find_record_place(operation.success.schema)
    return find_pointer(body, place.pointer) if place else None


def unknown_key(parameter: Parameter) -> Any:
    """A key of the right form that no record has."""
    if parameter.schema.get("format") == "uuid":
        return UNKNOWN_UUID
    if parameter.schema.keys() & {"pattern", "minLength", "maxLength", "format"}:
        return Sampler({}, "nobody has it").sample(parameter.schema, parameter.name)
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
