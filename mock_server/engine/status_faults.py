"""Statuses that a scenario asks for: documented replies, a gateway's page, `Retry-After`, limit headers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus

from mock_server.contract import ERROR_KINDS
from mock_server.engine.compiled import CompiledOperation
from mock_server.engine.replies import CompiledReply
from mock_server.errors import Problem
from mock_server.faults import LimitFault, render_gateway_page
from mock_server.messages import Headers, Request, Response
from mock_server.state import Quota


def find_reply(compiled: CompiledOperation, status: int | str) -> CompiledReply | None:
    """The documented error of a status or a kind, or None."""
    if isinstance(status, str):
        return compiled.errors.get(status)
    return next((error for error in compiled.errors.values() if error.reply.status == status), None)


def render_gateway(status: int | str) -> Response:
    """The page of a gateway in front of the API, for a status that the documentation does not know."""
    # A scenario may ask for a status that no registry knows, such as 520.
    code = ERROR_KINDS[status] if isinstance(status, str) else status
    phrase = HTTPStatus(code).phrase if code in set(map(int, HTTPStatus)) else "Unknown"
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Response(code, headers, render_gateway_page(code, f"{code} {phrase}"))


def render_success(compiled: CompiledOperation, request: Request, status: int) -> Response:
    """Another success than the usual one: as it is documented, else without a body."""
    try:
        documented = compiled.answer_asked({"code": str(status)}, request)
    except Problem:
        documented = None
    return documented if isinstance(documented, Response) else Response(status, (), b"")


def with_retry(response: Response, retry_after: Mapping[str, int] | None, clock_seconds: float) -> Response:
    """The answer with `Retry-After` in seconds or as a date."""
    if not retry_after:
        return response
    value = str(retry_after.get("seconds", 0))
    if "date" in retry_after:
        value = formatdate(time.time() + clock_seconds + retry_after["date"], usegmt=True)
    return _with_headers(response, (("retry-after", value),))


def add_limit_headers(response: Response, fault: LimitFault, quota: Quota) -> Response:
    """The answer with `Retry-After` once a scenario's rate limit is spent, and its headers in the family it names."""
    if quota.exceeded:
        response = with_retry(response, {"seconds": quota.retry_after_seconds}, 0)
    if not fault.headers:
        return response
    facts = {"limit": quota.limit, "remaining": quota.remaining, "reset": quota.retry_after_seconds}
    return _with_headers(
        response,
        tuple((f"{fault.headers.lower()}-{name}", str(value)) for name, value in facts.items()),
    )


def _with_headers(response: Response, headers: Headers) -> Response:
    """The answer with these headers behind its own, in place of those of the same names."""
    names = {name for name, _ in headers}
    others = tuple(pair for pair in response.headers if pair[0] not in names)
    return response._replace(headers=(*others, *headers))
