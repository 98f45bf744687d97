"""What writes ask of a target: the write itself, the record that came of it, and the list that has it."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contract_tests.context import CheckContext, send_tolerant
from contract_tests.findings import BREAKING, NOTE, Finding
from contract_tests.records import find_record
from contract_tests.transport import Exchange
from contract_tests.writes.chains import Body, Chain, documents, find_header, find_key_header, find_statuses, of_effect
from contract_tests.writes.comparing import describe, find_lost
from mock_server.contract import Operation

IF_MATCH = "if-match"

GONE = (404, 410)
"""How a target says that a record is not there."""

MAX_PAGES = {True: 3, False: 20}
"""Pages of a list that are read to find a record, at a live target and at a mock."""

MORE = re.compile("next|cursor|more|page", re.IGNORECASE)
"""Names of what leads on from a list of which no document says how it is paged."""

LATER_SECONDS = 1.0
"""What is waited at a live target before it is asked again for what it did not show."""


class Shown(NamedTuple):
    """A record by its key as it is shown; None where it is not."""

    exchange: Exchange
    record: Mapping[str, Any] | None


class ListState(NamedTuple):
    """A list as it is now; `is_whole` says that all of its records were read."""

    exchange: Exchange
    total: int | None
    records: Sequence[Mapping[str, Any]]
    keys: frozenset[str]
    is_whole: bool


class Expected(NamedTuple):
    """What must hold after a write: how a list's total has changed, and whether the record is in it."""

    by: int
    is_there: bool


def send_write(
    context: CheckContext,
    operation: Operation,
    check: str,
    why: str,
    key: str = "",
    body: Body | None = None,
    value: Any = None,
    headers: Mapping[str, str] | None = None,
    is_judged: bool = True,
) -> Exchange:
    """Send a write. Its answer is judged as the documented success, unless it is another one that is documented.

    A header whose value is empty is left out, also where one is required.
    """
    given = headers or {}
    media = {"Content-Type": body.media_type} if body else {}
    names_version = any(name.lower() == IF_MATCH for name in given)
    media |= {} if names_version else _find_condition(context, operation, check, key)
    exchange = context.sender.send(
        operation,
        check,
        path_values={operation.key: key} if operation.key else None,
        headers={**media, **_make_new_key(operation), **{name: text for name, text in given.items() if text}},
        body=json.dumps(value).encode() if body else b"",
        why=why,
        # A header that is left out on purpose is not added for being required.
        is_bare="" in given.values(),
    )
    status = exchange.answer.status
    others = find_statuses(context, operation) - {operation.success.status}
    # What a live target refuses it may refuse for a reason that no schema says.
    is_own_reason = context.target.is_live and 400 <= status < 500
    if is_judged and status not in others and not is_own_reason:
        context.expected.append((exchange, operation.success))
    return exchange


def _find_condition(context: CheckContext, operation: Operation, check: str, key: str) -> dict[str, str]:
    """The header that names the version which is changed, where the operation documents it."""
    parameter = find_header(operation, IF_MATCH)
    name = parameter.name if parameter else "If-Match" if documents(context, operation, 428) else ""
    reads = (o for o in context.contract.operations if o.effect == "get" and o.collection == operation.collection)
    getter = next(reads, None) if name and key else None
    if getter is None:
        return {}
    why = "which version is changed"
    tag = context.sender.send(getter, check, path_values={getter.key: key}, why=why).answer.header("etag")
    return {name: tag or "*"}


def _make_new_key(operation: Operation) -> dict[str, str]:
    """The idempotency key that a create must bear, another one each time."""
    header = find_key_header(operation)
    return {header.name: str(uuid.uuid4())} if header and header.required else {}


def is_done(exchange: Exchange) -> bool:
    """Whether a write was answered with success."""
    return 200 <= exchange.answer.status < 300


def read_back(context: CheckContext, chain: Chain, check: str, key: str, why: str) -> Shown | None:
    """The record of a key, by the operation that gets it, else on its list; None where neither shows it by itself."""
    if chain.getter:
        exchange = context.sender.send(chain.getter, check, path_values={chain.getter.key: key}, why=why)
        record = find_record(chain.getter, exchange.answer.json) if is_done(exchange) else None
        if is_done(exchange):
            context.expected.append((exchange, chain.getter.success))
        return Shown(exchange, record if isinstance(record, dict) else None)
    state = read_list(context, chain, check, why)
    record = next((r for r in state.records if str(r.get(chain.key)) == key), None) if state else None
    return Shown(state.exchange, record) if state and (record or state.is_whole) else None


def read_list(context: CheckContext, chain: Chain, check: str, why: str) -> ListState | None:
    """The list of a collection, as much of it as is read; None where there is none or its answer is no page."""
    if chain.lister is None:
        return None
    listing = context.listings[chain.lister.id]
    size = listing.max_size if "size" in listing.parameters else None
    first = context.send(chain.lister, check, query=listing.query(size=size), why=why)
    page = listing.read(first)
    if page is None:
        return None
    total = page.total if isinstance(page.total, int) and not isinstance(page.total, bool) else None
    records, is_ended = _read_rest(context, chain.lister, check, page.records, total, size)
    has_more = 'rel="next"' in (first.answer.header("link") or "") and len(records) == len(page.records)
    has_more |= total is None and says_more(first.answer.json)
    is_whole = len(records) == total or (is_ended and not has_more)
    keys = frozenset(str(record.get(chain.key)) for record in records)
    return ListState(first, total, records, keys, is_whole)


def _read_rest(
    context: CheckContext,
    operation: Operation,
    check: str,
    first: list[Any],
    total: int | None,
    size: int | None,
) -> tuple[list[dict[str, Any]], bool]:
    """The records of the first page and of those behind it, and whether the list ended with them."""
    listing, records, most = context.listings[operation.id], list(first), MAX_PAGES[context.target.is_live]
    step = len(first)
    if not listing.style or not step:
        is_plain = not any(p.where == "query" for p in operation.parameters) and total in (None, len(records))
        return _only_records(records), is_plain or bool(listing.style)
    count = -(-total // step) if total is not None else most
    numbers = range(2, count + 1) if count <= most else [*range(2, most), count]
    for number in numbers:
        place = {"offset": (number - 1) * step} if listing.style == "offset" else {"number": number}
        why = "whether the record is on a later page"
        exchange = send_tolerant(context, operation, check, listing.query(size=size, **place), why)
        page = listing.read(exchange)
        records += page.records if page else []
        if page is None or len(page.records) < step:
            return _only_records(records), page is not None and count <= most
    return _only_records(records), False


def says_more(body: Any) -> bool:
    """Whether an answer tells in any words that there is more of it than it shows."""
    if not isinstance(body, Mapping):
        return False
    hints = (v for name, v in body.items() if MORE.search(name) and v not in (None, False, "", 0))
    return any(True for _ in hints) or any(says_more(each) for each in body.values())


def _only_records(records: Sequence[Any]) -> list[dict[str, Any]]:
    return [record for record in records if isinstance(record, dict)]


def wait_a_little(context: CheckContext) -> None:
    """Give a live target time to show what was written."""
    if context.target.is_live and not context.target.stands_for:
        time.sleep(LATER_SECONDS)


def report(
    context: CheckContext,
    operation: Operation,
    check: str,
    problem: str,
    expected: object,
    actual: object,
    exchange: Exchange,
    place: str = "",
    grade: str = BREAKING,
) -> Finding:
    """A finding of a write, by what the operation is taken to do."""
    evidence = of_effect(context, operation)
    return context.finding(operation, check, place, problem, expected, actual, evidence, exchange, grade)


def report_lost(
    context: CheckContext,
    operation: Operation,
    check: str,
    sent: Mapping[str, Any],
    shown: Mapping[str, Any],
    exchange: Exchange,
) -> list[Finding]:
    """A finding for each member that is not shown as it was sent."""
    problem = "A record does not show what was written"
    return [
        report(context, operation, check, problem, describe(value), describe(seen), exchange, f"/{name}")
        for name, value, seen in find_lost(sent, shown)
    ]


def note_or_break(context: CheckContext) -> str:
    """The grade of what another client may have caused: at a live target others write as well."""
    return NOTE if context.target.is_live else BREAKING
