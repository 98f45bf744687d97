"""Places where tokens are had as operations: they are played, counted and written down as any other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from mock_server.contract import Operation, Parameter, Reply
from mock_server.engine.compiled import IsSlow
from mock_server.engine.parameters import Inputs, ReadInputs
from mock_server.engine.prefer import choose_reply
from mock_server.engine.replies import CompiledReply
from mock_server.engine.security import NOBODY, FindCaller
from mock_server.messages import ANYBODY, Request, Response, Tester
from mock_server.state import Quota
from mock_server.tokens import ENDPOINTS, Issuer, Place

ASSUMED = ("revoke", "introspect")
"""Kinds of places that no document names: they give way to whatever a document has at their paths."""

_TEMPLATE = re.compile(r"\{[^}]*\}")

NO_INPUTS = Inputs({}, (), None)


class TokenOperation(NamedTuple):
    """A place where tokens are had (`engine.CompiledOperation`). It makes texts and may derive a key: it is slow."""

    operation: Operation
    place: Place
    issuer: Issuer
    success: CompiledReply
    errors: Mapping[str, CompiledReply] = MappingProxyType({})

    @property
    def find_caller(self) -> FindCaller:
        """Everybody may ask; what they ask says who they are."""
        return lambda request, find_issued=None: NOBODY

    @property
    def read_inputs(self) -> ReadInputs:
        """No pages, no conditions."""
        return lambda query, path_values: NO_INPUTS

    @property
    def is_slow(self) -> IsSlow:
        """Always: a token is on disk before it is given away."""
        return lambda request, path_values: True

    def play(
        self,
        request: Request,
        path_values: Mapping[str, str],
        quota: Quota | None,
        tester: Tester = ANYBODY,
    ) -> Response:
        """Tokens, or what is wrong with how they are asked for."""
        return ENDPOINTS[self.place.kind].answer(self.place, self.issuer, request, tester)

    def find_page(self, request: Request, path_values: Mapping[str, str], tester: Tester = ANYBODY) -> int:
        """No page."""
        return 0

    def find_sample_path(self) -> str:
        """Its path: it has no parameters that lead to records."""
        return self.operation.path

    def answer_asked(self, asked: Mapping[str, str], request: Request) -> CompiledReply | Response | None:
        """Nothing but success is known by a status. Raises: Problem."""
        choose_reply(self, asked.get("code"))
        return None


def compile_places(issuer: Issuer, documented: Iterable[Operation], base_path: str) -> Iterator[TokenOperation]:
    """An operation for each place and method that a contract has none for."""
    taken = {(each.method, each.path) for each in documented}
    taken |= {(method, path.removeprefix(base_path)) for method, path in taken}
    patterns = [_compile_pattern(f"{method} {path}") for method, path in taken if "{" in path]
    for place in issuer.places:
        for method in ENDPOINTS[place.kind].methods:
            asked = f"{method} {place.path}"
            is_taken = place.kind in ASSUMED and any(pattern.fullmatch(asked) for pattern in patterns)
            if (method, place.path) not in taken and not is_taken:
                yield _compile(issuer, place, method)


def _compile_pattern(template: str) -> re.Pattern[str]:
    """What a method and a path with parameters stand for."""
    return re.compile("[^/]+".join(map(re.escape, _TEMPLATE.split(template))))


def _compile(issuer: Issuer, place: Place, method: str) -> TokenOperation:
    endpoint = ENDPOINTS[place.kind]
    reply = Reply(200, "", "application/json", None)
    operation = Operation(
        id=f"oauth2-{place.kind}",
        method=method,
        path=place.path,
        summary=endpoint.says,
        parameters=tuple(Parameter(name, "query", False, {}) for name in endpoint.asks),
        success=reply,
        errors={},
        security=(),
        effect="token",
    )
    return TokenOperation(operation, place, issuer, CompiledReply(reply, lambda context: b"", lambda quota: ()))
