"""A replaced record is what was sent: nothing of it is lost, and nothing of what it was before is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.context import CheckContext, MadeRecord
from contract_tests.findings import Finding
from contract_tests.transport import Exchange
from contract_tests.writes.asking import Expected, is_done, read_back, read_list, report, send_write
from contract_tests.writes.bodies import BodyMaker, Written
from contract_tests.writes.chains import Body, Chain, find_body, find_chain, find_sent_fields
from contract_tests.writes.judging import judge_answer, judge_list, judge_record
from contract_tests.writes.making import get_made, make_maker
from mock_server.contract import Operation

CHECK = "replace"


def check_replace(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A record is replaced by a whole one, then by a lean one; lists and totals stay as they are."""
    chain, body = find_chain(context, operation), find_body(context, operation)
    made = get_made(context, chain, CHECK) if body else None
    if body is None or made is None:
        return
    maker = make_maker(context, chain)
    before = read_list(context, chain, CHECK, "the list before a record is replaced")
    whole = make_whole(context, chain, maker, body, made, "replace")
    exchange = _put(context, operation, body, made, whole.value, "whether a record is replaced")
    if not is_done(exchange):
        return
    sent = maker.compare(whole.record)
    yield from judge_answer(context, operation, CHECK, sent, exchange)
    yield from judge_record(context, chain, operation, CHECK, made.key, sent)
    yield from judge_list(context, chain, operation, CHECK, made.key, before, Expected(0, True))
    yield from _judge_lean(context, chain, operation, maker, body, made, whole)
    yield from judge_read_only(context, chain, operation, CHECK, maker, body, made, whole)


def make_whole(
    context: CheckContext,
    chain: Chain,
    maker: BodyMaker,
    body: Body,
    made: MadeRecord,
    label: str,
) -> Written:
    """A whole record of other values, with the key that it has."""
    schema = find_sent_fields(body).get(chain.key)
    is_sent = isinstance(schema, Mapping) and not schema.get("readOnly")
    shown = read_back(context, chain, label, made.key, "what it is before") if is_sent else None
    key = shown.record.get(chain.key) if shown and shown.record else made.sent.get(chain.key, made.key)
    return maker.make(body, label, {chain.key: key} if is_sent else None)


def _put(
    context: CheckContext,
    operation: Operation,
    body: Body,
    made: MadeRecord,
    value: Any,
    why: str,
    is_judged: bool = True,
) -> Exchange:
    return send_write(context, operation, CHECK, why, made.key, body, value, is_judged=is_judged)


def _judge_lean(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    maker: BodyMaker,
    body: Body,
    made: MadeRecord,
    whole: Written,
) -> Iterator[Finding]:
    """What a replacement leaves out is not what it was before (RFC 9110, 9.3.4)."""
    merged, exchange = _find_merged(context, chain, operation, maker, body, made, whole)
    if exchange is None or not merged:
        return
    # A value that a server fills in may be the one of before by chance: another one is hardly so as well.
    other = make_whole(context, chain, maker, body, made, f"{CHECK}/other")
    telling = {name for name, value in merged.items() if other.record.get(name, value) != value}
    if not is_done(_put(context, operation, body, made, other.value, "another record to leave members out of")):
        return
    again, exchange = _find_merged(context, chain, operation, maker, body, made, other)
    for name in sorted(telling & again.keys()) if exchange else ():
        problem, actual = "A replacement keeps what it leaves out: it was merged", repr(again[name])
        if exchange:
            yield report(
                context,
                operation,
                "replace.merged",
                problem,
                "gone or a default",
                actual,
                exchange,
                f"/{name}",
            )


def _find_merged(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    maker: BodyMaker,
    body: Body,
    made: MadeRecord,
    whole: Written,
) -> tuple[dict[str, Any], Exchange | None]:
    """The members that a lean replacement left out and that show what they were, and its exchange."""
    lean = maker.make_lean(body, whole)
    left_out = [n for n in maker.compare(whole.record) if n not in lean.record and maker.is_telling(n)]
    if not left_out:
        return {}, None
    why = "whether what is left out is gone"
    exchange = _put(context, operation, body, made, lean.value, why)
    shown = read_back(context, chain, CHECK, made.key, why) if is_done(exchange) else None
    record = shown.record if shown and shown.record else {}
    return {n: whole.record[n] for n in left_out if record.get(n) == whole.record[n]}, exchange


def judge_read_only(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    check: str,
    maker: BodyMaker,
    body: Body,
    made: MadeRecord,
    whole: Written,
) -> Iterator[Finding]:
    """What only the server writes is not taken from a client; a refusal is as good as passing over it."""
    before = read_back(context, chain, check, made.key, "what only the server writes")
    more = maker.make_read_only(before.record) if before and before.record else {}
    if not more or not isinstance(whole.value, dict) or body.at:
        return
    why = "whether a client writes what only the server does"
    exchange = send_write(
        context,
        operation,
        check,
        why,
        made.key,
        body,
        {**whole.value, **more},
        is_judged=False,
    )
    shown = read_back(context, chain, check, made.key, why) if is_done(exchange) else None
    if shown and shown.record and before and before.record:
        yield from report_overwritten(context, operation, check, more, before.record, shown.record, exchange)


def report_overwritten(
    context: CheckContext,
    operation: Operation,
    check: str,
    sent: Mapping[str, Any],
    before: Mapping[str, Any],
    shown: Mapping[str, Any],
    exchange: Exchange,
) -> Iterator[Finding]:
    """A finding for each member that only the server writes and that has what a client sent."""
    for name, value in sent.items():
        if shown.get(name) == value:
            problem = "A client overwrites what only the server writes"
            wanted = repr(before[name]) if name in before else "the server's own"
            yield report(context, operation, f"{check}.read_only", problem, wanted, repr(value), exchange, f"/{name}")
