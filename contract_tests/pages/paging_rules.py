"""What must hold of the pages of one stable collection, each rule a function from a walk to departures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from contract_tests.context import CheckContext, Departure, Walk, WalkStep, both, unique
from contract_tests.findings import find_evidence
from contract_tests.pages.page_rules import (
    find_default,
    find_echoes,
    find_end,
    find_keys,
    find_last,
    find_refusals,
    find_sizes,
    items_place,
    of_end,
    of_pages,
    shown_steps,
)
from mock_server.errors import count_of

Rule = Callable[[CheckContext, Walk], Iterator[Departure]]


def judge_pages(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """Every departure that any rule sees in a walk."""
    for rule in RULES:
        yield from rule(context, walk)


def find_totals(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """The total is the same on every page."""
    place = walk.listing.places.get("total")
    totals: dict[str, WalkStep] = {}
    for step in shown_steps(walk):
        totals.setdefault(repr(step.page.total if step.page else None), step)
    if place and len(totals) > 1:
        one, other, *_ = totals.values()
        yield Departure(
            "paging.total",
            place.pointer,
            "The total is not the same on every page",
            f"{next(iter(totals))}, as for {one.asked}",
            ", ".join(f"{total} for {step.asked}" for total, step in list(totals.items())[1:6]),
            both(find_evidence(place.schema), of_end(context, walk, other)),
            (one, other),
        )


def find_repeats(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """No record stands twice on a page, nor on two pages of one size."""
    homes: dict[tuple[int | None, str], tuple[int, WalkStep]] = {}
    # What comes past the end is `find_end`'s: the last page again is no second place of its records.
    for step in (step for step in shown_steps(walk) if not walk.is_past_end(step)):
        for place, record in walk.placed(step):
            home, other = homes.setdefault((walk.size_of(step), record), (place, step))
            if home == place:
                continue
            same = other is step
            yield Departure(
                "paging.twice" if same else "paging.disjoint",
                items_place(walk),
                "A record stands twice on one page" if same else "A record is on two pages",
                f"record {record[:80]} once" if same else f"record {record[:80]} on {other.asked} alone",
                f"twice on {step.asked}" if same else f"on {step.asked} as well",
                of_pages(context, walk, other, step),
                (step,) if same else (other, step),
                lasts=same,
            )
            break


def find_union(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """All pages together hold as many records as the total says."""
    pages = walk.pages
    records = {walk.identify(record) for record in walk.records}
    # A page that did not come is reported by its status; it would only be reported again here.
    if not walk.whole or any(step.page is None for step in pages) or len(records) == walk.total:
        return
    counts = ", ".join(str(len(step.page.records)) for step in pages if step.page)
    yield Departure(
        "paging.union",
        items_place(walk),
        "All pages together do not hold as many records as the total says",
        count_of(walk.total or 0, "record"),
        f"{count_of(len(records), 'record')} on {count_of(len(pages), 'page')} of size {walk.size} ({counts})",
        of_pages(context, walk, *pages),
        tuple(pages),
    )


def find_orders(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """Whatever the page size, and whenever it is asked, the records stand in the same order."""
    places: dict[int, tuple[str, WalkStep]] = {}
    for step in shown_steps(walk):
        if walk.total is not None and (walk.start_of(step) or 0) >= walk.total:
            continue
        placed = list(walk.placed(step))
        wrong = [place for place, record in placed if places.get(place, (record, step))[0] != record]
        if wrong:
            yield _misplaced(context, walk, step, placed, places, wrong[0])
        else:
            for place, record in placed:
                places.setdefault(place, (record, step))


def _misplaced(
    context: CheckContext,
    walk: Walk,
    step: WalkStep,
    placed: list[tuple[int, str]],
    places: Mapping[int, tuple[str, WalkStep]],
    wrong: int,
) -> Departure:
    other = places[wrong][1]
    expected = [places[place][0] for place, _ in placed if place in places]
    same = step.exchange.url == other.exchange.url
    return Departure(
        "paging.order",
        items_place(walk),
        "The same page asked for again shows other records, or in another order"
        if same
        else "Another page size shows other records, or in another order",
        f"{_few(expected)} for {step.asked}; by {other.asked} record {wrong + 1:,} is {places[wrong][0][:80]}",
        _few([record for _, record in placed]),
        both(of_pages(context, walk, step), of_pages(context, walk, other)),
        unique((*(places[place][1] for place, _ in placed if place in places), step)),
    )


def _few(keys: list[str]) -> str:
    shown = ", ".join(key[:80] for key in keys[:5])
    return f"records {shown}" + (f" and {len(keys) - 5} more" if len(keys) > 5 else "") if keys else "none"


RULES: tuple[Rule, ...] = (
    find_sizes,
    find_default,
    find_refusals,
    find_echoes,
    find_totals,
    find_repeats,
    find_keys,
    find_union,
    find_end,
    find_orders,
    find_last,
)
"""What must hold of a walk. Some of it one page shows; for the rest several are compared."""
