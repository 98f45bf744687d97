"""What each page of a list promises by itself: its records, and what it says of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from contract_tests.context import REFUSALS, CheckContext, Departure, Walk, WalkStep, as_count, both, find_shared_keys
from contract_tests.findings import NOTE, Evidence, find_evidence
from mock_server.errors import count_of


def of_pages(context: CheckContext, walk: Walk, *steps: WalkStep) -> Evidence:
    """That the list has pages at all rests on the parameters that ask for one which is not the first."""
    asked = [step for step in steps if (step.number or 1) > 1 or step.offset]
    roles = {("offset" if step.offset is not None else walk.listing.style) for step in asked or steps}
    return both(*(context.of_parameter(walk.listing.parameters.get(role)) for role in sorted(roles)))


def _of_sent(context: CheckContext, walk: Walk, step: WalkStep) -> Evidence:
    """What a single page rests on: the parameter that asks for it, where one was sent."""
    return of_pages(context, walk, step) if step.number is not None or step.offset is not None else Evidence()


def items_place(walk: Walk) -> str:
    """Where the records of a page stand."""
    return walk.listing.places["items"].pointer


def shown_steps(walk: Walk) -> list[WalkStep]:
    """The pages that came and were asked for by parameters."""
    return [step for step in walk.steps if step.page and not step.via]


def find_sizes(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """A page holds as many records as were asked for; the last one what is left."""
    for step in shown_steps(walk):
        start, total, size = walk.start_of(step), walk.total_of(step), walk.size_of(step)
        if step.page is None or start is None or total is None or not step.size:
            continue
        count, expected = len(step.page.records), min(step.size, max(0, total - start))
        is_last = start + (size or 0) >= total and size == walk.size
        # What is missing at the end is reported by `find_union`, what is too much past the end by `find_end`.
        if count == expected or start >= total > 0 or (is_last and count < expected and walk.whole):
            continue
        detail = "maximum" if _is_cut(walk, step, count) else ""
        evidence = context.of_parameter(walk.listing.sized(), detail)
        yield Departure(
            "paging.size",
            items_place(walk),
            "A page does not hold as many records as were asked for",
            f"{count_of(expected, 'record')} for {step.asked}, of {total:,} in all",
            count_of(count, "record") + (f", though it says {step.stated_size}" if step.stated_size else ""),
            both(evidence, _of_sent(context, walk, step)),
            (step,),
            lasts=True,
        )


def _is_cut(walk: Walk, step: WalkStep, count: int) -> bool:
    """Whether a page is smaller than asked for and says so: a limit that nobody documented."""
    left = (walk.total_of(step) or 0) - (walk.start_of(step) or 0)
    is_cut = count < min(step.size or 0, left) and (step.size or 0) > (walk.default_size or 0)
    return is_cut and step.stated_size in (None, count)


def find_default(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """Where no size is asked for, a page holds the default number of records, and what it says it holds."""
    for step in shown_steps(walk):
        total = walk.total_of(step)
        if step.page is None or step.size or total is None or walk.start_of(step):
            continue
        count, stated, default = len(step.page.records), step.stated_size, walk.listing.default_size
        place = walk.listing.places.get("size")
        if stated is not None and place and count != min(stated, total):
            yield Departure(
                "paging.size",
                items_place(walk),
                "A page does not hold as many records as it says",
                f"{count_of(min(stated, total), 'record')} for {step.asked}, of {total:,} in all",
                count_of(count, "record"),
                find_evidence(place.schema),
                (step,),
                lasts=True,
            )
        elif default and count != min(default, total):
            yield Departure(
                "paging.size",
                items_place(walk),
                "A page without a size does not hold the default number of records",
                f"{count_of(min(default, total), 'record')} for {step.asked}, of {total:,} in all",
                count_of(count, "record"),
                context.of_parameter(walk.listing.sized(), "default"),
                (step,),
                lasts=True,
            )


def find_refusals(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """A page that is promised is not refused."""
    for step in walk.steps:
        if step.page or step.via or step.exchange.answer.status not in REFUSALS or step is walk.first:
            continue
        start = walk.start_of(step)
        past_end = start is not None and walk.total is not None and start >= walk.total > 0
        large = (step.size or 0) > (walk.default_size or 0)
        parameters = walk.listing.parameters
        role = walk.listing.style if past_end or not step.size else "size"
        evidence = context.of_parameter(parameters.get(role), "end" if past_end else "maximum" if large else "")
        yield Departure(
            "paging.end" if past_end else "paging.size",
            "",
            "The page past the last is refused" if past_end else "A page is refused",
            f"status {walk.listing.operation.success.status} for {step.asked}, of {walk.total or 0:,} records",
            f"status {step.exchange.answer.status}",
            both(evidence, of_pages(context, walk, step)),
            (step,),
            lasts=True,
        )


def find_echoes(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """The page number and the size that a page tells are those that were asked for."""
    for step in shown_steps(walk):
        for role, value in _expected_echo(walk, step).items():
            place = walk.listing.places.get(role)
            if step.page is None or place is None or value is None or as_count(step.page.facts[role]) == value:
                continue
            yield Departure(
                "paging.echo",
                place.pointer,
                "A page tells another number or size than was asked for",
                f"{value} for {step.asked}",
                step.page.facts[role],
                both(find_evidence(place.schema), _of_sent(context, walk, step), _of_echo(context, walk, step, role)),
                (step,),
                lasts=True,
            )


def _of_echo(context: CheckContext, walk: Walk, step: WalkStep, role: str) -> Evidence:
    return of_numbering(context, walk, step) if role == "number" and step.offset else of_end(context, walk, step)


def of_numbering(context: CheckContext, walk: Walk, step: WalkStep) -> Evidence:
    """Which number a page has that was asked for by an offset: a detail of the offset, beside a number of its own."""
    offset = walk.listing.parameters.get("offset") if step.offset and "number" in walk.listing.parameters else None
    return both(context.of_parameter(offset, "number"), of_end(context, walk, step))


def _expected_echo(walk: Walk, step: WalkStep) -> Mapping[str, int | None]:
    count = len(step.page.records) if step.page else 0
    # A page that was cut says so rightly; of one that no size was asked for `find_default` compares what it says.
    size = None if _is_cut(walk, step, count) and step.stated_size == count else step.size
    return {"number": walk.number_of(step), "size": size}


def find_keys(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """What identifies a record is one record's alone."""
    for step in walk.steps:
        for key in itertools.islice(find_shared_keys(walk.listing, step), 1):
            yield Departure(
                "paging.key",
                f"{items_place(walk)}/*/{walk.listing.key}",
                "Two records that differ have one key",
                f"one record with {walk.listing.key} {key!r} on {step.asked}",
                "two that differ",
                Evidence(),
                (step,),
                lasts=True,
                grade=NOTE,
            )


def find_end(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """Past the last page there is nothing."""
    for step in walk.beyond:
        if step.page is None or not step.page.records or walk.total == 0:
            continue
        yield Departure(
            "paging.end",
            items_place(walk),
            "Past the last page there are records",
            f"no record for {step.asked} of {count_of(walk.total or 0, 'record')}",
            count_of(len(step.page.records), "record"),
            context.of_parameter(walk.listing.parameters[walk.listing.style], "end"),
            (step,),
            lasts=True,
        )


def find_last(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """The number of the last page follows from the total and the size."""
    place = walk.listing.places.get("last")
    for step in shown_steps(walk):
        last = walk.last_of(step)
        if place is None or step.page is None or last is None or walk.number_of(step) is None:
            continue
        if as_count(step.page.facts["last"]) not in ({last} if walk.total_of(step) else {0, 1}):
            yield Departure(
                "paging.last",
                place.pointer,
                "The number of the last page does not follow from the total",
                f"{last} for {count_of(walk.total_of(step) or 0, 'record')}, {step.asked}",
                step.page.facts["last"],
                both(find_evidence(place.schema), of_end(context, walk, step)),
                (step,),
                lasts=True,
            )


def of_end(context: CheckContext, walk: Walk, step: WalkStep) -> Evidence:
    """What a page past the end says is documented nowhere."""
    return context.of_parameter(
        walk.listing.parameters.get(walk.listing.style),
        "end" if walk.is_past_end(step) else "",
    )
