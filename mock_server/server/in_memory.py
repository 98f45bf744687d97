"""A connection without a socket: the bytes of a client go in, and what a connection would do comes out.

The bytes that it sends are those of `connection`: the same reader, the same heads, the same faults.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from mock_server.faults import Step, plan_delivery
from mock_server.messages import Delivery, Request, Response
from mock_server.server.app import make_slow_way
from mock_server.server.cors import Allows, CrossOrigin, answer_with
from mock_server.server.request_reader import CLOSE, RequestReader
from mock_server.server.response_head import BODILESS, guarded, render_date, render_head
from mock_server.server.server_context import AnswerSlowly
from mock_server.server.wsgi import FOLLOW_SECONDS
from mock_server.sessions import Player

AT_ONCE = Delivery()


def make_whole_way(apis: Player, allows: Allows | None = None) -> AnswerSlowly:
    """What answers every request, quickly where that can be; any thread may ask."""
    quickly = threading.Lock()  # the quick way is one thread's at a time, as on a server's event loop
    slowly, cross = make_slow_way(apis), CrossOrigin(apis, allows) if allows else None
    slowly = answer_with(cross, slowly) if cross else slowly

    def answer(request: Request) -> Response:
        with quickly:
            response = apis.find_answer(request)
        response = response or slowly(request)
        return cross.add(request, response) if cross and "origin" in request.headers else response

    return answer


class MemoryConnection:
    """One client's connection; whoever drives it waits, sends, closes and resets as the steps say."""

    def __init__(self, answer: AnswerSlowly, base: str) -> None:
        self._answer, self._reader = answer, RequestReader("127.0.0.1", base)

    def feed(self, data: bytes) -> None:
        """Take in bytes as they come; what comes behind a refusal is dropped."""
        if not self._reader.is_done:
            self._reader.feed(data)

    def steps(self) -> Iterator[Step]:
        """What is due for all that has arrived; nothing while the rest of a request is missing."""
        reader = self._reader
        while reader.arrived:
            request, connection, _ = reader.arrived.popleft()
            yield from _deliver(request, guarded(self._answer, request), connection)
        if reader.refusal:
            yield from _deliver(Request("", ""), reader.refusal, CLOSE)
        elif reader.awaits_continue:
            reader.awaits_continue = False
            yield Step("send", b"HTTP/1.1 100 Continue\r\n\r\n")


def _deliver(request: Request, response: Response, connection: str) -> Iterator[Step]:
    status, headers, body, reason, delivery, _ = response
    follow = delivery.follow if delivery else None
    is_bare = request.method == "HEAD" or status in BODILESS
    length, connection = (None, CLOSE) if follow else (len(body), connection)
    head = render_head(status, reason, headers, length, connection) + render_date(int(time.time()))
    plan = AT_ONCE if follow or delivery is None else delivery
    yield from plan_delivery(plan, head, b"" if is_bare else body)
    while follow and not is_bare:
        yield Step("send", follow())
        yield Step("wait", seconds=FOLLOW_SECONDS)
    if connection == CLOSE:
        yield Step("close")
