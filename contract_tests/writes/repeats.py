"""A request that is sent twice leaves what one leaves, where that is promised."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

from contract_tests.context import CheckContext
from contract_tests.findings import NOTE, Finding
from contract_tests.writes.asking import Expected, is_done, read_list, report, send_write
from contract_tests.writes.chains import Chain, find_body, find_chain, find_key_header
from contract_tests.writes.judging import judge_list, judge_record
from contract_tests.writes.making import create, get_made, make_maker, remove
from contract_tests.writes.replaces import make_whole
from mock_server.contract import Operation, Parameter

CHECK = "repeats"

MISUSED = "409 or 422"
"""How a key that comes with another body is refused."""


def check_repeats(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """The same replacement twice (RFC 9110, 9.2.2), or the same create under one Idempotency-Key."""
    chain = find_chain(context, operation)
    header = find_key_header(operation)
    yield from _judge_create(context, chain, operation, header) if header else _judge_put(context, chain, operation)


def _judge_put(context: CheckContext, chain: Chain, operation: Operation) -> Iterator[Finding]:
    body = find_body(context, operation)
    made = get_made(context, chain, CHECK) if body else None
    if body is None or made is None:
        return
    maker = make_maker(context, chain)
    before = read_list(context, chain, CHECK, "the list before a request is sent twice")
    whole = make_whole(context, chain, maker, body, made, CHECK)
    first = send_write(context, operation, CHECK, "a replacement", made.key, body, whole.value)
    again = send_write(context, operation, CHECK, "the same replacement again", made.key, body, whole.value)
    if is_done(first) and not is_done(again):
        problem, status = "A replacement that is sent twice is refused the second time", first.answer.status
        yield report(context, operation, "repeats.refused", problem, status, again.answer.status, again)
    elif is_done(first):
        yield from judge_record(context, chain, operation, CHECK, made.key, maker.compare(whole.record))
        yield from judge_list(context, chain, operation, CHECK, made.key, before, Expected(0, True))


def _judge_create(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    header: Parameter,
) -> Iterator[Finding]:
    body = find_body(context, operation)
    before = read_list(context, chain, CHECK, "the list before a create is repeated")
    headers = {header.name: str(uuid.uuid4())}
    first = create(context, chain, operation, CHECK, "a create under a key of its own", headers)
    if body is None or first is None or first.made is None:
        return
    value, key = json.loads(first.exchange.body), first.made.key
    why = "whether the same create under the same key makes another record"
    again = send_write(context, operation, CHECK, why, body=body, value=value, headers=headers)
    other = context.sender.ledger.find_key(again) if is_done(again) else ""
    if other and other != key:
        problem = "A create that is sent twice under one idempotency key makes two records"
        yield report(context, operation, "repeats.twice", problem, key, other, again)
    elif not is_done(again):
        problem, status = "A create that is sent twice under one idempotency key is refused", again.answer.status
        yield report(context, operation, "repeats.refused", problem, first.exchange.answer.status, status, again)
    else:
        yield from judge_list(context, chain, operation, CHECK, key, before, Expected(1, True), first.compared)
    misused = create(context, chain, operation, CHECK, "whether the key takes another body", headers, {})
    if misused and is_done(misused.exchange):
        problem, actual = "An idempotency key is taken with another body", misused.exchange.answer.status
        yield report(context, operation, "repeats.misused", problem, MISUSED, actual, misused.exchange, grade=NOTE)
    for made in {key, other, misused.made.key if misused and misused.made else ""} - {""}:
        remove(context, chain, CHECK, made)
