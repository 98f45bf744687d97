"""What must hold after a write: of the record by its key, of the list, of its total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.transport import Exchange
from contract_tests.writes.asking import (
    Expected,
    ListState,
    Shown,
    note_or_break,
    read_back,
    read_list,
    report,
    report_lost,
    wait_a_little,
)
from contract_tests.writes.chains import Chain, find_answered_record
from contract_tests.writes.comparing import find_lost, is_shown
from mock_server.contract import Operation

STALE = "A read right after a write shows what was before it"


def judge_answer(
    context: CheckContext,
    operation: Operation,
    check: str,
    sent: Mapping[str, Any],
    exchange: Exchange,
) -> Iterator[Finding]:
    """The answer to a write shows what was written, as far as it shows the record."""
    record = find_answered_record(context, operation, exchange.answer.json) or {}
    shown = {name: value for name, value in sent.items() if name in record}
    yield from report_lost(context, operation, f"{check}.answer", shown, record, exchange)


def judge_record(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    check: str,
    key: str,
    sent: Mapping[str, Any],
) -> Iterator[Finding]:
    """The record by its key shows what was written, at once."""
    shown = read_back(context, chain, check, key, "whether it shows what was written")
    if shown is None or _is_as_sent(shown, sent):
        return
    wait_a_little(context)
    later = read_back(context, chain, check, key, "whether it shows it later")
    if later and _is_as_sent(later, sent):
        first = _describe(shown, sent)
        yield report(context, operation, f"{check}.stale", STALE, "what was written", first, shown.exchange)
    elif shown.record is None:
        problem = "A record that was written is not there"
        status = shown.exchange.answer.status
        yield report(context, operation, f"{check}.lost", problem, "the record", status, shown.exchange)
    else:
        yield from report_lost(context, operation, f"{check}.lost", sent, shown.record, shown.exchange)


def _is_as_sent(shown: Shown, sent: Mapping[str, Any]) -> bool:
    return shown.record is not None and not list(find_lost(sent, shown.record))


def _describe(shown: Shown, sent: Mapping[str, Any]) -> str:
    if shown.record is None:
        return str(shown.exchange.answer.status)
    return ", ".join(f"{name} {seen!r}" for name, _, seen in find_lost(sent, shown.record))


def judge_list(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    check: str,
    key: str,
    before: ListState | None,
    expected: Expected,
    sent: Mapping[str, Any] | None = None,
) -> Iterator[Finding]:
    """The list has what it should have after a write, and its total says so; `sent` is what a create made."""
    after = read_list(context, chain, check, "whether the list agrees") if before else None
    if before is None or after is None or _agrees(key, before, after, expected):
        return
    wait_a_little(context)
    later = read_list(context, chain, check, "whether the list agrees later")
    if later and _agrees(key, before, later, expected):
        total = f"total {after.total}, the record {'listed' if key in after.keys else 'not listed'}"
        yield report(context, operation, f"{check}.stale", STALE, "the list as it is now", total, after.exchange)
        return
    twins = find_twins(chain, key, before, after, sent or {})
    if twins:
        problem = "One request made more than one record"
        yield report(context, operation, f"{check}.twice", problem, key, ", ".join((key, *twins)), after.exchange)
        return
    yield from _judge_total(context, operation, check, before, after, expected)
    yield from _judge_presence(context, operation, check, key, after, expected)


def _agrees(key: str, before: ListState, after: ListState, expected: Expected) -> bool:
    is_counted = None in (before.total, after.total) or (after.total or 0) - (before.total or 0) == expected.by
    is_there = key in after.keys
    return is_counted and (is_there == expected.is_there or (expected.is_there and not after.is_whole))


def read_sibling(context: CheckContext, chain: Chain, check: str) -> ListState | None:
    """The list of the same records below another one than these; None where there is none."""
    why = "the list below another record"
    return read_list(context, chain._replace(lister=chain.sibling), check, why) if chain.sibling else None


def judge_sibling(
    context: CheckContext,
    chain: Chain,
    operation: Operation,
    check: str,
    before: ListState | None,
) -> Iterator[Finding]:
    """What is written below one record changes nothing below another one."""
    after = read_sibling(context, chain, check) if before else None
    if before is None or after is None or (before.total, before.keys) == (after.total, after.keys):
        return
    problem, grade = "A write below one record changes the list below another one", note_or_break(context)
    wanted, actual = _describe_list(before), _describe_list(after)
    yield report(context, operation, f"{check}.sibling", problem, wanted, actual, after.exchange, grade=grade)


def _describe_list(state: ListState) -> str:
    return f"total {state.total}, {len(state.keys)} listed"


def find_twins(
    chain: Chain,
    key: str,
    before: ListState,
    after: ListState,
    sent: Mapping[str, Any],
) -> list[str]:
    """Keys of other records that are new on a list and show the very same."""
    if not sent or not before.is_whole:
        return []
    others = (r for r in after.records if str(r.get(chain.key)) not in before.keys | {key})
    return [
        str(record.get(chain.key))
        for record in others
        if any(name in record for name in sent)
        and all(is_shown(value, record[name]) for name, value in sent.items() if name in record)
    ]


def _judge_total(
    context: CheckContext,
    operation: Operation,
    check: str,
    before: ListState,
    after: ListState,
    expected: Expected,
) -> Iterator[Finding]:
    if before.total is None or after.total is None or after.total - before.total == expected.by:
        return
    problem = {1: "A create does not raise the total by one", -1: "A delete does not lower the total by one"}.get(
        expected.by,
        "A write that makes no record changes the total",
    )
    place = context.listings[after.exchange.operation].places["total"].pointer
    wanted, grade = before.total + expected.by, note_or_break(context)
    yield report(
        context,
        operation,
        f"{check}.total",
        problem,
        wanted,
        after.total,
        after.exchange,
        place,
        grade,
    )


def _judge_presence(
    context: CheckContext,
    operation: Operation,
    check: str,
    key: str,
    after: ListState,
    expected: Expected,
) -> Iterator[Finding]:
    is_there = key in after.keys
    if is_there == expected.is_there or (expected.is_there and not after.is_whole):
        return
    problem = "A deleted record is listed" if is_there else "A written record is on no page of the list"
    wanted, actual = ("absent", key) if is_there else (key, "absent")
    yield report(context, operation, f"{check}.listed", problem, wanted, actual, after.exchange)
