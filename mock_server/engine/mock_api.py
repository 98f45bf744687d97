"""A contract brought to life: one request in, one response out.

The steps of `answer` are numbered as in ARCHITECTURE.md. Whatever goes wrong leaves by one exit:
an ApiError in the provider's own documented form, a Problem of the mock itself as RFC 9457.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from mock_server.contract import Contract, Limit, Operation
from mock_server.engine.operation import (
    CompiledOperation,
    CompiledReply,
    RecordSource,
    compile_operation,
    compile_reply,
    render_reply,
)
from mock_server.engine.prefer import choose_reply, find_forced, get_example
from mock_server.engine.rendering import RenderContext
from mock_server.engine.routing import Match, Routes
from mock_server.engine.security import CREDENTIAL_STATES, Caller, present
from mock_server.engine.status_faults import find_reply, render_gateway, tell_limit, with_retry
from mock_server.errors import ApiError, Problem
from mock_server.faults import Effects, StatusFault
from mock_server.messages import Headers, Request, Response
from mock_server.state import Counts, Limits, Spent

LIMITED: Mapping[str, Callable[[str, str], str]] = {
    "address": lambda address, credential: address,
    "credential": lambda address, credential: credential,
    "credential_and_address": lambda address, credential: f"{credential} {address}",
}
"""Who shares a limit, by what a contract says."""


class View(NamedTuple):
    """A session's view for one request: how it is bent, whose counts it spends, how far off its clock is."""

    effects: Effects = Effects()
    scope: str = ""
    clock_seconds: float = 0
    counts: bool = True


PLAIN = View()
UNCOUNTED = View(counts=False)
"""The plain view of a request that was answered before and counts no second time."""


class MockApi:
    """One provider as it plays. Frozen after it is made, but for the counts of its limits."""

    def __init__(
        self,
        contract: Contract,
        sources: Mapping[str, RecordSource],
        limits: Limits | None = None,
        enforce_limits: bool = False,
        counts: Counts | None = None,
    ) -> None:
        self.contract = contract
        self._limit = contract.limit if limits else None
        self._limits = limits or Limits(contract.provider, counts)
        self._enforces, self._counts = enforce_limits, counts
        self.sources = sources
        self._errors = {kind: compile_reply(reply) for kind, reply in contract.errors.items()}
        compiled_operations = [compile_operation(contract, o, sources.get(o.collection)) for o in contract.operations]
        self.routes: Routes[CompiledOperation] = Routes(
            ((compiled.operation.method, compiled.operation.path, compiled) for compiled in compiled_operations),
            "path" in contract.ignore_case,
        )

    def over(self, sources: Mapping[str, RecordSource]) -> MockApi:
        """The same mock API over other sources."""
        limits = self._limits if self._limit else None
        return MockApi(self.contract, sources, limits, self._enforces, self._counts)

    def find(self, method: str, path: str) -> Match[CompiledOperation] | None:
        """The operation that a method and a path below the mount ask for, or None."""
        return self.routes.find(method, path)

    def find_sample_path(self, operation: Operation) -> str:
        """The operation's path with a value that leads to a record, for people to try."""
        path = operation.path
        source = self.sources.get(operation.collection)
        _, records = source.page((), 0, 1) if source and "{" in path else (0, [])
        record = orjson.loads(records[0]) if records else {}
        for parameter in operation.parameters:
            if parameter.where == "path" and parameter.filter:
                # A field that no response shows is not in the ready JSON: its value is unknown here.
                value = record.get(parameter.filter.fields[0], "none")
                path = path.replace("{" + parameter.name + "}", quote(str(value)))
        return path

    def answer(self, match: Match[CompiledOperation], request: Request, view: View = PLAIN) -> Response:
        """Play one request of a matched operation, as a session sees it."""
        compiled, path_values = match
        extra: Headers = ()
        spent: Spent | None = None
        effects = None if view is PLAIN else view.effects
        try:
            # 2 fault: does a scenario answer here, does the client force an answer or a credential it cannot send
            if effects and effects.status and not effects.status.after:
                return self._answer_status(compiled, request, effects.status, view)
            if "prefer" in request.headers or "__" in request.query:
                forced = self._force(compiled, request)
                if isinstance(forced, Response):
                    return forced
                request, extra = forced
            # 3 caller
            caller = compiled.find_caller(request)
            if effects and effects.credential:
                caller = caller._replace(kind=CREDENTIAL_STATES.get(effects.credential, "unauthenticated"))
            if caller.kind:
                raise ApiError(caller.kind if caller.kind in compiled.errors else "unauthenticated")
            # 4 spend
            limit = effects.limit.limit if effects and effects.limit else self._limit
            if limit and view.counts:
                spent = self._spend(request, caller, view, limit)
            # 5 inputs
            _require_media(compiled, request)
            inputs = compiled.read_inputs(request.query, path_values)
            # 6 result
            told = compiled.fetch(request, path_values, inputs)
            # 7 render
            response = render_reply(compiled.success, told._replace(spent=spent) if spent else told)
            if effects and effects.status:
                response = self._answer_status(compiled, request, effects.status, view)
        except ApiError as error:
            spent = error.spent if isinstance(error, ThrottledError) else spent
            response = self._render_error(compiled.errors, error, request, spent)
        except Problem as problem:
            response = render_problem(problem, request)
        if effects and effects.limit and spent:
            response = tell_limit(response, effects.limit, spent)
        return response._replace(headers=response.headers + extra) if extra else response

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
            return self._render_error(self._errors, ApiError("not_found"), request)
        allow = (("allow", ", ".join(allowed)),)
        if request.method == "OPTIONS":
            return Response(200, allow, b"")
        return self._render_error(self._errors, ApiError("method_not_allowed", headers=allow), request)

    def _spend(self, request: Request, caller: Caller, view: View, limit: Limit) -> Spent:
        other = view.effects.limit
        who = LIMITED[limit.per](request.address, caller.credential)
        scope = f"{view.scope}{other.scenario}/" if other else view.scope
        spent = self._limits.spend(who, limit, scope, view.clock_seconds)
        if spent.exceeded and (self._enforces or other):
            raise ThrottledError(spent)
        return spent

    def _answer_status(self, compiled: CompiledOperation, request: Request, fault: StatusFault, view: View) -> Response:
        """A status that a scenario asks for: documented, in the provider's own form; else as a gateway answers."""
        found = find_reply(compiled, fault.status)
        if found and found.reply.kind:
            response = self._render_error({found.reply.kind: found}, ApiError(found.reply.kind), request, self._peek())
        else:
            response = render_gateway(fault.status)
        return with_retry(response, fault.retry_after, view.clock_seconds)

    def _force(self, compiled: CompiledOperation, request: Request) -> Response | tuple[Request, Headers]:
        """The forced response, or the request to play on with and the header that confirms what applied."""
        forced = find_forced(request)
        if not forced:
            return request, ()
        if "scenario" in forced.wanted or "explain" in forced.wanted:
            raise Problem(400, "No sessions", "Scenarios and sessions are played by `understudy serve` only.")
        wanted, applied = forced.wanted, (("preference-applied", forced.applied),)
        reply = choose_reply(compiled, wanted)
        if "example" in wanted:
            body = orjson.dumps(get_example(compiled, reply.reply, wanted["example"]))
            return Response(reply.reply.status, (*reply.headers(None), *applied), body, reply.reply.reason)
        if reply.reply.kind:
            error = ApiError(reply.reply.kind)
            response = self._render_error({reply.reply.kind: reply}, error, forced.request, self._peek())
            return response._replace(headers=response.headers + applied)
        return self._presented(compiled, forced.request, wanted), applied

    def _peek(self) -> Spent | None:
        """A spent limit as a forced 429 shows it; nothing is counted."""
        limit, now = self.contract.limit, int(time.time())
        return Spent(limit.requests, 0, now + limit.window_seconds, now, True) if limit else None

    def _presented(self, compiled: CompiledOperation, request: Request, wanted: dict[str, str]) -> Request:
        if "credential" not in wanted:
            return request
        security = compiled.operation.security
        presented = present(request, security, wanted["credential"])
        if presented is None:
            known = sorted({state for schemes in security for scheme in schemes for state in scheme.values})
            detail = f"The contract lists no {wanted['credential']!r} credential."
            raise Problem(400, "Unknown credential", detail, known)
        return presented

    def _render_error(
        self,
        errors: Mapping[str, CompiledReply],
        error: ApiError,
        request: Request,
        spent: Spent | None = None,
    ) -> Response:
        """The one exit for errors: the operation's own documented form, else the provider's `fault`."""
        compiled = errors.get(error.kind) or self._errors.get(error.kind)
        if compiled is None and isinstance(error, ThrottledError):
            retry = {"seconds": error.spent.retry_after_seconds}
            return with_retry(render_gateway("throttled"), retry, 0)
        compiled = compiled or self._errors["fault"]
        if isinstance(error, ThrottledError):
            spent = error.spent
        reply = compiled.reply
        facts = _ErrorFacts(
            status=reply.status,
            code=reply.code or reply.status,
            detail=reply.detail or error.detail,
            field=error.field_name,
            url=request.base + request.mount + request.path + self._kept_query(request),
        )
        response = render_reply(compiled, RenderContext(error=facts._asdict(), spent=spent))
        return response._replace(headers=response.headers + error.headers) if error.headers else response

    def _kept_query(self, request: Request) -> str:
        return f"?{request.query}" if request.query and "errors" in self.contract.keep_query else ""


class _ErrorFacts(NamedTuple):
    """What a response property with `x-error` says, by its role."""

    status: int
    code: str | int
    detail: str
    field: str
    url: str


class ThrottledError(ApiError):
    """The caller spent its limit."""

    def __init__(self, spent: Spent) -> None:
        super().__init__("throttled", "too many requests")
        self.spent = spent


def _require_media(compiled: CompiledOperation, request: Request) -> None:
    """Refuse a header the operation requires and misses, or documents as unacceptable; else ignore them."""
    for name in compiled.required_headers:
        if not request.headers.get(name):
            about_body = name == "content-type" and "unsupported_media" in compiled.errors
            raise ApiError("unsupported_media" if about_body else "invalid", f"{name}: is required", name)
    accept = request.headers.get("accept")
    if accept and accept != "*/*" and "not_acceptable" in compiled.errors and not _accepts(compiled, accept):
        raise ApiError("not_acceptable", "the response can only be " + compiled.success.reply.media_type)
    if request.body and "unsupported_media" in compiled.errors:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent and "json" not in sent:
            raise ApiError("unsupported_media", f"{sent} cannot be read")


def _accepts(compiled: CompiledOperation, accept: str) -> bool:
    for piece in accept.split(","):
        media, *params = (part.strip().lower() for part in piece.split(";"))
        refused = any(param.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for param in params)
        if media in compiled.accepts and not refused:
            return True
    return False


def render_problem(problem: Problem, request: Request) -> Response:
    """Problem details (RFC 9457) of the mock itself, with the list of what is known."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path,
    }
    if problem.known:
        body["known"] = problem.known
    return Response(problem.status, (("content-type", "application/problem+json"),), orjson.dumps(body))
