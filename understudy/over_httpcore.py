"""Lines as httpcore has connections, on whose pools httpx stands: sync and async."""

from __future__ import annotations

import contextlib
import functools
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import httpcore

from understudy.lines import Line, open_line
from understudy.sessions import Session

Dial = Callable[[str], Line]
"""Opens a line for a scheme."""


def make_pool(session: Session) -> httpcore.ConnectionPool:
    """A pool that leads to a session, whatever host is asked; it keeps no connection."""
    return httpcore.ConnectionPool(
        no_tls(),
        max_connections=None,
        max_keepalive_connections=0,
        network_backend=_Backend(session),
    )


def make_async_pool(session: Session) -> httpcore.AsyncConnectionPool:
    """The same for async clients."""
    return httpcore.AsyncConnectionPool(
        no_tls(),
        max_connections=None,
        max_keepalive_connections=0,
        network_backend=_AsyncBackend(session),
    )


@functools.cache
def no_tls() -> ssl.SSLContext:
    """A context that is asked for and never used; the usual one would read all authorities."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _write_host(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port in (80, 443) else f"{name}:{port}"


class _Backend(httpcore.NetworkBackend):
    def __init__(self, session: Session) -> None:
        self._session = session

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        session = self._session
        return _Stream(lambda scheme: open_line(session, scheme, _write_host(host, port)))


class _Stream(httpcore.NetworkStream):
    """A connection of which it is known with the first bytes whether they would have been encrypted."""

    def __init__(self, dial: Dial, scheme: str = "http") -> None:
        self._dial, self._scheme = dial, scheme
        self._line: Line | None = None

    @property
    def line(self) -> Line:
        """The line, opened when it is first needed. Raises: httpcore.ConnectError."""
        if self._line is None:
            with _mapped(httpcore.ConnectError, httpcore.ConnectTimeout):
                self._line = self._dial(self._scheme)
        return self._line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _mapped(httpcore.ReadError, httpcore.ReadTimeout):
            return self.line.receive(timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        line = self.line
        with _mapped(httpcore.WriteError, httpcore.WriteTimeout):
            line.send(bytes(buffer))

    def close(self) -> None:
        if self._line:
            self._line.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._dial, "https")

    def get_extra_info(self, info: str) -> Any:
        return None


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, session: Session) -> None:
        self._backend = _Backend(session)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(self._backend.connect_tcp(host, port))

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):
    """A connection whose waiting is a thread's: it is woken when the connection is closed."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = await _run(self._stream.read, max_bytes, timeout)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await _run(self._stream.write, buffer, timeout)

    async def aclose(self) -> None:
        self._stream.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(self._stream.start_tls(ssl_context))

    def get_extra_info(self, info: str) -> Any:
        return None


async def _run(function: Callable[..., Any], *values: Any) -> Any:
    # A limiter of its own for each call: a thousand that wait for a slow answer are no reason for the next to wait.
    limiter = anyio.CapacityLimiter(1)
    return await anyio.to_thread.run_sync(function, *values, abandon_on_cancel=True, limiter=limiter)


@contextlib.contextmanager
def _mapped(error: type[Exception], timeout: type[Exception]) -> Iterator[None]:
    """What a line raises as what httpcore raises for it."""
    try:
        yield
    except TimeoutError as raised:
        raise timeout(raised) from raised
    except OSError as raised:
        raise error(raised) from raised


def divert(original: Callable[..., Any], board: Any) -> Callable[..., Any]:
    """`ConnectionPool.handle_request`, but that a request for a documented host goes through a pool of ours."""

    def handle_request(self: httpcore.ConnectionPool, request: httpcore.Request) -> httpcore.Response:
        session = None if isinstance(self._network_backend, _Backend) else _find(board, request)
        return original(self, request) if session is None else make_pool(session).handle_request(request)

    return handle_request


def divert_async(original: Callable[..., Any], board: Any) -> Callable[..., Any]:
    """The same for `AsyncConnectionPool.handle_async_request`."""

    async def handle_async_request(self: httpcore.AsyncConnectionPool, request: httpcore.Request) -> Any:
        session = None if isinstance(self._network_backend, _AsyncBackend) else _find(board, request)
        pool = self if session is None else make_async_pool(session)
        return await original(pool, request)

    return handle_async_request


def _find(board: Any, request: httpcore.Request) -> Session | None:
    scheme, host = request.url.scheme.decode(), request.url.host.decode()
    session: Session | None = board.find(scheme, host, request.url.port or (443 if scheme == "https" else 80))
    return session
