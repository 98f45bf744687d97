"""Lines as aiohttp has connections."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import BaseConnector, ClientConnectorError, ClientRequest, TCPConnector
from aiohttp.client_proto import ResponseHandler

from understudy.lines import Line, open_line
from understudy.sessions import Session

Connect = Callable[..., Awaitable[Any]]


class LineConnector(BaseConnector):
    """Leads to a session, whatever host is asked; it keeps no connection."""

    def __init__(self, session: Session) -> None:
        super().__init__(limit=0)
        self._session = session

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        # `force_close` would do the same, but say so in each request.
        super()._release(key, protocol, should_close=True)

    async def _create_connection(self, req: ClientRequest, traces: Any, timeout: Any) -> ResponseHandler:
        protocol: ResponseHandler = self._factory()
        try:
            line = await self._loop.run_in_executor(None, open_line, self._session, _scheme(req), _write_host(req))
        except OSError as error:
            raise ClientConnectorError(req.connection_key, error) from error
        protocol.connection_made(LineTransport(self._loop, protocol, line))
        return protocol


def _scheme(request: ClientRequest) -> str:
    return "https" if request.url.scheme in ("https", "wss") else "http"


def _write_host(request: ClientRequest) -> str:
    url = request.url
    name = f"[{url.raw_host}]" if ":" in (url.raw_host or "") else url.raw_host or ""
    return name if url.is_default_port() else f"{name}:{url.port}"


class LineTransport(asyncio.Transport):
    """A line under a protocol of asyncio: a thread receives, for whoever receives may have to wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, line: Line) -> None:
        super().__init__()
        self._loop, self._protocol, self._line = loop, protocol, line
        self._is_closing = False
        self._may_read = threading.Event()
        self._may_read.set()
        threading.Thread(target=self._receive, name="understudy-line", daemon=True).start()

    def _receive(self) -> None:
        error: OSError | None = None
        data = b" "
        # A loop that is closed by now takes no more.
        with contextlib.suppress(RuntimeError):
            try:
                while data:
                    self._may_read.wait()
                    data = self._line.receive(None)
                    self._loop.call_soon_threadsafe(self._deliver, data)
            except OSError as raised:
                error = raised
            self._loop.call_soon_threadsafe(self._end, error)

    def _deliver(self, data: bytes) -> None:
        if data and not self._is_closing:
            self._protocol.data_received(data)

    def _end(self, error: OSError | None) -> None:
        if self._is_closing:
            error = None
        self._is_closing = True
        self._line.close()
        self._protocol.connection_lost(error)

    def write(self, data: Any) -> None:
        """Send bytes."""
        with contextlib.suppress(OSError):  # what went wrong is told to the protocol by who receives
            self._line.send(bytes(data))

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._is_closing

    def close(self) -> None:
        """End the line; the protocol is told when its thread has seen that."""
        self._is_closing = True
        self._line.close()
        self._may_read.set()

    def abort(self) -> None:
        """The same: nothing waits to be sent."""
        self.close()

    def pause_reading(self) -> None:
        """Take nothing more from the line."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """Go on taking."""
        self._may_read.set()

    def get_write_buffer_size(self) -> int:
        """Nothing: all is sent at once."""
        return 0


def divert(original: Connect, board: Any) -> Connect:
    """`TCPConnector.connect`, but that what is meant for a documented host gets a line."""

    async def connect(self: TCPConnector, req: ClientRequest, traces: Any, timeout: Any) -> Any:
        session: Session | None = board.find(_scheme(req), req.url.raw_host or "", req.url.port or 0)
        if session is None:
            return await original(self, req, traces, timeout)
        return await LineConnector(session).connect(req, traces, timeout)

    return connect
