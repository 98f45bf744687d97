"""Each filter is sound: every record answered satisfies it, and every record seen that satisfies it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contract_tests.checks.context import CheckContext
from contract_tests.checks.filter_oracle import find_value, is_shown, matches, meaning, select
from contract_tests.checks.list_walk import Walk
from contract_tests.checks.listing import Listing, ListPage
from contract_tests.checks.walking import get_walk
from contract_tests.findings import Evidence, Finding
from mock_server.contract import FilterRule, Operation, Parameter
from mock_server.errors import count_of

NOWHERE = "zqxjkv"
"""A text that no record holds."""

FAR_PAST, FAR_FUTURE = "1901-01-01", "2199-12-31"


class FilterRequest(NamedTuple):
    """One request with a filter: the value, the page asked for with size 1 (None: the first, as large as may be),
    and the records it should give by those seen (None where they do not show what is filtered by)."""

    rule: str
    parameter: Parameter
    value: Any
    number: int | None
    expected: list[Any] | None


def check_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Filters on fields that records show are compared with the records seen."""
    walk = get_walk(context, operation)
    records = walk.records or (walk.first.page.records if walk.first.page else [])
    shown = find_filters(walk.listing, hidden=False) if records else []
    for parameter in shown:
        yield from _shown(context, operation, walk, records, parameter)
    if len(shown) > 1:
        yield from _together(context, operation, walk, records, shown)


def check_hidden_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Of filters on what no record shows: what nothing matches gives nothing; two values of a list share no record."""
    walk = get_walk(context, operation)
    for parameter in find_filters(walk.listing, hidden=True) if walk.first.page else ():
        yield from _hidden(context, operation, walk, parameter)


def find_filters(listing: Listing, hidden: bool) -> list[Parameter]:
    """The filters on fields that the list's records show, or those on fields they do not show."""
    properties = listing.item_schema.get("properties", {})
    return [parameter for parameter in listing.filters if is_shown(parameter, properties) != hidden]


def _shown(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    records: list[Any],
    parameter: Parameter,
) -> Iterator[Finding]:
    for request in plan_requests(parameter, records):
        _, page = _send(context, operation, walk.listing, {parameter.name: request.value}, request.number)
        if page:
            yield from _compare(context, operation, walk, request, page)


def plan_requests(parameter: Parameter, records: list[Any]) -> Iterator[FilterRequest]:
    """Few requests that tell a sound filter from one that is ignored, inverted, loose or only on the first page."""
    rule = parameter.filter
    assert rule
    value = choose_value(rule, records)
    if value is None:
        return
    expected = select(rule, value, records)
    if rule.test in ("equals", "equals_fold") and len(expected) == 1:
        yield FilterRequest("filters.sound", parameter, value, None, expected)
    # The second page of one record each says more than the first: the filter holds there too, and the total is shown.
    yield FilterRequest("filters.pages", parameter, value, 2, expected)
    part = _part(rule, value, records)
    if part is not None:
        yield FilterRequest("filters.whole", parameter, part, None, [])


def choose_value(rule: FilterRule, records: list[Any]) -> Any:
    """A value from the records seen that selects some of them and not all, or None."""
    for value in _candidates(rule, records):
        if 0 < len(select(rule, value, records)) < len(records):
            return value
    return None


def _candidates(rule: FilterRule, records: list[Any]) -> Iterator[Any]:
    if rule.test == "one_of":
        keys = [find_value(record, rule.fields[0]) for record in records]
        # The last before the first: a target that answers in the order asked for, and not in its own, is caught.
        yield [keys[-1], keys[0]] if len(keys) > 2 else keys[:1]
        return
    words = {repr(stored): word for word, stored in (rule.values or {}).items()}
    values = [find_value(record, field) for record in records[:40] for field in rule.fields]
    for value in values:
        if value is None or value == "" or (rule.values is not None and repr(value) not in words):
            continue
        yield words[repr(value)] if rule.values is not None else _probe_text(rule, value)


def _probe_text(rule: FilterRule, value: Any) -> Any:
    """The value as it is sent: of a searched text a part from its middle, in the other case."""
    if rule.test not in ("contains", "search") or len(str(value)) < 5:
        return value
    return str(value)[1:5].swapcase().strip() or value


def _part(rule: FilterRule, value: Any, records: list[Any]) -> str | None:
    """A beginning of the value that no record has as a whole, to tell equality from a search."""
    if rule.test not in ("equals", "equals_fold") or rule.values is not None or not isinstance(value, str):
        return None
    part = value[:-1]
    return part if len(part) > 1 and not select(rule, part, records) else None


def _send(
    context: CheckContext,
    operation: Operation,
    listing: Listing,
    query: Mapping[str, Any],
    number: int | None = None,
    check: str = "filters",
) -> tuple[Any, ListPage | None]:
    sizes = {"size": 1 if number else listing.max_size} if "size" in listing.parameters else {}
    asked = {**sizes, **({"number": number} if number and listing.style == "number" else {})}
    if number and listing.style == "offset":
        asked["offset"] = number - 1
    exchange = context.send(operation, check, query={**listing.query(**asked), **query})
    return exchange, listing.read(exchange)


def _compare(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    request: FilterRequest,
    page: ListPage,
) -> Iterator[Finding]:
    listing, parameter, expected = walk.listing, request.parameter, request.expected or []
    keys = [listing.key_of(record) for record in expected]
    # Page 2 of size 1 is the second record that satisfies the filter.
    window = keys[1:2] if request.number else keys[: listing.max_size]
    shown = listing.keys(page)
    wrong = [
        record for record in page.records if parameter.filter and not matches(parameter.filter, request.value, record)
    ]
    problem = None
    if wrong:
        problem = "A filter lets records through that do not satisfy it"
        actual: Any = f"record {listing.key_of(wrong[0])!r}: {_fields(parameter, wrong[0])}"
    elif walk.whole and (shown != window or page.total not in (None, len(keys))):
        problem = "A filter does not answer the records that satisfy it"
        actual = f"records {shown[:5]}, total {page.total}"
    elif not walk.whole and not request.number and not set(map(repr, window)) <= set(map(repr, shown)):
        problem = "A filter leaves out records that satisfy it"
        actual = f"records {shown[:5]}"
    if problem:
        yield context.finding(
            operation,
            request.rule,
            f"?{parameter.name}",
            problem,
            f"{parameter.name}={request.value}: records {window[:5]}, {len(keys)} in all",
            actual,
            _evidence(context, walk, parameter, page),
            page.exchange,
        )


def _evidence(context: CheckContext, walk: Walk, parameter: Parameter, page: ListPage) -> Evidence:
    """How values are matched may be assumed; that the filter has an effect is what its description promises."""
    ignored = walk.total is not None and page.total == walk.total
    return context.of_parameter(parameter, "" if ignored else "matching")


def _fields(parameter: Parameter, record: Any) -> str:
    return ", ".join(
        f"{field} {find_value(record, field)!r}" for field in (parameter.filter.fields if parameter.filter else ())
    )


def _together(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    records: list[Any],
    parameters: list[Parameter],
) -> Iterator[Finding]:
    """All filters of one record at once: it satisfies each, so it must be answered."""
    record = records[len(records) // 2]
    query = {
        p.name: value for p in parameters if p.filter and (value := choose_value(p.filter, [record, {}])) is not None
    }
    expected = [
        each
        for each in records
        if all(p.filter is None or p.name not in query or matches(p.filter, query[p.name], each) for p in parameters)
    ]
    exchange, page = _send(context, operation, walk.listing, query)
    if page and walk.whole and len(query) > 1:
        keys = [walk.listing.key_of(each) for each in expected]
        if walk.listing.keys(page) != keys[: walk.listing.max_size]:
            yield context.finding(
                operation,
                "filters.together",
                "",
                "Filters given together do not answer the records that satisfy all",
                f"records {keys[:5]}",
                f"records {walk.listing.keys(page)[:5]}",
                context.of_parameter(parameters[0], "matching"),
                exchange,
            )


def _hidden(context: CheckContext, operation: Operation, walk: Walk, parameter: Parameter) -> Iterator[Finding]:
    rule = parameter.filter
    assert rule
    values = _impossible(rule)
    if values is None:  # of a list of words none is impossible: two of them are compared
        yield from _apart(context, operation, walk, parameter)
        return
    exchange, page = _send(context, operation, walk.listing, {parameter.name: values}, check="hidden_filters")
    if page and page.records:
        yield context.finding(
            operation,
            "hidden_filters.sound",
            f"?{parameter.name}",
            "A filter that nothing matches answers records",
            f"{parameter.name}={values}: no record",
            count_of(len(page.records), "record"),
            _evidence(context, walk, parameter, page),
            exchange,
        )


def _impossible(rule: FilterRule) -> str | None:
    if rule.dates:
        return FAR_FUTURE if rule.test == "at_least" else FAR_PAST
    return NOWHERE if rule.values is None and rule.test in ("equals", "equals_fold", "contains", "search") else None


def _apart(context: CheckContext, operation: Operation, walk: Walk, parameter: Parameter) -> Iterator[Finding]:
    rule = parameter.filter
    words = _two_words(rule) if rule else []
    pages = [
        (word, *_send(context, operation, walk.listing, {parameter.name: word}, check="hidden_filters"))
        for word in words
    ]
    keys = [set(map(repr, walk.listing.keys(page))) if page else set() for _, _, page in pages]
    if len(pages) == 2 and keys[0] & keys[1]:
        yield context.finding(
            operation,
            "hidden_filters.apart",
            f"?{parameter.name}",
            "A filter answers the same record for two values",
            f"no record for both {words[0]} and {words[1]}",
            f"{count_of(len(keys[0] & keys[1]), 'record')} for both",
            context.of_parameter(parameter, "matching"),
            pages[1][1],
        )


def _two_words(rule: FilterRule) -> list[str]:
    """Two words that mean different values."""
    meanings: dict[str, str] = {}
    for word in rule.values or {}:
        if meaning(rule, word) is not None and not word.lstrip("-").isdecimal():
            meanings.setdefault(repr(meaning(rule, word)), word)
    numbers = {repr(meaning(rule, word)): word for word in rule.values or {} if meaning(rule, word) is not None}
    return list((meanings if len(meanings) > 1 else numbers).values())[:2]
