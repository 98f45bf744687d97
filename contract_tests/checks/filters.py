"""Each filter is sound: every record answered satisfies it, and every record seen that satisfies it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from contract_tests.checks.context import CheckContext
from contract_tests.checks.filter_oracle import find_value, is_akin, is_plain, is_shown, matches
from contract_tests.checks.filter_pairs import PairRequest, plan_pairs
from contract_tests.checks.filter_plan import FilterRequest, explain, plan_requests
from contract_tests.checks.list_walk import Walk
from contract_tests.checks.listing import Listing, ListPage
from contract_tests.checks.walking import get_walk
from contract_tests.findings import Evidence, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation, Parameter

FIRST_CALLS = 12
"""Requests with filters on what records show that are sent at first; each filter has one at least."""

MORE_CALLS = 8
"""Requests for each such filter that a budget's leftovers pay for."""


def check_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Filters on fields that records show are compared with the records seen: what tells most, and two together."""
    walk, plans = _plan(context, operation)
    first, _ = _split(plans)
    for request in first:
        yield from _ask(context, operation, walk, request)
    for pair in plan_pairs([plan[0] for plan in plans if plan], _records(walk))[:1]:
        yield from _ask_pair(context, operation, walk, pair)


def check_more_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """More values of the same filters, and more filters together, in the order of what they tell."""
    walk, plans = _plan(context, operation)
    _, more = _split(plans)
    for request in more:
        yield from _ask(context, operation, walk, request)
    for pair in plan_pairs([plan[0] for plan in plans if plan], _records(walk))[1:]:
        yield from _ask_pair(context, operation, walk, pair)


def _records(walk: Walk) -> list[Any]:
    return walk.records or (walk.first.page.records if walk.first.page else [])


def _plan(context: CheckContext, operation: Operation) -> tuple[Walk, list[list[FilterRequest]]]:
    walk = get_walk(context, operation)
    records = _records(walk)
    shown = find_filters(walk.listing, hidden=False) if records else []
    return walk, [list(plan_requests(walk.listing, parameter, records))[:MORE_CALLS] for parameter in shown]


def _split(plans: list[list[FilterRequest]]) -> tuple[list[FilterRequest], list[FilterRequest]]:
    """What is asked at first, and the rest: of each filter the first request, then those that tell most."""
    others = sorted((request for plan in plans for request in plan[1:]), key=lambda request: -len(request.tells))
    count = max(0, FIRST_CALLS - len(plans))
    return [*(plan[0] for plan in plans if plan), *others[:count]], others[count:]


def find_filters(listing: Listing, hidden: bool) -> list[Parameter]:
    """The filters on fields that the list's records show, or those on fields they do not show."""
    properties = listing.item_schema.get("properties", {})
    return [parameter for parameter in listing.filters if is_shown(parameter, properties) != hidden]


def ask(
    context: CheckContext,
    operation: Operation,
    query: Mapping[str, Any],
    check: str,
    why: str,
    page: Mapping[str, int] | None = None,
    may_refuse: bool = False,
) -> tuple[Exchange, ListPage | None]:
    """Send a list's request with filters, as large a page as may be; `page` has another number and size.

    `may_refuse` says that no document promises success for the values.
    """
    listing = context.listings[operation.id]
    asked = {"number": 1, "size": listing.max_size, **(page or {})}
    roles = {role: asked[role] for role in ("size",) if role in listing.parameters}
    if asked["number"] > 1:
        start = {"number": asked["number"], "offset": (asked["number"] - 1) * asked["size"]}
        roles[listing.style] = start[listing.style]
    # Blanks as %20: a plus sign for a blank is a custom of forms, and some servers do not read it.
    text = urlencode({**listing.query(**roles), **query}, doseq=True, quote_via=quote)
    if not may_refuse:
        exchange = context.send(operation, check, query=text, why=why)
        return exchange, listing.read(exchange)
    exchange = context.sender.send(operation, check, query=text, why=why)
    if exchange.answer.status == operation.success.status:
        context.expected.append((exchange, operation.success))
    return exchange, listing.read(exchange)


def find_failure(
    context: CheckContext,
    operation: Operation,
    rule: str,
    names: str,
    sent: object,
    exchange: Exchange,
) -> Iterator[Finding]:
    """A server that fails at a value is wrong, whatever a contract says of the value."""
    if exchange.answer.status >= 500:
        yield context.finding(
            operation,
            f"{rule}.failure",
            f"?{names}",
            "A filter makes the server fail",
            f"{names}={sent}: an answer below 500",
            exchange.answer.status,
            exchange=exchange,
            is_firm=True,
        )


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
    problem = _find_problem(walk, request, page)
    if not problem:
        return
    answer = tuple(map(repr, listing.keys(page))), page.total if isinstance(page.total, int) else 0
    cause, is_sensible = explain(listing, request, _records(walk), answer) if walk.whole else ("", False)
    wanted = [listing.key_of(record) for record in request.window]
    yield context.finding(
        operation,
        f"filters.{_rule(request)}",
        f"?{parameter.name}",
        problem,
        f"{parameter.name}={request.value}: records {wanted[:5]}, {len(request.expected)} in all",
        _describe(walk, request, page) + (f": as if {cause}" if cause else ""),
        _evidence(context, walk, request, page, is_sensible),
        page.exchange,
    )


def _rule(request: FilterRequest) -> str:
    if request.number > 1:
        return "pages"
    return "sound" if request.expected else "whole"


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


def _find_problem(walk: Walk, request: FilterRequest, page: ListPage) -> str:
    """What is wrong, in the words of a sentence, or nothing."""
    shown = walk.listing.keys(page)
    if _wrong(request, page):
        return "A filter lets records through that do not satisfy it"
    if _lacking(walk, request, page):
        return "A filter leaves out records that satisfy it"
    if walk.whole and page.total not in (None, len(request.expected)):
        return "A filter comes with a total that is not the number of records that satisfy it"
    if walk.whole and shown != [walk.listing.key_of(record) for record in request.window]:
        return "A filter does not answer the records that satisfy it in the order and number of the list"
    return ""


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
    is_clear = (strange or missing) and not is_sensible and not is_list and not _has_wildcard(value)
    return context.of_parameter(
        request.parameter,
        "" if is_clear or is_ignored(walk, page, value) else "matching",
    )


def is_ignored(walk: Walk, page: ListPage, value: Any) -> bool:
    """Whether a value that says something made no difference at all."""
    return walk.total is not None and page.total == walk.total and not _has_wildcard(value)


def _has_wildcard(value: Any) -> bool:
    return isinstance(value, str) and ("%" in value or "_" in value)


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
