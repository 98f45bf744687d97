"""How many answers a check has judged of an operation: what shows that a cell of the matrix rests on something."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contract_tests.checks.registry import Check
from contract_tests.context import CheckContext
from contract_tests.transport import NO_JSON, Exchange
from mock_server.contract import Operation, Reply


def count_judged(context: CheckContext, operation: Operation, check: Check, is_judge: bool) -> int:
    """Answers of an operation that a check judged: those it asked for, those of a walk, or whatever was answered."""
    asked = [e for e in context.sender.exchanges if e.operation == operation.id and is_answered(e)]
    if not is_judge:
        return sum(e.check == check.name for e in asked) or _count_pages(context, operation, check.name)
    if check.name not in _JUDGED:
        return len(asked)
    pairs = [(e, reply) for e, reply in context.expected if e.operation == operation.id and is_answered(e)]
    return sum(_JUDGED[check.name](exchange, reply) for exchange, reply in pairs)


def is_answered(exchange: Exchange) -> bool:
    """Whether an exchange has an answer, and one that counts."""
    return exchange.answer.status > 0 and not exchange.retried


def _count_pages(context: CheckContext, operation: Operation, check: str) -> int:
    """Pages of the walk, which more than one check reads."""
    walk = context.walks.get(operation.id)
    return sum(step.page is not None for step in walk.steps) if walk and check in ("paging", "links") else 0


def _is_as_replied(exchange: Exchange, reply: Reply) -> bool:
    return exchange.answer.status == reply.status


_JUDGED: Mapping[str, Callable[[Exchange, Reply], bool]] = {
    "reached": lambda exchange, reply: not reply.kind,
    "status": lambda exchange, reply: True,
    "media_type": lambda exchange, reply: _is_as_replied(exchange, reply) and bool(reply.media_type),
    "headers": lambda exchange, reply: _is_as_replied(exchange, reply) and bool(reply.headers),
    "schema": lambda exchange, reply: _is_as_replied(exchange, reply) and exchange.answer.json is not NO_JSON,
}
"""What each of those that judge answers by their documented reply looks at; others look at every answer."""
