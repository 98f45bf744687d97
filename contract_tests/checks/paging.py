"""List semantics: pages of one stable collection, from the contract's page roles alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract_tests.checks.context import CheckContext
from contract_tests.checks.list_walk import Walk, WalkStep
from contract_tests.checks.walking import get_walk
from contract_tests.findings import NOTE, Evidence, Finding, find_evidence
from mock_server.contract import Operation
from mock_server.errors import count_of

Rule = Callable[[CheckContext, Operation, Walk], Iterator[Finding]]


def check_paging(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Pages are of one stable collection; where a live target departs, it is walked once more."""
    if operation.id not in context.listings:
        return
    # Records of a real API come and go while it is walked: what does not break twice is no departure.
    findings = _judge(context, operation, get_walk(context, operation))
    if not findings or not context.target.is_live:
        yield from findings
        return
    second = _judge(context, operation, get_walk(context, operation, again=True))
    confirmed = {finding.check for finding in second}
    yield from (finding for finding in findings if finding.check in confirmed)
    if not confirmed:
        yield context.finding(
            operation,
            "paging.changed",
            "",
            "The collection changed while it was walked",
            "the same answers",
            findings[0].problem,
            grade=NOTE,
        )


def _judge(context: CheckContext, operation: Operation, walk: Walk) -> list[Finding]:
    return [finding for rule in RULES.values() for finding in rule(context, operation, walk)] if walk.first.page else []


def _asked(step: WalkStep) -> str:
    shown = [f"page {step.number}" if step.number else "", f"offset {step.offset}" if step.offset is not None else ""]
    return ", ".join(part for part in (*shown, f"size {step.size}" if step.size else "") if part) or "no parameters"


def _expected_count(walk: Walk, step: WalkStep) -> int | None:
    """How many records the step's page should hold by the total."""
    if walk.total is None or step.size is None:
        return None
    return min(step.size, max(0, walk.total - _offset(step)))


def _offset(step: WalkStep) -> int:
    return step.offset if step.offset is not None else ((step.number or 1) - 1) * (step.size or 0)


def check_size(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """A page holds as many records as were asked for; the last one what is left."""
    parameter = walk.listing.sized()
    for step in (walk.first, *walk.pages, *walk.others):
        expected = _expected_count(walk, step)
        if step.page is None or expected is None or len(step.page.records) == expected:
            continue
        if step in walk.pages and step.number == walk.pages[-1].number and len(step.page.records) < expected:
            continue  # what is missing at the end is reported by `check_union`
        detail = "default" if step is walk.first else "maximum" if step.size == walk.listing.max_size else ""
        yield context.finding(
            operation,
            "paging.size",
            walk.listing.places["items"].pointer,
            "A page does not hold as many records as were asked for",
            f"{count_of(expected, 'record')} for {_asked(step)}",
            count_of(len(step.page.records), "record"),
            context.of_parameter(parameter, detail),
            step.exchange,
        )


def check_echo(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """The page number and the size that a page tells are those that were asked for."""
    for step in (walk.first, *walk.pages, *walk.others):
        asked = {"number": step.number or (None if step.offset is not None else 1), "size": step.size}
        for role, value in asked.items():
            place = walk.listing.places.get(role)
            if step.page is None or place is None or value is None or _same(step.page.facts[role], value):
                continue
            yield context.finding(
                operation,
                "paging.echo",
                place.pointer,
                "A page tells another number or size than was asked for",
                f"{value} for {_asked(step)}",
                step.page.facts[role],
                find_evidence(place.schema),
                step.exchange,
            )


def _same(actual: Any, expected: int) -> bool:
    # Some APIs write their numbers as texts; that is the schema's concern.
    return bool(actual == expected) or actual == str(expected)


def check_total(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """The total is the same on every page."""
    place = walk.listing.places.get("total")
    totals = {repr(step.page.total): step for step in walk.steps if step.page}
    if place and len(totals) > 1:
        yield context.finding(
            operation,
            "paging.total",
            place.pointer,
            "The total is not the same on every page",
            "one total",
            ", ".join(list(totals)[:6]),
            find_evidence(place.schema),
            list(totals.values())[1].exchange,
        )


def check_disjoint(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """No record is on two pages."""
    pages: dict[str, int] = {}
    for step in walk.pages:
        for key in walk.listing.keys(step.page) if step.page else ():
            page = pages.setdefault(repr(key), step.number or 0)
            if page != step.number:
                yield context.finding(
                    operation,
                    "paging.disjoint",
                    walk.listing.places["items"].pointer,
                    "A record is on two pages",
                    f"record {key!r} on page {page} alone",
                    f"on page {step.number} as well",
                    _of_paging(context, walk),
                    step.exchange,
                )
                break


def check_union(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """All pages together hold as many records as the total says."""
    keys = {repr(walk.listing.key_of(record)) for record in walk.records}
    # A page that did not come is reported by its status; it would only be reported again here.
    if not walk.whole or any(step.page is None for step in walk.pages) or len(keys) == walk.total:
        return
    yield context.finding(
        operation,
        "paging.union",
        walk.listing.places["items"].pointer,
        "All pages together do not hold as many records as the total says",
        count_of(walk.total or 0, "record"),
        f"{count_of(len(keys), 'record')} on {count_of(len(walk.pages), 'page')}",
        _of_paging(context, walk),
        walk.pages[-1].exchange,
    )


def check_end(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """Past the last page there is nothing."""
    step = walk.beyond
    if step and step.page and step.page.records and walk.total is not None:
        yield context.finding(
            operation,
            "paging.end",
            walk.listing.places["items"].pointer,
            "Past the last page there are records",
            f"no record for {_asked(step)} of {count_of(walk.total, 'record')}",
            count_of(len(step.page.records), "record"),
            context.of_parameter(walk.listing.parameters[walk.listing.style], "end"),
            step.exchange,
        )


def check_order(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """Whatever the page size, the records stand in the same order."""
    order = [repr(walk.listing.key_of(record)) for record in walk.records]
    for step in (walk.first, *walk.others):
        if step.page is None or not order or step.size is None:
            continue
        start = _offset(step)
        actual = [repr(key) for key in walk.listing.keys(step.page)]
        expected = order[start : start + len(actual)]
        expected = expected if walk.whole else expected[: _head(walk)]
        if actual[: len(expected)] != expected:
            yield context.finding(
                operation,
                "paging.order",
                walk.listing.places["items"].pointer,
                "Another page size shows other records, or in another order",
                f"{_few(expected)} for {_asked(step)}",
                _few(actual),
                _of_paging(context, walk),
                step.exchange,
            )


def _head(walk: Walk) -> int:
    """How many records a sampled walk knows from the start: those of its first two pages."""
    return sum(len(step.page.records) for step in walk.pages[:2] if step.page)


def _few(keys: list[str]) -> str:
    return (
        f"records {', '.join(keys[:5])}" + (f" and {len(keys) - 5} more" if len(keys) > 5 else "") if keys else "none"
    )


def check_last(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """The number of the last page follows from the total and the size."""
    place = walk.listing.places.get("last")
    for step in (walk.first, *walk.pages):
        if place is None or step.page is None or walk.total is None or not step.size:
            continue
        last = max(1, -(-walk.total // step.size))
        if not _same(step.page.facts["last"], last):
            yield context.finding(
                operation,
                "paging.last",
                place.pointer,
                "The number of the last page does not follow from the total",
                f"{last} for {count_of(walk.total, 'record')}, size {step.size}",
                step.page.facts["last"],
                find_evidence(place.schema),
                step.exchange,
            )


def _of_paging(context: CheckContext, walk: Walk) -> Evidence:
    """That the list has pages at all rests on the parameter that asks for one."""
    return context.of_parameter(walk.listing.parameters.get(walk.listing.style))


RULES: Mapping[str, Rule] = {
    "paging.size": check_size,
    "paging.echo": check_echo,
    "paging.total": check_total,
    "paging.disjoint": check_disjoint,
    "paging.union": check_union,
    "paging.end": check_end,
    "paging.order": check_order,
    "paging.last": check_last,
}
"""What must hold of a walk, by the name its findings bear."""
