"""A contract brought to life: one request in, one response out.

The steps of `answer` are numbered as in ARCHITECTURE.md. Whatever goes wrong leaves by the same exit:
an ApiError in the provider's own documented form, a Problem of the mock itself as RFC 9457.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from mock_server.contract import Contract, Operation
from mock_server.engine.callers import compile_find_issued, require_allowed
from mock_server.engine.compiled import CompiledOperation
from mock_server.engine.error_replies import ErrorReplies, render_problem
from mock_server.engine.logins import with_login
from mock_server.engine.once import READS, Once
from mock_server.engine.operation import compile_operation
from mock_server.engine.prefer import NO_PREFERENCES, Preferences
from mock_server.engine.routing import Match, Routes
from mock_server.engine.security import Caller, present
from mock_server.engine.status_faults import (
    add_limit_headers,
    find_reply,
    render_gateway,
    render_success,
    with_retry,
)
from mock_server.engine.token_operations import compile_places
from mock_server.errors import ApiError, Problem
from mock_server.faults import Effects, StatusFault, is_write
from mock_server.messages import ANYBODY, NEVER_WRITTEN, Collections, Headers, Request, Response, Tester
from mock_server.state import Quota, RateLimits
from mock_server.tokens import Issuer

LIMITED: Mapping[str, Callable[[str, str], str]] = {
    "address": lambda address, credential: address,
    "credential": lambda address, credential: credential,
    "credential_and_address": lambda address, credential: f"{credential} {address}",
}
"""Who shares a limit, by what a contract says."""


class PlayContext(NamedTuple):
    """How one request is played, beside the contract.

    `effects` are the faults that are due, `preferences` what the request asks for by name. `scope` begins the names of
    what the session counts, `clock_seconds` is how far off its clock is; `shown` is the scope of the changes that a
    read sees where these are not the session's as they are now. A request that was answered before and is only
    looked at again `counts` no second time.
    """

    effects: Effects = Effects()
    preferences: Preferences = NO_PREFERENCES
    scope: str = ""
    clock_seconds: float = 0
    counts: bool = True
    shown: str | None = None


PLAIN = PlayContext()
UNCOUNTED = PlayContext(counts=False)


class FindOperation(Protocol):
    """Where a method and a path lead, and which methods a path has."""

    def find(self, method: str, path: str) -> Match[CompiledOperation] | None:
        """The operation asked for with the values in its path, or None; HEAD counts as GET."""
        ...

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods documented for a path, HEAD and OPTIONS included; empty for an unknown path."""
        ...


class Compiler(NamedTuple):
    """How a contract is compiled: each operation, its errors, and the routes to its operations."""

    operation: Callable[[Contract, Operation, Collections], CompiledOperation]
    errors: Callable[[Contract], ErrorReplies]
    routes: Callable[[Iterable[tuple[str, str, CompiledOperation]], bool], FindOperation]


TEMPLATES = Compiler(compile_operation, ErrorReplies, Routes)
"""Of annotated contracts, whose response schemas are templates."""


def choose_compiler(etags: str) -> Compiler:
    """How annotated contracts are compiled where records have versions as documented, or `always`."""
    if etags == "documented":
        return TEMPLATES
    return TEMPLATES._replace(operation=functools.partial(compile_operation, etags=etags))


class MockApi:
    """One provider as it plays. Frozen after it is made, but for the counts of its limits.

    `limit_mode` says what a spent limit does: `report` tells it in headers, `enforce` refuses as well, `off` neither.
    """

    def __init__(
        self,
        contract: Contract,
        sources: Collections,
        limits: RateLimits,
        limit_mode: str = "off",
        compiler: Compiler = TEMPLATES,
        issuer: Issuer | None = None,
        once: Once | None = None,
    ) -> None:
        self.contract, self.sources, self._compiler, self.issuer = contract, sources, compiler, issuer
        self._once = once
        self._issued = issuer.tokens.version if issuer and issuer.tokens else NEVER_WRITTEN
        self._limit = contract.limit if limit_mode != "off" else None
        self._limits, self._limit_mode = limits, limit_mode
        self._errors = compiler.errors(contract)
        plain_operations = [compiler.operation(contract, operation, sources) for operation in contract.operations]
        compiled_operations = [with_login(each, issuer) for each in plain_operations]
        if issuer:
            compiled_operations += compile_places(issuer, contract.operations, contract.base_path)
        self._compiled = {(each.operation.method, each.operation.path): each for each in compiled_operations}
        self.routes = compiler.routes(
            ((method, path, compiled) for (method, path), compiled in self._compiled.items()),
            "path" in contract.ignore_case,
        )

    def over(self, sources: Collections) -> MockApi:
        """The same mock API over other sources."""
        return MockApi(self.contract, sources, self._limits, self._limit_mode, self._compiler, self.issuer, self._once)

    def find(self, method: str, path: str) -> Match[CompiledOperation] | None:
        """The operation that a method and a path below the mount ask for, or None."""
        return self.routes.find(method, path)

    def find_same(self, match: Match[CompiledOperation]) -> Match[CompiledOperation] | None:
        """A match of another variant of this API as it is here; None where this contract has no such operation."""
        operation = match.target.operation
        compiled = self._compiled.get((operation.method, operation.path))
        return Match(compiled, match.values) if compiled else None

    def find_sample_path(self, operation: Operation) -> str:
        """The operation's path with values that lead to a record, for people to try."""
        return self._compiled[operation.method, operation.path].find_sample_path()

    def answer(self, match: Match[CompiledOperation], request: Request, context: PlayContext = PLAIN) -> Response:
        """Play one request of a matched operation, as a session sees it."""
        compiled, path_values = match
        effects = context.effects
        quota: Quota | None = None
        applied: Headers = ()
        try:
            # 2 forced: a scenario breaks the call before it is played, or the client asks for an answer by name
            response = None
            if context is not PLAIN:
                response, request, applied = self._force(compiled, request, context)
            if response is None:
                # 3 caller: unauthenticated, forbidden
                tester = ANYBODY if context is PLAIN else Tester(context.scope, context.clock_seconds)
                find_issued = compile_find_issued(self.issuer, tester) if self.issuer and self._issued[0] else None
                caller = compiled.find_caller(request, find_issued)
                if caller.kind or effects.credential:
                    caller = require_allowed(self.contract, compiled, caller, tester, effects, self.issuer)
                # 4 spend: throttled
                quota = self._spend(request, caller, context)
                self._require_left(quota, effects)
                # 5 to 7 inputs, result, render: the documented response, unless a scenario loses it afterwards
                reader = tester if context.shown is None else tester._replace(scope=context.shown)
                if self._once is None or request.method in READS:
                    response = compiled.play(request, path_values, quota, reader)
                else:
                    response = self._play_once(self._once, match, request, quota, reader)
                # A success that a scenario asks for may be the very one that was played.
                if effects.status and effects.status.status != response.status:
                    response = self._answer_status(compiled, request, effects.status, context.clock_seconds)
        except ApiError as error:
            response = self._errors.render(error, request, quota, compiled.errors)
        except Problem as problem:
            response = render_problem(problem, request)
        if quota and effects.limit:
            response = add_limit_headers(response, effects.limit, quota)
        return response._replace(headers=response.headers + applied) if applied else response

    def _play_once(
        self,
        once: Once,
        match: Match[CompiledOperation],
        request: Request,
        quota: Quota | None,
        tester: Tester,
    ) -> Response:
        """Steps 5 to 7; once only where the request bears a key that says so."""
        compiled, path_values = match

        def play() -> Response:
            return compiled.play(request, path_values, quota, tester)

        return once.play(compiled.operation, request, tester, play)

    def again(self, match: Match[CompiledOperation], request: Request) -> Response:
        """The answer that a request had before, without counting it."""
        return self.answer(match, request, UNCOUNTED)

    def answer_unmatched(self, request: Request) -> Response:
        """A path or a method that the provider does not document, in the provider's own form."""
        path = request.path
        allowed = self.routes.allowed(path)
        if not allowed and self.routes.allowed(f"{path}/"):
            # Only a path that must end with a slash is not found without it (`x-slash`).
            query = f"?{request.query}" if request.query else ""
            return Response(308, (("location", f"{request.base}{request.mount}{path}/{query}"),), b"")
        if not allowed:
            return self._errors.render(ApiError("not_found"), request)
        allow = (("allow", ", ".join(allowed)),)
        if request.method == "OPTIONS":
            return Response(200, allow, b"")
        return self._errors.render(ApiError("method_not_allowed", headers=allow), request)

    def _force(
        self,
        compiled: CompiledOperation,
        request: Request,
        context: PlayContext,
    ) -> tuple[Response | None, Request, Headers]:
        """The forced response, or None to play on; the request to play; the header that confirms what was applied.

        Raises Problem for what the contract does not document.
        """
        fault, preferences = context.effects.status, context.preferences
        if fault and not fault.after:
            return self._answer_status(compiled, request, fault, context.clock_seconds), request, ()
        if context.effects.is_lost and is_write(compiled.operation):
            return render_gateway(502), request, ()  # which nobody hears
        asked = preferences.of_operation
        if not asked:
            return None, request, ()
        forced, applied = compiled.answer_asked(asked, request), preferences.applied
        if isinstance(forced, Response):
            return forced, request, applied
        if forced is not None:
            return self._errors.render_asked(forced, request), request, applied
        if "credential" in asked:
            request = _present(compiled, request, asked["credential"])
        return None, request, applied

    def _spend(self, request: Request, caller: Caller, context: PlayContext) -> Quota | None:
        """Count the request against a scenario's limit, else against the documented one; None where there is none."""
        fault = context.effects.limit
        limit = fault.limit if fault else self._limit
        if limit is None or not context.counts:
            return None
        who = LIMITED[limit.per](request.address, caller.credential)
        # A scenario's limit counts by itself: what was spent of the documented one before is another matter.
        scope = f"{context.scope}{fault.scenario}/" if fault else context.scope
        return self._limits.spend(who, limit, scope, context.clock_seconds)

    def _require_left(self, quota: Quota | None, effects: Effects) -> None:
        if quota and quota.exceeded and (self._limit_mode == "enforce" or effects.limit):
            raise ApiError("throttled", "too many requests")

    def _answer_status(
        self,
        compiled: CompiledOperation,
        request: Request,
        fault: StatusFault,
        clock_seconds: float,
    ) -> Response:
        """A status that a scenario asks for: documented, in the provider's own form; else as a gateway answers."""
        reply = find_reply(compiled, fault.status)
        if reply:
            response = self._errors.render_asked(reply, request)
        elif isinstance(fault.status, int) and fault.status < 300:
            response = render_success(compiled, request, fault.status)
        else:
            response = render_gateway(fault.status)
        return with_retry(response, fault.retry_after, clock_seconds)


def _present(compiled: CompiledOperation, request: Request, state: str) -> Request:
    """The request with the test credential of a state in place; raises Problem with the known states."""
    security = compiled.operation.security
    presented = present(request, security, state)
    if presented is None:
        known = sorted({state for schemes in security for scheme in schemes for state in scheme.values})
        raise Problem(400, "Unknown credential", f"The contract lists no {state!r} credential.", known)
    return presented
