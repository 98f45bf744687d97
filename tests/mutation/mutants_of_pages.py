"""Planted faults in the pages of a list: their records, what they tell, their links."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from mock_server.contract import find_pointer
from mock_server.messages import Request, Response
from tests.mutation.operation_mock import (
    OperationMock,
    PageQuery,
    read_page_query,
    replace_body,
    replace_page,
    set_pointer,
)

FaultyPage = tuple[list[Any], dict[str, Any]]
"""The records of a wrong page, and the facts that it states otherwise, by role."""

PageFault = Callable[[PageQuery], FaultyPage]


def change_page(fault: PageFault) -> Callable[[OperationMock, Request], Response]:
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


def tells(*roles: str) -> Callable[[OperationMock], bool]:
    return lambda mock: mock.listing is not None and all(role in mock.listing.places for role in roles)


def _takes(*roles: str) -> Callable[[OperationMock], bool]:
    return lambda mock: mock.listing is not None and all(role in mock.listing.parameters for role in roles)


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


PAGE_MUTANTS: tuple[tuple[Any, ...], ...] = (
    (
        "off-by-one page",
        "paging.union paging.order",
        _takes("number"),
        change_page(lambda a: (a.cut(a.start + a.size, a.size), {})),
    ),
    (
        "zero-based page",
        "paging.echo paging.union paging.order",
        _takes("number"),
        change_page(lambda a: (a.cut(a.start + a.size, a.size), {"number": a.number - 1})),
    ),
    (
        "pages overlap by one",
        "paging.disjoint",
        _is_list,
        change_page(lambda a: (a.cut(a.start - (a.start > 0), a.size), {})),
    ),
    (
        "a gap between pages",
        "paging.union",
        _is_list,
        change_page(lambda a: (a.cut(a.start + (a.start > 0), a.size), {})),
    ),
    ("unstable order", "paging.disjoint paging.order paging.union", _is_list, change_page(_unstable)),
    (
        "order depends on the size",
        "paging.order",
        _takes("size"),
        change_page(lambda a: (a.clean if a.size % 2 else a.records[::-1][a.start : a.start + a.size], {})),
    ),
    (
        "size ignored",
        "paging.size",
        _takes("size"),
        change_page(lambda a: (a.cut((a.number - 1) * a.default_size, a.default_size), {})),
    ),
    ("size capped", "paging.size", _takes("size"), change_page(lambda a: (a.cut(a.start, min(a.size, 7)), {}))),
    (
        "default size another one",
        "paging.size",
        lambda s: s.parameter("size") is not None,
        change_page(lambda a: (a.cut(a.start, a.size if "size" in _roles(a) else max(1, a.size // 2)), {})),
    ),
    (
        "one record too many on each page",
        "paging.size",
        _takes("size"),
        change_page(lambda a: (a.cut(a.start, a.size + 1), {})),
    ),
    (
        "wrong only for size 1",
        "paging.order paging.size",
        _takes("size"),
        change_page(lambda a: (a.cut(a.start + 1, 1) if a.size == 1 else a.clean, {})),
    ),
    (
        "wrong only on the last page",
        "paging.disjoint paging.union",
        _is_list,
        change_page(lambda a: (a.cut(a.start - 1, a.size) if a.number == a.last > 1 else a.clean, {})),
    ),
    (
        "last page dropped",
        "paging.union",
        _is_list,
        change_page(lambda a: ([] if a.number >= a.last > 1 else a.clean, {})),
    ),
    (
        "last record dropped",
        "paging.union paging.order",
        _is_list,
        change_page(lambda a: ([r for r in a.clean if r != a.records[-1]], {})),
    ),
    (
        "a record twice on a page",
        "paging.twice",
        _is_list,
        change_page(lambda a: ([*a.clean[:-1], a.clean[0]] if len(a.clean) > 1 else a.clean, {})),
    ),
    (
        "past the end repeats the last page",
        "paging.end",
        _takes("number"),
        change_page(lambda a: (a.clean or a.cut((a.last - 1) * a.size, a.size), {})),
    ),
    (
        "past the end is the first page",
        "paging.end",
        _takes("number"),
        change_page(lambda a: (a.clean or a.cut(0, a.size), {})),
    ),
    (
        "past the end is not found",
        "paging.end",
        _takes("number"),
        lambda mock, request: _refuse_past_end(mock, request),
    ),
    ("every page is the first", "paging.disjoint", _takes("number"), change_page(lambda a: (a.cut(0, a.size), {}))),
    (
        "offset counts pages",
        "paging.order paging.size",
        _takes("offset", "number"),
        change_page(lambda a: (a.cut(a.start * a.size if "offset" in _roles(a) else a.start, a.size), {})),
    ),
    (
        "offset rounded down to a page",
        "paging.order paging.size",
        _takes("offset", "size"),
        change_page(lambda a: (a.cut(a.start - a.start % a.size, a.size), {})),
    ),
    (
        "offset rounded up to a page",
        "paging.order paging.size",
        _takes("offset", "size"),
        change_page(lambda a: (a.cut(-(-a.start // a.size) * a.size, a.size), {})),
    ),
    (
        "a middle page repeats the one before",
        "paging.disjoint",
        _takes("number", "size"),
        change_page(lambda a: (a.cut(a.start - a.size, a.size) if 1 < a.number == (a.last + 1) // 2 else a.clean, {})),
    ),
    (
        "the whole list where the size is more than a third of it",
        "paging.size paging.boundary",
        _takes("size"),
        change_page(lambda a: (a.records if 3 * a.size > a.total > a.size else a.clean, {})),
    ),
    (
        "a last page that is full is empty",
        "paging.size paging.union",
        _takes("number", "size"),
        change_page(lambda a: ([] if a.total % a.size == 0 and a.number == a.last > 1 else a.clean, {})),
    ),
    (
        "a full last page is lost where no size is asked for",
        "paging.order paging.size links.leads",
        _takes("number", "size"),
        change_page(
            lambda a: (a.cut(a.start + 1, a.size) if "size" not in _roles(a) and a.number > 1 else a.clean, {}),
        ),
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
        lambda mock: tells("number")(mock) and _takes("offset", "number")(mock),
        change_page(lambda a: (a.clean, {"number": a.number - 1} if "offset" in _roles(a) else {})),
    ),
    (
        "last page number rounded down",
        "paging.last",
        tells("last"),
        change_page(lambda a: (a.clean, {"last": max(1, a.total // a.size)})),
    ),
    (
        "total of another query past the first page",
        "paging.total",
        lambda mock: tells("total")(mock) and _takes("number")(mock),
        change_page(lambda a: (a.clean, {"total": a.total + (a.number > 1)})),
    ),
    ("size echo wrong", "paging.echo", tells("size"), change_page(lambda a: (a.clean, {"size": len(a.clean) - 1}))),
    ("number echo wrong", "paging.echo", tells("number"), change_page(lambda a: (a.clean, {"number": a.number + 1}))),
    ("number echo always one", "paging.echo", tells("number"), change_page(lambda a: (a.clean, {"number": 1}))),
    ("total of the page", "paging.total", tells("total"), change_page(lambda a: (a.clean, {"total": len(a.clean)}))),
    ("total drifting", "paging.total", tells("total"), change_page(_drifting)),
    ("total off by one", "paging.union", tells("total"), change_page(lambda a: (a.clean, {"total": a.total + 1}))),
    (
        "total one too few",
        "paging.union paging.size paging.end",
        tells("total"),
        change_page(lambda a: (a.clean, {"total": a.total - 1})),
    ),
    (
        "last page number off by one",
        "paging.last",
        tells("last"),
        change_page(lambda a: (a.clean, {"last": a.last + 1})),
    ),
    # Links
    ("next link lost", "links.ends", tells("next_url"), _link(lambda r, a, link: None if r == "next_url" else link)),
    (
        "next link loops",
        "links.leads",
        tells("next_url"),
        _link(lambda r, a, link: _renumber(link, a, a.number) if r == "next_url" else link),
    ),
    (
        "next link skips a page",
        "links.leads",
        tells("next_url"),
        _link(lambda r, a, link: _renumber(link, a, a.number + 2) if r == "next_url" else link),
    ),
    (
        "next link never ends",
        "links.ends",
        tells("next_url"),
        _link(lambda r, a, link: _url(a, a.number + 1) if r == "next_url" else link),
    ),
    (
        "previous link lost",
        "links.ends",
        tells("prev_url"),
        _link(lambda r, a, link: None if r == "prev_url" else link),
    ),
    (
        "previous link on the first page",
        "links.ends",
        tells("prev_url"),
        _link(lambda r, a, link: _url(a, max(1, a.number - 1)) if r == "prev_url" else link),
    ),
    (
        "last link leads to the first page",
        "links.leads",
        tells("last_url"),
        _link(lambda r, a, link: _renumber(link, a, 1) if r == "last_url" else link),
    ),
    (
        "links to another host",
        "links.host",
        tells("next_url"),
        _link(lambda r, a, link: "http://elsewhere.invalid/?page=2" if link and r == "next_url" else link),
    ),
    (
        "next link on a full last page",
        "links.ends",
        tells("next_url"),
        _link(lambda r, a, link: _url(a, a.number + 1) if r == "next_url" and len(a.clean) == a.size else link),
    ),
    (
        "links at another path",
        "links.path",
        tells("next_url"),
        _link(lambda r, a, link: link.replace(a.request.path, "/elsewhere") if isinstance(link, str) else link),
    ),
    (
        "links without the page",
        "links.leads",
        tells("next_url"),
        _link(lambda r, a, link: link.partition("?")[0] if isinstance(link, str) and r == "next_url" else link),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""
