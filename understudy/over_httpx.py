"""A transport of httpx, for its sync and its async clients."""

from __future__ import annotations

from typing import Any

import httpx

from understudy.mock import Mock
from understudy.over_httpcore import make_async_pool, make_pool, no_tls
from understudy.sessions import Session


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Leads the requests of `httpx.Client` and `httpx.AsyncClient` to a session, whatever host they name.

    Closing a client that uses it ends nothing: `session` goes on telling what was asked.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._sync = httpx.HTTPTransport(no_tls(), trust_env=False)
        self._async = httpx.AsyncHTTPTransport(no_tls(), trust_env=False)
        # httpx makes its answers and errors of what its pool says; only where the pool leads is ours.
        self._sync._pool, self._async._pool = make_pool(session), make_async_pool(session)

    @property
    def mock(self) -> Mock:
        """Where the session is, for others beside it."""
        return Mock(self.session._admin)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """What the session answers. Raises: httpx.TransportError, as over a socket."""
        return self._sync.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What the session answers. Raises: httpx.TransportError, as over a socket."""
        return await self._async.handle_async_request(request)

    def __getattr__(self, name: str) -> Any:
        """What is asked of a session may be asked here: `requests()`, `verdicts()`, `play(…)`, `assert_called(…)`."""
        return getattr(self.__dict__["session"], name)
