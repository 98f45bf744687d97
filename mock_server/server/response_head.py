"""Heads of responses as bytes, and the plain answers of a server that cannot give a better one."""

from __future__ import annotations

import functools
import time
import traceback
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from mock_server.messages import MAX_BODY_BYTES, Headers, Request, Response


def guarded(answer: Callable[[Request], Any], request: Request) -> Any:
    """An answer; a bug of ours is a 500 that looks like one."""
    try:
        return answer(request)
    except Exception:
        return render_failure()


def render_failure() -> Response:
    """The answer where we failed, with the traceback on the terminal."""
    traceback.print_exc()
    return render_plain(500, "Understudy failed; the traceback stands where it was started.")


def render_plain(status: int, sentence: str) -> Response:
    """A sentence as plain text."""
    return Response(status, (("content-type", "text/plain; charset=utf-8"),), sentence.encode())


MAX_HEADER_BYTES = 64 * 1024
"""The largest head of a request, and the longest line anywhere in one."""


def render_too_large(status: int) -> Response:
    """The refusal of a request whose body (413) or head (431) is larger than is read."""
    part, most = {413: ("body", MAX_BODY_BYTES), 431: ("head", MAX_HEADER_BYTES)}[status]
    return render_plain(status, f"The {part} of the request is larger than {most} bytes.")


MAX_KEPT_VALUE = 256
"""The longest header value of a head that is kept: some repeat what a client sent, a URL of 64 KiB even."""


def render_head(status: int, reason: str, headers: Headers, length: int | None, connection: str) -> bytes:
    """Status line and headers up to the `date` header's value; most answers differ in their body only.

    `length` of the body in bytes, or None where none is known; `connection` is that header's value, empty for none.
    """
    for _, value in headers:
        if len(value) > MAX_KEPT_VALUE:
            return _render_head.__wrapped__(status, reason, headers, length, connection)
    return _render_head(status, reason, headers, length, connection)


@functools.lru_cache(maxsize=4096)
def _render_head(status: int, reason: str, headers: Headers, length: int | None, connection: str) -> bytes:
    phrase = reason or (HTTPStatus(status).phrase if status in _STATUSES else "Unknown")
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    # An answer without a body by its status has no length either (RFC 9110, 8.6): clients wait for what it promises.
    lines += [f"content-length: {length}"] if length is not None and status not in BODILESS else []
    lines += ["server: understudy"]
    lines += [f"connection: {connection}"] if connection else []
    return "\r\n".join((*lines, "date: ")).encode("latin-1")


def render_last(response: Response) -> bytes:
    """All of a response behind which the connection ends."""
    head = render_head(response.status, response.reason, response.headers, len(response.body), "close")
    return b"%b%b\r\n\r\n%b" % (head, render_date(int(time.time())), response.body)


BODILESS = frozenset((204, 304))
"""Statuses whose answers have no body, whatever was prepared for them (RFC 9110, 6.4.1)."""

_STATUSES = frozenset(map(int, HTTPStatus))


@functools.lru_cache(maxsize=1)
def render_date(now_epoch: int) -> bytes:
    """The value of the `date` header; a second has one."""
    return formatdate(now_epoch, usegmt=True).encode()
