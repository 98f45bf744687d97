"""Requests that bear an idempotency key: done once, and answered the same however often they come."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.contract import Contract, Operation
from mock_server.errors import ApiError
from mock_server.messages import Request, Response, Tester
from mock_server.state import Changes
from mock_server.writes import USUAL_KEY_HEADERS, find_key_header, make_fingerprint, read_key

READS = ("GET", "HEAD", "OPTIONS")

ReadKey = Callable[[Request], str]
"""From a request to its idempotency key; empty where it bears none."""


def compile_key_reader(operation: Operation, mode: str = "documented") -> ReadKey | None:
    """What reads the key from the header that an operation documents; None where it documents none.

    With `always` a usual one is read there.
    """
    documented = find_key_header(operation)
    names = (documented,) if documented else USUAL_KEY_HEADERS if mode == "always" else ()
    return (lambda request: read_key(request.headers, names)) if names else None


class Once:
    """What is done once for each key: the answer is kept in the transaction of what it confirms.

    Of two requests that come at once, the second waits for the first one's answer. One that was refused was not done:
    its key is as new as before.
    """

    def __init__(
        self,
        provider: str,
        changes: Changes,
        compile_reader: Callable[[Operation], ReadKey | None] = compile_key_reader,
    ) -> None:
        self._provider, self._changes, self._compile_reader = provider, changes, compile_reader
        self._readers: dict[str, ReadKey | None] = {}

    def play(self, operation: Operation, request: Request, tester: Tester, play: Callable[[], Response]) -> Response:
        """The answer to a request, played now or given before. Raises: ApiError for another request under its key."""
        key = self._read_key(operation, request)
        if not key:
            return play()
        changes, place, fingerprint = self._changes, f"{self._provider}/{operation.id}", make_fingerprint(request)
        with changes.changing():
            kept = changes.answers.find(tester.scope, place, key)
            if kept is None:
                response = play()
                if not response.secrets:  # the text of a token is kept nowhere
                    changes.answers.put(tester.scope, place, key, fingerprint, response)
                return response
        if kept.fingerprint != fingerprint:
            raise _refuse(operation)
        return kept.response

    def _read_key(self, operation: Operation, request: Request) -> str:
        if operation.id not in self._readers:
            self._readers[operation.id] = self._compile_reader(operation)
        read = self._readers[operation.id]
        return read(request) if read else ""


def make_once(contract: Contract, changes: Changes | None, mode: str = "documented") -> Once | None:
    """What is done once at the operations of a contract; None where nothing is kept."""
    return Once(contract.provider, changes, lambda each: compile_key_reader(each, mode)) if changes else None


def _refuse(operation: Operation) -> ApiError:
    """409 where that alone is documented, else 422."""
    is_conflict = "conflict" in operation.errors and "unprocessable" not in operation.errors
    detail = "the idempotency key was used for another request"
    return ApiError("conflict" if is_conflict else "unprocessable", detail)
