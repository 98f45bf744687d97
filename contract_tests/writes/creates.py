"""A created record is there: where its answer says, as it was sent, on the list, and once."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from contract_tests.context import CheckContext
from contract_tests.findings import NOTE, Finding
from contract_tests.records import find_record
from contract_tests.transport import Exchange, Refused
from contract_tests.writes.asking import Expected, is_done, read_back, read_list, report
from contract_tests.writes.chains import Chain, find_body, find_chain, find_sent_fields, is_read_only
from contract_tests.writes.judging import judge_answer, judge_list, judge_record, judge_sibling, read_sibling
from contract_tests.writes.making import Created, create, make_maker, remove
from contract_tests.writes.replaces import report_overwritten
from mock_server.contract import Operation

CHECK = "create"


def check_create(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A valid record is created: the answer, its Location, the record by its key, the list and its total agree."""
    chain = find_chain(context, operation)
    before = read_list(context, chain, CHECK, "the list before a record is created")
    beside = read_sibling(context, chain, CHECK)
    created = create(context, chain, operation, CHECK, "whether a valid record is created")
    if created is None:
        return
    made, exchange = created.made, created.exchange
    if made is None:
        yield from _judge_refusal(context, operation, exchange)
        return
    context.made.setdefault(chain.collection, made)
    yield from _judge_key(context, chain, operation, created, before.keys if before else frozenset())
    yield from judge_answer(context, operation, CHECK, created.compared, exchange)
    yield from judge_record(context, chain, operation, CHECK, made.key, created.compared)
    yield from _judge_location(context, chain, operation, exchange, made.key)
    expected = Expected(1, True)
    yield from judge_list(context, chain, operation, CHECK, made.key, before, expected, created.compared)
    yield from judge_sibling(context, chain, operation, CHECK, beside)
    if not context.target.is_live:
        yield from _judge_read_only(context, chain, operation)


def _judge_refusal(context: CheckContext, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    status = exchange.answer.status
    is_promised = operation.success.schema is not None or any(h.name == "location" for h in operation.success.headers)
    if is_done(exchange) and is_promised:
        problem, actual = "The answer to a create tells no key of what it made", f"{status} without a key"
        yield report(context, operation, "create.key", problem, "a key or a Location", actual, exchange, grade=NOTE)
    elif context.target.is_live and 400 <= status < 500:
        problem = "A record that obeys the documented schema was refused; what else it needs no schema says"
        yield report(
            context,
            operation,
            "create.refused",
            problem,
            operation.success.status,
            status,
            exchange,
            grade=NOTE,
        )


def _judge_key(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    created: Created,
    before: frozenset[str],
) -> Iterator[Finding]:
    made = created.made
    if made and not made.has_own_key and made.key in before:
        problem = "A create answers with the key of a record that was there before"
        yield report(context, operation, "create.reused", problem, "a key of its own", made.key, made.exchange)


def _judge_location(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    exchange: Exchange,
    key: str,
) -> Iterator[Finding]:
    """`Location` leads to the record (RFC 9110, 10.2.2)."""
    location = exchange.answer.header("location")
    if not location or chain.getter is None:
        return
    url, problem = urljoin(exchange.url, location), "The Location of a created record leads elsewhere"
    try:
        shown = context.sender.send(chain.getter, CHECK, url=url, why="whether the Location leads to the record")
    except Refused:
        yield report(context, operation, "create.location", problem, "an address of this target", location, exchange)
        return
    record = find_record(chain.getter, shown.answer.json) if is_done(shown) else None
    found = str(record.get(chain.key)) if isinstance(record, dict) else str(shown.answer.status)
    if found != key:
        actual = f"{urlsplit(url).path}: {found}"
        yield report(context, operation, "create.location", problem, key, actual, exchange, "location")


def _judge_read_only(context: CheckContext, chain: Chain, operation: Operation) -> Iterator[Finding]:
    """What only the server writes is not taken from a client; a refusal is as good as passing over it."""
    body = find_body(context, operation)
    writable = [n for n, s in find_sent_fields(body).items() if not is_read_only(s)] if body else []
    shown = make_maker(context, chain).make_read_only(dict.fromkeys(chain.fields, ""))
    more = {name: value for name, value in shown.items() if name not in writable}
    created = create(context, chain, operation, CHECK, "whether a client writes what only the server does", more=more)
    if not more or created is None or created.made is None:
        return
    key = created.made.key
    now = read_back(context, chain, CHECK, key, "what it shows now")
    if now and now.record:
        yield from report_overwritten(context, operation, CHECK, more, {}, now.record, created.exchange)
    remove(context, chain, CHECK, key)
