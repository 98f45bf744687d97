"""The same data without a credential by other ways: another method, path or header, an unknown key, a wrong value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from contract_tests.context import CheckContext
from contract_tests.findings import NOTE, Finding
from contract_tests.records import key_parameter, ready_values, unknown_key
from contract_tests.refusals.credentials import RULE, Sent, is_open, is_protected
from contract_tests.refusals.errors import find_bad_value, is_success
from contract_tests.transport import Exchange
from mock_server.contract import Operation, find_pointer, find_record_place


class Way(NamedTuple):
    """A request without credential: `what` it is, and how it is sent.

    `is_elsewhere` says that its path is not a documented one: only data would be wrong there, a success alone is not.
    """

    what: str
    sent: Sent
    is_elsewhere: bool = False


def check_open_ways(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Nothing is shown without a credential by another way either, and nobody is told first what else is wrong."""
    if not is_protected(operation) or is_open(context, operation):
        return
    for way in _ways(context, operation):
        if context.remaining == 0:
            return
        sent = {"credential": "none", **way.sent}
        exchange = context.sender.send(operation, "errors", why="whether data is open by another way", **sent)
        if is_success(exchange.answer) and (not way.is_elsewhere or shows_data(operation, exchange)):
            yield _open(context, operation, way, exchange)
            return
        yield from _answered_first(context, operation, way, exchange)


def _ways(context: CheckContext, operation: Operation) -> Iterator[Way]:
    values = ready_values(context, operation)
    ready: Sent = {"path_values": values}
    yield Way("A HEAD request without credential", {**ready, "method": "HEAD"})
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "X-Requested-With": "XMLHttpRequest"}
    yield Way("A browser's request without credential", {**ready, "headers": browser})
    if operation.key:
        unknown = {**values, operation.key: unknown_key(key_parameter(operation))}
        yield Way("A request without credential for an unknown key", {"path_values": unknown})
    yield from _wrong_values(context, operation, values)
    for what, path in _other_paths(operation, values):
        yield Way(f"A request without credential for the path {what}", {"url": context.sender.url(path)}, True)


def _wrong_values(context: CheckContext, operation: Operation, values: dict[str, Any]) -> Iterator[Way]:
    for parameter in operation.parameters:
        bad = find_bad_value(context, operation, parameter) if parameter.where == "query" else None
        if bad is not None:
            sent = {"path_values": values, "query": {parameter.name: bad}}
            yield Way("A request without credential and with a wrong parameter", sent)
            return


def _other_paths(operation: Operation, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Paths that a lenient router takes for the documented one, and a filter in front of it does not."""
    path = operation.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    parent, _, last = path.rstrip("/").rpartition("/")
    yield "with a slash at its end", f"{path.rstrip('/')}/"
    yield "with a doubled slash", f"{parent}//{last}"
    yield "in the other case", f"{parent}/{last.swapcase()}"
    yield "with .json at its end", f"{path.rstrip('/')}.json"


def shows_data(operation: Operation, exchange: Exchange) -> bool:
    """Whether an answer holds records where the documented success has them."""
    body = exchange.answer.json
    if not isinstance(body, (dict, list)):
        return False
    place = find_record_place(operation.success.schema)
    return bool(find_pointer(body, place.pointer)) if place else bool(body)


def _open(context: CheckContext, operation: Operation, way: Way, exchange: Exchange) -> Finding:
    return context.finding(
        operation,
        RULE,
        "",
        f"{way.what} is answered with success",
        operation.errors["unauthenticated"].status,
        exchange.answer.status,
        context.of_reply(operation.errors["unauthenticated"]),
        exchange,
        is_firm=True,
    )


def _answered_first(context: CheckContext, operation: Operation, way: Way, exchange: Exchange) -> Iterator[Finding]:
    """A stranger who hears of an unknown key or a wrong value learns what there is."""
    reply = operation.errors["unauthenticated"]
    is_told = exchange.answer.status in (400, 404, 422) and exchange.answer.status != reply.status
    if is_told and not way.is_elsewhere and exchange.method != "HEAD":
        yield context.finding(
            operation,
            RULE,
            "",
            f"{way.what} is refused for something else than its credential",
            reply.status,
            exchange.answer.status,
            context.of_reply(reply),
            exchange,
            NOTE,
        )
