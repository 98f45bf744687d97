"""The smallest request that still fails: parameters are taken away from one that did, as far as the budget goes."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from contract_tests.checks import JUDGES, SCHEMATHESIS
from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.transport import Exchange, Refused, Stopped, Unreachable
from mock_server.contract import Operation, Reply, credential_header

JUDGED = ("status", "media_type", "headers", "schema")
"""Checks that judge one answer by itself: whether a smaller request fails as well is known from its answer alone."""

MAX_FINDINGS = 5
"""Findings whose requests are made smaller in one run, the worst first."""

MAX_CALLS = 6
"""Calls for one finding."""

LEAST_SECONDS = 30.0
"""What must be left of a run's time: it must not end in here, where everything has been checked."""

MINIMAL = "minimal"
"""The name under which these requests are recorded."""

Pairs = list[tuple[str, str]]


MAX_RESERVED = 6
"""Calls of a budget that are kept back for all of this, where there is something to make smaller."""


def count_calls(context: CheckContext, findings: list[Finding]) -> int:
    """Calls worth keeping back: one for each parameter that may be taken away, up to a few."""
    needed: dict[str, int] = {}
    for finding in findings:
        exchange = context.causes.get(finding.fingerprint)
        operation = next((o for o in context.operations if o.id == finding.operation), None)
        if exchange and operation and _is_judged_alone(finding, exchange) and exchange.method == operation.method:
            count = len(_pairs(exchange))
            needed[exchange.url] = count if count > 1 else 0
    return min(MAX_RESERVED, sum(needed.values()))


def find_minimal(context: CheckContext, findings: list[Finding]) -> list[Finding]:
    """The findings, those of requests with several parameters with the smallest request that still fails.

    Only answers that can be judged by themselves are asked for again; what the checks find by comparing answers
    needs the request as it is.
    """
    guard = context.sender.guard
    ended = guard.stopped, guard.is_spent
    guard.reserved = 0
    guard.reopen()
    done, smaller = 0, []
    for finding in findings:
        exchange = context.causes.get(finding.fingerprint)
        line = ""
        if exchange and done < MAX_FINDINGS and _is_judged_alone(finding, exchange):
            line = _Search(context, finding, exchange).run()
            done += bool(line)
        smaller.append(replace(finding, minimal=line) if line else finding)
    if ended[0]:  # how the run ended is told of its checks, not of this
        guard.stopped, guard.is_spent = ended
    return smaller


def _is_judged_alone(finding: Finding, exchange: Exchange) -> bool:
    """Whether a finding is of one answer by itself: a failure of the server is, whoever tells it."""
    return finding.check.split(".")[0] in (*JUDGED, SCHEMATHESIS) or exchange.answer.status >= 500


class _Search:
    """The search for one finding."""

    def __init__(self, context: CheckContext, finding: Finding, exchange: Exchange) -> None:
        self._context = context
        self._finding = finding
        self._first = exchange
        self._calls = 0

    def run(self) -> str:
        """The curl line of the smallest failing request; empty where none is smaller than the one of the finding."""
        operation = next((o for o in self._context.operations if o.id == self._finding.operation), None)
        reply = next((reply for known, reply in self._context.expected if known is self._first), None)
        if operation is None or self._first.method != operation.method or (reply and reply.kind):
            return ""
        smallest = self._shrink(operation, reply or operation.success)
        return self._context.reproduce(smallest) if smallest is not self._first else ""

    def _shrink(self, operation: Operation, reply: Reply) -> Exchange:
        """Take one parameter after the other away, and keep away those without which it fails as well."""
        smallest, wanted = self._first, self._problems(operation, self._first, reply)
        schemes = [scheme.field for scheme in self._context.contract.schemes if scheme.where == "query"]
        needed = {*schemes, *(p.name for p in operation.parameters if p.required)}
        for pair in _pairs(self._first):
            rest = [each for each in _pairs(smallest) if each != pair]
            if pair[0] in needed or len(_pairs(smallest)) < 2:
                continue
            try:
                asked = self._find_asked(rest) or (self._ask(operation, rest) if self._may_ask() else None)
            except (Stopped, Unreachable, Refused):
                return smallest
            if asked and wanted & self._problems(operation, asked, reply):
                smallest = asked
        return smallest

    def _may_ask(self) -> bool:
        context, deadline = self._context, self._context.target.deadline
        is_late = deadline is not None and time.monotonic() > deadline - LEAST_SECONDS
        return self._calls < MAX_CALLS and not is_late and context.remaining != 0 and not context.sender.stopped

    def _find_asked(self, pairs: Pairs) -> Exchange | None:
        """The exchange of a request that some check has made already: it costs no call."""
        path, sent = urlsplit(self._first.url).path, self._credentials(self._first)
        for known in self._context.sender.traffic:
            is_same = urlsplit(known.url).path == path and sorted(_pairs(known)) == sorted(pairs)
            if is_same and known.answer.status and self._credentials(known) == sent and not known.retried:
                return known
        return None

    def _credentials(self, exchange: Exchange) -> set[tuple[str, str]]:
        names = {credential_header(s).lower() for s in self._context.contract.schemes if s.where != "query"}
        return {(name.lower(), value) for name, value in exchange.headers if name.lower() in {*names, "accept"}}

    def _ask(self, operation: Operation, pairs: Pairs) -> Exchange:
        self._calls += 1
        parts = urlsplit(self._first.url)
        url = parts._replace(query=urlencode(pairs)).geturl()
        headers = {name: value for name, value in self._first.headers if not name.lower().startswith("x-schemathesis")}
        why = "whether it fails without a parameter as well"
        sender = self._context.sender
        return sender.send(operation, MINIMAL, url=url, headers=headers, credential="none", why=why)

    def _problems(self, operation: Operation, exchange: Exchange, reply: Reply) -> set[tuple[str, str]]:
        """What is wrong with an answer by itself: by check and place, or as a failure of the server."""
        if exchange.answer.status >= 500:
            return {("status", str(exchange.answer.status))}
        return {(f.check, f.place) for f in self._judge(operation, exchange, reply) if self._is_meant(f)}

    def _is_meant(self, finding: Finding) -> bool:
        """Whether a finding is the one looked for; any is, for what Schemathesis calls it is another matter."""
        mine = self._finding
        is_same = (finding.check, finding.place, finding.problem) == (mine.check, mine.place, mine.problem)
        return is_same or mine.check.startswith(SCHEMATHESIS)

    def _judge(self, operation: Operation, exchange: Exchange, reply: Reply) -> Iterator[Finding]:
        # What judges looks at everything that was answered: here at this one answer.
        sender = copy.copy(self._context.sender)
        sender.exchanges, sender.traffic = [exchange], [exchange]
        alone = replace(self._context, sender=sender, expected=[(exchange, reply)], causes={})
        for check in JUDGES:
            if check.name in JUDGED:
                yield from check.run(alone, operation)


def _pairs(exchange: Exchange) -> Pairs:
    return parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
