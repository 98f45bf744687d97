"""Lines as urllib3 has pools of connections, on which requests stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError

from understudy.lines import open_line
from understudy.over_sockets import LineSocket
from understudy.sessions import Session

PORTS = {"http": 80, "https": 443}


class LineConnection(HTTPConnection):
    """A connection to a session, under the name of another host."""

    session: Session
    scheme: str

    def _new_conn(self) -> Any:
        host = f"[{self.host}]" if ":" in self.host else self.host
        name = host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"
        try:
            return LineSocket(open_line(self.session, self.scheme, name), self.timeout)
        except OSError as error:
            raise NewConnectionError(self, f"Failed to establish a new connection: {error}") from error


class LinePool(HTTPConnectionPool):
    """A pool for one host that leads to a session; it keeps no connection."""

    def __init__(self, session: Session, scheme: str, host: str, port: int | None = None, **settings: Any) -> None:
        super().__init__(host, port or PORTS[scheme], **settings)
        self._session, self.scheme = session, scheme

    def _new_conn(self) -> LineConnection:
        connection = LineConnection(self.host, self.port, timeout=self.timeout.connect_timeout)
        connection.session, connection.scheme = self._session, self.scheme
        connection.default_port = PORTS[self.scheme]  # type: ignore[misc]
        return connection

    def _put_conn(self, conn: Any) -> None:
        """Let go of a connection; what still reads its answer may go on."""
        if conn and conn.sock:
            conn.sock.close()
            conn.sock = None


def divert(original: Callable[..., Any], board: Any) -> Callable[..., Any]:
    """`HTTPConnectionPool.urlopen`, but that a request for a documented host goes through a pool of ours."""

    def urlopen(self: HTTPConnectionPool, method: str, url: str, *more: Any, **named: Any) -> Any:
        if isinstance(self, LinePool):
            return original(self, method, url, *more, **named)
        # What is asked of a proxy names its host in the URL.
        parts = urlsplit(url if "://" in url else f"{self.scheme}://{self.host}:{self.port or PORTS[self.scheme]}")
        scheme, host = parts.scheme, parts.hostname or ""
        port = parts.port or PORTS[scheme]
        session = board.find(scheme, host, port)
        if session is None:
            return original(self, method, url, *more, **named)
        settings = {"timeout": self.timeout, "headers": self.headers, "retries": self.retries}
        return LinePool(session, scheme, host, port, **settings).urlopen(method, url, *more, **named)

    return urlopen
