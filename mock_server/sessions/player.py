"""What a server plays, whoever plays it: mock APIs as they are, or as each session sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from mock_server.engine import MockApi
from mock_server.messages import Request, Response
from mock_server.sessions.dispatch import Dispatcher

if TYPE_CHECKING:
    from mock_server.sessions.session_apis import SessionApis


class Player(Protocol):
    """What a server plays: mock APIs as they are, or as each session sees them."""

    @property
    def apis(self) -> Mapping[str, MockApi]:
        """The server's own mock APIs, by provider."""
        ...

    @property
    def dispatcher(self) -> Dispatcher:
        """Which of them a request is for."""
        ...

    @property
    def sessions(self) -> SessionApis | None:
        """What the admin API and the console steer, or None where there are no sessions."""
        ...

    def find_answer(self, request: Request) -> Response | None:
        """The answer where it takes no time, or None: then ask `answer`."""
        ...

    def answer(self, request: Request) -> Response | None:
        """The answer, or None where no provider is asked."""
        ...

    def locate(self, request: Request) -> tuple[str, MockApi | None, Request]:
        """Whom a request is for: the session's name, the mock API or None, the request with its path there."""
        ...
