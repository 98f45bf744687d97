"""A patched record has what was sent, and keeps what was not; null clears (RFC 7396)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.context import CheckContext, MadeRecord
from contract_tests.findings import Finding
from contract_tests.writes.asking import Expected, is_done, read_back, read_list, report, send_write
from contract_tests.writes.bodies import BodyMaker, Written, make_patch
from contract_tests.writes.chains import JSON_PATCH, Body, Chain, find_body, find_chain, list_writable
from contract_tests.writes.comparing import ABSENT, describe, is_shown
from contract_tests.writes.judging import judge_answer, judge_list, judge_record
from contract_tests.writes.making import get_made, make_maker
from contract_tests.writes.replaces import judge_read_only
from mock_server.contract import Operation

CHECK = "patch"


def check_patch(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """One member is changed: it is as sent, the others are as they were; then one is cleared by null."""
    chain, body = find_chain(context, operation), find_body(context, operation)
    made = get_made(context, chain, CHECK) if body else None
    known = read_back(context, chain, CHECK, made.key, "what it is before") if made else None
    if body is None or made is None or known is None or known.record is None:
        return
    maker = make_maker(context, chain)
    change = maker.make_change(body, known.record)
    if not change:
        return
    before = read_list(context, chain, CHECK, "the list before a record is changed")
    value = make_patch(body, change)
    exchange = send_write(context, operation, CHECK, "whether a member is changed", made.key, body, value)
    if not is_done(exchange):
        return
    yield from judge_answer(context, operation, CHECK, change, exchange)
    yield from judge_record(context, chain, operation, CHECK, made.key, change)
    yield from _judge_kept(context, chain, operation, body, made, known.record, change)
    yield from judge_list(context, chain, operation, CHECK, made.key, before, Expected(0, True))
    yield from _judge_null(context, chain, operation, maker, body, made)
    if body.media_type != JSON_PATCH:
        whole = Written(value, change)
        yield from judge_read_only(context, chain, operation, CHECK, maker, body, made, whole)


def _list_client_fields(context: CheckContext, chain: Chain) -> frozenset[str]:
    """Members that clients write by any operation of the chain: a server may change others as it likes."""
    writes = (o for o in (chain.create, chain.replace, chain.patch) if o)
    bodies = (find_body(context, operation) for operation in writes)
    return frozenset(name for body in bodies if body for name in list_writable(chain, body))


def _judge_kept(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    body: Body,
    made: MadeRecord,
    known: Mapping[str, Any],
    change: Mapping[str, Any],
) -> Iterator[Finding]:
    shown = read_back(context, chain, CHECK, made.key, "whether what was not sent is as it was")
    if shown is None or shown.record is None:
        return
    for name in sorted(_list_client_fields(context, chain) - change.keys()):
        was, now = known.get(name, ABSENT), shown.record.get(name, ABSENT)
        if was is not ABSENT and not is_shown(was, now):
            problem = "A change clears or changes what it does not say"
            place = f"/{name}"
            yield report(
                context,
                operation,
                "patch.kept",
                problem,
                describe(was),
                describe(now),
                shown.exchange,
                place,
            )


def _judge_null(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    maker: BodyMaker,
    body: Body,
    made: MadeRecord,
) -> Iterator[Finding]:
    """Null clears a member (RFC 7396, 1)."""
    known = read_back(context, chain, CHECK, made.key, "what may be cleared")
    record = known.record if known and known.record else {}
    names = list(maker.list_nullable(body))
    name = next((name for name in names if record.get(name) is not None), "")
    if not name and names and (change := maker.make_change(body, record, names)):
        name = next(iter(change))
        send_write(context, operation, CHECK, "a value to be cleared", made.key, body, make_patch(body, change))
        record = {**record, **change}
    if not name:
        return
    cleared = make_patch(body, {name: None})
    exchange = send_write(context, operation, CHECK, "whether null clears", made.key, body, cleared)
    shown = read_back(context, chain, CHECK, made.key, "whether null clears") if is_done(exchange) else None
    if shown and shown.record and shown.record.get(name) == record[name]:
        problem, actual = "Null does not clear a member", repr(shown.record[name])
        yield report(context, operation, "patch.null", problem, "null or absent", actual, exchange, f"/{name}")
