"""Requests for documented hosts, led to a mock while a block runs, whichever client of this process makes them."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import ipaddress
import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, TypeVar, Unpack
from unittest.mock import patch
from urllib.parse import urlsplit

from understudy.errors import UnderstudyError
from understudy.mock import Mock
from understudy.providers import is_host_of
from understudy.sessions import Session
from understudy.starting import Options
from understudy.transports import Played, find_session

OTHERS = ("pass", "refuse")

Function = TypeVar("Function", bound=Callable[..., Any])


class Place(NamedTuple):
    """The one place of a library that all its requests pass: a method of a class, and what makes ours of it."""

    module: str
    owner: str
    method: str
    door: str
    maker: str


PLACES = (
    Place("http.client", "HTTPConnection", "putrequest", "over_http_client", "divert_request"),
    Place("http.client", "HTTPConnection", "connect", "over_http_client", "divert_connect"),
    Place("http.client", "HTTPSConnection", "connect", "over_http_client", "divert_connect"),
    Place("urllib3.connectionpool", "HTTPConnectionPool", "urlopen", "over_urllib3", "divert"),
    Place("httpcore", "ConnectionPool", "handle_request", "over_httpcore", "divert"),
    Place("httpcore", "AsyncConnectionPool", "handle_async_request", "over_httpcore", "divert_async"),
    Place("aiohttp", "TCPConnector", "connect", "over_aiohttp", "divert"),
)
"""Pools, not connections: they are asked for each request, also those that were made before."""


class Board:
    """Which interceptions hold in this process, the innermost last, and what was changed for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[Interception, ...] = ()
        self._changes = contextlib.ExitStack()
        self._diverted: weakref.WeakSet[Any] = weakref.WeakSet()

    @property
    def is_held(self) -> bool:
        """Whether any holds."""
        return bool(self._held)

    def enter(self, interception: Interception) -> None:
        """Let an interception hold; the first one changes the libraries."""
        with self._lock:
            if not self._held:
                self._install()
            self._held = (*self._held, interception)

    def leave(self, interception: Interception) -> None:
        """Let one hold no longer, in whatever order they end; with the last one all is as it was."""
        with self._lock:
            held = list(self._held)
            held.reverse()
            held.remove(interception)
            self._held = tuple(reversed(held))
            for connection in list(self._diverted):
                if connection.sock:
                    connection.sock.close()
                    connection.sock = None  # its next request opens it anew
            self._diverted.clear()
            if not self._held:
                self._changes.close()

    def _install(self) -> None:
        for place in PLACES:
            with contextlib.suppress(ImportError):  # a library that is not there needs no change
                owner = getattr(importlib.import_module(place.module), place.owner)
                make = getattr(importlib.import_module(f"understudy.{place.door}"), place.maker)
                changed = make(getattr(owner, place.method), self)
                self._changes.enter_context(patch.object(owner, place.method, changed))

    def note(self, connection: Any) -> None:
        """A connection of somebody else's that has a line, to be taken from it at the end."""
        self._diverted.add(connection)

    def find(self, scheme: str, host: str, port: int) -> Session | None:
        """The session that answers for a host, None where nobody does. Raises: UnderstudyError where it is refused."""
        held = self._held
        for interception in reversed(held):
            if interception.session and interception.is_meant(host):
                return interception.session
        refuses = any(each.others == "refuse" for each in held)
        if refuses and not _is_loopback(host) and not any(each.is_own(host) for each in held):
            hosts = dict.fromkeys(name for each in held for name in each.hosts)
            raise UnderstudyError(
                f"{scheme}://{host} is refused: no document that is played here has that host, "
                f"only {', '.join(hosts)}.",
            )
        return None


@functools.cache
def get_board() -> Board:
    """This process's only one: a library can be changed once."""
    return Board()


class Interception:
    """A block, or a function, in which documented hosts are the mock's; `others` are passed on or refused."""

    def __init__(self, what: tuple[Played, ...], others: str, options: Options) -> None:
        if others not in OTHERS:
            raise UnderstudyError(f"others is {' or '.join(OTHERS)}, not {others!r}.")
        self.others, self._what, self._options = others, what, options
        self.session: Session | None = None
        self.hosts: tuple[str, ...] = ()

    def is_meant(self, host: str) -> bool:
        """Whether a host is one that it intercepts."""
        return any(is_host_of(pattern, host) for pattern in self.hosts)

    def is_own(self, host: str) -> bool:
        """Whether a host is where its server is, which is asked what came."""
        return self.session is not None and urlsplit(self.session._admin.url).hostname == host.lower()

    def __enter__(self) -> Session:
        if self.session is None:
            self.session = find_session(self._what, self._options)
            self.hosts = tuple(host for each in self.session.providers.values() for host in each.hosts)
        elif self._is_own:
            self.session.reset()  # a decorated function begins as its first run did
        if not self.hosts:
            raise UnderstudyError(f"{', '.join(self.session.providers)} documents no host: nothing can be intercepted.")
        get_board().enter(self)
        return self.session

    @property
    def _is_own(self) -> bool:
        """Whether what plays was made for this interception."""
        return not any(isinstance(each, Mock | Session) for each in self._what)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        get_board().leave(self)

    def __call__(self, function: Function) -> Function:
        """A function that runs in such a block; a coroutine, until it has ended."""

        @functools.wraps(function)
        def run(*values: Any, **named: Any) -> Any:
            with self:
                return function(*values, **named)

        @functools.wraps(function)
        async def run_async(*values: Any, **named: Any) -> Any:
            with self:
                return await function(*values, **named)

        return run_async if inspect.iscoroutinefunction(function) else run  # type: ignore[return-value]


def intercept(*what: Played, others: str = "pass", **options: Unpack[Options]) -> Interception:
    """Lead requests for documented hosts to a mock, in a `with` block or a decorated function.

    `what` is a session, a server, or what `serve` takes: then the mock plays in this process. Requests of
    `requests`, `httpx`, `urllib3`, `aiohttp`, `http.client` and `urllib.request` are met, also of clients that were
    made before. `others="refuse"` refuses all other hosts but this machine. Raises: UnderstudyError.
    """
    return Interception(what, others, options)


def _is_loopback(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
