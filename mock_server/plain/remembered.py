"""Answers that were given before: to the same request of one operation, while nothing was written, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.contract import Parameter
from mock_server.messages import Request, Response

MAX_ANSWERS = 256
MAX_BYTES = 64 * 1024
"""The largest body that is remembered."""

Key = tuple[str, str, str, str, str]


class Remembered:
    """The last answers of an operation by what decides them: the request's target, and what its client takes.

    An operation whose parameters stand in headers or cookies as well remembers nothing.
    """

    def __init__(self, method: str, parameters: Iterable[Parameter]) -> None:
        self._is_on = method == "GET" and all(p.where in ("path", "query") for p in parameters)
        self._answers: dict[Key, Response] = {}

    def find_key(self, request: Request) -> Key | None:
        """What an answer to a request is remembered by; None where it is not."""
        if not self._is_on or request.body:
            return None
        return request.query, request.path, request.mount, request.base, request.headers.get("accept", "")

    def get(self, key: Key) -> Response | None:
        """The answer that a request had, or None."""
        return self._answers.get(key)

    def put(self, key: Key, response: Response) -> None:
        """Remember an answer; when there are too many, all others are forgotten."""
        if len(response.body) <= MAX_BYTES:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            self._answers[key] = response
