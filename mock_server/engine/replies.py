"""A documented response, compiled: its body, its headers, and those of a rate limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mock_server.contract import Header, Reply
from mock_server.engine.rendering import Render, RenderContext, compile_body
from mock_server.messages import Headers, Response
from mock_server.state import Quota


class CompiledReply(NamedTuple):
    """A documented response, ready to be rendered."""

    reply: Reply
    body: Render
    headers: Callable[[Quota | None], Headers]


def compile_reply(reply: Reply) -> CompiledReply:
    """The renderer of a response's body and headers."""
    return CompiledReply(reply, compile_body(reply.schema, reply.media_type), _compile_headers(reply))


def render_reply(compiled: CompiledReply, context: RenderContext) -> Response:
    """A response in the documented form."""
    headers, body = compiled.headers(context.quota), compiled.body(context)
    headers = headers + context.headers if context.headers else headers
    return Response(compiled.reply.status, headers, body, compiled.reply.reason)


LIMIT_FACTS: Mapping[str, Callable[[Quota], int]] = {
    "limit": lambda quota: quota.limit,
    "remaining": lambda quota: quota.remaining,
    "reset": lambda quota: quota.reset_epoch,
    "retry_after": lambda quota: quota.retry_after_seconds,
}
"""What a response header with `x-limit` says."""


def _compile_headers(reply: Reply) -> Callable[[Quota | None], Headers]:
    """The documented headers of a response; those of a rate limit only where one is counted."""
    typed = (("content-type", reply.media_type),) if reply.media_type else ()
    fixed = typed + tuple((header.name, header.value) for header in reply.headers if not header.limit and header.value)
    limited = [header for header in reply.headers if header.limit]
    if not limited:
        return lambda quota: fixed
    return lambda quota: fixed + _limit_headers(limited, quota)


def _limit_headers(headers: list[Header], quota: Quota | None) -> Headers:
    return tuple((h.name, str(LIMIT_FACTS[h.limit](quota))) for h in headers) if quota else ()
