"""Schemathesis's way to a target: an ASGI application that passes each request on, so that ours is the only exit.

An engine that is given an application opens no connection by itself: no session of its own, no probe past the
guard, no second look at a server that fell silent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from contract_tests.transport.exchanges import Answer, Exchange
from contract_tests.transport.guard import Refused
from contract_tests.transport.targets import Target

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Forward = Callable[[str, str, Mapping[str, str], bytes, str], Exchange]
"""Sends a method, a URL, headers and a body for a check, and returns the exchange."""

LOCAL_HOST = "testserver"
"""The host that an ASGI client without a base URL asks for; any other one was named by the target itself."""

_OF_CONNECTION = {"host", "content-length", "transfer-encoding", "connection"}
"""Headers that the real request gets anew."""


class ForwardingApp:
    """Forwards every request to the target and keeps each exchange under the label that a header of it bears.

    `exchanges` maps that label to what was sent and received under it. What bears no label is no case but the
    engine's own curiosity: it is not let out.
    """

    def __init__(self, target: Target, forward: Forward, label_header: str, check: str) -> None:
        self.exchanges: dict[str, list[Exchange]] = {}
        self._origin = urlunsplit((*urlsplit(target.base_url)[:2], "", "", ""))
        self._forward = forward
        self._label_header = label_header.lower()
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever the forwarding raises is the caller's."""
        if scope["type"] != "http":
            return  # no lifespan: there is nothing to start
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        headers = {name: value for name, value in sent.items() if name not in _OF_CONNECTION}
        url = self._url(scope)
        if self._label_header not in sent:
            raise Refused(f"{scope['method']} {scope['path']} was not sent: no generated case asked for it.")
        exchange = self._forward(scope["method"], url, headers, await _read_body(receive), self._check)
        answer = exchange.answer
        self.exchanges.setdefault(sent[self._label_header], []).append(exchange)
        await send({"type": "http.response.start", "status": answer.status, "headers": _plain_headers(answer)})
        await send({"type": "http.response.body", "body": answer.body})

    def _url(self, scope: Scope) -> str:
        """The same path at the target; the host that a followed redirect names stays, for the guard to refuse."""
        host, port = scope["server"]
        front = self._origin if host == LOCAL_HOST else f"{scope['scheme']}://{host}:{port}"
        query = scope["query_string"].decode()
        return f"{front}{scope['raw_path'].decode()}{'?' + query if query else ''}"


async def _read_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _plain_headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    """The headers received; of a body that came encoded those are left out that its decoded form contradicts."""
    left_out = {"content-encoding", "content-length"} if answer.header("content-encoding") else set()
    pairs = [(name, value) for name, value in answer.headers if name.lower() not in left_out]
    return [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in pairs]
