"""Asking for filters on what no record shows: each query once, with the total and the keys that came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contract_tests.checks.context import CheckContext
from contract_tests.checks.filters import ask, find_failure, is_ignored
from contract_tests.checks.list_walk import Walk
from contract_tests.checks.listing import ListPage
from contract_tests.findings import NONE, Evidence, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation, Parameter

CHECK = "hidden_filters"


class HiddenAnswer(NamedTuple):
    """What came for a query: `total` by the page, or by its records where no total is sent; `keys` of its records."""

    exchange: Exchange
    page: ListPage | None
    total: int
    keys: frozenset[str]


@dataclass
class Asking:
    """One list's hidden filters being asked for."""

    context: CheckContext
    operation: Operation
    walk: Walk
    answers: dict[str, HiddenAnswer] = field(default_factory=dict)
    failures: list[Finding] = field(default_factory=list)

    @property
    def all(self) -> int:
        """The number of all records."""
        return self.walk.total if self.walk.total is not None else len(self.walk.seen)

    def ask(self, query: Mapping[str, Any], why: str, may_refuse: bool = False) -> HiddenAnswer:
        """The answer to a query with filters, asked once; a failure of the server is kept as a finding."""
        key = repr(sorted(query.items()))
        if key not in self.answers:
            self.answers[key] = self._send(query, why, may_refuse)
        return self.answers[key]

    def _send(self, query: Mapping[str, Any], why: str, may_refuse: bool) -> HiddenAnswer:
        exchange, page = ask(self.context, self.operation, query, CHECK, why, may_refuse=may_refuse)
        names = "&".join(query)
        self.failures += find_failure(self.context, self.operation, CHECK, names, list(query.values()), exchange)
        keys = self.walk.listing.keys(page) if page else []
        total = page.total if page and isinstance(page.total, int) else len(keys)
        return HiddenAnswer(exchange, page, total, frozenset(map(repr, keys)))

    def finding(
        self,
        rule: str,
        names: str,
        problem: str,
        expected: object,
        actual: object,
        answer: HiddenAnswer,
        evidence: Evidence = NONE,
    ) -> Finding:
        """A finding about one filter, or about several whose names are joined with `&`."""
        return self.context.finding(
            self.operation,
            f"{CHECK}.{rule}",
            f"?{names}",
            problem,
            expected,
            actual,
            evidence,
            answer.exchange,
        )

    def evidence(self, parameter: Parameter, answer: HiddenAnswer, value: Any = "") -> Evidence:
        """That a filter has an effect is what its description promises; how values are matched may be assumed."""
        is_plain = answer.page is not None and is_ignored(self.walk, answer.page, value)
        return self.context.of_parameter(parameter, "" if is_plain else "matching")

    def take_failures(self) -> Iterator[Finding]:
        """The failures met since this was last asked."""
        yield from self.failures
        self.failures.clear()
