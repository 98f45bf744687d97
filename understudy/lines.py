"""Lines from a client's library to a mock: bytes there, bytes back, and no TLS in between.

What a library is given is its own kind of connection over such a line (`over_…`). So it parses what a server would have
sent, and whatever goes wrong on the wire is its own error.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mock_server.server import MemoryConnection
    from understudy.sessions import Session

READ_BYTES = 64 * 1024
CONNECT_SECONDS = 30.0
MAX_HEAD_BYTES = 64 * 1024
"""The largest head that is looked into; a server refuses a larger one."""


class Line(Protocol):
    """A client's connection, over which it sends one request."""

    def send(self, data: bytes) -> None:
        """Send bytes. Raises: OSError."""

    def receive(self, seconds: float | None) -> bytes:
        """What comes next, nothing at the end. Raises: TimeoutError after so many seconds, OSError."""

    def close(self) -> None:
        """End it; whoever waits for bytes is given none."""


def open_line(session: Session, scheme: str, host: str) -> Line:
    """A line to what plays a session, as if it were `scheme://host`. Raises: OSError, UnderstudyError."""
    admin, opening = session._admin, Opening(scheme, host, session.name)
    return _LocalLine(admin.local.connect(), opening) if admin.local else _RemoteLine(admin.url, opening)


class Opening:
    """The head of a request on its way: it gets the name of its session, and over `https` the scheme it came by."""

    def __init__(self, scheme: str, host: str, session: str) -> None:
        self._origin = f"{scheme}://{host}".encode() if scheme == "https" else b""
        self._session = b"" if session == "default" else b"Understudy-Session: %b\r\n" % session.encode()
        self._held, self._is_done = b"", not (self._origin or self._session)

    def rewrite(self, data: bytes) -> bytes:
        """The bytes to send for those that a client sent; none until its head is whole."""
        if self._is_done:
            return data
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0 and len(self._held) < MAX_HEAD_BYTES:
            return b""
        self._is_done, held = True, self._held
        self._held = b""
        line, _, rest = held.partition(b"\r\n")
        method, _, target = line.partition(b" ")
        is_named = target[:2] == b"/~" or b"\r\nunderstudy-session:" in held[:end].lower()
        origin = self._origin if target[:1] == b"/" else b""
        return b"%b %b%b\r\n%b%b" % (method, origin, target, b"" if is_named else self._session, rest)


class _LocalLine:
    """A line to a mock in this process: who receives plays, waits and is cut off as the steps of the answer say."""

    def __init__(self, connection: MemoryConnection, opening: Opening) -> None:
        self._connection, self._opening = connection, opening
        self._steps: Iterator[Any] = iter(())
        self._due, self._is_over = 0.0, False
        self._closed, self._arrived = threading.Event(), threading.Event()

    def send(self, data: bytes) -> None:
        if self._closed.is_set():
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        self._connection.feed(self._opening.rewrite(data))
        self._arrived.set()

    def receive(self, seconds: float | None) -> bytes:
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self._is_over:
            if self._due > time.monotonic():
                _wait(self._closed, self._due, deadline)
            if self._closed.is_set():
                break
            step = next(self._steps, None) or self._find_step()
            if step is None:
                _wait(self._arrived, None, deadline)
            elif step.act == "send" and step.data:
                return bytes(step.data)
            else:
                self._act(step.act, step.seconds)
        return b""

    def _find_step(self) -> Any:
        """The first step for what has arrived since it was looked last, or None."""
        self._arrived.clear()
        self._steps = self._connection.steps()
        return next(self._steps, None)

    def _act(self, act: str, seconds: float) -> None:
        if act == "wait":
            self._due = time.monotonic() + seconds
        elif act in ("close", "reset"):
            self._is_over = True
        if act == "reset":
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))

    def close(self) -> None:
        self._closed.set()
        self._arrived.set()


def _wait(event: threading.Event, due: float | None, deadline: float | None) -> None:
    """Wait for an event until it is due or a deadline comes. Raises: TimeoutError at the deadline."""
    moments = [moment for moment in (due, deadline) if moment is not None]
    is_set = event.wait(max(0.0, min(moments) - time.monotonic()) if moments else None)
    if not is_set and deadline is not None and min(moments) == deadline and time.monotonic() >= deadline:
        raise TimeoutError("timed out")


class _RemoteLine:
    """A line to a server that runs elsewhere."""

    def __init__(self, url: str, opening: Opening) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), CONNECT_SECONDS)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._opening, self._is_closed = opening, False

    def send(self, data: bytes) -> None:
        self._socket.sendall(self._opening.rewrite(data))

    def receive(self, seconds: float | None) -> bytes:
        if self._is_closed:
            return b""
        self._socket.settimeout(seconds)
        return self._socket.recv(READ_BYTES)

    def close(self) -> None:
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # whoever waits for bytes on another thread is woken
        self._socket.close()
