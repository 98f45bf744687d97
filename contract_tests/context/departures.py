"""Departures of a list from what its pages promise, and whether they last when the pages are asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from contract_tests.context.context import CheckContext
from contract_tests.context.list_walk import Walk, WalkStep, read_step
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding
from contract_tests.transport import Stopped, Unreachable
from mock_server.contract import Operation

MAX_AGAIN = 10
"""Pages that are asked for again to confirm what was seen."""


class Departure(NamedTuple):
    """One way in which pages depart: what a finding says, and the steps that show it, the last one most.

    `lasts` says that one answer contradicts itself: asking again would not tell more; `is_firm` that no assumption
    excuses it.
    """

    rule: str
    place: str
    problem: str
    expected: object
    actual: object
    evidence: Evidence
    steps: tuple[WalkStep, ...]
    lasts: bool = False
    grade: str = BREAKING
    is_firm: bool = False

    @property
    def identity(self) -> tuple[str, str, str]:
        """The same for the same departure of another walk."""
        return self.rule, self.place, self.problem


def unique(steps: Iterable[WalkStep]) -> tuple[WalkStep, ...]:
    """Each step once, in the order given."""
    return tuple({id(step): step for step in steps}.values())


Judge = Callable[[CheckContext, Walk], Iterable[Departure]]


def find_new(context: CheckContext, walk: Walk, judge: Judge) -> list[Departure]:
    """The departures of a walk that were not reported before, each once."""
    departures: dict[tuple[str, str, str], Departure] = {}
    for departure in judge(context, walk):
        known = departures.get(departure.identity)
        # Of several that say the same, one that no assumption excuses tells most.
        if departure.identity not in walk.reported and (known is None or _weight(departure) < _weight(known)):
            departures[departure.identity] = departure
    walk.reported |= set(departures)
    return list(departures.values())


def _weight(departure: Departure) -> bool:
    return bool(departure.evidence.assumed)


def confirm(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    departures: list[Departure],
    judge: Judge,
) -> list[Departure]:
    """Those of the departures that last: on a live target the pages that show them are asked for once more.

    Records of a real API come and go while it is walked: what does not break twice is no departure.
    """
    fleeting = [departure for departure in departures if not departure.lasts]
    again = _choose_steps(walk, fleeting)
    if not context.target.is_live or not again or (context.remaining or 0) < len(again):
        return departures
    second = Walk(walk.listing, [], walk.size, walk.default_size, walk.limit, repeats_keys=walk.repeats_keys)
    try:
        for step in again:
            exchange = context.send(operation, "paging", url=step.exchange.url, why="whether what broke breaks again")
            second.add(read_step(walk.listing, exchange, step.via))
    except (Stopped, Unreachable):  # nobody can say whether it lasts: it was seen
        return departures
    if _is_moving(walk, again, second):
        return [departure for departure in departures if departure.lasts]
    confirmed = {departure.identity for departure in judge(context, second)}
    was_asked = set(map(id, again))
    # What needs more pages than are asked for again stands where the rest of what broke was confirmed.
    rest = {d.identity for d in fleeting if not all(id(step) in was_asked for step in d.steps)} if confirmed else set()
    return [d for d in departures if d.lasts or d.identity in confirmed | rest]


def _is_moving(walk: Walk, again: list[WalkStep], second: Walk) -> bool:
    """Whether records came, or went, all the while: the same pages tell another total, which only grew or only fell."""
    is_other = any(walk.total_of(one) != second.total_of(two) for one, two in zip(again, second.steps, strict=True))
    steps = [step for step in (*walk.steps, *second.steps) if not walk.is_past_end(step)]
    totals = [total for step in steps if (total := walk.total_of(step)) is not None]
    # A total that goes up and down is that of a server which cannot make up its mind.
    return is_other and (totals == sorted(totals) or totals == sorted(totals, reverse=True))


def _choose_steps(walk: Walk, departures: list[Departure]) -> list[WalkStep]:
    """The steps to be asked again, in their order: those of the departures that need the fewest."""
    chosen: dict[int, WalkStep] = {}
    for departure in sorted(departures, key=lambda d: len(d.steps)):
        more = {id(step): step for step in departure.steps} | chosen
        chosen = more if len(more) <= MAX_AGAIN else chosen
    return [step for step in walk.steps if id(step) in chosen]


def report(context: CheckContext, operation: Operation, departure: Departure) -> Finding:
    """A departure as a finding."""
    return context.finding(
        operation,
        departure.rule,
        departure.place,
        departure.problem,
        departure.expected,
        departure.actual,
        departure.evidence,
        departure.steps[-1].exchange if departure.steps else None,
        departure.grade,
        departure.is_firm,
    )


def report_change(context: CheckContext, operation: Operation, departure: Departure) -> Finding:
    """That a departure was not there when it was looked at again."""
    return context.finding(
        operation,
        "paging.changed",
        "",
        "The collection changed while it was walked",
        "the same answers",
        departure.problem,
        exchange=departure.steps[-1].exchange if departure.steps else None,
        grade=NOTE,
    )


def both(*evidences: Evidence) -> Evidence:
    """The evidence for what rests on several things at once: one that is assumed makes the whole assumed."""
    sentence = next((evidence.sentence for evidence in evidences if evidence.sentence), "")
    return Evidence(sentence, next((evidence.assumed for evidence in evidences if evidence.assumed), ""))
