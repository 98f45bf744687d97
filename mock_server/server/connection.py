"""The HTTP/1.1 connection: the only part that touches a socket.

Ours and not a server library's, because a wire fault needs the connection itself, a documented reason
phrase and a header such as `api_key` must arrive unchanged, and because it is several times as fast (see
ARCHITECTURE.md). The parsing is httptools'. A request that matches a documented operation is answered
here; everything else goes to the Flask application on a thread.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httptools

from mock_server.faults import ENDLESS, Step, plan_delivery
from mock_server.messages import MAX_BODY_BYTES, Delivery, Request, Response
from mock_server.server.response_head import guarded, render_date, render_failure, render_head, render_plain

MAX_HEADER_BYTES = 64 * 1024
MAX_PIPELINED = 64
IDLE_SECONDS = 75.0
FOLLOW_SECONDS = 0.2
"""How often an answer that does not end is asked for more."""

_LINGER_NOT = struct.pack("ii", 1, 0)

Answer = Callable[[Request], Response | None]
AnswerSlowly = Callable[[Request], Response]
Log = Callable[[Request, int, float], None]


class Door:
    """What all connections of one process share.

    `find_answer` answers at once or gives None; then `answer_slowly` is run on a thread.
    """

    def __init__(self, find_answer: Answer, answer_slowly: AnswerSlowly, log: Log | None, base: str) -> None:
        self.find_answer, self.answer_slowly, self.log, self.base = find_answer, answer_slowly, log, base
        self.loop = asyncio.get_running_loop()
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.closing = False

    def __call__(self) -> Connection:
        """A protocol for a new connection."""
        return Connection(self)

    def sweep(self) -> None:
        """Close connections that have been idle for too long."""
        limit = self.loop.time() - IDLE_SECONDS
        for connection in [each for each in self.connections if each.touched < limit and not each.busy]:
            connection.transport.close()


class Connection(asyncio.Protocol):
    """One client's connection: requests are answered in the order they came."""

    transport: asyncio.Transport
    address: str

    def __init__(self, door: Door) -> None:
        self.door = door
        self.parser: Any = httptools.HttpRequestParser(self)
        self.queue: deque[tuple[Request, bool, float]] = deque()
        self.busy = False
        self.endless = False
        self.task: asyncio.Task[None] | None = None
        self.paused = False
        self.ended = False
        self.touched = 0.0
        self._clear()

    def _clear(self) -> None:
        self.url = b""
        self.headers: dict[str, str] = {}
        self.header_bytes = 0
        self.body = b""

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.address = (transport.get_extra_info("peername") or ("unix",))[0]
        self.touched = self.door.loop.time()
        self.door.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.door.connections.discard(self)
        self.queue.clear()
        if self.task:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.transport.close()  # no upgrade is offered: what was asked is answered, then no more
        except httptools.HttpParserError:
            self._refuse(render_plain(400, "The request is not valid HTTP."))

    def eof_received(self) -> bool:
        """The client sends no more, but still reads: what it asked is answered before the close."""
        self.ended = True
        return (self.busy and not self.endless) or bool(self.queue)

    def pause_writing(self) -> None:
        self.paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.paused = False
        self.transport.resume_reading()
        self._work()

    # httptools' callbacks

    def on_message_begin(self) -> None:
        self._clear()

    def on_url(self, url: bytes) -> None:
        self.url += url
        self._measure(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(len(name) + len(value) + 4)
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def _measure(self, size: int) -> None:
        self.header_bytes += size
        if self.header_bytes > MAX_HEADER_BYTES:
            self._refuse(render_plain(431, f"The head of the request is larger than {MAX_HEADER_BYTES} bytes."))

    def on_headers_complete(self) -> None:
        headers = self.headers
        length = headers.get("content-length", "")
        if length and (len(length) > 7 or (length.isdecimal() and int(length) > MAX_BODY_BYTES)):
            self._refuse(render_plain(413, f"The body of the request is larger than {MAX_BODY_BYTES} bytes."))
        elif "expect" in headers and headers["expect"].lower() == "100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if len(self.body) + len(body) > MAX_BODY_BYTES:
            self._refuse(render_plain(413, f"The body of the request is larger than {MAX_BODY_BYTES} bytes."))
        self.body += body

    def on_message_complete(self) -> None:
        if self.transport.is_closing():
            return
        request = self._request()
        self.queue.append((request, self.parser.should_keep_alive(), time.perf_counter()))
        if len(self.queue) > MAX_PIPELINED:
            self.transport.pause_reading()
        self._work()

    # the work

    def _request(self) -> Request:
        url, headers = self.url.decode("latin-1"), self.headers
        if url[:1] != "/":  # the absolute form, as a proxy is asked
            url = "/" + url.partition("://")[2].partition("/")[2]
        path, _, query = url.partition("?")
        host = headers.get("host")
        return Request(
            self.parser.get_method().decode("latin-1"),
            unquote(path) if "%" in path else path,
            query,
            headers,
            f"http://{host}" if host else self.door.base,
            "",
            self.address,
            self.body,
        )

    def _work(self) -> None:
        """Answer what waits, until a request needs a thread or the client does not read."""
        while self.queue and not self.busy and not self.paused:
            request, keeps, started = self.queue.popleft()
            try:
                response = self.door.find_answer(request)
            except Exception:
                response = render_failure()
            if response is None:
                self.busy = True
                future = self.door.loop.run_in_executor(None, guarded, self.door.answer_slowly, request)
                future.add_done_callback(functools.partial(self._finish, request, keeps, started))
            else:
                self._send(request, response, keeps, started)
        if self.ended and not self.busy and not self.queue:
            self.transport.close()

    def _finish(self, request: Request, keeps: bool, started: float, future: asyncio.Future[Response]) -> None:
        self.busy = False
        if not self.transport.is_closing():
            self._send(request, future.result(), keeps, started)
            self._go_on()

    def _go_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._work()

    def _send(self, request: Request, response: Response, keeps: bool, started: float) -> None:
        keeps = keeps and not self.door.closing
        body = b"" if request.method == "HEAD" else response.body
        if response.delivery:
            self._start_delivery(response, response.delivery, body, keeps)
        else:
            head = render_head(response.status, response.reason, response.headers, len(response.body), keeps)
            self.transport.write(b"%b%b\r\n\r\n%b" % (head, render_date(int(time.time())), body))
            if not keeps:
                self.transport.close()
        self.touched = self.door.loop.time()
        if self.door.log:
            self.door.log(request, response.status, time.perf_counter() - started)

    def _start_delivery(self, response: Response, delivery: Delivery, body: bytes, keeps: bool) -> None:
        """Hand a bent answer to a task of its own; nothing else is answered on this connection meanwhile."""
        length = None if delivery.follow else len(response.body)
        head = render_head(response.status, response.reason, response.headers, length, keeps and not delivery.follow)
        self.busy, self.endless = True, bool(delivery.follow) or delivery.fault == ENDLESS
        self.task = self.door.loop.create_task(
            self._deliver(head + render_date(int(time.time())), body, delivery, keeps),
        )
        self.door.tasks.add(self.task)
        self.task.add_done_callback(self.door.tasks.discard)

    async def _deliver(self, head: bytes, body: bytes, delivery: Delivery, keeps: bool) -> None:
        """A bent answer, step by step; it ends with the connection at the latest."""
        for step in plan_delivery(delivery, head, body):
            if step.act == "wait":
                await asyncio.sleep(step.seconds)
            else:
                self._act(step)
        if delivery.follow:
            await self._follow(delivery.follow)
            keeps = False
        self.busy = False
        self.touched = self.door.loop.time()
        if not keeps:
            self.transport.close()
        self._go_on()

    def _act(self, step: Step) -> None:
        if step.act == "send":
            self.transport.write(step.data)
        elif step.act == "close":
            self.transport.close()
        else:  # closing with nothing to linger for is what makes the kernel send RST
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self.transport.abort()

    async def _follow(self, more: Callable[[], bytes]) -> None:
        while not self.transport.is_closing() and not self.door.closing:
            if not self.paused:
                self.transport.write(await self.door.loop.run_in_executor(None, more))
            await asyncio.sleep(FOLLOW_SECONDS)

    def _refuse(self, response: Response) -> None:
        """Answer what cannot be read, and read no more."""
        if not self.transport.is_closing():
            head = render_head(response.status, response.reason, response.headers, len(response.body), False)
            self.transport.write(b"%b%b\r\n\r\n%b" % (head, render_date(int(time.time())), response.body))
            self.transport.close()
