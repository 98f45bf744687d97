"""Planted faults in lists: pages, totals, filters, links."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from contract_tests.checks import find_value, is_shown, matches
from mock_server.contract import Parameter, find_pointer
from mock_server.messages import Request, Response
from tests.mutation.operation_mock import (
    OperationMock,
    PageQuery,
    find_matching,
    read_page_query,
    replace_body,
    replace_page,
    set_pointer,
)

FaultyPage = tuple[list[Any], dict[str, Any]]
"""The records of a wrong page, and the facts that it states otherwise, by role."""

PageFault = Callable[[PageQuery], FaultyPage]


def _page(fault: PageFault) -> Callable[[OperationMock, Request], Response]:
    """A fault that shows other records or tells other facts of a page."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        query = read_page_query(mock, request) if mock.listing and mock.is_success(clean) else None
        if query is None or mock.listing is None:
            return clean
        return replace_page(mock, request, *fault(query))

    return play


def _is_list(mock: OperationMock) -> bool:
    return mock.listing is not None


def _tells(*roles: str) -> Callable[[OperationMock], bool]:
    return lambda mock: mock.listing is not None and all(role in mock.listing.places for role in roles)


def _takes(*roles: str) -> Callable[[OperationMock], bool]:
    return lambda mock: mock.listing is not None and all(role in mock.listing.parameters for role in roles)


def _filters(mock: OperationMock) -> list[Parameter]:
    return _shown_filters(mock) if mock.listing else []


def _shown_filters(mock: OperationMock) -> list[Parameter]:
    assert mock.listing
    return [p for p in mock.listing.filters if is_shown(p, mock.item_schema.get("properties", {}))]


def _has_filter(*tests: str) -> Callable[[OperationMock], bool]:
    return lambda mock: any(p.filter and (not tests or p.filter.test in tests) for p in _filters(mock))


def _all_records(query: PageQuery) -> list[Any]:
    return find_matching(query.mock, query.request, {})


def _sent_filters(query: PageQuery) -> Mapping[str, Any]:
    """Filters that were sent, by name, with the value as the harness sends it."""
    filters = {}
    for parameter in query.mock.listing.filters if query.mock.listing else ():
        if parameter.name in query.filters and parameter.filter:
            values = query.filters[parameter.name]
            filters[parameter.name] = values if parameter.filter.test == "one_of" else values[-1]
    return filters


def _reselect(choose: Callable[[PageQuery, Any], bool]) -> PageFault:
    """Filters that select by another rule: `choose` says whether a record is shown."""

    def fault(query: PageQuery) -> FaultyPage:
        if not _sent_filters(query):
            return query.clean, {}
        records = [record for record in _all_records(query) if choose(query, record)]
        return records[query.start : query.start + query.size], {"total": len(records)}

    return fault


def _matches_all(query: PageQuery, record: Any, leave_out: str = "") -> bool:
    rules = {p.name: p.filter for p in query.mock.operation.parameters if p.filter}
    return all(
        matches(rules[name], value, record)
        for name, value in _sent_filters(query).items()
        if name != leave_out and name in {p.name for p in _filters(query.mock)}
    )


def _in_part(query: PageQuery, record: Any) -> bool:
    """Equality loosened to a search, of every filter on text."""
    rules = {p.name: p.filter for p in _filters(query.mock) if p.filter}
    for name, value in _sent_filters(query).items():
        rule = rules.get(name)
        if rule and rule.test in ("equals", "equals_fold") and rule.values is None:
            if str(value).casefold() not in str(find_value(record, rule.fields[0])).casefold():
                return False
        elif rule and not matches(rule, value, record):
            return False
    return True


def _ignore_one(mock: OperationMock, number: int) -> str:
    """The name of the filter that a mutant leaves out: the first or the last shown one."""
    filters = _filters(mock)
    return filters[number].name if filters else ""


def _drop_filters(mock: OperationMock, request: Request) -> Response:
    """Every filter is ignored, whatever its fields."""
    names = {parameter.name for parameter in mock.listing.filters} if mock.listing else set()
    query = {name: values for name, values in mock.query_of(request).items() if name not in names}
    return mock.answer(mock.with_query(request, query))


def _drop_hidden(mock: OperationMock, request: Request) -> Response:
    """Filters on fields that no record shows are ignored."""
    shown = {parameter.name for parameter in _filters(mock)}
    names = {parameter.name for parameter in mock.listing.filters} - shown if mock.listing else set()
    query = {name: values for name, values in mock.query_of(request).items() if name not in names}
    return mock.answer(mock.with_query(request, query))


def _first_page_only(query: PageQuery) -> FaultyPage:
    if query.start == 0 or not _sent_filters(query):
        return query.clean, {}
    return _all_records(query)[query.start : query.start + query.size], {}


def _has_hidden(mock: OperationMock) -> bool:
    return mock.listing is not None and len(_filters(mock)) < len(mock.listing.filters)


_turn = itertools.count()


def _unstable(query: PageQuery) -> FaultyPage:
    records = query.records if next(_turn) % 2 else query.records[::-1]
    return records[query.start : query.start + query.size], {}


def _drifting(query: PageQuery) -> FaultyPage:
    return query.clean, {"total": query.total + next(_turn) % 5}


def _links(mock: OperationMock, request: Request, change: Callable[[str, PageQuery, Any], Any]) -> Response:
    clean = mock.answer(request)
    query = read_page_query(mock, request) if mock.listing and mock.is_success(clean) else None
    if query is None or mock.listing is None:
        return clean
    body = json.loads(clean.body)
    for role, place in mock.listing.places.items():
        if role.endswith("_url"):
            set_pointer(body, place.pointer, change(role, query, find_pointer(body, place.pointer)))
    return replace_body(clean, body)


def _link(change: Callable[[str, PageQuery, Any], Any]) -> Callable[[OperationMock, Request], Response]:
    return lambda mock, request: _links(mock, request, change)


def _renumber(link: Any, query: PageQuery, number: int) -> Any:
    """A link that names another page."""
    parameter = query.mock.parameter("number")
    if not isinstance(link, str) or parameter is None:
        return link
    front, _, behind = link.partition("?")
    pieces = [f"{parameter.name}={number}" if p.split("=")[0] == parameter.name else p for p in behind.split("&")]
    return f"{front}?{'&'.join(pieces)}"


def _url(query: PageQuery, number: int) -> str:
    request, parameter = query.request, query.mock.parameter("number")
    return f"{request.base}{request.mount}{request.path}?{parameter.name if parameter else 'page'}={number}"


LIST_MUTANTS: tuple[tuple[Any, ...], ...] = (
    # Pages
    (
        "off-by-one page",
        "paging.union paging.order",
        _takes("number"),
        _page(lambda a: (a.cut(a.start + a.size, a.size), {})),
    ),
    (
        "zero-based page",
        "paging.echo paging.union paging.order",
        _takes("number"),
        _page(lambda a: (a.cut(a.start + a.size, a.size), {"number": a.number - 1})),
    ),
    (
        "pages overlap by one",
        "paging.disjoint",
        _is_list,
        _page(lambda a: (a.cut(a.start - (a.start > 0), a.size), {})),
    ),
    ("a gap between pages", "paging.union", _is_list, _page(lambda a: (a.cut(a.start + (a.start > 0), a.size), {}))),
    ("unstable order", "paging.disjoint paging.order paging.union", _is_list, _page(_unstable)),
    (
        "order depends on the size",
        "paging.order",
        _takes("size"),
        _page(lambda a: (a.clean if a.size % 2 else a.records[::-1][a.start : a.start + a.size], {})),
    ),
    (
        "size ignored",
        "paging.size",
        _takes("size"),
        _page(lambda a: (a.cut((a.number - 1) * a.default_size, a.default_size), {})),
    ),
    ("size capped", "paging.size", _takes("size"), _page(lambda a: (a.cut(a.start, min(a.size, 7)), {}))),
    (
        "default size another one",
        "paging.size",
        lambda s: s.parameter("size") is not None,
        _page(lambda a: (a.cut(a.start, a.size if "size" in _roles(a) else max(1, a.size // 2)), {})),
    ),
    (
        "one record too many on each page",
        "paging.size",
        _takes("size"),
        _page(lambda a: (a.cut(a.start, a.size + 1), {})),
    ),
    (
        "wrong only for size 1",
        "paging.order paging.size",
        _takes("size"),
        _page(lambda a: (a.cut(a.start + 1, 1) if a.size == 1 else a.clean, {})),
    ),
    (
        "wrong only on the last page",
        "paging.disjoint paging.union",
        _is_list,
        _page(lambda a: (a.cut(a.start - 1, a.size) if a.number == a.last > 1 else a.clean, {})),
    ),
    ("last page dropped", "paging.union", _is_list, _page(lambda a: ([] if a.number >= a.last > 1 else a.clean, {}))),
    (
        "last record dropped",
        "paging.union paging.order",
        _is_list,
        _page(lambda a: ([r for r in a.clean if r != a.records[-1]], {})),
    ),
    (
        "a record twice on a page",
        "paging.twice",
        _is_list,
        _page(lambda a: ([*a.clean[:-1], a.clean[0]] if len(a.clean) > 1 else a.clean, {})),
    ),
    (
        "past the end repeats the last page",
        "paging.end",
        _takes("number"),
        _page(lambda a: (a.clean or a.cut((a.last - 1) * a.size, a.size), {})),
    ),
    (
        "past the end is the first page",
        "paging.end",
        _takes("number"),
        _page(lambda a: (a.clean or a.cut(0, a.size), {})),
    ),
    (
        "past the end is not found",
        "paging.end",
        _takes("number"),
        lambda mock, request: _refuse_past_end(mock, request),
    ),
    ("every page is the first", "paging.disjoint", _takes("number"), _page(lambda a: (a.cut(0, a.size), {}))),
    (
        "offset counts pages",
        "paging.order paging.size",
        _takes("offset", "number"),
        _page(lambda a: (a.cut(a.start * a.size if "offset" in _roles(a) else a.start, a.size), {})),
    ),
    (
        "offset rounded down to a page",
        "paging.order paging.size",
        _takes("offset", "size"),
        _page(lambda a: (a.cut(a.start - a.start % a.size, a.size), {})),
    ),
    (
        "offset rounded up to a page",
        "paging.order paging.size",
        _takes("offset", "size"),
        _page(lambda a: (a.cut(-(-a.start // a.size) * a.size, a.size), {})),
    ),
    (
        "a middle page repeats the one before",
        "paging.disjoint",
        _takes("number", "size"),
        _page(lambda a: (a.cut(a.start - a.size, a.size) if 1 < a.number == (a.last + 1) // 2 else a.clean, {})),
    ),
    (
        "the whole list where the size is more than half of it",
        "paging.size paging.boundary",
        _takes("size"),
        _page(lambda a: (a.records if 2 * a.size > a.total > a.size else a.clean, {})),
    ),
    (
        "a last page that is full is empty",
        "paging.size paging.union",
        _takes("number", "size"),
        _page(lambda a: ([] if a.total % a.size == 0 and a.number == a.last > 1 else a.clean, {})),
    ),
    (
        "a full last page is lost where no size is asked for",
        "paging.order paging.size links.leads",
        _takes("number", "size"),
        _page(lambda a: (a.cut(a.start + 1, a.size) if "size" not in _roles(a) and a.number > 1 else a.clean, {})),
    ),
    (
        "page zero fails",
        "paging.boundary",
        _takes("number"),
        lambda mock, request: _fail_at(mock, request, "number", 0),
    ),
    ("size zero fails", "paging.boundary", _takes("size"), lambda mock, request: _fail_at(mock, request, "size", 0)),
    (
        "a page beyond 32 bits fails",
        "paging.boundary",
        _takes("number"),
        lambda mock, request: _fail_at(mock, request, "number", 2**31),
    ),
    # What a page tells
    (
        "number echo counts from zero where an offset is asked for",
        "paging.echo",
        lambda mock: _tells("number")(mock) and _takes("offset", "number")(mock),
        _page(lambda a: (a.clean, {"number": a.number - 1} if "offset" in _roles(a) else {})),
    ),
    (
        "last page number rounded down",
        "paging.last",
        _tells("last"),
        _page(lambda a: (a.clean, {"last": max(1, a.total // a.size)})),
    ),
    (
        "total of another query past the first page",
        "paging.total",
        lambda mock: _tells("total")(mock) and _takes("number")(mock),
        _page(lambda a: (a.clean, {"total": a.total + (a.number > 1)})),
    ),
    ("size echo wrong", "paging.echo", _tells("size"), _page(lambda a: (a.clean, {"size": len(a.clean) - 1}))),
    ("number echo wrong", "paging.echo", _tells("number"), _page(lambda a: (a.clean, {"number": a.number + 1}))),
    ("number echo always one", "paging.echo", _tells("number"), _page(lambda a: (a.clean, {"number": 1}))),
    ("total of the page", "paging.total", _tells("total"), _page(lambda a: (a.clean, {"total": len(a.clean)}))),
    ("total drifting", "paging.total", _tells("total"), _page(_drifting)),
    ("total off by one", "paging.union", _tells("total"), _page(lambda a: (a.clean, {"total": a.total + 1}))),
    (
        "total one too few",
        "paging.union paging.size paging.end",
        _tells("total"),
        _page(lambda a: (a.clean, {"total": a.total - 1})),
    ),
    ("last page number off by one", "paging.last", _tells("last"), _page(lambda a: (a.clean, {"last": a.last + 1}))),
    # Filters
    ("all filters ignored", "filters hidden_filters", lambda s: bool(s.listing and s.listing.filters), _drop_filters),
    ("filters on hidden fields ignored", "hidden_filters", _has_hidden, _drop_hidden),
    (
        "first filter ignored",
        "filters",
        _has_filter(),
        _page(_reselect(lambda a, r: _matches_all(a, r, _ignore_one(a.mock, 0)))),
    ),
    (
        "last filter ignored",
        "filters",
        _has_filter(),
        _page(_reselect(lambda a, r: _matches_all(a, r, _ignore_one(a.mock, -1)))),
    ),
    ("filters inverted", "filters", _has_filter(), _page(_reselect(lambda a, r: not _matches_all(a, r)))),
    ("equality loosened to a search", "filters.sound", _has_filter("equals_fold"), _page(_reselect(_in_part))),
    ("filters only on the first page", "filters.sound", _has_filter(), _page(_first_page_only)),
    (
        "filters lose their last record",
        "filters",
        _has_filter(),
        _page(lambda a: ([r for r in a.clean if not _sent_filters(a) or r != a.records[-1]], {})),
    ),
    (
        "total without the filter",
        "filters",
        lambda s: _has_filter()(s) and _tells("total")(s),
        _page(lambda a: (a.clean, {"total": len(_all_records(a))})),
    ),
    # Links
    ("next link lost", "links.ends", _tells("next_url"), _link(lambda r, a, link: None if r == "next_url" else link)),
    (
        "next link loops",
        "links.leads",
        _tells("next_url"),
        _link(lambda r, a, link: _renumber(link, a, a.number) if r == "next_url" else link),
    ),
    (
        "next link skips a page",
        "links.leads",
        _tells("next_url"),
        _link(lambda r, a, link: _renumber(link, a, a.number + 2) if r == "next_url" else link),
    ),
    (
        "next link never ends",
        "links.ends",
        _tells("next_url"),
        _link(lambda r, a, link: _url(a, a.number + 1) if r == "next_url" else link),
    ),
    (
        "previous link lost",
        "links.ends",
        _tells("prev_url"),
        _link(lambda r, a, link: None if r == "prev_url" else link),
    ),
    (
        "previous link on the first page",
        "links.ends",
        _tells("prev_url"),
        _link(lambda r, a, link: _url(a, max(1, a.number - 1)) if r == "prev_url" else link),
    ),
    (
        "last link leads to the first page",
        "links.leads",
        _tells("last_url"),
        _link(lambda r, a, link: _renumber(link, a, 1) if r == "last_url" else link),
    ),
    (
        "links to another host",
        "links.host",
        _tells("next_url"),
        _link(lambda r, a, link: "http://elsewhere.invalid/?page=2" if link and r == "next_url" else link),
    ),
    (
        "next link on a full last page",
        "links.ends",
        _tells("next_url"),
        _link(lambda r, a, link: _url(a, a.number + 1) if r == "next_url" and len(a.clean) == a.size else link),
    ),
    (
        "links at another path",
        "links.path",
        _tells("next_url"),
        _link(lambda r, a, link: link.replace(a.request.path, "/elsewhere") if isinstance(link, str) else link),
    ),
    (
        "links without the page",
        "links.leads",
        _tells("next_url"),
        _link(lambda r, a, link: link.partition("?")[0] if isinstance(link, str) and r == "next_url" else link),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""


def _roles(query: PageQuery) -> set[str]:
    """The page roles that were asked for by name."""
    sent = query.mock.query_of(query.request)
    listing = query.mock.listing
    return {role for role, p in listing.parameters.items() if p.name in sent} if listing else set()


def _refuse_past_end(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    query = read_page_query(mock, request) if mock.is_success(clean) else None
    return clean._replace(status=404) if query and query.number > query.last else clean


def _fail_at(mock: OperationMock, request: Request, role: str, value: int) -> Response:
    parameter = mock.parameter(role)
    sent = mock.query_of(request).get(parameter.name, []) if parameter else []
    clean = mock.answer(request)
    return clean._replace(status=500) if sent == [str(value)] else clean
