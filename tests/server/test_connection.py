"""The connection itself, without a server around it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from mock_server.messages import Delivery, Request, Response
from mock_server.server.connection import Connection
from mock_server.server.request_reader import RequestReader
from mock_server.server.response_head import MAX_HEADER_BYTES, render_head
from mock_server.server.server_context import MAX_FOLLOWERS, ServerContext, Timeouts
from tests.raw import parse


def play(
    answer: Callable[[Request], Response | None],
    sent: bytes,
    slow: Callable[[Request], Response],
    seconds: float = 5,
) -> bytes:
    """Send bytes to a server with this answer, and read what comes back until it closes."""

    async def run() -> bytes:
        context = ServerContext(answer, slow, None, "http://server.test")
        server = await asyncio.get_running_loop().create_server(lambda: Connection(context), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(sent)
        writer.write_eof()
        received = await asyncio.wait_for(reader.read(), seconds)
        writer.close()
        server.close()
        return received

    return asyncio.run(run())


def ok(request: Request) -> Response:
    return Response(200, (("content-type", "text/plain"),), f"{request.base}{request.path}?{request.query}".encode())


def no_answer(request: Request) -> None:
    return None


def slowly(request: Request) -> Response:
    return Response(200, (), b"slow:" + request.body)


TARGETS = [
    (b"/a?b=c", b"http://h/a?b=c", "a path and a query"),
    (b"/%C3%A9%2F", b"http://h/\xc3\xa9%2F?", "percent-encoding is undone in the path, but for a slash"),
    (b"/%ff", b"http://h/\xef\xbf\xbd?", "bytes that are no UTF-8 are replaced"),
    (b"http://other/x?y", b"http://other/x?y", "of the absolute form the host counts more than the header"),
    (b"http://other", b"http://other/?", "and so of a bare host"),
    (b"HTTPS://other?y", b"https://other/?y", "and of one with a query"),
    (b"ftp://other/x", b"http://h/x?", "but not where it is no URL of HTTP"),
    (b"http://o@ther/x", b"http://h/x?", "or names no host"),
]


@pytest.mark.parametrize(("target", "body", "sentence"), TARGETS, ids=[row[2] for row in TARGETS])
def test_what_a_target_is_read_as(target: bytes, body: bytes, sentence: str) -> None:
    assert parse(play(ok, b"GET %b HTTP/1.1\r\nhost: h\r\n\r\n" % target, slowly)).body == body


def test_without_a_host_the_servers_own_address_is_the_base() -> None:
    assert parse(play(ok, b"GET / HTTP/1.0\r\n\r\n", slowly)).body == b"http://server.test/?"


def test_what_has_no_quick_answer_gets_the_slow_one_with_its_body() -> None:
    sent = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc"
    assert parse(play(no_answer, sent, slowly)).body == b"slow:abc"


def test_a_header_that_comes_twice_is_one_list() -> None:
    def answer(request: Request) -> Response:
        return Response(200, (), request.headers["accept"].encode())

    assert parse(play(answer, b"GET / HTTP/1.1\r\nhost: h\r\naccept: a\r\nAccept: b\r\n\r\n", slowly)).body == b"a, b"


def test_a_bug_of_ours_is_a_500_and_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(request: Request) -> Response:
        raise ZeroDivisionError("a bug")

    assert parse(play(broken, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n", slowly)).status == 500
    assert "ZeroDivisionError" in capsys.readouterr().err


NO_TIME = Timeouts(idle=0.0, request=0.0, write=0.0, drain=0.0)
LARGE = Response(200, (), b"x" * 60_000_000)

STUCK = [
    (b"", b"", "one that asks nothing is closed"),
    (b"GET / HTTP/1.1\r\nhost", b"HTTP/1.1 408 ", "one that does not finish its head hears why"),
    (b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nab", b"HTTP/1.1 408 ", "nor its body"),
    (b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\na", b"HTTP/1.1 200 ", "one that is answered is closed"),
]


@pytest.mark.parametrize(("sent", "start", "sentence"), STUCK, ids=[row[2] for row in STUCK])
def test_a_connection_that_waits_too_long_is_ended(sent: bytes, start: bytes, sentence: str) -> None:
    async def run() -> bytes:
        context = ServerContext(ok, slowly, None, "", NO_TIME)
        server = await asyncio.get_running_loop().create_server(lambda: Connection(context), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(sent)
        await asyncio.sleep(0.1)
        context.sweep()
        received = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        server.close()
        return received

    assert asyncio.run(run()).startswith(start)


def test_a_client_that_reads_nothing_is_ended_and_one_that_reads_slowly_is_not() -> None:
    async def run() -> int:
        loop = asyncio.get_running_loop()
        context = ServerContext(lambda request: LARGE, slowly, None, "", Timeouts(write=10.0))
        server = await loop.create_server(lambda: Connection(context), "127.0.0.1", 0)
        clients = [socket.create_connection(server.sockets[0].getsockname()) for _ in range(2)]
        for client in clients:
            client.setblocking(False)
            await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        while len([each for each in context.connections if each.transport.get_write_buffer_size()]) < 2:
            await asyncio.sleep(0.01)
        now = loop.time()
        for connection in list(context.connections):
            connection.end_if_stuck(now)
        received = 0
        while received < 5_000_000:
            received += len(await loop.sock_recv(clients[0], 100_000))
        for seconds in (9.0, 11.0):  # after the second look, only the one that has read is left
            for connection in list(context.connections):
                connection.end_if_stuck(now + seconds)
            await asyncio.sleep(0.05)
        left = len(context.connections)
        for client in clients:
            client.close()
        server.close()
        return left

    assert asyncio.run(run()) == 1


def test_a_stream_of_events_has_a_place_or_hears_503_and_none_for_head() -> None:
    def stream(request: Request) -> Response:
        return Response(200, (("content-type", "text/event-stream"),), b"", "", Delivery(follow=lambda: b"event"))

    async def run() -> list[bytes]:
        context = ServerContext(stream, slowly, None, "")
        server = await asyncio.get_running_loop().create_server(lambda: Connection(context), "127.0.0.1", 0)
        received = []
        for followers, method in ((MAX_FOLLOWERS - 1, "GET"), (MAX_FOLLOWERS + 9, "GET"), (MAX_FOLLOWERS + 9, "HEAD")):
            context.followers = followers
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(f"{method} / HTTP/1.1\r\nhost: h\r\n\r\n".encode())
            received.append(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5))
            received.append(await asyncio.wait_for(reader.read(5), 5))
            writer.close()
        server.close()
        return received

    first, event, second, sentence, head, nothing = asyncio.run(run())
    assert first.startswith(b"HTTP/1.1 200 ") and event == b"event"
    assert second.startswith(b"HTTP/1.1 503 ") and sentence
    assert head.startswith(b"HTTP/1.1 200 ") and b"text/event-stream" in head and nothing == b""


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_by_its_status_has_no_length_either(status: int) -> None:
    sent = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
    received = play(lambda request: Response(status, (), b"a body"), sent, slowly)
    assert b"content-length" not in received and received.endswith(b"\r\n\r\n")


def test_a_body_of_a_million_chunks_is_read() -> None:
    sent = (
        b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1_000_000 + b"0\r\n\r\n"
    )
    assert parse(play(no_answer, sent, slowly, 60)).body == b"slow:" + b"x" * 1_000_000


def test_reading_a_body_costs_by_its_length_not_by_its_square() -> None:
    """A body that grew by copying would hold each of its lengths for a moment; one that grows in place does not."""
    reader = RequestReader("127.0.0.1", "http://h")
    reader.feed(b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n")
    bodies = set()
    for _ in range(1000):
        reader.feed(b"1\r\nx\r\n")
        bodies.add(id(reader._body))
    assert len(bodies) == 1


def test_a_line_without_an_end_holds_no_more_than_its_limit() -> None:
    reader = RequestReader("127.0.0.1", "http://h")
    reader.feed(b"GET / HTTP/1.1\r\nhost: h\r\na: ")
    fed = 0
    while not reader.is_done:
        reader.feed(b"x" * 1000)
        fed += 1000
    assert reader.refusal and reader.refusal.status == 431 and fed <= MAX_HEADER_BYTES + 1000


def test_a_head_has_the_documented_phrase_or_the_usual_one() -> None:
    assert render_head(401, "Not Valid Token", (), 0, "").startswith(b"HTTP/1.1 401 Not Valid Token\r\n")
    assert render_head(404, "", (("a", "b"),), 3, "close") == (
        b"HTTP/1.1 404 Not Found\r\na: b\r\ncontent-length: 3\r\nserver: understudy\r\nconnection: close\r\ndate: "
    )
    assert render_head(599, "", (), 0, "").startswith(b"HTTP/1.1 599 Unknown\r\n")
