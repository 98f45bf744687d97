"""How faulty answers go over the wire: each fault a few steps of sending, waiting and closing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mock_server.messages import Delivery

MAX_SECONDS = 120.0
"""No answer waits longer than this, and none that never comes is waited for longer."""


class Step(NamedTuple):
    """One thing a connection does: `send` bytes, `wait` seconds, `close` in order, or `reset` without a word."""

    act: str
    data: bytes = b""
    seconds: float = 0.0


Steps = Iterator[Step]


def _reset(head: bytes, body: bytes, noise: bytes) -> Steps:
    yield Step("reset")


def _empty(head: bytes, body: bytes, noise: bytes) -> Steps:
    yield Step("close")


def _malformed(head: bytes, body: bytes, noise: bytes) -> Steps:
    """A head that promises chunks, one that is whole, and one whose size is no number."""
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length:")]
    yield Step("send", b"\r\n".join([*lines, b"transfer-encoding: chunked", b"", b""]))
    half = body[: len(body) // 2]
    yield Step("send", b"%x\r\n%b\r\n" % (len(half), half) if half else b"")
    yield Step("send", b"chunk of no size\r\n" + noise)
    yield Step("close")


def _random(head: bytes, body: bytes, noise: bytes) -> Steps:
    yield Step("send", noise)
    yield Step("close")


def _truncated(head: bytes, body: bytes, noise: bytes) -> Steps:
    yield Step("send", head + b"\r\n\r\n" + body[: len(body) // 2])
    yield Step("close")


def _never(head: bytes, body: bytes, noise: bytes) -> Steps:
    yield Step("wait", seconds=MAX_SECONDS)
    yield Step("close")


ENDLESS = "NEVER_ANSWERS"

WITHOUT_ANSWER = ("CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE", ENDLESS)
"""Faults that leave nothing of an answer: the work need not have been done."""

WIRE_FAULTS: Mapping[str, Callable[[bytes, bytes, bytes], Steps]] = {
    "CONNECTION_RESET_BY_PEER": _reset,
    "EMPTY_RESPONSE": _empty,
    "MALFORMED_RESPONSE_CHUNK": _malformed,
    "RANDOM_DATA_THEN_CLOSE": _random,
    "TRUNCATED_BODY": _truncated,
    ENDLESS: _never,
}
"""The steps of each fault on the wire, from the head (without its empty line), the body and the noise."""


def plan_delivery(delivery: Delivery, head: bytes, body: bytes) -> Steps:
    """What a connection does to deliver an answer."""
    if delivery.wait_seconds:
        yield Step("wait", seconds=min(delivery.wait_seconds, MAX_SECONDS))
    if delivery.fault:
        yield from WIRE_FAULTS[delivery.fault](head, body, delivery.noise)
    elif delivery.chunks > 1:
        yield from _dribble(delivery, head, body)
    else:
        yield Step("send", head + b"\r\n\r\n" + body)


def _dribble(delivery: Delivery, head: bytes, body: bytes) -> Steps:
    size = max(1, -(-len(body) // delivery.chunks))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    pause = min(delivery.spread_seconds, MAX_SECONDS) / max(1, len(pieces) - 1)
    yield Step("send", head + b"\r\n\r\n")
    for number, piece in enumerate(pieces):
        if number:
            yield Step("wait", seconds=pause)
        yield Step("send", piece)
