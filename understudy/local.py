"""A mock in this process: no socket, no second process, the same answers."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Mapping, Sequence

from mock_server.cli import open_player
from mock_server.errors import UsageError
from mock_server.messages import Request
from mock_server.server import MemoryConnection
from understudy.errors import UnderstudyError

HOST = "localhost"


class Local:
    """What a server is, without being reachable: it ends with `end()`, when nobody holds it, or with the program."""

    url = f"http://{HOST}"

    def __init__(self, words: Sequence[str]) -> None:
        """Play what the words of `understudy serve` ask for. Raises: UnderstudyError."""
        with contextlib.ExitStack() as stack:
            try:
                self._answer = stack.enter_context(open_player(words))
            except UsageError as error:
                raise UnderstudyError(str(error)) from None
            self.doors = {"url": self.url}
            self._end = weakref.finalize(self, stack.pop_all().close)

    def connect(self) -> MemoryConnection:
        """A connection to it. Raises: UnderstudyError where it has ended."""
        if not self._end.alive:
            raise UnderstudyError("This mock has ended.")
        return MemoryConnection(self._answer, self.url)

    def ask(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> tuple[int, bytes]:
        """Status and body of a call of the admin API. Raises: UnderstudyError where it has ended."""
        if not self._end.alive:
            raise UnderstudyError("This mock has ended.")
        path, _, query = target.partition("?")
        sent = {"host": HOST} | {name.lower(): value for name, value in headers.items()}
        response = self._answer(Request(method, path, query, sent, self.url, body=content or b""))
        return response.status, response.body

    def end(self) -> None:
        """End it; nothing where it has ended."""
        self._end()
