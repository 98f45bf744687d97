"""Heads of responses as bytes, and the plain answers of a server that cannot give a better one."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from mock_server.messages import Headers, Request, Response


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


@functools.lru_cache(maxsize=4096)
def render_head(status: int, reason: str, headers: Headers, length: int | None, keeps: bool) -> bytes:
    """Status line and headers up to the `date` header's value; most answers differ in their body only."""
    phrase = reason or (HTTPStatus(status).phrase if status in _STATUSES else "Unknown")
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"content-length: {length}"] if length is not None else []
    lines += ["server: understudy"]
    lines += [] if keeps else ["connection: close"]
    return "\r\n".join((*lines, "date: ")).encode("latin-1")


_STATUSES = frozenset(map(int, HTTPStatus))


@functools.lru_cache(maxsize=1)
def render_date(now_epoch: int) -> bytes:
    """The value of the `date` header; a second has one."""
    return formatdate(now_epoch, usegmt=True).encode()
