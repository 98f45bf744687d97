"""Requests that a careless server stumbles over: wrong values, wrong forms of a key, unknown paths, other methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from contract_tests.context import CheckContext
from contract_tests.findings import Evidence, Finding
from contract_tests.records import key_parameter, ready_values
from contract_tests.refusals.error_words import judge_allow
from contract_tests.refusals.errors import ANY, Cause, find_bad_value, judge_refusal, provoke
from contract_tests.transport import Exchange
from mock_server.contract import Operation, Parameter

LONG = "x" * 2_000
HUGE = "99999999999999999999"
"""Above 64 bits: what no integer of a database holds."""

ELSEWHERE = "understudy-unknown"
"""The last part of a path that no API has."""

WORDS, ZERO = "abc", "0"
BYTES = "%ff%00"
"""What is no UTF-8, and the end of a text in C."""


class Probe(NamedTuple):
    """A query that should be answered or refused, as the API likes, and by no failure; `why` says what it can prove."""

    query: str
    why: str


def check_provocations(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """An unknown path is unknown, and wrong pages are no failures."""
    if operation is context.contract.operations[0]:
        yield from _unknown_path(context, operation)
    _send(context, operation, list(_first(context, operation)))


def check_methods(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A refused method tells what is allowed."""
    if operation is context.contract.operations[0]:
        yield from _options(context, operation)


def check_more_provocations(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Every number as what it is not, every text as bytes, and keys that only begin as one."""
    yield from _keys(context, operation)
    _send(context, operation, list(_more(operation)))


def _send(context: CheckContext, operation: Operation, probes: list[Probe]) -> None:
    """Send what may be answered in any way; whether the server failed over it is judged with every other answer."""
    values = ready_values(context, operation)
    for probe in probes:
        if context.remaining == 0:
            return
        if not _was_sent(context, operation, probe.query):
            context.sender.send(operation, "errors", probe.query, values, why=probe.why)


def _was_sent(context: CheckContext, operation: Operation, query: str) -> bool:
    mine = (e for e in context.sender.exchanges if e.operation == operation.id)
    return any(exchange.url.partition("?")[2] == query for exchange in mine)


def _queried(operation: Operation) -> list[Parameter]:
    return [parameter for parameter in operation.parameters if parameter.where == "query"]


def _first(context: CheckContext, operation: Operation) -> Iterator[Probe]:
    """What is cheap, of all page parameters at once: words, a list in brackets, less than nothing."""
    paging = {parameter.page.role: parameter for parameter in _queried(operation) if parameter.page}
    lenient = [p.name for p in paging.values() if find_bad_value(context, operation, p) is None]
    if lenient:
        yield Probe("&".join(f"{name}={WORDS}" for name in lenient), "whether words for numbers are a failure")
    if paging:
        edges = (f"{p.name}[]=1" if role == "size" else f"{p.name}=-1" for role, p in paging.items())
        yield Probe("&".join(edges), "whether a list in brackets and a negative number are failures")


def _more(operation: Operation) -> Iterator[Probe]:
    """By what tells most: all texts at once, then each parameter by itself."""
    texts = [parameter.name for parameter in _queried(operation) if parameter.schema.get("type") == "string"]
    numbers = [parameter.name for parameter in _queried(operation) if parameter.page]
    if texts:
        yield Probe("&".join(f"{name}={BYTES}" for name in texts), "whether bytes that are no text are a failure")
        yield Probe("&".join(f"{name}[]=x" for name in texts), "whether lists in brackets are a failure")
        yield Probe(f"{texts[0]}={LONG}", "whether a long value is a failure")
    for name in numbers:
        yield Probe(f"{name}={WORDS}", "whether a word for a number is a failure")
        yield Probe(f"{name}={HUGE}", "whether a number beyond 64 bits is a failure")
        yield Probe(f"{name}=-1", "whether a negative number is a failure")
        yield Probe(f"{name}=", "whether nothing for a number is a failure")
        yield Probe(f"{name}=1.5", "whether a fraction is a failure")
        yield Probe(f"{name}=1&{name}=2", "whether a repeated parameter is a failure")
        yield Probe(f"{name}[]=1", "whether a list in brackets is a failure")
    for name in texts:
        yield Probe(f"{name}={LONG}", "whether a long value is a failure")
        yield Probe(f"{name}={BYTES}", "whether bytes that are no text are a failure")
        yield Probe(f"{name}[]=x", "whether a list in brackets is a failure")


def _unknown_path(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A path that is not documented is refused as the contract has it."""
    reply = context.contract.errors.get("not_found")
    if reply is None:
        return
    url = context.sender.url(f"{context.contract.base_path}/{ELSEWHERE}")
    cause = Cause("errors.path", reply, {"url": url}, "An unknown path", "whether an unknown path is unknown")
    yield from judge_refusal(context, operation, cause, provoke(context, operation, cause))


def _options(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """What a path allows is told to who asks, and to who is refused (RFC 9110, 9.3.7 and 15.5.6)."""
    why, values = "whether it says which methods are allowed", ready_values(context, operation)
    exchange = context.sender.send(operation, "errors", path_values=values, method="OPTIONS", why=why)
    if exchange.answer.status == 405 or (_is_plain_success(exchange) and exchange.answer.header("allow")):
        yield from judge_allow(context, operation, exchange)


def _is_plain_success(exchange: Exchange) -> bool:
    return exchange.answer.status in (200, 204)


def _keys(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Keys of a wrong form: of numbers, words, zero, fractions, and what only begins with a number."""
    reply = operation.errors.get("invalid") or operation.errors.get("not_found")
    if not operation.key or reply is None:
        return
    parameter = key_parameter(operation)
    values = ready_values(context, operation)
    assumed = "I: which forms of a key are refused, and by which status, no document says"
    parent = operation.path.rpartition("/{")[0].rpartition("/")[2]
    for what, value in _wrong_keys(parameter, str(values.get(operation.key, "1")), parent):
        if context.remaining == 0:
            return
        cause = Cause(
            "errors.parameter",
            reply,
            {"path_values": {**values, parameter.name: value}},
            f"A {parameter.name} {what}",
            f"whether a {parameter.name} {what} is refused",
            ANY,
            evidence=Evidence(context.of_parameter(parameter).sentence, assumed),
            place=parameter.name,
        )
        yield from judge_refusal(context, operation, cause, provoke(context, operation, cause))


def _wrong_keys(parameter: Parameter, known: str, parent: str) -> Iterator[tuple[str, str]]:
    if parameter.schema.get("type") in ("integer", "number"):
        yield "that is zero", ZERO
        yield "that is negative", "-1"
        yield "beyond 64 bits", HUGE
        yield "with a fraction", f"{known}.5"
    yield "with an encoded slash", f"{known}/{known}"
    yield "that leads upwards", "../.."
    yield "that leads upwards and back to the list", f"../{parent}"
    yield "with a quote", f"{known}'"
    yield "with a null byte", f"{known}\0"
    yield "of 2000 characters", LONG
