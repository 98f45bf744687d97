"""Answers with a status of 5xx: a server that fails is wrong, whatever was asked; and what failing requests share."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from contract_tests.context import CheckContext
from contract_tests.findings import Evidence, Finding
from contract_tests.transport import Exchange
from mock_server.contract import Operation

NOT_IMPLEMENTED = 501
"""What RFC 9110 (15.6.2) has for a method that a server does not know: no failure."""

_SENTENCE = Evidence("RFC 9110, 15.6: the server is aware that it has erred or is incapable of performing the request")


def check_failures(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """No request makes the server fail, be it right or wrong; one finding for each parameter that does."""
    exchanges = [e for e in context.sender.exchanges if e.operation == operation.id and not e.retried]
    usual = {pair for e in exchanges if 0 < e.answer.status < 500 for pair in _sent(e)}
    for exchange in exchanges:
        if not has_failed(exchange):
            continue
        suspects = sorted({name for name, value in _sent(exchange) - usual})
        yield context.finding(
            operation,
            "status",
            "".join(f"?{name}" for name in suspects),
            "The server fails: an answer with a status of 5xx, whatever was asked",
            "an answer or a refusal, a status below 500",
            f"{exchange.answer.status} {exchange.answer.reason}".strip(),
            _SENTENCE,
            exchange,
            is_firm=True,
        )


def has_failed(exchange: Exchange) -> bool:
    """Whether the server says that it failed; a method that it does not know is none of its failures."""
    status = exchange.answer.status
    return status >= 500 and not (status == NOT_IMPLEMENTED and exchange.method != "GET")


def _sent(exchange: Exchange) -> set[tuple[str, str]]:
    """The query's names and values, and the path as if it were one more."""
    parts = urlsplit(exchange.url)
    return {*parse_qsl(parts.query, keep_blank_values=True), ("path", parts.path)}
