"""Planted faults in the filters of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contract_tests.filters import find_value, is_shown, matches
from mock_server.contract import Parameter
from mock_server.messages import Request, Response
from tests.mutation.mutants_of_pages import FaultyPage, PageFault, change_page, tells
from tests.mutation.operation_mock import OperationMock, PageQuery, find_matching


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


LIST_MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("all filters ignored", "filters hidden_filters", lambda s: bool(s.listing and s.listing.filters), _drop_filters),
    ("filters on hidden fields ignored", "hidden_filters", _has_hidden, _drop_hidden),
    (
        "first filter ignored",
        "filters",
        _has_filter(),
        change_page(_reselect(lambda a, r: _matches_all(a, r, _ignore_one(a.mock, 0)))),
    ),
    (
        "last filter ignored",
        "filters",
        _has_filter(),
        change_page(_reselect(lambda a, r: _matches_all(a, r, _ignore_one(a.mock, -1)))),
    ),
    ("filters inverted", "filters", _has_filter(), change_page(_reselect(lambda a, r: not _matches_all(a, r)))),
    ("equality loosened to a search", "filters.sound", _has_filter("equals_fold"), change_page(_reselect(_in_part))),
    ("filters only on the first page", "filters.sound", _has_filter(), change_page(_first_page_only)),
    (
        "filters lose their last record",
        "filters",
        _has_filter(),
        change_page(lambda a: ([r for r in a.clean if not _sent_filters(a) or r != a.records[-1]], {})),
    ),
    (
        "total without the filter",
        "filters",
        lambda s: _has_filter()(s) and tells("total")(s),
        change_page(lambda a: (a.clean, {"total": len(_all_records(a))})),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""
