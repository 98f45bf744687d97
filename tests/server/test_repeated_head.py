"""A head that is repeated is read the short way, to the same request; whatever asks for more is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.messages import Request
from mock_server.server.repeated_head import keep_head, read_repeated
from mock_server.server.request_reader import RequestReader

REST = b"Host: 127.0.0.1:8080\r\napi_key: k\r\nAccept: */*\r\n\r\n"


def make_reader() -> RequestReader:
    return RequestReader("127.0.0.1", "http://127.0.0.1:8080")


def read(*sent: bytes) -> Request:
    """The last request of what one connection has sent."""
    reader = make_reader()
    for data in sent:
        reader.feed(data)
    return reader.arrived[-1][0]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"GET /v1/clients?page=2&page_size=20", id="another page"),
        pytest.param(b"HEAD /v1/clients", id="another method"),
        pytest.param(b"GET /v1/clients?", id="an empty query"),
        pytest.param(b"GET /v1/clients?q=a?b", id="a question mark in the query"),
        pytest.param(b"GET /v1/a%20b/%2F?q=%C3%A9+x", id="percent-encoded"),
        pytest.param(b"GET //v1//clients", id="doubled slashes"),
    ],
)
def test_a_repeated_head_gives_the_request_that_the_parser_gives(line: bytes) -> None:
    data = line + b" HTTP/1.1\r\n" + REST
    before = b"GET /v1/clients HTTP/1.1\r\n" + REST
    kept = keep_head(before, read(before))
    assert kept and read_repeated(data, kept) == read(data) == read(before, data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n" + REST.replace(b"k\r\n", b"j\r\n"), id="another header"),
        pytest.param(b"GET / HTTP/1.1\r\n" + REST + b"GET / HTTP/1.1\r\n", id="a second request behind it"),
        pytest.param(b"GET / HTTP/1.1\r\n" + REST[:-2], id="only a part of it"),
        pytest.param(b"POST / HTTP/1.1\r\n" + REST, id="a method that may have a body"),
        pytest.param(b"GET / HTTP/1.0\r\n" + REST, id="another version"),
        pytest.param(b"GET http://a/ HTTP/1.1\r\n" + REST, id="the absolute form"),
        pytest.param(b"GET /a\x00b HTTP/1.1\r\n" + REST, id="a byte that is in no path"),
        pytest.param(b"GET /a#b HTTP/1.1\r\n" + REST, id="a fragment"),
        pytest.param(b"GET /\n HTTP/1.1\r\n" + REST, id="a line that ends early"),
    ],
)
def test_what_does_not_repeat_is_left_to_the_parser(data: bytes) -> None:
    before = b"GET / HTTP/1.1\r\n" + REST
    kept = keep_head(before, read(before))
    assert kept and read_repeated(data, kept) is None


@pytest.mark.parametrize("header", ["Connection: close", "Upgrade: h2c", "Content-Length: 0", "Expect: 100-continue"])
def test_a_head_that_asks_for_more_than_an_answer_is_not_kept(header: str) -> None:
    data = b"GET / HTTP/1.1\r\n" + header.encode() + b"\r\n" + REST
    assert keep_head(data, read(data)) is None


def test_a_request_in_pieces_between_repeated_ones_is_read_whole() -> None:
    data = b"GET /a HTTP/1.1\r\n" + REST
    reader = make_reader()
    for piece in (data, data, data[:30], data[30:], data, data + data, data):
        reader.feed(piece)
    assert [arrival[0].path for arrival in reader.arrived] == ["/a"] * 7 and not reader.is_partial


def test_nothing_is_read_behind_a_close() -> None:
    reader = make_reader()
    for data in (b"GET /a HTTP/1.1\r\n" + REST, b"GET /b HTTP/1.1\r\nConnection: close\r\n" + REST):
        reader.feed(data)
    reader.feed(b"GET /c HTTP/1.1\r\n" + REST)
    assert [arrival[0].path for arrival in reader.arrived] == ["/a", "/b"]


_METHODS = (b"GET ", b"HEAD ", b"POST ")
_TARGETS = (b"/", b"a", b"%2F", b"%", b"?", b"&", b"#", b"=", b"http://a/", b"*")
_SEPARATORS = (b" ", b"\r\n", b"\n", b"\0", b"\xff", b"\r\n\r\n")
_HEADS = (b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2", b"Host: b", b"Content-Length: 3", REST)
_PIECES = st.sampled_from((*_METHODS, *_TARGETS, *_SEPARATORS, *_HEADS))


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(_PIECES, max_size=8).map(b"".join), is_ended=st.booleans())
def test_any_bytes_are_read_alike_behind_a_repeated_head_and_without_one(pieces: bytes, is_ended: bool) -> None:
    before, data = b"GET /a HTTP/1.1\r\n" + REST, pieces + (b" HTTP/1.1\r\n" + REST if is_ended else b"")
    repeated, plain = make_reader(), make_reader()
    repeated.feed(before)
    plain.feed(b"GET /a HTTP/1.1\r\nX: keep me out\r\nConnection: keep-alive\r\n" + REST)  # a head that is not kept
    for reader in (repeated, plain):
        reader.feed(data)
    assert [a[0] for a in repeated.arrived][1:] == [a[0] for a in plain.arrived][1:]
    for name in ("refusal", "is_partial", "is_done", "awaits_continue"):
        assert getattr(repeated, name) == getattr(plain, name), name
