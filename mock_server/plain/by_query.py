"""Operations of one method and path that a fixed query tells apart: `/rest?method=a` and `/rest?method=b`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mock_server.contract import Operation
from mock_server.engine import CompiledOperation, CompiledReply, FindCaller, Inputs, split_query
from mock_server.messages import ANYBODY, Request, Response, Tester
from mock_server.state import Quota


def read_fixed_query(path: str) -> Mapping[str, str]:
    """The parameters that a documented path has behind its question mark, but for those that are templates."""
    listed = split_query(path.partition("?")[2].partition("#")[0])
    return {name: values[-1] for name, values in listed.items() if "{" not in values[-1]}


class ByQuery:
    """Plays the one operation whose fixed query a request has (`engine.CompiledOperation`); without any, the first.

    What is asked of it without a request is the first one's.
    """

    def __init__(self, choices: Sequence[CompiledOperation]) -> None:
        # What asks for more comes first: `?method=a&form=b` before `?method=a`.
        pairs = [(read_fixed_query(each.operation.path), each) for each in choices]
        self._choices = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._first = choices[0]
        self.is_slow = choices[0].is_slow

    def _choose(self, query: str) -> CompiledOperation:
        sent = split_query(query)
        fitting = (each for fixed, each in self._choices if all(v in sent.get(name, ()) for name, v in fixed.items()))
        return next(fitting, self._first)

    @property
    def operation(self) -> Operation:
        """The first operation."""
        return self._first.operation

    @property
    def find_caller(self) -> FindCaller:
        """From a request to who calls, as the operation that is meant asks for it."""
        return lambda request, find_issued=None: self._choose(request.query).find_caller(request, find_issued)

    @property
    def success(self) -> CompiledReply:
        """The first operation's success."""
        return self._first.success

    @property
    def errors(self) -> Mapping[str, CompiledReply]:
        """The first operation's errors."""
        return self._first.errors

    def read_inputs(self, query: str, path_values: Mapping[str, str]) -> Inputs:
        """The page that a query asks for. Raises: ApiError for what the document does not allow."""
        return self._choose(query).read_inputs(query, path_values)

    def play(
        self,
        request: Request,
        path_values: Mapping[str, str],
        quota: Quota | None,
        tester: Tester = ANYBODY,
    ) -> Response:
        """The answer of the operation that is meant."""
        return self._choose(request.query).play(request, path_values, quota, tester)

    def find_page(self, request: Request, path_values: Mapping[str, str], tester: Tester = ANYBODY) -> int:
        """The page that is asked of the operation that is meant."""
        return self._choose(request.query).find_page(request, path_values, tester)

    def find_sample_path(self) -> str:
        """The first operation's path, for people to try."""
        return self._first.find_sample_path()

    def answer_asked(self, asked: Mapping[str, str], request: Request) -> CompiledReply | Response | None:
        """What is asked by name of the operation that is meant."""
        return self._choose(request.query).answer_asked(asked, request)
