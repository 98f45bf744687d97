"""A mock server as an object: started by a program and ended with it, or running elsewhere."""

from __future__ import annotations

import pathlib
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, Unpack

from understudy.admin import Admin
from understudy.errors import UnderstudyError
from understudy.providers import Provider, read_providers
from understudy.sessions import Session
from understudy.sharing import join
from understudy.starting import Child, Options, Path, start, write_words


class Mock:
    """A running server. Where this program started it, `close()` or the end of a `with` block ends it."""

    def __init__(self, admin: Admin, child: Child | None = None) -> None:
        self._admin, self._child = admin, child
        self._providers = read_providers(admin)

    @property
    def base_url(self) -> str:
        """Where the server is: `http://127.0.0.1:54321`."""
        return self._admin.url

    @property
    def providers(self) -> Mapping[str, Provider]:
        """What it plays, by name."""
        return self._providers

    @property
    def default(self) -> Session:
        """The session of all requests that name none."""
        return Session(self._admin, "default", self._providers)

    def url(self, provider: str = "", tls: bool = False) -> str:
        """The base URL of a provider (the only one, where there is one), also of HTTPS. Raises: UnderstudyError."""
        base = self._find_door("tls") if tls else self.base_url
        return f"{base}{self.default._choose(provider).path}"

    def proxy(self, session: Session | None = None) -> str:
        """The URL of the proxy, for all that is asked in a session where one is given.

        Raises: UnderstudyError where the server was not started with `proxy`.
        """
        url = self._find_door("proxy")
        # Any password will do, and some clients send no user without one.
        return url.replace("://", f"://{session.name}:any@", 1) if session else url

    @property
    def ca(self) -> pathlib.Path:
        """The certificate that clients of HTTPS and the proxy trust. Raises: UnderstudyError where there is neither."""
        return pathlib.Path(self._find_door("ca"))

    def _find_door(self, name: str) -> str:
        doors = self._child.doors if self._child else {}
        if name not in doors:
            option = "tls=True or proxy=True" if name == "ca" else f"{name}=True"
            raise UnderstudyError(f"This server was not started with it: serve(…, {option}).")
        return doors[name]

    def env(self, provider: str = "") -> dict[str, str]:
        """Base URL and test credentials of a provider as variables, ready for `os.environ`."""
        return dict(self.default._choose(provider).variables)

    def session(self, name: str | None = None, **settings: Any) -> Session:
        """A session of its own, new where no name is given.

        `seed`, `records`, `readings`, `scenarios` and `limits` are other than the server's. Raises: UnderstudyError for
        a setting that cannot be.
        """
        session = Session(self._admin, name or f"py-{uuid.uuid4().hex[:12]}", self._providers)
        session.change(**settings)
        return session

    def close(self) -> None:
        """End the server, where this program started it."""
        if self._child:
            self._child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def serve(*what: Path, **options: Unpack[Options]) -> Mock:
    """Start a server that plays shipped providers (by name), documents, folders; without any, all that are shipped.

    `starting.Options` are what it may be started with. The server ends with this program, however that ends.

    Raises:
        UnderstudyError: it cannot start; the sentence is the server's own.
    """
    return _open(start(write_words(what, options)))


def share(meeting: pathlib.Path, *what: Path, **options: Unpack[Options]) -> Mock:
    """The same for several programs: the first one starts it, and it ends with the last one.

    `meeting` is the folder in which they find each other. Raises: UnderstudyError.
    """
    return _open(join(meeting, write_words(what, options)))


def connect(url: str, token: str = "") -> Mock:
    """A server that runs already: a team's, or a service in CI. Raises: UnderstudyError where none answers."""
    return Mock(Admin(url.rstrip("/"), token))


def _open(child: Child) -> Mock:
    try:
        return Mock(Admin(child.doors["url"]), child)
    except BaseException:
        child.end()
        raise
