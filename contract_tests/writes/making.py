"""The record that writes are tried on: one that the run creates; of a mock that creates none, one that it has."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from contract_tests.context import CheckContext, MadeRecord
from contract_tests.transport import Exchange
from contract_tests.writes.asking import GONE, is_done, read_back, read_list, send_write
from contract_tests.writes.bodies import BodyMaker, Written
from contract_tests.writes.chains import Body, Chain, find_body, find_required
from mock_server.contract import Operation

MAX_KEYS = 4
"""Keys that are looked at before one is nobody's."""


class Created(NamedTuple):
    """What came of a create: the record, None where it was refused or tells no key; and what is compared of it."""

    exchange: Exchange
    made: MadeRecord | None
    compared: Mapping[str, Any]


def make_maker(context: CheckContext, chain: Chain) -> BodyMaker:
    """The maker of a chain's bodies: the same ones for a mock each time, others in every run for a live target."""
    return BodyMaker(context, chain, secrets.token_hex(4) if context.target.is_live else "understudy")


def create(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    check: str,
    why: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Created | None:
    """Create a record; None where its body cannot be made, or no key of it is known to be free.

    `more` are members that the body has beside what a client should send.
    """
    body, maker = find_body(context, operation), make_maker(context, chain)
    if body is None:
        return None
    number = sum(e.operation == operation.id for e in context.sender.traffic)
    written = make_free(context, chain, body, maker, f"create/{number}", check)
    if written is None:
        return None
    value = {**written.value, **more} if more and isinstance(written.value, dict) else written.value
    exchange = send_write(
        context,
        operation,
        check,
        why,
        body=body,
        value=value,
        headers=headers,
        is_judged=more is None,
    )
    key = context.sender.ledger.find_key(exchange) if is_done(exchange) else ""
    has_own_key = chain.key in written.record and str(written.record[chain.key]) == key
    made = MadeRecord(key, written.record, exchange, True, has_own_key) if key else None
    return Created(exchange, made, maker.compare(written.record))


def make_free(
    context: CheckContext,
    chain: Chain,
    body: Body,
    maker: BodyMaker,
    label: str,
    check: str,
    given: Mapping[str, Any] | None = None,
) -> Written | None:
    """A body whose key is the server's to choose, else one that nobody has; `given` is what it must have.

    A key that is given is kept as it is.
    """
    written = maker.make(body, label, given)
    if chain.key not in written.record or (given and chain.key in given):
        return written
    if chain.key not in find_required(body) and isinstance(written.value, dict):
        lean = maker.drop(body, written, chain.key)
        if maker.is_valid(body, lean.value):
            return lean
    for number in range(MAX_KEYS):
        key = str(written.record.get(chain.key))
        shown = read_back(context, chain, check, key, "whether a key is free") if chain.getter else None
        if shown is None and not context.target.is_live:
            return written
        if shown and shown.exchange.answer.status in GONE:
            return written
        written = maker.make(body, f"{label}/{number}", given)
    return None


def get_made(context: CheckContext, chain: Chain, check: str) -> MadeRecord | None:
    """The record of a chain: the one that was created, else a new one, else at a mock one that it shows."""
    known = context.made.get(chain.collection)
    if known is None and chain.create:
        created = create(context, chain, chain.create, check, "a record to try writes on")
        known = created.made if created else None
    if known is None and not context.target.is_live:
        known = _find_listed(context, chain, check)
    if known is not None:
        context.made[chain.collection] = known
    return known


def _find_listed(context: CheckContext, chain: Chain, check: str) -> MadeRecord | None:
    state = read_list(context, chain, check, "a record to try writes on")
    record = next((r for r in state.records if r.get(chain.key) is not None), None) if state else None
    return MadeRecord(str(record[chain.key]), {}, state.exchange, is_own=False) if state and record else None


def remove(context: CheckContext, chain: Chain, check: str, key: str) -> None:
    """Delete a record that is of no more use, where the collection has such an operation."""
    if chain.delete:
        send_write(context, chain.delete, check, "the record is of no more use", key, is_judged=False)
