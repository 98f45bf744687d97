"""Answers that were given before: to the same request, while nothing was written, the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.contract import Operation
from mock_server.messages import Request, Response

MAX_BYTES = 16 * 1024 * 1024
"""So much is remembered of one mock API, bodies and what they were asked by; then all is forgotten."""

MAX_ANSWER = 64 * 1024
"""The largest answer that is remembered, with its question."""

ENTRY_BYTES = 500
"""About what an answer takes beside its body and its question."""

Key = tuple[str, str, str, str, str, str]
FindKey = Callable[[Request], Key | None]


def compile_key(operation: Operation) -> FindKey:
    """From a request to what its answer is remembered by: the target, and what its client takes; None for nothing.

    An operation whose parameters stand in headers or cookies as well has no answer that is remembered.
    """
    if operation.method != "GET" or any(each.where not in ("path", "query") for each in operation.parameters):
        return lambda request: None

    def find_key(request: Request) -> Key | None:
        if request.body or "if-none-match" in request.headers:
            return None
        accept = request.headers.get("accept", "")
        return operation.id, request.query, request.path, request.mount, request.base, accept

    return find_key


class Remembered:
    """The last answers of one mock API."""

    def __init__(self) -> None:
        self._answers: dict[Key, Response] = {}
        self._bytes = 0

    def get(self, key: Key) -> Response | None:
        """The answer that a request had, or None."""
        return self._answers.get(key)

    def put(self, key: Key, response: Response) -> None:
        """Remember an answer; when there are too many, all others are forgotten."""
        size = len(response.body) + sum(map(len, key)) + ENTRY_BYTES
        if size > MAX_ANSWER:
            return
        if self._bytes + size > MAX_BYTES:
            self._answers, self._bytes = {}, 0
        self._answers[key] = response
        self._bytes += size
