"""Planted faults in filters: what back ends make of the values they are sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from mock_server.contract import FilterRule, Parameter
from mock_server.messages import Request, Response
from tests.mutation.operation_mock import OperationMock, find_matching, read_page_query, replace_page

Query = dict[str, list[str]]

Change = Callable[[FilterRule, list[str]], list[str] | None]
"""A filter's values as the faulty back end reads them; None where it does not read them at all."""


def _rules(mock: OperationMock) -> Mapping[str, FilterRule]:
    return {p.name: p.filter for p in mock.listing.filters if p.filter} if mock.listing else {}


def _has(fits: Callable[[FilterRule], bool]) -> Callable[[OperationMock], bool]:
    return lambda mock: any(fits(rule) for rule in _rules(mock).values())


def _reading(change: Change) -> Callable[[OperationMock, Request], Response]:
    """Values are read as others, or not at all."""

    def play(mock: OperationMock, request: Request) -> Response:
        rules, query = _rules(mock), mock.query_of(request)
        read = {name: change(rules[name], values) if name in rules else values for name, values in query.items()}
        return mock.answer(
            mock.with_query(request, {name: values for name, values in read.items() if values is not None}),
        )

    return play


def _is_text(rule: FilterRule) -> bool:
    return rule.values is None and not rule.dates and rule.test in ("contains", "search", "equals_fold")


def _is_name(rule: FilterRule) -> bool:
    """Whether a filter looks at names, which have blanks."""
    return _is_text(rule) and any("name" in field.casefold() for field in rule.fields)


def _is_zero(rule: FilterRule, values: list[str]) -> bool:
    return rule.values is not None and rule.values.get(values[-1].casefold()) in (0, False)


def _has_zero(rule: FilterRule) -> bool:
    return any(stored is not None and stored in (0, False) for stored in (rule.values or {}).values())


def _each_text(change: Callable[[str], str | None]) -> Callable[[OperationMock, Request], Response]:
    def change_values(rule: FilterRule, values: list[str]) -> list[str] | None:
        changed = [change(value) for value in values] if _is_text(rule) else values
        return [value for value in changed if value is not None] or None

    return _reading(change_values)


def _swap_words(rule: FilterRule, values: list[str]) -> list[str]:
    """The words of the first two numbers change places."""
    words = {str(stored): word for word, stored in reversed(list((rule.values or {}).items())) if stored is not None}
    pair = list(words.values())[:2] if len(words) == 2 else []
    return [pair[1 - pair.index(value)] if value in pair else value for value in values]


def _fail_at_apostrophes(mock: OperationMock, request: Request) -> Response:
    rules = _rules(mock)
    values = [v for name, own in mock.query_of(request).items() if name in rules for v in own]
    clean = mock.answer(request)
    return clean._replace(status=500) if any("'" in value for value in values) else clean


def _either(mock: OperationMock, request: Request) -> Response:
    """Filters given together: one of them is enough."""
    page = read_page_query(mock, request) if mock.listing else None
    if page is None or len(page.filters) < 2:
        return mock.answer(request)
    keys = {
        repr(mock.listing.key_of(record))
        for name, values in page.filters.items()
        for record in find_matching(mock, request, {name: values})
        if mock.listing
    }
    records = [r for r in find_matching(mock, request, {}) if mock.listing and repr(mock.listing.key_of(r)) in keys]
    return replace_page(mock, request, records[page.start : page.start + page.size], {"total": len(records)})


def _cut_before(mock: OperationMock, request: Request) -> Response:
    """The page is cut, and then filtered."""
    page = read_page_query(mock, request) if mock.listing else None
    if page is None or not page.filters or not mock.listing:
        return mock.answer(request)
    keys = {repr(mock.listing.key_of(record)) for record in page.records}
    window = find_matching(mock, request, {})[page.start : page.start + page.size]
    return replace_page(mock, request, [r for r in window if repr(mock.listing.key_of(r)) in keys], {})


def _is_sign(mock: OperationMock) -> bool:
    """Whether a filter's hidden field shows in another one."""
    properties: Mapping[str, Any] = mock.item_schema.get("properties", {})
    makers = [schema.get("x-faker") for schema in properties.values() if isinstance(schema, dict)]
    signs = {maker["choose"]["by"] for maker in makers if isinstance(maker, dict) and "choose" in maker}
    return any(f"${rule.fields[0]}" in signs and rule.values for rule in _rules(mock).values())


def _rename(mock: OperationMock, request: Request) -> Response:
    """A filter from a moment looks at another date."""
    dates = [p for p in mock.listing.filters if _is_since(p)] if mock.listing else []
    query = mock.query_of(request)
    if len(dates) > 1 and dates[1].name in query and dates[0].name not in query:
        query[dates[0].name] = query.pop(dates[1].name)
    return mock.answer(mock.with_query(request, query))


def _is_since(parameter: Parameter) -> bool:
    return parameter.filter is not None and parameter.filter.test == "at_least"


def _is_composed(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def _fail_at_marks(mock: OperationMock, request: Request) -> Response:
    values = [value for own in mock.query_of(request).values() for value in own]
    clean = mock.answer(request)
    return clean if all(map(_is_composed, values)) else clean._replace(status=500)


FILTER_MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("a plus sign in a filter is a blank", "filters", _has(_is_name), _each_text(lambda v: v.replace("+", " "))),
    (
        "a filter reads its first word only",
        "filters hidden_filters",
        _has(_is_text),
        _each_text(lambda v: v.split(" ")[0]),
    ),
    ("a filter reads eight characters only", "filters", _has(_is_text), _each_text(lambda v: v[:8])),
    (
        "per cent in a filter matches everything",
        "filters hidden_filters",
        _has(_is_text),
        _each_text(lambda v: None if "%" in v else v),
    ),
    (
        "an empty filter is nobody's",
        "filters hidden_filters",
        _has(_is_text),
        _each_text(lambda v: v or "zqxjkv"),
    ),
    ("an apostrophe in a filter fails the server", "filters.failure", _has(_is_text), _fail_at_apostrophes),
    (
        "accents of their own are passed over in a filter",
        "filters.form",
        _has(_is_name),
        _each_text(lambda v: v if _is_composed(v) else None),
    ),
    ("accents of their own fail the server", "filters.failure status", _has(_is_name), _fail_at_marks),
    (
        "zero in a filter is no value",
        "filters hidden_filters",
        _has(_has_zero),
        _reading(lambda rule, values: None if _is_zero(rule, values) else values),
    ),
    (
        "of several values only the first counts",
        "filters",
        _has(lambda rule: rule.test == "one_of"),
        _reading(lambda rule, values: values[:1] if rule.test == "one_of" else values),
    ),
    ("words of a filter change places", "hidden_filters.agrees", _is_sign, _reading(_swap_words)),
    (
        "one of two filters is enough",
        "filters.together",
        lambda mock: len(_rules(mock)) > 1,
        _either,
    ),
    ("the page is cut before the filter", "filters", lambda mock: bool(_rules(mock)), _cut_before),
    (
        "a date filter looks at another date",
        "hidden_filters",
        lambda mock: bool(mock.listing) and sum(map(_is_since, mock.listing.filters if mock.listing else ())) > 1,
        _rename,
    ),
    (
        "a filter up to a moment is ignored",
        "hidden_filters",
        _has(lambda rule: rule.test == "at_most"),
        _reading(lambda rule, values: None if rule.test == "at_most" else values),
    ),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""
