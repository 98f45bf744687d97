"""What is taken, or has changed meanwhile, is refused as documented, and nothing is changed by it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.writes.asking import IF_MATCH, is_done, read_back, report, send_write
from contract_tests.writes.bodies import make_patch
from contract_tests.writes.chains import (
    Body,
    Chain,
    documents,
    find_body,
    find_chain,
    find_header,
    find_sent_fields,
    list_writable,
)
from contract_tests.writes.judging import judge_record
from contract_tests.writes.making import get_made, make_free, make_maker, remove
from mock_server.contract import Operation

CHECK = "conflicts"

TWICE = {
    "taken": "A key that a record has is taken once more",
    "unique": "A value that another record has is taken, in a field of which no two records share one",
}
"""What is wrong where something is given twice that must not be."""


class Version(NamedTuple):
    """A version that a write must not name: its tag, empty for none at all, and what is to be said of it."""

    tag: str
    status: str
    problem: str
    why: str


VERSIONS = {
    "stale": Version(
        '"understudy-no-such-version"',
        "412",
        "A record is changed by who names another version of it",
        "whether a version that is no more is refused",
    ),
    "blind": Version(  # RFC 6585, 3
        "",
        "428",
        "A record is changed by who names no version of it",
        "whether a write without a version is refused",
    ),
}


def find_conflicts(context: CheckContext, operation: Operation) -> tuple[str, ...]:
    """Which conflicts an operation documents: rows of `JUDGES`."""
    if operation.effect == "create":
        return _find_taken(context, operation) if documents(context, operation, 409) else ()
    known = ("stale",) if find_header(operation, IF_MATCH) and documents(context, operation, 412) else ()
    return (*known, "blind") if documents(context, operation, 428) else known


def _find_taken(context: CheckContext, operation: Operation) -> tuple[str, ...]:
    """What a create may not give twice: a key that clients choose, and values of fields that are unique."""
    body, chain = find_body(context, operation), find_chain(context, operation)
    fields = find_sent_fields(body) if body else {}
    schema = fields.get(chain.key)
    chosen = ("taken",) if isinstance(schema, Mapping) and not schema.get("readOnly") else ()
    return (*chosen, "unique") if body and _list_unique(context, chain, body) else chosen


def _list_unique(context: CheckContext, chain: Chain, body: Body) -> list[str]:
    """Fields that no two records share and that a client writes."""
    unique = context.contract.collections[chain.collection].unique
    return [name for name in list_writable(chain, body) if name in unique]


def check_conflicts(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A key that somebody has, a version that is no more or is not named: refused, and the record is as it was."""
    chain = find_chain(context, operation)
    for conflict in find_conflicts(context, operation):
        made = get_made(context, chain, CHECK)
        known = read_back(context, chain, CHECK, made.key, "what it is before") if made else None
        if made and known and known.record is not None:
            yield from JUDGES[conflict](context, chain, operation, made.key, known.record)


def _judge_taken(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    key: str,
    known: Mapping[str, Any],
) -> Iterator[Finding]:
    """A key that a record has."""
    yield from _judge_twice(context, chain, operation, known, chain.key, "taken")


def _judge_unique(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    key: str,
    known: Mapping[str, Any],
) -> Iterator[Finding]:
    """A value that another record has in a field of which no two records share one."""
    body = find_body(context, operation)
    for name in _list_unique(context, chain, body) if body else ():
        if known.get(name) not in (None, ""):
            yield from _judge_twice(context, chain, operation, known, name, "unique")


def _judge_twice(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    known: Mapping[str, Any],
    name: str,
    conflict: str,
) -> Iterator[Finding]:
    body, value = find_body(context, operation), known[name]
    if body is None:
        return
    maker = make_maker(context, chain)
    written = make_free(context, chain, body, maker, f"{CHECK}/{name}", CHECK, {name: value})
    if written is None or written.record.get(name) != value:
        return
    why = f"whether a value of {name} that is taken is refused"
    exchange = send_write(context, operation, CHECK, why, body=body, value=written.value, is_judged=False)
    if is_done(exchange):
        problem, status = TWICE[conflict], exchange.answer.status
        yield report(context, operation, f"{CHECK}.{conflict}", problem, "409", status, exchange, f"/{name}")
    key = str(known[chain.key])
    yield from judge_record(context, chain, operation, CHECK, key, maker.compare(known))
    other = context.sender.ledger.find_key(exchange) if is_done(exchange) else ""
    if other not in ("", key):
        remove(context, chain, CHECK, other)


def _judge_version(
    conflict: str,
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    key: str,
    known: Mapping[str, Any],
) -> Iterator[Finding]:
    """A write that names a version it must not; `conflict` is a row of `VERSIONS`."""
    version, body, maker = VERSIONS[conflict], find_body(context, operation), make_maker(context, chain)
    value = _make_value(chain, body, known, operation, maker.make_change(body, known) if body else {})
    if body is not None and value is None:
        return
    header = find_header(operation, IF_MATCH)
    headers = {header.name if header else IF_MATCH: version.tag}
    exchange = send_write(context, operation, CHECK, version.why, key, body, value, headers, is_judged=False)
    if not is_done(exchange):
        yield from judge_record(context, chain, operation, CHECK, key, maker.compare(known))
        return
    status = exchange.answer.status
    yield report(context, operation, f"{CHECK}.{conflict}", version.problem, version.status, status, exchange)
    if operation.effect == "delete":
        context.made.pop(chain.collection, None)


def _make_value(
    chain: Chain,
    body: Body | None,
    known: Mapping[str, Any],
    operation: Operation,
    change: Mapping[str, Any],
) -> Any:
    """A change as a whole record, or as a patch; None where nothing can be changed."""
    if body is None or not change:
        return None
    if operation.effect == "patch":
        return make_patch(body, change)
    names = find_sent_fields(body)
    return {**{name: value for name, value in known.items() if name in names}, **change}


Judge = Callable[[CheckContext, Chain, Operation, str, Mapping[str, Any]], Iterator[Finding]]
"""From a record, by its key and as it is shown, to what is found of one conflict."""

JUDGES: Mapping[str, Judge] = {
    "taken": _judge_taken,
    "unique": _judge_unique,
    "stale": functools.partial(_judge_version, "stale"),
    "blind": functools.partial(_judge_version, "blind"),
}
"""The conflicts that an operation may document, by the name that their finding bears."""
