"""A deleted record is gone: by its key, from the list, from the total; and no other record gets its key."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.context import CheckContext, MadeRecord
from contract_tests.findings import NOTE, Finding
from contract_tests.writes.asking import (
    GONE,
    Expected,
    is_done,
    read_back,
    read_list,
    report,
    send_write,
    wait_a_little,
)
from contract_tests.writes.chains import Chain, find_chain
from contract_tests.writes.judging import STALE, judge_list, judge_sibling, read_sibling
from contract_tests.writes.making import create, get_made, remove
from mock_server.contract import Operation

CHECK = "delete"


def check_delete(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A record is deleted, looked for, deleted again, and followed by another one."""
    chain = find_chain(context, operation)
    made = get_made(context, chain, CHECK)
    if made is None:
        return
    before = read_list(context, chain, CHECK, "the list before a record is deleted")
    beside = read_sibling(context, chain, CHECK)
    exchange = send_write(context, operation, CHECK, "whether a record is deleted", made.key)
    if not is_done(exchange):
        return
    context.made.pop(chain.collection, None)
    yield from _judge_gone(context, chain, operation, made)
    yield from judge_list(context, chain, operation, CHECK, made.key, before, Expected(-1, False))
    yield from judge_sibling(context, chain, operation, CHECK, beside)
    yield from _judge_next(context, chain, operation, made)
    if not context.target.is_live:
        yield from _judge_again(context, operation, made)


def _judge_gone(context: CheckContext, chain: Chain, operation: Operation, made: MadeRecord) -> Iterator[Finding]:
    shown = read_back(context, chain, CHECK, made.key, "whether it is gone") if chain.getter else None
    if shown is None or shown.exchange.answer.status >= 400:
        return
    wait_a_little(context)
    later = read_back(context, chain, CHECK, made.key, "whether it is gone later")
    actual = shown.exchange.answer.status
    if later and later.exchange.answer.status in GONE:
        yield report(context, operation, "delete.stale", STALE, "404", actual, shown.exchange)
    else:
        problem = "A deleted record is still there"
        yield report(context, operation, "delete.stays", problem, "404", actual, shown.exchange)


def _judge_again(context: CheckContext, operation: Operation, made: MadeRecord) -> Iterator[Finding]:
    """What is not there is not deleted; who answers all the same says that nothing had to be done."""
    if "not_found" not in operation.errors:
        return
    why = "whether what is gone can be deleted"
    exchange = send_write(context, operation, CHECK, why, made.key, is_judged=False)
    if is_done(exchange):
        problem, status = "A record is deleted twice, though 404 is documented", exchange.answer.status
        yield report(context, operation, "delete.again", problem, "404", status, exchange, grade=NOTE)


def _judge_next(context: CheckContext, chain: Chain, operation: Operation, made: MadeRecord) -> Iterator[Finding]:
    """The next record has a key of its own: who kept the old one would find somebody else's."""
    if chain.create is None or not made.is_own or made.has_own_key:
        return
    created = create(context, chain, chain.create, CHECK, "whether the key of a deleted record is given again")
    if created is None or created.made is None:
        return
    if created.made.key == made.key:
        problem = "The key of a deleted record is given to the next one"
        yield report(
            context,
            operation,
            "delete.reused",
            problem,
            "a key that no record had",
            made.key,
            created.exchange,
        )
    remove(context, chain, CHECK, created.made.key)
