"""The HTTP/1.1 connection: the only part that touches a socket.

Ours and not a server library's, because a wire fault needs the connection itself, a documented reason
phrase and a header such as `api_key` must arrive unchanged, and because it is several times as fast (see
ARCHITECTURE.md). A request that matches a documented operation is answered here; everything else goes to
the Flask application on a thread.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import struct
import time
from collections.abc import Callable

from mock_server.faults import ENDLESS, Step, plan_delivery
from mock_server.messages import Delivery, Request, Response
from mock_server.server.proxied import Proxied
from mock_server.server.request_reader import CLOSE, RequestReader
from mock_server.server.response_head import (
    BODILESS,
    guarded,
    render_date,
    render_failure,
    render_head,
    render_last,
    render_plain,
)
from mock_server.server.server_context import MAX_FOLLOWERS, ServerContext
from mock_server.server.tls import LOWER

MAX_PIPELINED = 64
MAX_DRAINED_BYTES = 64 * 1024 * 1024
FOLLOW_SECONDS = 0.2
"""How often an answer that does not end is asked for more."""

_LINGER_NOT = struct.pack("ii", 1, 0)


class Connection(asyncio.BufferedProtocol):
    """One client's connection: requests are answered in the order they came."""

    transport: asyncio.Transport
    reader: RequestReader

    def __init__(self, context: ServerContext, base: str = "", proxied: Proxied | None = None) -> None:
        self.context, self.base, self.proxied = context, base or context.base, proxied
        self.busy = self.endless = self.paused = self.ended = False
        self.is_held = False  # nothing is read: the client does not, or has asked for more than is answered at a time
        self.task: asyncio.Task[None] | None = None
        self.touched = 0.0  # when it last did anything: opened, answered, began a request
        self.unsent, self.unsent_since = 0, 0.0
        self.drained = 0

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        address = (transport.get_extra_info("peername") or ("unix",))[0]
        # A listener for both families shows IPv4 as `::ffff:127.0.0.1`; limits and guard know the plain address.
        self.reader = RequestReader(address.removeprefix("::ffff:"), self.base, self.proxied)
        self.touched = self.context.loop.time()
        self.context.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.context.connections.discard(self)
        self.reader.stop()
        if self.task:
            self.task.cancel()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: one place for all connections, for they are taken out before anything else runs."""
        return self.context.buffer

    def buffer_updated(self, nbytes: int) -> None:
        reader = self.reader
        if reader.is_done:
            self._drain(nbytes)
            return
        data = bytes(self.context.buffer[:nbytes])
        was_partial = reader.is_partial
        reader.feed(data)
        if reader.is_partial and not was_partial:
            self.touched = self.context.loop.time()
        self._work()

    def eof_received(self) -> bool:
        """The client sends no more, but still reads: what it asked is answered before the close."""
        self.ended = True
        return (self.busy and not self.endless) or bool(self.reader.arrived)

    def pause_writing(self) -> None:
        self.paused = self.is_held = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.paused = False
        self._work()

    # the work

    def _work(self) -> None:
        """Answer what waits, until a request needs a thread or the client does not read."""
        arrived = self.reader.arrived
        while arrived and not self.busy and not self.paused:
            request, connection, started = arrived.popleft()
            try:
                response = self.context.find_answer(request)
            except Exception:
                response = render_failure()
            if response is None:
                self.busy = True
                future = self.context.loop.run_in_executor(None, guarded, self.context.answer_slowly, request)
                future.add_done_callback(functools.partial(self._finish, request, connection, started))
            else:
                self._send(request, response, connection, started)
        if self.paused or len(arrived) > MAX_PIPELINED:
            self.transport.pause_reading()
            self.is_held = True
        elif self.is_held:
            self.transport.resume_reading()
            self.is_held = False
        if not self.busy and not arrived and (self.ended or self.reader.is_done or self.reader.awaits_continue):
            self._rest()

    def _rest(self) -> None:
        """Nothing waits for an answer: what had to come behind the answers comes now."""
        reader = self.reader
        if reader.refusal:
            self._refuse(reader.refusal)
        elif self.ended:
            self.transport.close()
        elif reader.awaits_continue:
            reader.awaits_continue = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _finish(self, request: Request, connection: str, started: float, future: asyncio.Future[Response]) -> None:
        self.busy = False
        if not self.transport.is_closing():
            self._send(request, future.result(), connection, started)
            self._go_on()

    def _go_on(self) -> None:
        if not self.transport.is_closing():
            self._work()

    def _send(self, request: Request, response: Response, connection: str, started: float) -> None:
        connection = CLOSE if self.context.closing else connection
        if "origin" in request.headers and self.context.cross_origin:
            response = self.context.cross_origin(request, response)
        if response.delivery:
            response = self._with_room(request, response)
        status, headers, body, reason, delivery, _ = response
        if delivery:
            self._start_delivery(request, response, delivery, connection)
        else:
            head = render_head(status, reason, headers, len(body), connection)
            if request.method == "HEAD" or status in BODILESS:
                body = b""
            self.transport.write(b"%b%b\r\n\r\n%b" % (head, render_date(int(time.time())), body))
            if connection == CLOSE:
                self._close()
        self.touched = self.context.loop.time()
        if self.context.log:
            self.context.log(request, response, time.perf_counter() - started)

    def _with_room(self, request: Request, response: Response) -> Response:
        """The response, or a refusal where it would not end and too many do not already."""
        endless = response.delivery and response.delivery.follow and request.method != "HEAD"
        if endless and self.context.followers >= MAX_FOLLOWERS:
            return render_plain(503, f"{MAX_FOLLOWERS} streams of events are open already; close one.")
        return response

    def _start_delivery(self, request: Request, response: Response, delivery: Delivery, connection: str) -> None:
        """Hand a faulty answer to a task of its own; nothing else is answered on this connection meanwhile."""
        is_bare = request.method == "HEAD" or response.status in BODILESS
        if delivery.follow:
            length, connection = None, CLOSE
            delivery = Delivery() if is_bare else delivery
        else:
            length = len(response.body)
        head = render_head(response.status, response.reason, response.headers, length, connection)
        self.busy, self.endless = True, bool(delivery.follow) or delivery.fault == ENDLESS
        body = b"" if is_bare else response.body
        self.task = self.context.loop.create_task(
            self._deliver(head + render_date(int(time.time())), body, delivery, connection),
        )
        self.context.tasks.add(self.task)
        self.task.add_done_callback(self.context.tasks.discard)

    async def _deliver(self, head: bytes, body: bytes, delivery: Delivery, connection: str) -> None:
        """A faulty answer, step by step; it ends with the connection at the latest."""
        for step in plan_delivery(delivery, head, body):
            if step.act == "wait":
                await asyncio.sleep(step.seconds)
            else:
                self._act(step)
        if delivery.follow:
            await self._follow(delivery.follow)
        self.busy = False
        self.touched = self.context.loop.time()
        if connection == CLOSE:
            self._close()
        self._go_on()

    def _act(self, step: Step) -> None:
        if step.act == "send":
            self.transport.write(step.data)
        elif step.act == "close":
            self.reader.stop()
            # Over TLS what is below is closed: an answer that is cut off ends without the farewell that TLS has.
            self.transport.get_extra_info(LOWER, self.transport).close()
        else:  # closing with nothing to linger for is what makes the kernel send RST
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self.transport.abort()

    async def _follow(self, more: Callable[[], bytes]) -> None:
        self.context.followers += 1
        playing = self.context.answer_slowly  # once something else plays, who follows asks again and is told of that
        try:
            while (
                not self.transport.is_closing() and not self.context.closing and self.context.answer_slowly is playing
            ):
                if not self.paused:
                    self.transport.write(await self.context.loop.run_in_executor(None, more))
                await asyncio.sleep(FOLLOW_SECONDS)
        finally:
            self.context.followers -= 1

    # the end

    def _close(self) -> None:
        """Close when all is sent; what the client asked behind this is not answered."""
        self.reader.stop()
        self.transport.close()

    def _refuse(self, response: Response) -> None:
        """Answer what cannot be read, send no more, and let the client finish for a moment.

        A client that sends 10 MB before it reads would lose the answer if the socket were closed with bytes unread:
        the kernel sends RST then (RFC 9112, 9.6). So what still comes is read and dropped.
        """
        self.reader.stop()
        self.transport.write(render_last(response))
        if self.ended:
            self.transport.close()
        else:
            self.transport.write_eof()
            self.transport.resume_reading()
            self.context.loop.call_later(self.context.timeouts.drain, self.transport.close)

    def _drain(self, size: int) -> None:
        self.drained += size
        if self.drained > MAX_DRAINED_BYTES:
            self.transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked and nothing is left to be sent."""
        reader = self.reader
        return not (self.busy or reader.arrived or reader.is_partial or self.transport.get_write_buffer_size())

    def end_if_stuck(self, now: float) -> None:
        """End it if it has waited too long: for a request, for the rest of one, or for the client to read."""
        timeouts = self.context.timeouts
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self.unsent or not self.unsent:
            self.unsent_since = now  # all is sent, or something was since the last look
        self.unsent = unsent
        if unsent:
            if now - self.unsent_since >= timeouts.write:
                self.transport.abort()
        elif self.busy or self.transport.is_closing() or self.reader.is_done:
            return
        elif self.reader.is_partial and now - self.touched >= timeouts.request:
            self._refuse(render_plain(408, "The rest of the request did not come in time."))
        elif not self.reader.is_partial and now - self.touched >= timeouts.idle:
            self.transport.close()
