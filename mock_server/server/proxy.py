"""The HTTP proxy: the mock answers documented hosts; others are refused, or tunnelled untouched if wanted."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from mock_server.messages import Response
from mock_server.server.connection import Connection
from mock_server.server.proxied import Proxied, is_for_a_hop, read_session
from mock_server.server.proxy_rules import Place, ProxyRules, read_place, refusal
from mock_server.server.relay import RelayEnd, find_addresses, reach
from mock_server.server.request_target import Target, read_target
from mock_server.server.response_head import MAX_HEADER_BYTES, render_last, render_too_large
from mock_server.server.tls import TlsTransport

TLS_FIRST = 0x16
"""What TLS begins with; no method of HTTP does."""

CONNECT_SECONDS = 10.0
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_END = b"\r\n\r\n"


class Head(NamedTuple):
    """The head of a client's first request, and what came behind it."""

    method: str
    target: str
    version: str
    lines: list[str]
    rest: bytes


class ProxyConnection(asyncio.BufferedProtocol):
    """A client of the proxy until its first request says what it wants; then something else speaks with it."""

    transport: asyncio.Transport

    def __init__(self, rules: ProxyRules) -> None:
        self._rules, self._context = rules, rules.context
        self._data = b""
        self._tunnel: tuple[Place, str] | None = None  # where a tunnel leads that is open, and in whose session
        self._is_connecting = False
        self._touched = self._context.loop.time()

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._context.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._context.connections.discard(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._context.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._data += self._context.buffer[:nbytes]
        if self._tunnel:
            self._begin(*self._tunnel)
        elif self._data[0] == TLS_FIRST:
            self._rules.complain("A client speaks TLS with the proxy itself: its URL begins with http://.")
            self.transport.close()
        elif _END in self._data:
            self._decide(_read_head(self._data))
        elif len(self._data) > MAX_HEADER_BYTES:
            self._refuse(render_too_large(431))

    def eof_received(self) -> bool:
        return self._is_connecting

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked."""
        return not self._is_connecting

    def end_if_stuck(self, now: float) -> None:
        """End it where the client does not say what it wants."""
        if not self._is_connecting and now - self._touched >= self._context.timeouts.request:
            self.transport.close()

    # the work

    def _decide(self, head: Head) -> None:
        asked = read_target(head.target)
        if head.method == "CONNECT":
            self._connect(head)
        elif asked and self._rules.passes_through and not self._rules.is_documented(asked.authority):
            self._forward(head, asked)
        else:
            proxied = Proxied(self._rules.refuse, is_single=self._rules.passes_through)
            self._hand_on(Connection(self._context, self._rules.url, proxied), self._data)

    def _connect(self, head: Head) -> None:
        """Open a tunnel: to the mock, or to where the client wants."""
        place = read_place(head.target)
        if place is None:
            self._refuse(refusal(400, "CONNECT names a host and a port: api.example.com:443."))
        elif self._rules.is_documented(place.host):
            self._tunnel, self._data = (place, _find_session(head)), head.rest
            self.transport.write(ESTABLISHED)
            if head.rest:
                self._begin(*self._tunnel)
        elif self._rules.passes_through:
            self._reach(head, place, ESTABLISHED, head.rest)
        elif refused := self._rules.refuse(place.host, head.method, head.target):
            self._refuse(refused)

    def _begin(self, place: Place, session: str) -> None:
        """Answer in a tunnel: TLS or not, as the client begins."""
        is_tls = self._data[0] == TLS_FIRST
        scheme, usual = ("https", 443) if is_tls else ("http", 80)
        authority = place.host if place.port == usual else str(place)
        proxied = Proxied(lambda host, method, target: _refuse_others(place, host), session)
        connection = Connection(self._context, f"{scheme}://{authority}", proxied)
        if is_tls:
            tls = self._rules.certificates.find(place.host)
            self._hand_on(TlsTransport(tls, self._context.buffer, connection, self._rules.complain), self._data)
        else:
            self._hand_on(connection, self._data)

    def _hand_on(self, protocol: asyncio.BufferedProtocol, data: bytes) -> None:
        """Let another protocol speak with the client, which hears what was said already."""
        self._context.connections.discard(self)
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        while data and not self.transport.is_closing():
            buffer = memoryview(protocol.get_buffer(len(data)))
            count = min(len(data), len(buffer))
            buffer[:count] = data[:count]
            data = data[count:]
            protocol.buffer_updated(count)

    def _forward(self, head: Head, asked: Target) -> None:
        """Send a plain request to where it is for, and what comes back as it is; then the connection ends."""
        place = read_place(asked.authority, 80)
        if place is None or asked.scheme != "http":
            self._refuse(refusal(400, "The target of the request is no URL that is asked through a proxy."))
            return
        lines = [line for line in head.lines if not is_for_a_hop(line.partition(":")[0])]
        first = f"{head.method} {asked.path} {head.version}"
        sent = "\r\n".join([first, *lines, "connection: close"]).encode("latin-1")
        self._reach(head, place, b"", sent + _END + head.rest)

    def _reach(self, head: Head, place: Place, to_client: bytes, to_server: bytes) -> None:
        self._is_connecting = True
        self.transport.pause_reading()
        task = self._context.loop.create_task(self._tunnel_to(head, place, to_client, to_server))
        self._context.tasks.add(task)
        task.add_done_callback(self._context.tasks.discard)

    async def _tunnel_to(self, head: Head, place: Place, to_client: bytes, to_server: bytes) -> None:
        """Connect with another server and let bytes pass; or refuse, and say why."""
        client = str(self.transport.get_extra_info("peername")[0]).removeprefix("::ffff:")
        far, status, objection = None, 403, ""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                addresses = await find_addresses(*place)
                objections = (self._rules.find_objection(place, address, client) for address in addresses)
                objection = next(filter(None, objections), "")
                far = None if objection else await reach(self._context, addresses, place.port)
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or "it does not answer"
            status, objection = 502, f"{place} cannot be reached: {reason}."
        if far is None:
            refused = refusal(status, objection)
            self._rules.note(head.method, head.target, refused)
            self._refuse(refused)
        else:
            self._rules.note_passage(head.method, head.target)
            self._join(far, to_client, to_server)

    def _join(self, far: RelayEnd, to_client: bytes, to_server: bytes) -> None:
        if self.transport.is_closing():
            far.transport.abort()
            return
        near = RelayEnd(self._context)
        self._context.connections.discard(self)
        self.transport.set_protocol(near)
        near.connection_made(self.transport)
        self.transport.write(to_client)
        far.transport.write(to_server)
        near.join(far)

    def _refuse(self, response: Response) -> None:
        self.transport.write(render_last(response))
        self.transport.close()


def _read_head(data: bytes) -> Head:
    head, _, rest = data.partition(_END)
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, behind = first.partition(" ")
    target, _, version = behind.rpartition(" ")
    return Head(method, target, version, lines, rest)


def _find_session(head: Head) -> str:
    named = (line.partition(":") for line in head.lines)
    sent = (value.strip() for name, _, value in named if name.lower() == "proxy-authorization")
    return read_session(next(sent, ""))


def _refuse_others(place: Place, host: str) -> Response | None:
    """In a tunnel its own host is asked, and no other one; HTTP/1.0 need not name it."""
    asked = read_place(host, place.port)
    if not host or (asked and asked.host == place.host):
        return None
    return refusal(421, f"This tunnel leads to {place.host}, and to no other host.")
