"""The mock's answers as bytes, for servers of a test that spoil some of them."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.messages import Request
from mock_server.sessions.dispatch import MockApis

Answer = Callable[[str, str], bytes]
"""The bytes of a response to a head that came by a scheme."""


def play(apis: MockApis, scheme_of_links: str) -> Answer:
    """The mock's answers, with links of one scheme."""

    def answer(head: str, scheme: str) -> bytes:
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers: dict[str, str] = {}
        for name, _, value in (line.partition(":") for line in lines if line):
            known = headers.get(name.lower())
            headers[name.lower()] = value.strip() if known is None else f"{known}, {value.strip()}"
        path, _, query = target.partition("?")
        reply = apis.answer(Request(method, path, query, headers, f"{scheme_of_links}://{headers['host']}"))
        assert reply is not None
        sent = [*reply.headers, ("Content-Length", str(len(reply.body)))]
        lines = [f"HTTP/1.1 {reply.status} {reply.reason or 'Status'}", *(f"{n}: {v}" for n, v in sent)]
        return "\r\n".join([*lines, "", ""]).encode() + (b"" if method == "HEAD" else reply.body)

    return answer
