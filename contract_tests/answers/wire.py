"""The wire: answers as RFC 9110, 9111 and 9112 have them, in their bytes, headers and what they say to caches."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from contract_tests.answers.wire_rules import CACHING, HTTP, RULES, WireFault, judge_retry_after
from contract_tests.context import CheckContext, get_walk
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding
from contract_tests.transport import NO_JSON, Exchange
from mock_server.contract import Operation

CHECK = "wire"


def judge_wire(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Every answer that came for an operation, by itself and in the row of all of them."""
    mine = [exchange for exchange in context.sender.exchanges if exchange.operation == operation.id]
    answered = [exchange for exchange in mine if exchange.answer.status]
    for exchange in answered:
        for rule in RULES:
            yield from (_report(context, operation, fault, exchange) for fault in rule(exchange))
    # An answer that was asked for again is judged no further than by when it said to do so.
    for exchange in context.sender.traffic:
        if exchange.operation == operation.id and exchange.retried:
            yield from (_report(context, operation, fault, exchange) for fault in judge_retry_after(exchange))
    for judge in SERIES:
        yield from (_report(context, operation, fault, exchange) for fault, exchange in judge(context, answered))


def _report(context: CheckContext, operation: Operation, fault: WireFault, exchange: Exchange) -> Finding:
    # HTTP is no assumption of the contract: what offends it is wrong under every reading.
    return context.finding(
        operation,
        fault.name,
        fault.place,
        fault.problem,
        fault.expected,
        fault.actual,
        Evidence(fault.sentence),
        exchange,
        fault.grade,
        is_firm=True,
    )


Series = Iterator[tuple[WireFault, Exchange]]
_REMAINING = re.compile(r"(x-)?rate-?limit-remaining")
_LIMIT = re.compile(r"(x-)?rate-?limit-limit")
ENOUGH = 8
"""Answers that tell whether a counter counts."""


def _read_counter(exchange: Exchange, name: re.Pattern[str]) -> str | None:
    return next((value.strip() for known, value in exchange.answer.headers if name.fullmatch(known.lower())), None)


def _judge_rates(context: CheckContext, exchanges: Sequence[Exchange]) -> Series:
    """Calls that remain are counted down; the limit stays."""
    steps = [(e, text) for e in exchanges if (text := _read_counter(e, _REMAINING)) is not None]
    for exchange, text in [step for step in steps if not step[1].isdecimal()][:1]:
        problem = "The header of remaining calls (X-RateLimit-Remaining) is no number"
        yield _rate(problem, "a whole number", text), exchange
    counts = [int(text) for _, text in steps if text.isdecimal()]
    pairs = list(itertools.pairwise(counts))
    if len(counts) < ENOUGH:
        return
    if len(set(counts)) == 1 and counts[0] > 0 and not _is_refilled(context, exchanges):
        problem = "The remaining calls (X-RateLimit-Remaining header) are not counted: they stay the same"
        yield _rate(problem, "fewer with every call", f"{counts[0]} in {len(counts)} answers"), steps[-1][0]
    elif sum(later > earlier for earlier, later in pairs) > 0.8 * len(pairs):
        problem = "The remaining calls (X-RateLimit-Remaining header) grow with every call"
        yield _rate(problem, "fewer with every call", f"{counts[0]}, then {counts[-1]}"), steps[-1][0]


def _is_refilled(context: CheckContext, exchanges: Sequence[Exchange]) -> bool:
    """Whether calls may have come back as fast as they were spent."""
    limit = context.contract.limit
    seconds = (exchanges[-1].started - exchanges[0].started).total_seconds()
    if limit is None or not seconds:
        return False
    return len(exchanges) / seconds < 1.5 * limit.requests / limit.window_seconds


def _rate(problem: str, expected: str, actual: str) -> WireFault:
    return WireFault("wire.rate", "x-ratelimit-remaining", problem, expected, actual, "", NOTE)


def _judge_limits(context: CheckContext, exchanges: Sequence[Exchange]) -> Series:
    limits = {text: e for e in exchanges if (text := _read_counter(e, _LIMIT)) is not None}
    if len(limits) > 1:
        problem = "The limit of calls (X-RateLimit-Limit header) changes from answer to answer"
        fault = WireFault("wire.rate", "x-ratelimit-limit", problem, "one limit", ", ".join(limits), "", NOTE)
        yield fault, list(limits.values())[-1]
    for exchange in exchanges:
        left, limit = _read_counter(exchange, _REMAINING) or "", _read_counter(exchange, _LIMIT) or ""
        if left.isdecimal() and limit.isdecimal() and int(left) > int(limit):
            problem = "More calls remain (X-RateLimit-Remaining header) than the limit allows"
            yield _rate(problem, f"at most {limit}", left), exchange


def _judge_etags(context: CheckContext, exchanges: Sequence[Exchange]) -> Series:
    """One entity tag stands for one answer: where two differ, a cache must see it."""
    bodies: dict[tuple[str, ...], Exchange] = {}
    for exchange in exchanges:
        tag = exchange.answer.header("etag")
        if not tag or exchange.method != "GET" or exchange.answer.json is NO_JSON:
            continue
        first = bodies.setdefault((tag,), exchange)
        if first.answer.json != exchange.answer.json:
            problem = "Two different answers have one ETag header: a cache that asks again keeps the wrong one"
            yield WireFault("wire.etag", "etag", problem, "a tag for each", tag, CACHING, NOTE), exchange
            return


SERIES: tuple[Callable[[CheckContext, Sequence[Exchange]], Series], ...] = (_judge_rates, _judge_limits, _judge_etags)
"""What must hold of answers in a row."""


def ask_wire(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """HEAD is GET without its body, a compressed answer says the same, and a validator is of its answer and caller."""
    usual = get_walk(context, operation).first.exchange
    if usual.answer.status != operation.success.status:
        return
    head = _ask(context, operation, usual, "HEAD is GET without its body", method="HEAD")
    for fault in _compare_head(usual, head):
        yield _report(context, operation, fault, head)
    packed = _ask(
        context,
        operation,
        usual,
        "compressed on request, it says the same",
        headers={"Accept-Encoding": "gzip"},
    )
    if packed.answer.status == usual.answer.status and _differs(usual, packed):
        problem = "The answer to Accept-Encoding: gzip is not the one without it"
        fault = WireFault("wire.coding", "content-encoding", problem, "the same value", _shown(packed), HTTP, NOTE)
        yield _report(context, operation, fault, packed)
    tag = usual.answer.header("etag")
    if tag:
        yield from _ask_again(context, operation, usual, tag)


INJECTED = "x-understudy-injected"


def ask_more_of_wire(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A line break in a parameter is none in the answer's head."""
    usual = get_walk(context, operation).first.exchange
    if usual.answer.status != operation.success.status:
        return
    text = next((p.name for p in operation.parameters if p.filter and p.where == "query"), "understudy")
    why = "a line break in a parameter ends no header"
    query = f"{text}=1%0d%0a{INJECTED}:%20{text}"
    split = context.sender.send(operation, CHECK, query=query, why=why)
    if split.answer.header(INJECTED) is not None:
        problem = "A line break in a parameter begins a header of the answer (header injection)"
        fault = WireFault("wire.headers", f"?{text}", problem, "no such header", f"{INJECTED}: {text}")
        yield _report(context, operation, fault, split)


def _ask(context: CheckContext, operation: Operation, usual: Exchange, why: str, **sent: Any) -> Exchange:
    """The usual request once more, with something changed. Whatever its status is, no document says it."""
    return context.sender.send(operation, CHECK, url=usual.url, why=why, **sent)


def _differs(usual: Exchange, other: Exchange) -> bool:
    return usual.answer.json not in (NO_JSON, other.answer.json)


def _shown(exchange: Exchange) -> str:
    return exchange.answer.body[:200].decode("utf-8", "replace")


_SAME_HEADERS = ("content-type", "content-length", "content-encoding")


def _compare_head(usual: Exchange, head: Exchange) -> Iterator[WireFault]:
    """Where an answer to HEAD is not the answer to GET without its body."""
    if head.answer.status != usual.answer.status:
        allow = "" if head.answer.header("allow") or head.answer.status != 405 else ", without an Allow header"
        problem = "HEAD is answered with another status than GET"
        actual = f"{head.answer.status}{allow}"
        yield WireFault("wire.head", "HEAD", problem, str(usual.answer.status), actual, HTTP, NOTE)
        return
    for name in _SAME_HEADERS:
        ours, theirs = usual.answer.header(name), head.answer.header(name)
        # A header that only GET has may be left out; one that HEAD has is GET's.
        if theirs is not None and ours != theirs and (ours is not None or name == "content-encoding"):
            problem = "A header of the answer to HEAD is not that of GET"
            yield WireFault("wire.head", f"HEAD {name}", problem, str(ours), theirs, HTTP, NOTE)


def _ask_again(context: CheckContext, operation: Operation, usual: Exchange, tag: str) -> Iterator[Finding]:
    """A validator is compared, and only for those who may see what it is of."""
    asked = (
        ({"If-None-Match": '"understudy-unknown"'}, "valid", "A tag that no answer has is answered 304"),
        ({"If-None-Match": tag}, "wrong", "Without a valid credential a tag (ETag) is answered 304"),
    )
    for headers, credential, problem in asked:
        why = "an entity tag is compared, after the credential"
        again = _ask(context, operation, usual, why, headers=headers, credential=credential)
        if again.answer.status == 304:
            fault = WireFault("wire.etag", "etag", problem, "no 304", "304", CACHING, BREAKING)
            yield _report(context, operation, fault, again)
