"""Which requests with filters tell most: the right answer of each against the answers of every fault in the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from contract_tests.context import Listing, Walk
from contract_tests.filters.filter_case import Case, Texts
from contract_tests.filters.filter_faults import WINDOWS, find_faults
from contract_tests.filters.filter_oracle import find_value, select
from contract_tests.filters.filter_values import choose_values
from mock_server.contract import FilterRule, Parameter

Expected = tuple[tuple[Any, ...], int]
"""The keys of a page, and the total beside it."""


class FilterRequest(NamedTuple):
    """One request with a filter: a value, and the page asked for. `expected` are all records seen that satisfy it,
    `tells` the faults that the answer is to tell from a sound filter, `weight` what that is worth."""

    parameter: Parameter
    value: Any
    number: int
    size: int
    expected: list[Any]
    tells: frozenset[str] = frozenset()
    weight: int = 0

    @property
    def start(self) -> int:
        """Records before the page."""
        return (self.number - 1) * self.size

    @property
    def window(self) -> list[Any]:
        """The records of the page."""
        return self.expected[self.start : self.start + self.size]

    @property
    def why(self) -> str:
        """What the call can prove, in a few words."""
        return f"{self.parameter.name}={self.value}: tells {len(self.tells)} ways a filter goes wrong"


def get_plan(walk: Walk, parameter: Parameter, records: Sequence[Any]) -> list[FilterRequest]:
    """The requests of a filter that tell most, planned once for the same records."""
    assert parameter.filter
    key = parameter.name, tuple(parameter.filter.fields)
    planned_for, plan = walk.plans.get(key, (None, []))
    if planned_for is None or planned_for != list(records):
        plan = list(plan_requests(walk.listing, parameter, records))
        walk.plans[key] = list(records), plan
    return plan


def plan_requests(listing: Listing, parameter: Parameter, records: Sequence[Any]) -> Iterator[FilterRequest]:
    """The requests that tell most, each for what those before it leave open; none where nothing more can be learned."""
    rule = parameter.filter
    assert rule
    texts = Texts(rule, records)
    requests = [
        request._replace(tells=frozenset(n for n, e in answers.items() if e != right))
        for value in choose_values(parameter, records)
        for request, right, answers in _foresee(listing, parameter, rule, value, records, texts)
    ]
    sensible = {fault.name for fault in find_faults(rule, shown_fields(records)) if fault.is_sensible}

    def weigh(request: FilterRequest) -> int:
        # A fault counts twice as much as another sensible way to match.
        tells = request.tells - known
        return 2 * len(tells) - len(tells & sensible)

    known: frozenset[str] = frozenset()
    while requests:
        best = max(requests, key=weigh)
        if not best.tells - known:
            return
        yield best._replace(tells=best.tells - known, weight=weigh(best))
        known |= best.tells
        requests.remove(best)


def _foresee(
    listing: Listing,
    parameter: Parameter,
    rule: FilterRule,
    value: Any,
    records: Sequence[Any],
    texts: Texts,
) -> Iterator[tuple[FilterRequest, Expected, Mapping[str, Expected]]]:
    """A value's requests, each with the right answer and with that of every fault."""
    matched = select(rule, value, records)
    if rule.test == "one_of" and not value:
        return
    case = Case(rule, value, records, matched, texts)
    selected = {fault.name: fault.select(case) for fault in find_faults(rule, shown_fields(records))}
    for number, size in _windows(listing, len(matched)):
        request = FilterRequest(parameter, value, number, size, matched)
        answers = {name: _page(listing, of, request.start, size, len(of)) for name, of in selected.items()}
        for name, window in WINDOWS.items():
            answers[name] = _page(listing, *_cut(window(matched, records, request.start, size)))
        yield request, _page(listing, matched, request.start, size, len(matched)), answers


def _cut(answer: tuple[Sequence[Any], int]) -> tuple[Sequence[Any], int, int, int]:
    page, total = answer
    return page, 0, len(page), total


def _page(listing: Listing, selected: Sequence[Any], start: int, size: int, total: int) -> Expected:
    keys = tuple(repr(listing.key_of(record)) for record in selected[start : start + size])
    return keys, total if "total" in listing.places else 0


def _windows(listing: Listing, count: int) -> Iterator[tuple[int, int]]:
    """The first page, as large as may be, and a second one that is not empty, by number and size."""
    yield 1, listing.max_size
    half = min(-(-count // 2), listing.max_size) if "size" in listing.parameters else listing.max_size
    if count > half > 0 and listing.style:
        yield 2, half


def shown_fields(records: Sequence[Any]) -> list[str]:
    """The names of the records' plain values."""
    first = records[0] if records and isinstance(records[0], dict) else {}
    return [name for name in first if not isinstance(find_value(first, name), (dict, list))]


def explain(listing: Listing, request: FilterRequest, records: Sequence[Any], answer: Expected) -> tuple[str, bool]:
    """The fault that gives exactly this answer, and whether that is a sensible way to match; empty where none does."""
    rule = request.parameter.filter
    assert rule
    case = Case(rule, request.value, records, request.expected, Texts(rule, records))
    for fault in sorted(find_faults(rule, shown_fields(records)), key=lambda fault: not fault.is_sensible):
        selected = fault.select(case)
        if _page(listing, selected, request.start, request.size, len(selected)) == answer:
            return fault.name, fault.is_sensible
    for name, window in WINDOWS.items():
        if _page(listing, *_cut(window(request.expected, records, request.start, request.size))) == answer:
            return name, False
    return "", False
