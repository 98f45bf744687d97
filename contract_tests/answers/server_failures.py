"""Answers with a status of 5xx: a server that fails is wrong, whatever was asked; and what failing requests share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from contract_tests.context import CheckContext
from contract_tests.findings import Evidence, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation

NOT_IMPLEMENTED = 501
"""What RFC 9110 (15.6.2) has for a method that a server does not know: no failure."""

MANY = 3
"""Parameters that fail one by one; where more do, it is one fault that they share: nothing catches wrong values."""

_SENTENCE = Evidence("RFC 9110, 15.6: the server is aware that it has erred or is incapable of performing the request")


def check_failures(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """No request makes the server fail, be it right or wrong; a finding for each parameter that does, or for many."""
    exchanges = [e for e in context.sender.exchanges if e.operation == operation.id and not e.retried]
    usual = {pair for e in exchanges if 0 < e.answer.status < 500 for pair in _sent(e)}
    failed: dict[str, list[Exchange]] = {}
    for exchange in filter(has_failed, exchanges):
        suspects = sorted({name for name, value in _sent(exchange) - usual})
        failed.setdefault("".join(f"?{name}" for name in suspects), []).append(exchange)
    if len(failed) > MANY:
        yield _finding(context, operation, "", [e for each in failed.values() for e in each], " ".join(failed))
        return
    for place, each in failed.items():
        yield _finding(context, operation, place, each)


def _finding(context: CheckContext, operation: Operation, place: str, failed: list[Exchange], of: str = "") -> Finding:
    answer = failed[0].answer
    finding = context.finding(
        operation,
        "status",
        place,
        "The server fails: an answer with a status of 5xx, whatever was asked",
        "an answer or a refusal, a status below 500",
        f"{answer.status} {answer.reason}".strip() + (f" for each of {of}" if of else ""),
        _SENTENCE,
        failed[0],
        is_firm=True,
    )
    return replace(finding, times=len(failed))


def has_failed(exchange: Exchange) -> bool:
    """Whether the server says that it failed; a method that it does not know is none of its failures."""
    status = exchange.answer.status
    return status >= 500 and not (status == NOT_IMPLEMENTED and exchange.method != "GET")


def _sent(exchange: Exchange) -> set[tuple[str, str]]:
    """The query's names and values, and the path as if it were one more."""
    parts = urlsplit(exchange.url)
    return {*parse_qsl(parts.query, keep_blank_values=True), ("path", parts.path)}
