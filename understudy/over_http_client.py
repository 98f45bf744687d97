"""Lines under `http.client`, on which `urllib.request` stands."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from understudy.lines import open_line
from understudy.over_sockets import LineSocket


def divert_request(original: Callable[..., Any], board: Any) -> Callable[..., Any]:
    """`HTTPConnection.putrequest`, but that a request for a documented host goes over a line of its own."""

    def putrequest(self: http.client.HTTPConnection, method: str, url: str, *more: Any, **named: Any) -> Any:
        if not getattr(self, "session", None):  # else a connection of ours
            _connect(self, board, url)
        return original(self, method, url, *more, **named)

    return putrequest


def divert_connect(original: Callable[..., Any], board: Any) -> Callable[..., Any]:
    """`HTTPConnection.connect`, but that nobody is connected to a documented host."""

    def connect(self: http.client.HTTPConnection) -> None:
        if not _connect(self, board):
            original(self)

    return connect


def _connect(connection: Any, board: Any, url: str = "") -> bool:
    """Give a connection a line, where its request, or else its host, is documented."""
    scheme, host, port = _find_target(connection, url)
    session = board.find(scheme, host, port)
    if session is None:
        return False
    if connection.sock:
        connection.sock.close()
    name = f"[{host}]" if ":" in host else host
    line = open_line(session, scheme, name if port in (80, 443) else f"{name}:{port}")
    connection.sock = LineSocket(line, connection.timeout if isinstance(connection.timeout, int | float) else None)
    board.note(connection)
    return True


def _find_target(connection: Any, url: str) -> tuple[str, str, int]:
    """Scheme, host and port that are meant, whether or not a proxy is asked for them."""
    if "://" in url:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or connection.default_port
    scheme = "https" if connection.default_port == 443 else "http"
    host, port = connection._tunnel_host or connection.host, connection._tunnel_port or connection.port
    return scheme, host, port
