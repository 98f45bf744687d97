"""Between the connection and Flask: what WSGI would change, who is let in, whose host it is."""

from __future__ import annotations

import itertools
import socket

import flask
import pytest

from mock_server.messages import Request
from mock_server.server.access import Guard, open_to_everyone
from mock_server.server.wsgi import EventStream, call_wsgi
from mock_server.sessions.dispatch import MockApis
from tests.conftest import Served
from tests.raw import read_all, send

PAGES = [
    ("GET /assets/console.css", 200, "a file"),
    ("GET /favicon.ico", 204, "an answer without a body"),
    ("GET /docs/fatora", 200, "a page"),
    ("HEAD /__admin/events", 200, "the head of a stream"),
    ("GET /__admin/health", 200, "an answer of the admin API"),
    ("GET /assets/none", 404, "what is not there"),
]


@pytest.mark.parametrize(("head", "status", "sentence"), PAGES, ids=[row[2] for row in PAGES])
def test_an_answer_of_flask_has_one_date_and_the_right_length(
    head: str,
    status: int,
    sentence: str,
    served: Served,
) -> None:
    answer = send(served.port, head, {"host": "localhost"})
    assert answer.status == status
    assert list(answer.headers).count("date") == 1
    if status == 204 or head.startswith("HEAD"):
        assert "content-length" not in answer.headers and answer.body == b""
    else:
        assert int(answer.headers["content-length"]) == len(answer.body)


def test_headers_come_once(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(b"GET /assets/console.css HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        head = read_all(connection).partition(b"\r\n\r\n")[0].lower()
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    assert len(names) == len(set(names)) and b"etag" in names


def test_a_file_that_the_client_has_is_not_sent_again(served: Served) -> None:
    first = send(served.port, "GET /assets/console.css", {"host": "localhost"})
    again = send(served.port, "GET /assets/console.css", {"host": "localhost", "if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"") and "content-length" not in again.headers


HOSTS = [
    ("api.fatora.io", "fatora"),
    ("API.fatora.io:443", "fatora"),
    ("evil/api.fatora.io", ""),
    ("evil@api.fatora.io", ""),
    ("any.api.sellercloud.com", "sellercloud"),
    ("evil/any.api.sellercloud.com", ""),
    ("evil@any.api.sellercloud.com", ""),
    (".api.sellercloud.com", ""),
    ("fatora.io", ""),
]


@pytest.mark.parametrize(("host", "provider"), HOSTS)
def test_whose_host_it_is(host: str, provider: str, apis: MockApis) -> None:
    assert apis.dispatcher.find_provider(host) == provider
    api, _ = apis.dispatcher.aim(Request("GET", "/nobody", base=f"http://{host}"))
    assert (api.contract.provider if api else "") == provider


def test_a_stream_goes_through_flask_as_a_stream_and_under_another_server_as_a_body() -> None:
    app = flask.Flask("stream")
    pieces = iter([b"first", b"second"])

    def view() -> flask.Response:
        return flask.Response(EventStream(lambda: next(pieces)), direct_passthrough=True)

    app.add_url_rule("/", "stream", view)
    response = call_wsgi(app.wsgi_app, Request("HEAD", "/"))
    assert response.body == b"" and response.delivery and response.delivery.follow
    assert response.delivery.follow() == b"first"
    other = app.test_client().get("/")
    assert list(itertools.islice(other.iter_encoded(), 1)) == [b"second"]


LETS_IN = [
    ("127.0.0.1", "127.0.0.1", {}, 200, "this machine"),
    ("127.0.0.1", "127.0.0.1", {"host": "localhost:80"}, 200, "this machine by its name"),
    ("127.0.0.1", "192.0.2.1", {}, 403, "another machine"),
    ("127.0.0.1", "127.0.0.1", {"host": "mock.example"}, 403, "a proxy on this machine that says nothing of itself"),
    ("mock.example", "127.0.0.1", {"host": "mock.example"}, 403, "also where the server listens by that name"),
    ("192.0.2.7", "127.0.0.1", {"host": "192.0.2.7"}, 403, "or by an address that others reach"),
    ("127.0.0.2", "127.0.0.1", {"host": "127.0.0.2"}, 200, "another address of this machine"),
    ("127.0.0.1", "127.0.0.1", {"via": "1.1 proxy"}, 403, "a proxy on this machine that names itself"),
    ("mock.example", "192.0.2.1", {"host": "mock.example", "understudy-token": "t"}, 200, "who has the token"),
]


@pytest.mark.parametrize(("listens", "address", "headers", "status", "sentence"), LETS_IN, ids=[r[4] for r in LETS_IN])
def test_who_is_let_in(listens: str, address: str, headers: dict[str, str], status: int, sentence: str) -> None:
    app = flask.Flask("guarded")
    app.before_request(Guard(listens, "t").check)
    app.add_url_rule("/__admin/play", "play", lambda: "a view that is only named like the one that plays")
    app.add_url_rule("/open", "open", open_to_everyone(lambda: "anybody"))
    base = f"http://{headers.get('host', '127.0.0.1')}"
    rest = {name: value for name, value in headers.items() if name != "host"}
    for path, wanted in (("/__admin/play", status), ("/open", 200)):
        request = Request("GET", path, "", {"host": base[7:], **rest}, base, "", address)
        assert call_wsgi(app.wsgi_app, request).status == wanted


def test_a_view_is_not_open_by_its_name() -> None:
    app = flask.Flask("guarded")
    app.before_request(Guard().check)

    def play() -> str:
        return "not marked"

    app.add_url_rule("/x", "x", play)
    assert call_wsgi(app.wsgi_app, Request("GET", "/x", "", {"host": "h"}, "http://h", "", "192.0.2.1")).status == 403
