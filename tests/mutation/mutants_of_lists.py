"""Planted faults in lists: pages, totals, filters, links."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from contract_tests.checks import is_shown, look, matches
from mock_server.contract import Parameter, find_pointer
from mock_server.messages import Request, Response
from tests.mutation.stage import Asked, Stage, bend_body, find_matching, read_asked, set_pointer

Shown = tuple[list[Any], dict[str, Any]]
"""The records of a bent page, and the facts it tells otherwise, by role."""

Bend = Callable[[Asked], Shown]


def _page(bend: Bend) -> Callable[[Stage, Request], Response]:
    """A fault that shows other records or tells other facts of a page."""

    def play(stage: Stage, request: Request) -> Response:
        clean = stage.answer(request)
        asked = read_asked(stage, request) if stage.listing and stage.is_success(clean) else None
        if asked is None or stage.listing is None:
            return clean
        records, facts = bend(asked)
        body = json.loads(clean.body)
        set_pointer(body, stage.listing.places["items"].pointer, records)
        for role, value in facts.items():
            if role in stage.listing.places:
                set_pointer(body, stage.listing.places[role].pointer, value)
        return bend_body(clean, body)

    return play


def _is_list(stage: Stage) -> bool:
    return stage.listing is not None


def _tells(*roles: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.listing is not None and all(role in stage.listing.places for role in roles)


def _takes(*roles: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.listing is not None and all(role in stage.listing.parameters for role in roles)


def _filters(stage: Stage) -> list[Parameter]:
    return _shown_filters(stage) if stage.listing else []


def _shown_filters(stage: Stage) -> list[Parameter]:
    assert stage.listing
    return [p for p in stage.listing.filters if is_shown(p, stage.item_schema.get("properties", {}))]


def _has_filter(*tests: str) -> Callable[[Stage], bool]:
    return lambda stage: any(p.filter and (not tests or p.filter.test in tests) for p in _filters(stage))


def _all_records(asked: Asked) -> list[Any]:
    return find_matching(asked.stage, asked.request, {})


def _sent(asked: Asked) -> Mapping[str, Any]:
    """Filters that were sent, by name, with the value as the harness sends it."""
    found = {}
    for parameter in asked.stage.listing.filters if asked.stage.listing else ():
        if parameter.name in asked.filters and parameter.filter:
            values = asked.filters[parameter.name]
            found[parameter.name] = values if parameter.filter.test == "one_of" else values[-1]
    return found


def _reselect(choose: Callable[[Asked, Any], bool]) -> Bend:
    """Filters that select by another rule: `choose` says whether a record is shown."""

    def bend(asked: Asked) -> Shown:
        if not _sent(asked):
            return asked.clean, {}
        records = [record for record in _all_records(asked) if choose(asked, record)]
        return records[asked.start : asked.start + asked.size], {"total": len(records)}

    return bend


def _matches_all(asked: Asked, record: Any, leave_out: str = "") -> bool:
    rules = {p.name: p.filter for p in asked.stage.operation.parameters if p.filter}
    return all(
        matches(rules[name], value, record)
        for name, value in _sent(asked).items()
        if name != leave_out and name in {p.name for p in _filters(asked.stage)}
    )


def _in_part(asked: Asked, record: Any) -> bool:
    """Equality loosened to a search, of every filter on text."""
    rules = {p.name: p.filter for p in _filters(asked.stage) if p.filter}
    for name, value in _sent(asked).items():
        rule = rules.get(name)
        if rule and rule.test in ("equals", "equals_fold") and rule.values is None:
            if str(value).casefold() not in str(look(record, rule.fields[0])).casefold():
                return False
        elif rule and not matches(rule, value, record):
            return False
    return True


def _ignore_one(stage: Stage, number: int) -> str:
    """The name of the filter that a mutant leaves out: the first or the last shown one."""
    found = _filters(stage)
    return found[number].name if found else ""


def _drop_filters(stage: Stage, request: Request) -> Response:
    """Every filter is ignored, whatever its fields."""
    names = {parameter.name for parameter in stage.listing.filters} if stage.listing else set()
    query = {name: values for name, values in stage.query_of(request).items() if name not in names}
    return stage.answer(stage.with_query(request, query))


def _drop_hidden(stage: Stage, request: Request) -> Response:
    """Filters on fields that no record shows are ignored."""
    shown = {parameter.name for parameter in _filters(stage)}
    names = {parameter.name for parameter in stage.listing.filters} - shown if stage.listing else set()
    query = {name: values for name, values in stage.query_of(request).items() if name not in names}
    return stage.answer(stage.with_query(request, query))


def _first_page_only(asked: Asked) -> Shown:
    if asked.start == 0 or not _sent(asked):
        return asked.clean, {}
    return _all_records(asked)[asked.start : asked.start + asked.size], {}


def _has_hidden(stage: Stage) -> bool:
    return stage.listing is not None and len(_filters(stage)) < len(stage.listing.filters)


_turn = itertools.count()


def _unstable(asked: Asked) -> Shown:
    records = asked.records if next(_turn) % 2 else asked.records[::-1]
    return records[asked.start : asked.start + asked.size], {}


def _drifting(asked: Asked) -> Shown:
    return asked.clean, {"total": asked.total + next(_turn) % 5}


def _links(stage: Stage, request: Request, change: Callable[[str, Asked, Any], Any]) -> Response:
    clean = stage.answer(request)
    asked = read_asked(stage, request) if stage.listing and stage.is_success(clean) else None
    if asked is None or stage.listing is None:
        return clean
    body = json.loads(clean.body)
    for role, place in stage.listing.places.items():
        if role.endswith("_url"):
            set_pointer(body, place.pointer, change(role, asked, find_pointer(body, place.pointer)))
    return bend_body(clean, body)


def _link(change: Callable[[str, Asked, Any], Any]) -> Callable[[Stage, Request], Response]:
    return lambda stage, request: _links(stage, request, change)


def _renumber(link: Any, asked: Asked, number: int) -> Any:
    """A link that names another page."""
    parameter = asked.stage.parameter("number")
    if not isinstance(link, str) or parameter is None:
        return link
    front, _, query = link.partition("?")
    pieces = [f"{parameter.name}={number}" if p.split("=")[0] == parameter.name else p for p in query.split("&")]
    return f"{front}?{'&'.join(pieces)}"


def _url(asked: Asked, number: int) -> str:
    request, parameter = asked.request, asked.stage.parameter("number")
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
        "paging.order",
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
        "paging.union paging.order",
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
    ("past the end is not found", "status", _takes("number"), lambda stage, request: _refuse_past_end(stage, request)),
    ("every page is the first", "paging.disjoint", _takes("number"), _page(lambda a: (a.cut(0, a.size), {}))),
    (
        "offset counts pages",
        "paging.order",
        _takes("offset", "number"),
        _page(lambda a: (a.cut(a.start * a.size if "offset" in _roles(a) else a.start, a.size), {})),
    ),
    # What a page tells
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
        _page(_reselect(lambda a, r: _matches_all(a, r, _ignore_one(a.stage, 0)))),
    ),
    (
        "last filter ignored",
        "filters",
        _has_filter(),
        _page(_reselect(lambda a, r: _matches_all(a, r, _ignore_one(a.stage, -1)))),
    ),
    ("filters inverted", "filters", _has_filter(), _page(_reselect(lambda a, r: not _matches_all(a, r)))),
    ("equality loosened to a search", "filters.whole", _has_filter("equals_fold"), _page(_reselect(_in_part))),
    ("filters only on the first page", "filters.pages", _has_filter(), _page(_first_page_only)),
    (
        "filters lose their last record",
        "filters",
        _has_filter(),
        _page(lambda a: ([r for r in a.clean if not _sent(a) or r != a.records[-1]], {})),
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
        "links without the page",
        "links.leads",
        _tells("next_url"),
        _link(lambda r, a, link: link.partition("?")[0] if isinstance(link, str) and r == "next_url" else link),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""


def _roles(asked: Asked) -> set[str]:
    """The page roles that were asked for by name."""
    query = asked.stage.query_of(asked.request)
    listing = asked.stage.listing
    return {role for role, p in listing.parameters.items() if p.name in query} if listing else set()


def _refuse_past_end(stage: Stage, request: Request) -> Response:
    clean = stage.answer(request)
    asked = read_asked(stage, request) if stage.is_success(clean) else None
    return clean._replace(status=404) if asked and asked.number > asked.last else clean
