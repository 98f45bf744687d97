"""What is taken, or has changed meanwhile, is refused as documented, and nothing is changed by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.context import CheckContext
from contract_tests.findings import Finding, find_node
from contract_tests.writes.asking import IF_MATCH, is_done, read_back, report, send_write
from contract_tests.writes.bodies import make_patch
from contract_tests.writes.chains import Body, Chain, find_body, find_chain, find_header, find_sent_fields
from contract_tests.writes.judging import judge_record
from contract_tests.writes.making import get_made, make_maker
from mock_server.contract import Operation

CHECK = "conflicts"

STALE_TAG = '"understudy-no-such-version"'


def documents(context: CheckContext, operation: Operation, status: int) -> bool:
    """Whether an operation documents a status."""
    return str(status) in find_node(context.contract.document, operation.pointer).get("responses", {})


def find_conflict(context: CheckContext, operation: Operation) -> str:
    """Which conflict an operation documents: a key that is `taken`, a version that is `stale`; empty for none."""
    if operation.effect == "create":
        body, chain = find_body(context, operation), find_chain(context, operation)
        schema = find_sent_fields(body).get(chain.key) if body else None
        is_chosen = isinstance(schema, Mapping) and not schema.get("readOnly")
        return "taken" if is_chosen and documents(context, operation, 409) else ""
    return "stale" if find_header(operation, IF_MATCH) and documents(context, operation, 412) else ""


def check_conflicts(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A key that somebody has, a version that is no more: refused, and the record is as it was."""
    chain = find_chain(context, operation)
    made = get_made(context, chain, CHECK)
    known = read_back(context, chain, CHECK, made.key, "what it is before") if made else None
    if made is None or known is None or known.record is None:
        return
    if operation.effect == "create":
        yield from _judge_taken(context, chain, operation, known.record)
    else:
        yield from _judge_stale(context, chain, operation, made.key, known.record)


def _judge_taken(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    known: Mapping[str, Any],
) -> Iterator[Finding]:
    body, key = find_body(context, operation), known[chain.key]
    if body is None:
        return
    maker = make_maker(context, chain)
    written = maker.make(body, CHECK, {chain.key: key})
    if written.record.get(chain.key) != key:
        return
    why = "whether a key that is taken is refused"
    exchange = send_write(context, operation, CHECK, why, body=body, value=written.value, is_judged=False)
    if is_done(exchange):
        problem, status = "A key that a record has is taken once more", exchange.answer.status
        yield report(context, operation, "conflicts.taken", problem, "409", status, exchange)
    yield from judge_record(context, chain, operation, CHECK, str(key), maker.compare(known))


def _judge_stale(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    key: str,
    known: Mapping[str, Any],
) -> Iterator[Finding]:
    body, maker = find_body(context, operation), make_maker(context, chain)
    value = _make_value(chain, body, known, operation, maker.make_change(body, known) if body else {})
    header = find_header(operation, IF_MATCH)
    if header is None or (body is not None and value is None):
        return
    headers = {IF_MATCH: STALE_TAG}
    why = "whether a version that is no more is refused"
    exchange = send_write(context, operation, CHECK, why, key, body, value, headers, is_judged=False)
    if is_done(exchange):
        problem, status = "A record is changed by who names another version of it", exchange.answer.status
        yield report(context, operation, "conflicts.stale", problem, "412", status, exchange)
        if operation.effect == "delete":
            context.made.pop(chain.collection, None)
    else:
        yield from judge_record(context, chain, operation, CHECK, key, maker.compare(known))


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
