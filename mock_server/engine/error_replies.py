"""Whatever goes wrong as a response: in the provider's own documented form, or as the mock's own problem (RFC 9457)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from mock_server.contract import Contract
from mock_server.engine.rendering import RenderContext
from mock_server.engine.replies import CompiledReply, compile_reply, render_reply
from mock_server.engine.status_faults import render_gateway, with_retry
from mock_server.errors import ApiError, Problem
from mock_server.messages import Headers, Request, Response
from mock_server.state import Quota

NOTHING_MORE: Mapping[str, CompiledReply] = MappingProxyType({})


STAND_INS: Mapping[str, tuple[str, ...]] = {
    "conflict": ("unprocessable", "invalid"),
    "unprocessable": ("invalid",),
    "precondition_failed": ("conflict", "invalid"),
    "precondition_required": ("invalid",),
}
"""The kinds that answer another one where that is not documented, the likeliest first."""


class ErrorFacts(NamedTuple):
    """What a response property with `x-error` says, by its role."""

    status: int
    code: str | int
    detail: str
    field: str
    url: str


class ErrorReplies:
    """The documented errors of one provider, by their kinds; `compiled` are they where templates do not do."""

    def __init__(self, contract: Contract, compiled: Mapping[str, CompiledReply] | None = None) -> None:
        self._errors = compiled or {kind: compile_reply(reply) for kind, reply in contract.errors.items()}
        self._limit = contract.limit
        self._keeps_query = "errors" in contract.keep_query

    def render(
        self,
        error: ApiError,
        request: Request,
        quota: Quota | None = None,
        errors: Mapping[str, CompiledReply] = NOTHING_MORE,
    ) -> Response:
        """An error as `errors`, an operation's own, document it; else as the provider does, at last as its `fault`."""
        kinds = (error.kind, *STAND_INS.get(error.kind, ()))
        known = (errors.get(kind) or self._errors.get(kind) for kind in kinds)
        compiled = next((each for each in known if each), None)
        if compiled is None and error.kind == "throttled" and quota:
            # A scenario's limit at a provider that documents none: some gateway in front of it counts.
            return with_retry(render_gateway("throttled"), {"seconds": quota.retry_after_seconds}, 0)
        response = self._render(compiled or self._errors["fault"], error, request, quota)
        return response._replace(headers=response.headers + error.headers) if error.headers else response

    def render_asked(self, compiled: CompiledReply, request: Request) -> Response:
        """A documented error that was asked for by name; a limit is shown as spent, and nothing is counted."""
        limit, now = self._limit, int(time.time())
        quota = Quota(limit.requests, 0, now + limit.window_seconds, now, True) if limit else None
        return self._render(compiled, ApiError(compiled.reply.kind), request, quota)

    def _render(self, compiled: CompiledReply, error: ApiError, request: Request, quota: Quota | None) -> Response:
        reply = compiled.reply
        query = f"?{request.query}" if request.query and self._keeps_query else ""
        facts = ErrorFacts(
            status=reply.status,
            code=reply.code or reply.status,
            detail=reply.detail or error.detail,
            field=error.field_name,
            url=request.base + request.mount + request.path + query,
        )
        return render_reply(compiled, RenderContext(error=facts._asdict(), quota=quota))


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
    if problem.errors:
        body["errors"] = problem.errors
    headers: Headers = (("content-type", "application/problem+json"),)
    if problem.retry_after_seconds:
        headers += (("retry-after", str(problem.retry_after_seconds)),)
    return Response(problem.status, headers, orjson.dumps(body))
