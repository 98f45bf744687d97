"""What a target sends over the wire: bounded, kept as it came, and never taken for the next answer."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import pytest

from contract_tests.transport import bodies, connections, wire
from contract_tests.transport.exchanges import (
    BAD_CHUNKS,
    BAD_CODING,
    BAD_HEAD,
    BODY_AFTER_HEAD,
    CUT,
    CUT_CODING,
    SURPLUS,
    TOO_LARGE,
    TOO_SLOW,
    TWO_LENGTHS,
    UNKNOWN_CODING,
)
from contract_tests.transport.wire import NoAnswer, Wire, WireRequest
from tests.target_server import response, scripted

PLAIN = b'{"name": "Zo\xc3\xab"}'
PACKED = gzip.compress(PLAIN, mtime=0)


def ask(answer: bytes, method: str = "GET"):  # type: ignore[no-untyped-def]
    with scripted(lambda head, number: answer) as server:
        return Wire(server.url).ask(WireRequest(method, f"{server.url}/v1"))


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + end


ODD: list[tuple[str, bytes, str, tuple[str, ...], bytes]] = [
    ("a plain one", response("200 OK", PLAIN), "GET", (), PLAIN),
    ("to the end of the connection", b"HTTP/1.0 200 OK\r\n\r\n" + PLAIN, "GET", (), PLAIN),
    ("after an interim answer", b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + response("200 OK", PLAIN), "GET", (), PLAIN),
    ("in chunks", chunked(PLAIN[:5], PLAIN[5:]), "GET", (), PLAIN),
    ("in chunks that end early", chunked(PLAIN, end=b""), "GET", (CUT,), PLAIN),
    ("in chunks that are none", chunked(PLAIN, end=b"zz\r\n"), "GET", (BAD_CHUNKS,), PLAIN),
    ("longer than it is", response("200 OK", PLAIN, content_length="90"), "GET", (CUT,), PLAIN),
    ("shorter than it is", response("200 OK", PLAIN, content_length="5"), "GET", (SURPLUS,), PLAIN[:5]),
    ("a body after HEAD", response("200 OK", PLAIN), "HEAD", (BODY_AFTER_HEAD,), b""),
    ("a body after 204", response("204 No Content", PLAIN), "GET", (BODY_AFTER_HEAD,), b""),
    ("packed", response("200 OK", PACKED, content_encoding="gzip"), "GET", (), PLAIN),
    ("packed twice", response("200 OK", gzip.compress(PACKED), content_encoding="gzip, x-gzip"), "GET", (), PLAIN),
    ("in two packs", response("200 OK", PACKED + PACKED, content_encoding="GZIP"), "GET", (), PLAIN * 2),
    ("deflated", response("200 OK", zlib.compress(PLAIN), content_encoding="deflate"), "GET", (), PLAIN),
    ("deflated raw", response("200 OK", zlib.compress(PLAIN)[2:-4], content_encoding="deflate"), "GET", (), PLAIN),
    ("packed without end", response("200 OK", PACKED[:-8], content_encoding="gzip"), "GET", (CUT_CODING,), PLAIN),
    ("called packed", response("200 OK", PLAIN, content_encoding="gzip"), "GET", (BAD_CODING,), PLAIN),
    ("packed by who knows", response("200 OK", b"\x01", content_encoding="br"), "GET", (UNKNOWN_CODING,), b"\x01"),
    ("a broken head", b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 1\r\n\r\n1", "GET", (BAD_HEAD,), b"1"),
    ("bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 1\n\n1", "GET", (BAD_HEAD,), b"1"),
    (
        "two lengths",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        "GET",
        (TWO_LENGTHS, SURPLUS),
        b"1",
    ),
]


@pytest.mark.parametrize(("name", "sent", "method", "problems", "body"), ODD, ids=[row[0] for row in ODD])
def test_an_odd_answer_is_an_answer(
    name: str,
    sent: bytes,
    method: str,
    problems: tuple[str, ...],
    body: bytes,
) -> None:
    answer = ask(sent, method)
    assert (answer.problems, answer.body) == (problems, body)
    assert answer.status in (200, 204) and sent.find(answer.head) >= 0


def test_headers_are_kept_as_they_were_sent() -> None:
    answer = ask(b"HTTP/1.1 299 Quite \xe9\r\nx-A: 1\r\nX-a:  2 \r\nContent-Length: 0\r\n\r\n")
    assert answer.headers == (("x-A", "1"), ("X-a", "2"), ("Content-Length", "0"))
    assert (answer.status, answer.reason, answer.wire_body) == (299, "Quite é", b"")


@contextlib.contextmanager
def endless(serve: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """A server that hands each of its connections, by number, to a function that may never end."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        for number in range(1, 1000):
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve_one, args=(serve, connection, number), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _serve_one(serve: Callable[[socket.socket, int], None], connection: socket.socket, number: int) -> None:
    with connection, contextlib.suppress(OSError):
        serve(connection, number)


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise OSError
        data += piece
    return data


def drip(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n{")
    while True:
        time.sleep(0.02)
        connection.sendall(b" ")


def drip_a_head(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        time.sleep(0.02)
        connection.sendall(b"x")


def flood(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


def flood_a_line(connection: socket.socket, number: int) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1" * 0x2000)


def say_nothing(connection: socket.socket, number: int) -> None:
    read_request(connection)
    time.sleep(5)


HOPELESS: list[tuple[str, Callable[[socket.socket, int], None], str, str, bool]] = [
    ("a byte now and then", drip, "had not sent its answer after 1 seconds", TOO_SLOW, False),
    ("a head without end, byte by byte", drip_a_head, "the head was not whole after 1 seconds", "", False),
    ("a body without end", flood, "sent more than 1 MiB in one answer", TOO_LARGE, False),
    ("nothing", say_nothing, "nothing came for 0 seconds", "", True),
]


@pytest.mark.parametrize(("name", "serve", "said", "problem", "may_pass"), HOPELESS, ids=[row[0] for row in HOPELESS])
def test_what_has_no_end_is_not_waited_for(
    name: str,
    serve: Callable[[socket.socket, int], None],
    said: str,
    problem: str,
    may_pass: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(wire, "IDLE_SECONDS", 0.4)
    for module in (bodies, wire):
        monkeypatch.setattr(module, "MAX_BODY_BYTES", 1024 * 1024)
    with endless(serve) as url, pytest.raises(NoAnswer) as error:
        Wire(url).ask(WireRequest("GET", f"{url}/v1"))
    assert said in str(error.value) and error.value.may_pass == may_pass
    answer = error.value.answer
    assert (problem in answer.problems) == bool(problem) and len(answer.body) <= wire.KEPT_BYTES


def test_a_line_without_end_is_no_chunk() -> None:
    with endless(flood_a_line) as url:
        assert Wire(url).ask(WireRequest("GET", f"{url}/v1")).problems == (BAD_CHUNKS,)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bodies, wire):
        monkeypatch.setattr(module, "MAX_BODY_BYTES", 1024 * 1024)
    bomb = gzip.compress(gzip.compress(bytes(200 * 1024 * 1024), 9), 9)
    with pytest.raises(NoAnswer, match="more than 1 MiB") as error:
        ask(response("200 OK", bomb, content_encoding="gzip, gzip"))
    assert len(error.value.answer.body) <= wire.KEPT_BYTES


def test_a_body_that_lacks_its_end_is_waited_for_once_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(wire, "CUT_SECONDS", 0.05)

    def promise(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
        time.sleep(5)

    with endless(promise) as url:
        asking = Wire(url)
        first, second = (asking.ask(WireRequest("GET", f"{url}/v1")) for _ in range(2))
    assert first.problems == second.problems == (CUT,) and first.body == b"{}"
    assert second.seconds < 0.4 < first.seconds


def test_a_body_after_head_never_becomes_the_next_answer() -> None:
    """Not even where it arrives late, after the connection was put aside."""

    def answer_head_with_a_body(connection: socket.socket, number: int) -> None:
        while True:
            is_head = read_request(connection).startswith(b"HEAD")
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            time.sleep(0.1 if is_head else 0)
            connection.sendall(b"[]")

    with endless(answer_head_with_a_body) as url:
        asking = Wire(url)
        asking.ask(WireRequest("HEAD", f"{url}/v1"))
        time.sleep(0.2)
        assert asking.ask(WireRequest("GET", f"{url}/v1")).body == b"[]"


def test_a_connection_is_kept_while_it_can_be() -> None:
    numbers: list[int] = []

    def serve(connection: socket.socket, number: int) -> None:
        while True:
            read_request(connection)
            numbers.append(number)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            if len(numbers) == 3:
                return

    with endless(serve) as url:
        asking = Wire(url)
        for _ in range(5):
            asking.ask(WireRequest("GET", f"{url}/v1"))
            time.sleep(0.02)
    assert numbers == [1, 1, 1, 2, 2]


def test_a_url_is_sent_as_it_is_but_for_what_no_url_may_hold() -> None:
    request = WireRequest("GET", "http://h:81/a%2Fb/../ü;x=1?q=a b&p=%41+é#part")
    assert request.as_bytes(False, b"").startswith(
        b"GET /a%2Fb/../%C3%BC;x=1?q=a%20b&p=%41+%C3%A9 HTTP/1.1\r\nHost: h:81\r\n",
    )
    assert request.as_bytes(True, b"Proxy-Authorization: Basic x\r\n").startswith(b"GET http://h:81/a%2Fb/")


@pytest.mark.parametrize("header", [("X\r\n", "1"), ("X Y", "1"), ("X", "1\r\nY: 2"), ("X", "№"), ("", "1")])
def test_a_header_that_cannot_be_sent_is_a_sentence_without_its_value(header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be sent") as error:
        WireRequest("GET", "http://h/", (header,))
    assert "№" not in str(error.value)


def test_a_proxy_is_asked_for_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(lambda head, number: b"HTTP/1.1 403 Forbidden\r\n\r\n") as server:
        monkeypatch.setattr(wire, "find_proxies", lambda url: {"https": server.url.replace("//", "//me:p%40ss@")})
        with pytest.raises(NoAnswer, match=r"the proxy made no connection .*403") as error:
            Wire("https://api.example/v1").ask(WireRequest("GET", "https://api.example/v1/clients"))
    assert server.heads[0].startswith("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n")
    assert "Proxy-Authorization: Basic bWU6cEBzcw==" in server.heads[0] and "p@ss" not in str(error.value)


def test_a_proxy_for_plain_http_is_asked_for_whole_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(lambda head, number: response("200 OK")) as server:
        monkeypatch.setattr(wire, "find_proxies", lambda url: {"http": server.url})
        Wire("http://api.example/v1").ask(WireRequest("GET", "http://api.example/v1/clients?a=1"))
    assert server.heads[0].startswith("GET http://api.example/v1/clients?a=1 HTTP/1.1\r\nHost: api.example\r\n")


def test_the_limits_are_those_that_are_documented() -> None:
    assert (bodies.MAX_BODY_BYTES, connections.IDLE_SECONDS, connections.ANSWER_SECONDS) == (16 << 20, 10, 30)
