"""Each filter is sound: every record answered satisfies it, and every record seen that satisfies it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contract_tests.context import CheckContext, ListPage, Walk, get_walk
from contract_tests.filters.filter_asking import Asking, ask, find_failure, find_filters, has_wildcard, is_ignored
from contract_tests.filters.filter_oracle import find_value, is_akin, is_plain, matches
from contract_tests.filters.filter_pairs import PairRequest, plan_pairs
from contract_tests.filters.filter_plan import FilterRequest, explain, get_plan
from contract_tests.filters.neutral_filters import check_awkward, check_empty
from contract_tests.findings import Evidence, Finding
from mock_server.contract import Operation

CHECK = "filters"
FIRST_CALLS = 12
"""Requests with filters on what records show that are sent at first, fewer where there are many hidden filters."""

LEAST_MORE = 2
"""Requests at first beside one for each filter."""

MORE_CALLS = 8
"""Requests for each such filter that a budget's leftovers pay for."""


def check_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Filters on fields that records show are compared with the records seen: what tells most, and two together."""
    walk, plans = _plan(context, operation)
    yield from _ask_all(context, operation, walk, _split(walk, plans)[0])
    asking = Asking(context, operation, walk, CHECK)
    yield from check_awkward(asking, walk.listing.filters)
    if _has_room(walk):
        yield from check_empty(asking, walk.listing.filters)
    for pair in _pairs(context, operation, walk, plans)[:1]:
        yield from _ask_pair(context, operation, walk, pair)


def check_more_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """More values of the same filters, and more filters together, in the order of what they tell."""
    walk, plans = _plan(context, operation)
    if not _has_room(walk):
        yield from check_empty(Asking(context, operation, walk, CHECK), walk.listing.filters)
    yield from _ask_all(context, operation, walk, _split(walk, plans)[1])
    for pair in _pairs(context, operation, walk, plans)[1:]:
        yield from _ask_pair(context, operation, walk, pair)


def _has_room(walk: Walk) -> bool:
    """Whether there are few filters, so that the first go has calls for what is rarely wrong."""
    return len(walk.listing.filters) < FIRST_CALLS - LEAST_MORE


def _records(walk: Walk) -> list[Any]:
    return walk.records or (walk.first.page.records if walk.first.page else [])


def _plan(context: CheckContext, operation: Operation) -> tuple[Walk, list[list[FilterRequest]]]:
    walk = get_walk(context, operation)
    records = _records(walk)
    shown = find_filters(walk.listing, hidden=False) if records else []
    return walk, [get_plan(walk, parameter, records)[:MORE_CALLS] for parameter in shown]


def _ask_all(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    requests: list[FilterRequest],
) -> Iterator[Finding]:
    for request in requests:
        # A filter that is not there at all needs no second proof.
        if request.parameter.name not in find_ignored(context, operation, walk):
            yield from _ask(context, operation, walk, request)


def _pairs(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    plans: list[list[FilterRequest]],
) -> list[PairRequest]:
    ignored = find_ignored(context, operation, walk)
    first = [plan[0] for plan in plans if plan and plan[0].parameter.name not in ignored]
    return plan_pairs(first, _records(walk))


def find_ignored(context: CheckContext, operation: Operation, walk: Walk) -> set[str]:
    """Filters that were asked for alone, by values that some records have and some do not, and had no effect."""
    ignored = set()
    for exchange in context.sender.exchanges:
        if exchange.operation == operation.id and exchange.check == "filters":
            sent = parse_qs(urlsplit(exchange.url).query)
            names = [parameter for parameter in walk.listing.filters if parameter.name in sent]
            page = walk.listing.read(exchange) if len(names) == 1 else None
            if page and is_ignored(walk, page, sent[names[0].name][0]):
                ignored.add(names[0].name)
    return ignored


def _split(walk: Walk, plans: list[list[FilterRequest]]) -> tuple[list[FilterRequest], list[FilterRequest]]:
    """What is asked at first, and the rest: of each filter the first request, then those that tell most."""
    others = sorted((request for plan in plans for request in plan[1:]), key=lambda request: -request.weight)
    count = max(LEAST_MORE, FIRST_CALLS - len(walk.listing.filters))
    return [*(plan[0] for plan in plans if plan), *others[:count]], others[count:]


def _ask(context: CheckContext, operation: Operation, walk: Walk, request: FilterRequest) -> Iterator[Finding]:
    parameter = request.parameter
    page = {"number": request.number, "size": request.size}
    exchange, answer = ask(context, operation, {parameter.name: request.value}, "filters", request.why, page)
    yield from find_failure(context, operation, "filters", parameter.name, request.value, exchange)
    if answer:
        yield from _compare(context, operation, walk, request, answer)


def _compare(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    request: FilterRequest,
    page: ListPage,
) -> Iterator[Finding]:
    listing, parameter = walk.listing, request.parameter
    rule = _find_departure(walk, request, page)
    if not rule:
        return
    answer = tuple(map(repr, listing.keys(page))), page.total if isinstance(page.total, int) else 0
    cause, is_sensible = explain(listing, request, _records(walk), answer) if walk.whole else ("", False)
    wanted = [listing.key_of(record) for record in request.window]
    yield context.finding(
        operation,
        f"filters.{rule}",
        # A wrong total is one fault, whichever the filter beside it.
        listing.places["total"].pointer if rule == "total" else f"?{parameter.name}",
        PROBLEMS[rule],
        f"{parameter.name}={request.value}: records {wanted[:5]}, {len(request.expected)} in all",
        _describe(walk, request, page) + (f": as if {cause}" if cause else ""),
        _evidence(context, walk, request, page, is_sensible),
        page.exchange,
    )


def _wrong(request: FilterRequest, page: ListPage) -> list[Any]:
    rule = request.parameter.filter
    return [record for record in page.records if rule and not matches(rule, request.value, record)]


def _lacking(walk: Walk, request: FilterRequest, page: ListPage) -> list[Any]:
    """Records seen that satisfy the filter and should be on the page, but are not."""
    shown = set(map(repr, walk.listing.keys(page)))
    lacking = [record for record in request.window if repr(walk.listing.key_of(record)) not in shown]
    # Of a list that was not read as a whole, only a page that has everything shows what is lacking.
    is_all = request.number == 1 and len(page.records) < request.size
    return lacking if walk.whole or is_all else []


PROBLEMS: Mapping[str, str] = {
    "sound": "A filter lets records through that do not satisfy it",
    "complete": "A filter leaves out records that satisfy it",
    "total": "The total beside a filter is not the number of records that satisfy it",
    "order": "A filter does not answer the records that satisfy it in the order and number of the list",
}
"""What is wrong with a filtered page, by rule."""


def _find_departure(walk: Walk, request: FilterRequest, page: ListPage) -> str:
    """The rule that a page offends, or nothing."""
    window = [walk.listing.key_of(record) for record in request.window]
    departures = {
        "sound": _wrong(request, page),
        "complete": _lacking(walk, request, page),
        "total": walk.whole and page.total not in (None, len(request.expected)),
        "order": walk.whole and walk.listing.keys(page) != window,
    }
    return next((rule for rule, departs in departures.items() if departs), "")


def _describe(walk: Walk, request: FilterRequest, page: ListPage) -> str:
    rule = request.parameter.filter
    for record in _wrong(request, page)[:1]:
        fields = ", ".join(f"{field} {find_value(record, field)!r}" for field in (rule.fields if rule else ()))
        return f"record {walk.listing.key_of(record)!r}: {fields}; total {page.total}"
    return f"records {walk.listing.keys(page)[:5]}, total {page.total}"


def _evidence(
    context: CheckContext,
    walk: Walk,
    request: FilterRequest,
    page: ListPage,
    is_sensible: bool,
) -> Evidence:
    """How values are matched may be assumed; that the filter has an effect is what its description promises.

    What no sensible way to match explains is no matter of matching: a record without a word of the value, or one
    left out whose field is the value itself.
    """
    rule, value = request.parameter.filter, request.value
    assert rule
    is_list = isinstance(value, list) and len(value) > 1
    strange = [record for record in _wrong(request, page) if not is_akin(rule, value, record)]
    missing = [record for record in _lacking(walk, request, page) if is_plain(rule, value, record)]
    is_clear = (strange or missing) and not is_sensible and not is_list and not has_wildcard(value)
    return context.of_parameter(
        request.parameter,
        "" if is_clear or is_ignored(walk, page, value, request.start) else "matching",
    )


def _ask_pair(context: CheckContext, operation: Operation, walk: Walk, pair: PairRequest) -> Iterator[Finding]:
    query = {parameter.name: value for parameter, value in pair.sent}
    names = "&".join(query)
    exchange, page = ask(context, operation, query, "filters", "both filters count, and not either of them")
    yield from find_failure(context, operation, "filters", names, list(query.values()), exchange)
    if page is None or not walk.whole:
        return
    keys = [walk.listing.key_of(record) for record in pair.expected]
    if set(map(repr, walk.listing.keys(page))) != set(map(repr, keys[: walk.listing.max_size])):
        yield context.finding(
            operation,
            "filters.together",
            f"?{names}",
            "Filters given together do not answer the records that satisfy all",
            f"{query}: records {keys[:5]}, {len(keys)} in all",
            f"records {walk.listing.keys(page)[:5]}, total {page.total}",
            context.of_parameter(pair.sent[0][0], "matching"),
            exchange,
        )
