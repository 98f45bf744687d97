"""HTTP/1.1 over a raw socket: what is sent, what must come by RFC 9110 and 9112, and whether the connection stays."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request

import pytest

from mock_server.engine.routing import Routes
from mock_server.messages import decode_path
from tests.conftest import CREDENTIALS, Served
from tests.raw import read_answer

KEY = CREDENTIALS["fatora"]["api_key"].encode()
LIST = b"GET /fatora/v1/clients HTTP/1.1\r\nhost: x\r\napi_key: " + KEY + b"\r\n"
QUICK = LIST + b"\r\n"
SLOW = b"GET /docs/fatora HTTP/1.1\r\nhost: localhost\r\n\r\n"
POST = b"POST /fatora/v1/clients HTTP/1.1\r\nhost: x\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
H2C = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
WEBSOCKET = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: eA==\r\n"


def with_host(host: bytes) -> bytes:
    return b"GET /fatora/v1/clients HTTP/1.1\r\n%bapi_key: %b\r\n\r\n" % (host, KEY)


def with_line(line: bytes, more: bytes = b"host: x\r\n") -> bytes:
    return b"%b\r\n%b\r\n" % (line, more)


OPEN, CLOSED = True, False

ROWS: list[tuple[bytes, list[int], bool, str]] = [
    # the host
    (with_host(b"host: x\r\n"), [200], OPEN, "a Host"),
    (with_host(b"host: x:80\r\n"), [200], OPEN, "a Host with a port"),
    (with_host(b"host: [::1]:80\r\n"), [200], OPEN, "a Host that is an IPv6 address"),
    (with_host(b"host:\r\n"), [200], OPEN, "an empty Host, as RFC 9112 asks for where there is none"),
    (with_host(b""), [400], CLOSED, "no Host"),
    (with_host(b"host: x\r\nhost: x\r\n"), [400], CLOSED, "two Hosts, equal"),
    (with_host(b"host: x\r\nhost: y\r\n"), [400], CLOSED, "two Hosts, different"),
    (with_host(b"host: x y\r\n"), [400], CLOSED, "a Host with a blank"),
    (with_host(b"host: evil/api.fatora.io\r\n"), [400], CLOSED, "a Host with a slash"),
    (with_host(b"host: user@x\r\n"), [400], CLOSED, "a Host with an at sign"),
    (with_host(b"host: x, y\r\n"), [400], CLOSED, "a Host with a comma"),
    (with_host(b"host: [\r\n"), [400], CLOSED, "a Host that is a bracket"),
    (with_host(b"host: x:port\r\n"), [400], CLOSED, "a Host whose port is no number"),
    (with_host(b"host: [::1\r\n"), [400], CLOSED, "a Host with one bracket"),
    (with_host(b"host: " + b"x" * 300 + b"\r\n"), [400], CLOSED, "a Host longer than names are"),
    (with_host(b"host: \xc3\xa9\r\n"), [400], CLOSED, "a Host with a letter that is no ASCII"),
    (b"GET /fatora/v1/clients HTTP/1.0\r\n\r\n", [401], CLOSED, "no Host in HTTP/1.0"),
    # the version
    (with_line(b"GET /fatora/v1/clients HTTP/2.0"), [505], CLOSED, "HTTP/2.0"),
    (with_line(b"PRI * HTTP/2.0", b"\r\nSM\r\n"), [400], CLOSED, "the preface of HTTP/2"),
    (with_line(b"GET /fatora/v1/clients HTTP/0.9"), [505], CLOSED, "HTTP/0.9"),
    (with_line(b"GET /fatora/v1/clients HTTP/1.2"), [400], CLOSED, "HTTP/1.2"),
    (with_line(b"GET /fatora/v1/clients RTSP/1.0"), [505], CLOSED, "RTSP/1.0"),
    (with_line(b"GET /fatora/v1/clients RTSP/1.1"), [505], CLOSED, "RTSP/1.1"),
    (with_line(b"SOURCE * ICE/1.0"), [505], CLOSED, "ICE/1.0"),
    (QUICK + with_line(b"GET /x RTSP/1.0"), [200, 505], CLOSED, "RTSP/1.0 behind a request"),
    # the target
    (with_line(b"GET * HTTP/1.1"), [400], CLOSED, "GET of an asterisk"),
    (with_line(b"GET x:80 HTTP/1.1"), [400], CLOSED, "GET of an authority"),
    (with_line(b"CONNECT x:80 HTTP/1.1"), [501], CLOSED, "a tunnel"),
    (with_line(b"OPTIONS * HTTP/1.1", b"host: localhost\r\n"), [200], OPEN, "OPTIONS of an asterisk"),
    (with_line(b"GET http://x/fatora/v1/clients HTTP/1.1"), [401], OPEN, "the absolute form"),
    (
        LIST.replace(b"/clients", b"/clients/%2F") + b"\r\n",
        [400],
        OPEN,
        "a slash is a key (and no number), not the list",
    ),
    (LIST.replace(b"/fatora/", b"/fatora%2F") + b"\r\n", [404], OPEN, "an encoded slash separates nothing"),
    # the length
    (POST + b"content-length: 00000000003\r\n\r\nabc", [405], OPEN, "a length with zeros before it"),
    (POST + b"content-length: +3\r\n\r\nabc", [400], CLOSED, "a length with a sign"),
    (POST + b"content-length: 3, 3\r\n\r\nabc", [400], CLOSED, "a list of lengths"),
    (POST + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc", [400], CLOSED, "two lengths, equal"),
    (POST + b"content-length: 1048577\r\n\r\n", [413], CLOSED, "a length over the limit"),
    (POST + b"content-length: " + b"9" * 30 + b"\r\n\r\n", [400], CLOSED, "a length that no number holds"),
    (POST + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", [400], CLOSED, "length and chunks"),
    # chunks
    (CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", [405], OPEN, "a body in a chunk"),
    (CHUNKED + b"3;a=b\r\nabc\r\n0\r\nt: u\r\n\r\n", [405], OPEN, "a chunk with an extension, and a trailer"),
    (CHUNKED + b"fffffffff\r\n", [413], CLOSED, "a chunk of 64 GB"),
    (CHUNKED + b"ffffffffffffffff\r\n", [413], CLOSED, "a chunk as large as the number goes"),
    (CHUNKED + b"3\r\nabc\r\nfffffffff\r\nabc", [413], CLOSED, "a chunk of 64 GB behind a small one, begun"),
    (CHUNKED + b"fffffffffffffffff\r\n", [400], CLOSED, "a chunk larger than the number goes"),
    (CHUNKED + b"-1\r\n", [400], CLOSED, "a chunk of less than nothing"),
    (POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [501], CLOSED, "chunks of a coding that is unknown"),
    (POST + b"transfer-encoding: gzip\r\n\r\n", [501], CLOSED, "a coding that is unknown"),
    (
        POST.replace(b"1.1", b"1.0") + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        [405],
        CLOSED,
        "chunks in HTTP/1.0",
    ),
    # waiting for 100
    (POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n", [100], OPEN, "a client that waits for 100"),
    (
        POST.replace(b"1.1", b"1.0") + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}",
        [405],
        CLOSED,
        "HTTP/1.0 hears no 100",
    ),
    (POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}", [405], OPEN, "nor who has sent the body already"),
    (
        SLOW + POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n",
        [200, 100],
        OPEN,
        "100 for the second comes behind the first's answer",
    ),
    # the old version
    (LIST.replace(b"1.1", b"1.0") + b"connection: keep-alive\r\n\r\n", [200], OPEN, "HTTP/1.0 that asks to be kept"),
    (LIST.replace(b"1.1", b"1.0") + b"\r\n", [200], CLOSED, "HTTP/1.0"),
    # garbage behind a request
    (QUICK + b"garbage\r\n\r\n", [200, 400], CLOSED, "garbage behind a quick answer"),
    (SLOW + b"garbage\r\n\r\n", [200, 400], CLOSED, "garbage behind a slow answer"),
    (SLOW + POST + b"content-length: 2000000\r\n\r\n", [200, 413], CLOSED, "a large body behind a slow answer"),
    (SLOW + LIST + b"big: " + b"x" * 70_000 + b"\r\n\r\n", [200, 431], CLOSED, "a large head behind a slow answer"),
    (SLOW + SLOW + QUICK, [200, 200, 200], OPEN, "three in a row"),
    # upgrades are offers: they may be ignored
    (LIST + H2C + b"\r\n", [200], OPEN, "h2c offered"),
    (LIST + H2C + b"\r\n" + QUICK + SLOW, [200, 200, 200], OPEN, "h2c offered, more behind it"),
    (LIST + WEBSOCKET + b"\r\n" + QUICK, [200, 200], OPEN, "a websocket offered"),
    (SLOW[:-2] + H2C + b"\r\n" + QUICK, [200, 200], OPEN, "h2c offered before a slow answer"),
    (POST + H2C + b"content-length: 3\r\n\r\nabc" + QUICK, [405, 200], OPEN, "h2c offered with a body"),
    (
        POST + H2C + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nt: u\r\n\r\n" + QUICK,
        [405, 200],
        OPEN,
        "in chunks",
    ),
    (POST + H2C + b"content-length: 0\r\n\r\n" + QUICK, [405, 200], OPEN, "h2c offered with an empty body"),
    (POST + H2C + b"content-length: 2000000\r\n\r\n", [413], CLOSED, "h2c offered with a body over the limit"),
    ((LIST + H2C + b"\r\n") * 20, [200] * 20, OPEN, "twenty offers in a row"),
    (
        b"GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: h2c\r\nconnection: upgrade, close\r\n\r\n",
        [200],
        CLOSED,
        "and close",
    ),
    # without an end
    (LIST + b"a: " + b"x" * 70_000, [431], CLOSED, "a value without an end"),
    (LIST + b"x" * 70_000, [431], CLOSED, "a name without an end"),
    (b"GET /" + b"x" * 70_000, [431], CLOSED, "a target without an end"),
    (CHUNKED + b"0\r\nt: " + b"x" * 140_000, [431], CLOSED, "a trailer without an end"),
    (CHUNKED + b"1;" + b"x" * 140_000, [431], CLOSED, "a chunk's extension without an end"),
]


def connect(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=20)


@pytest.mark.parametrize("pace", ["in one write", "in pieces"])
@pytest.mark.parametrize(("sent", "statuses", "stays", "sentence"), ROWS, ids=[row[3] for row in ROWS])
def test_what_is_sent_and_what_comes(
    sent: bytes,
    statuses: list[int],
    stays: bool,
    sentence: str,
    pace: str,
    served: Served,
) -> None:
    with connect(served) as connection:
        size = len(sent) if pace == "in one write" else max(7, len(sent) // 20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(sent), size):
            connection.sendall(sent[at : at + size])
            time.sleep(0.0 if size == len(sent) else 0.0005)
        answers = [read_answer(connection) for _ in statuses]
        assert [answer and answer.status for answer in answers] == statuses, sentence
        if not stays:
            assert connection.recv(100) == b"", "closed, and nothing is said"
        elif 100 not in statuses:
            connection.sendall(QUICK)
            more = read_answer(connection)
            assert more and more.status == 200, "the connection is kept"


def test_after_100_the_body_is_answered(served: Served) -> None:
    with connect(served) as connection:
        connection.sendall(POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        first = read_answer(connection)
        connection.sendall(b"{}")
        second = read_answer(connection)
        assert first and first.status == 100 and second and second.status == 405


def test_nothing_is_answered_behind_a_request_to_close(served: Served) -> None:
    with connect(served) as connection:
        connection.sendall(LIST + b"connection: close\r\n\r\n" + QUICK)
        first = read_answer(connection)
        assert first and first.status == 200 and read_answer(connection) is None


def test_a_client_that_sends_ten_megabytes_before_it_reads_gets_the_413(served: Served) -> None:
    request = urllib.request.Request(f"{served.url}/fatora/v1/clients", data=b"x" * 10_000_000)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    caught.value.close()
    assert caught.value.code == 413


SLASHES = [
    ("/a%2Fb", ("a/b",), "an encoded slash is part of the value"),
    ("/a%2fb", ("a/b",), "in either case"),
    ("/%2F", ("/",), "also alone"),
    ("/a%252Fb", ("a%2Fb",), "an encoded percent sign makes no slash"),
    ("/100%25", ("100%",), "and is one"),
    ("/%C3%A9", ("é",), "other letters are themselves"),
    ("/a/b", None, "a slash separates"),
]


@pytest.mark.parametrize(("path", "values", "sentence"), SLASHES, ids=[row[2] for row in SLASHES])
def test_what_a_path_value_is(path: str, values: tuple[str, ...] | None, sentence: str) -> None:
    match = Routes([("GET", "/{id}", "target")]).find("GET", decode_path(path))
    assert (tuple(match.values.values()) if match else None) == values
