"""Filtered pages that other checks asked for: each is held against the records seen, for no call at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from contract_tests.context import CheckContext, Listing, ListPage, Walk
from contract_tests.filters.filter_asking import is_ignored
from contract_tests.filters.filter_oracle import is_shown, meaning, select
from contract_tests.filters.filters import PROBLEMS
from contract_tests.findings import Finding
from contract_tests.transport import Exchange
from mock_server.contract import FilterRule, Operation, Parameter

OWN = ("filters", "hidden_filters")
"""Checks that judge what they ask."""

EMPTY = "A filter with an empty value leaves out records"


class FilteredPage(NamedTuple):
    """A page that came for filters, `sent` by parameter, and the records seen that satisfy them all."""

    page: ListPage
    sent: Mapping[str, Any]
    expected: Sequence[Any]


def check_filtered_exchanges(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """What others asked with filters is answered with what satisfies them, and an empty filter leaves nothing out."""
    walk = context.walks.get(operation.id)
    if walk is None or not walk.whole:
        return
    for exchange in context.sender.exchanges:
        if exchange.operation == operation.id and exchange.check not in OWN and not exchange.is_after_write:
            filtered = _read(walk, exchange)
            if filtered:
                yield from _judge(context, operation, walk, filtered)


def _read(walk: Walk, exchange: Exchange) -> FilteredPage | None:
    """The filtered page of an exchange, or None where it has no filter, or one that cannot be judged."""
    listing = walk.listing
    values = parse_qs(urlsplit(exchange.url).query, keep_blank_values=True)
    filters = {parameter.name: parameter for parameter in listing.filters}
    sent = {name: value for name, value in values.items() if name in filters}
    paging = {parameter.name for parameter in listing.parameters.values()}
    page = listing.read(exchange) if sent and values.keys() <= filters.keys() | paging else None
    expected = walk.records
    for name, texts in sent.items():
        if not _can_judge(listing, filters[name], texts):
            return None
        rule = filters[name].filter
        if texts != [""] and rule:
            expected = select(rule, _split(rule, texts) if rule.test == "one_of" else texts[0], expected)
    return FilteredPage(page, sent, expected) if page else None


def _split(rule: FilterRule, texts: Sequence[str]) -> list[str]:
    """The values of a list: those of a repeated parameter, and between commas where the contract reads them so."""
    if rule.lists == "repeat":
        return list(texts)
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _can_judge(listing: Listing, parameter: Parameter, texts: Sequence[str]) -> bool:
    """Whether a value's meaning is plain: empty, or one that the contract reads and records show."""
    rule = parameter.filter
    if texts == [""]:
        return True
    if rule is None or not is_shown(parameter, listing.item_schema.get("properties", {})) or "" in texts:
        return False
    return rule.test == "one_of" or (len(texts) == 1 and meaning(rule, texts[0]) is not None)


def _judge(context: CheckContext, operation: Operation, walk: Walk, filtered: FilteredPage) -> Iterator[Finding]:
    page, listing = filtered.page, walk.listing
    keys = {repr(listing.key_of(record)) for record in filtered.expected}
    wrong = [key for key in listing.keys(page) if repr(key) not in keys]
    if not wrong and page.total in (None, len(keys)):
        return
    rule = "sound" if wrong else "total"
    is_empty = all(texts == [""] for texts in filtered.sent.values())
    parameter = next(p for p in listing.filters if p.name in filtered.sent)
    is_plain = not is_empty and len(filtered.sent) == 1 and is_ignored(walk, page, "")
    yield context.finding(
        operation,
        "filters.empty" if is_empty and not wrong else f"filters.{rule}",
        listing.places["total"].pointer if rule == "total" and not is_empty else f"?{'&'.join(filtered.sent)}",
        EMPTY if is_empty and not wrong else PROBLEMS[rule],
        f"{len(keys)} records" + (", for an empty value is no filter" if is_empty else ""),
        f"total {page.total}" + (f", record {wrong[0]!r}" if wrong else ""),
        context.of_parameter(parameter, "" if is_plain else "matching"),
        page.exchange,
    )
