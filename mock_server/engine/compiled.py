"""What an operation ready to be played offers, however it was compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from mock_server.contract import Operation
from mock_server.engine.parameters import ReadInputs
from mock_server.engine.replies import CompiledReply
from mock_server.engine.security import FindCaller
from mock_server.messages import ANYBODY, Request, Response, Tester
from mock_server.state import Quota

IsSlow = Callable[[Request, Mapping[str, str]], bool]
"""Whether many records are looked through before a request with these path values is answered."""


class CompiledOperation(Protocol):
    """An operation ready to be played, however it was compiled: what `MockApi.answer` and who looks at it ask."""

    @property
    def operation(self) -> Operation:
        """What is documented."""
        ...

    @property
    def find_caller(self) -> FindCaller:
        """From a request to who calls."""
        ...

    @property
    def read_inputs(self) -> ReadInputs:
        """From the raw query and the path's values to what they ask; raises ApiError `invalid`."""
        ...

    @property
    def success(self) -> CompiledReply:
        """The documented response of success."""
        ...

    @property
    def errors(self) -> Mapping[str, CompiledReply]:
        """The documented errors by their kinds, those of the provider included."""
        ...

    @property
    def is_slow(self) -> IsSlow | None:
        """Tells a request that takes long; None where none does."""
        ...

    def play(
        self,
        request: Request,
        path_values: Mapping[str, str],
        quota: Quota | None,
        tester: Tester = ANYBODY,
    ) -> Response:
        """The answer to a caller who may have it; raises ApiError for what the request does wrong.

        `tester` is whose changes are seen, to whom a change belongs, and what time it is.
        """
        ...

    def find_page(self, request: Request, path_values: Mapping[str, str], tester: Tester = ANYBODY) -> int:
        """The number of the page that a list is asked for, from 1, however the request says which.

        Raises: ApiError `invalid`.
        """
        ...

    def find_sample_path(self) -> str:
        """The path with values that lead to a record, for people to try."""
        ...

    def answer_asked(self, asked: Mapping[str, str], request: Request) -> CompiledReply | Response | None:
        """What a client asks for by name (`code`, `example`): a reply to render, a response; None to play on.

        Raises: Problem for what the contract does not document.
        """
        ...
