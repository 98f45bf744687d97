"""Asking a list with filters: what is sent, what came, and what is wrong whatever was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from contract_tests.context import CheckContext, Listing, ListPage, Walk
from contract_tests.filters.filter_oracle import is_shown
from contract_tests.findings import NONE, Evidence, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation, Parameter


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


def is_ignored(walk: Walk, page: ListPage, value: Any, start: int = 0) -> bool:
    """Whether a value that says something made no difference at all: the list's own page came, and its total."""
    if walk.total is None or page.total != walk.total or has_wildcard(value):
        return False
    keys = walk.listing.keys(page)
    # Where records are filtered and the total is not, the total is what is wrong.
    own = [walk.listing.key_of(record) for record in walk.records[start : start + len(keys)]]
    return not walk.whole or (keys == own and bool(own))


def has_wildcard(value: Any) -> bool:
    """Whether a value has a sign that SQL's LIKE takes for any text: how that matches is nobody's promise."""
    return isinstance(value, str) and ("%" in value or "_" in value)


class FilteredAnswer(NamedTuple):
    """What came for a query: `total` by the page, or by its records where no total is sent; `keys` of its records."""

    exchange: Exchange
    page: ListPage | None
    total: int
    keys: frozenset[str]


@dataclass
class Asking:
    """One list being asked with filters, for a check; each query is sent once."""

    context: CheckContext
    operation: Operation
    walk: Walk
    check: str = "hidden_filters"
    answers: dict[tuple[tuple[str, Any], ...], FilteredAnswer] = field(default_factory=dict)
    failures: list[Finding] = field(default_factory=list)

    @property
    def all(self) -> int:
        """The number of all records."""
        return self.walk.total if self.walk.total is not None else len(self.walk.seen)

    def ask(self, query: Mapping[str, Any], why: str, may_refuse: bool = False) -> FilteredAnswer:
        """The answer to a query with filters, asked once; a failure of the server is kept as a finding."""
        key = tuple(sorted(query.items()))
        if key not in self.answers:
            self.answers[key] = self._send(query, why, may_refuse)
        return self.answers[key]

    def _send(self, query: Mapping[str, Any], why: str, may_refuse: bool) -> FilteredAnswer:
        exchange, page = ask(self.context, self.operation, query, self.check, why, may_refuse=may_refuse)
        names = "&".join(query)
        self.failures += find_failure(self.context, self.operation, self.check, names, list(query.values()), exchange)
        keys = self.walk.listing.keys(page) if page else []
        is_full = len(keys) >= self.walk.listing.max_size
        # A page that is not full has everything, whatever total it comes with.
        total = page.total if page and isinstance(page.total, int) and is_full else len(keys)
        return FilteredAnswer(exchange, page, total, frozenset(map(repr, keys)))

    def finding(
        self,
        rule: str,
        names: str,
        problem: str,
        expected: object,
        actual: object,
        answer: FilteredAnswer,
        evidence: Evidence = NONE,
    ) -> Finding:
        """A finding about one filter, or about several whose names are joined with `&`."""
        return self.context.finding(
            self.operation,
            f"{self.check}.{rule}",
            f"?{names}",
            problem,
            expected,
            actual,
            evidence,
            answer.exchange,
        )

    def evidence(self, parameter: Parameter, answer: FilteredAnswer, value: Any = "") -> Evidence:
        """That a filter has an effect is what its description promises; how values are matched may be assumed."""
        is_plain = answer.page is not None and is_ignored(self.walk, answer.page, value)
        return self.context.of_parameter(parameter, "" if is_plain else "matching")

    def alone(self) -> dict[tuple[str, Any], FilteredAnswer]:
        """The answers to queries with one filter, by its name and value."""
        return {sent[0]: answer for sent, answer in self.answers.items() if len(sent) == 1 and answer.page}

    def take_failures(self) -> Iterator[Finding]:
        """The failures met since this was last asked."""
        yield from self.failures
        self.failures.clear()
