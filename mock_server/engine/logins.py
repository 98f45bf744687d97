"""Operations of an annotated contract that log in: their documented answer, with a token that works in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.contract import Operation, TokenRule
from mock_server.engine.compiled import CompiledOperation, IsSlow
from mock_server.engine.parameters import ReadInputs
from mock_server.engine.rendering import RenderContext
from mock_server.engine.replies import CompiledReply, render_reply
from mock_server.engine.security import FindCaller
from mock_server.errors import ApiError
from mock_server.messages import ANYBODY, Request, Response, Tester
from mock_server.state import Quota
from mock_server.tokens import Issuer, Login, OAuthError, log_in, read_parameters


class LoginOperation(NamedTuple):
    """An operation that issues what its rule says (`engine.CompiledOperation`); all else is the compiled one's."""

    compiled: CompiledOperation
    rule: TokenRule
    issuer: Issuer

    @property
    def operation(self) -> Operation:
        """What is documented."""
        return self.compiled.operation

    @property
    def find_caller(self) -> FindCaller:
        """As it is compiled."""
        return self.compiled.find_caller

    @property
    def read_inputs(self) -> ReadInputs:
        """As it is compiled."""
        return self.compiled.read_inputs

    @property
    def success(self) -> CompiledReply:
        """As it is compiled."""
        return self.compiled.success

    @property
    def errors(self) -> Mapping[str, CompiledReply]:
        """As they are compiled."""
        return self.compiled.errors

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
        """The documented answer with a token; raises ApiError for a login that is refused."""
        self.read_inputs(request.query, path_values)
        rule = self.rule
        login = Login(rule.scheme, None, rule.lifetime_seconds, announced=rule.announced_seconds)
        given = log_in(login, self.issuer, request, self._read(request), tester)
        response = render_reply(self.success, RenderContext(quota=quota, token=given.facts))
        return response._replace(secrets=given.secrets)

    def _read(self, request: Request) -> Mapping[str, str]:
        """What was sent, by the names that are documented, in any case. Raises: ApiError for one that is missing."""
        try:
            sent = read_parameters(request, texts_only=True)
        except OAuthError as error:
            raise self._refuse(error.sentence) from None
        known = {name.lower(): name for name in self.rule.needs}
        named = {known.get(name.lower(), name): value for name, value in sent.items()}
        missing = next((name for name in self.rule.needs if name not in named), "")
        if missing:
            raise self._refuse(f"{missing} is missing", missing)
        return named

    def _refuse(self, detail: str, name: str = "") -> ApiError:
        """What a wrong body is answered with, of what is documented."""
        kinds = (kind for kind in ("unprocessable", "invalid") if kind in self.operation.errors)
        return ApiError(next(kinds, "unauthenticated"), detail, name)

    def find_page(self, request: Request, path_values: Mapping[str, str], tester: Tester = ANYBODY) -> int:
        """No page."""
        return 0

    def find_sample_path(self) -> str:
        """As it is compiled."""
        return self.compiled.find_sample_path()

    def answer_asked(self, asked: Mapping[str, str], request: Request) -> CompiledReply | Response | None:
        """As it is compiled."""
        return self.compiled.answer_asked(asked, request)


def with_login(compiled: CompiledOperation, issuer: Issuer | None) -> CompiledOperation:
    """The operation with what it issues, where it issues anything."""
    rule = compiled.operation.token
    return LoginOperation(compiled, rule, issuer) if rule and issuer else compiled
