"""The connection itself, without a server around it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from mock_server.messages import Request, Response
from mock_server.server.connection import IDLE_SECONDS, Door
from mock_server.server.response_head import render_head
from tests.raw import parse


def play(answer: Callable[[Request], Response | None], sent: bytes, slow: Callable[[Request], Response]) -> bytes:
    """Send bytes to a door with this answer, and read what comes back until it closes."""

    async def run() -> bytes:
        door = Door(answer, slow, None, "http://door.test")
        server = await asyncio.get_running_loop().create_server(door, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(sent)
        writer.write_eof()
        received = await asyncio.wait_for(reader.read(), 5)
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
    (b"/%C3%A9%2F", b"http://h/\xc3\xa9/?", "percent-encoding is undone in the path"),
    (b"/%ff", b"http://h/\xef\xbf\xbd?", "bytes that are no UTF-8 are replaced"),
    (b"http://other/x?y", b"http://h/x?y", "the absolute form is read as its path"),
    (b"http://other", b"http://h/?", "and so is a bare host"),
]


@pytest.mark.parametrize(("target", "body", "sentence"), TARGETS, ids=[row[2] for row in TARGETS])
def test_what_a_target_is_read_as(target: bytes, body: bytes, sentence: str) -> None:
    assert parse(play(ok, b"GET %b HTTP/1.1\r\nhost: h\r\n\r\n" % target, slowly)).body == body


def test_without_a_host_the_servers_own_address_is_the_base() -> None:
    assert parse(play(ok, b"GET / HTTP/1.0\r\n\r\n", slowly)).body == b"http://door.test/?"


def test_what_has_no_quick_answer_gets_the_slow_one_with_its_body() -> None:
    sent = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc"
    assert parse(play(no_answer, sent, slowly)).body == b"slow:abc"


def test_a_header_that_comes_twice_is_one_list() -> None:
    def answer(request: Request) -> Response:
        return Response(200, (), request.headers["accept"].encode())

    assert parse(play(answer, b"GET / HTTP/1.1\r\naccept: a\r\nAccept: b\r\n\r\n", slowly)).body == b"a, b"


def test_a_bug_of_ours_is_a_500_and_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(request: Request) -> Response:
        raise ZeroDivisionError("a bug")

    assert parse(play(broken, b"GET / HTTP/1.1\r\n\r\n", slowly)).status == 500
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_idle_connection_is_swept_away() -> None:
    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        door = Door(ok, slowly, None, "")
        server = await loop.create_server(door, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()) as idle:
            await asyncio.sleep(0.05)
            (connection,) = door.connections
            connection.touched -= IDLE_SECONDS + 1
            door.sweep()
            await asyncio.sleep(0.05)
            idle.setblocking(False)
            server.close()
            return idle.recv(10)

    assert asyncio.run(run()) == b""


def test_a_head_has_the_documented_phrase_or_the_usual_one() -> None:
    assert render_head(401, "Not Valid Token", (), 0, True).startswith(b"HTTP/1.1 401 Not Valid Token\r\n")
    assert render_head(404, "", (("a", "b"),), 3, False) == (
        b"HTTP/1.1 404 Not Found\r\na: b\r\ncontent-length: 3\r\nserver: understudy\r\nconnection: close\r\ndate: "
    )
    assert render_head(599, "", (), 0, True).startswith(b"HTTP/1.1 599 Unknown\r\n")
