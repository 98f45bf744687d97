"""The server on a real socket, asked by a raw client."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from typing import Any

import pytest

from mock_server.messages import Request
from mock_server.server.app import create_app
from mock_server.sessions.dispatch import MockApis
from tests.conftest import CREDENTIALS, LISTS, Served, Start
from tests.raw import parse, read_all, send

KEY = CREDENTIALS["fatora"]


def exchange(port: int, data: bytes) -> bytes:
    """Send bytes as they are, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def test_a_header_with_an_underscore_arrives(served: Served) -> None:
    assert send(served.port, "GET /fatora/v1/clients", {"host": "x", "api_key": KEY["api_key"]}).status == 200
    assert send(served.port, "GET /fatora/v1/clients", {"host": "x", "api-key": KEY["api_key"]}).status == 401


def test_a_documented_reason_phrase_is_sent(served: Served) -> None:
    answer = send(served.port, "GET /rest/api/Customers", {"host": "tt.api.sellercloud.com"})
    assert (answer.status, answer.reason, answer.body) == (401, "Not Valid Token", b'"Not Valid Token"')


def test_connections_are_kept_and_requests_in_a_row_answered_in_order(served: Served) -> None:
    one = b"GET /fatora/v1/clients/%d HTTP/1.1\r\nhost: x\r\napi_key: " + KEY["api_key"].encode() + b"\r\n\r\n"
    page = b"GET /docs/fatora HTTP/1.1\r\nhost: localhost\r\n\r\n"  # answered on a thread, in between
    last = one.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    data = exchange(served.port, one % 1001 + page + one % 1002 + page + last % 1003)
    order = [data.find(b'"id":%d' % n) for n in (1001, 1002, 1003)]
    assert -1 not in order and order == sorted(order) and data.count(b"HTTP/1.1 200") == 5


def test_head_tells_the_length_and_sends_no_body(served: Served) -> None:
    get = send(served.port, "GET /fatora/v1/clients", {"host": "x", **KEY})
    head = send(served.port, "HEAD /fatora/v1/clients", {"host": "x", **KEY})
    assert head.body == b"" and head.status == 200 and len(get.body) == int(head.headers["content-length"])
    assert int(send(served.port, "HEAD /", {"host": "127.0.0.1"}).headers["content-length"]) > 500


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_is_405_with_allow(method: str, served: Served) -> None:
    answer = send(served.port, f"{method} /fatora/v1/clients", {"host": "x", **KEY})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert json.loads(answer.body)["error"]["error_code"] == "405"


def test_options_tells_the_methods(served: Served) -> None:
    answer = send(served.port, "OPTIONS /fatora/v1/clients", {"host": "x"})
    assert (answer.status, answer.headers["allow"], answer.body) == (200, "GET, HEAD, OPTIONS", b"")


UNKNOWN = [
    (
        "fatora",
        "/fatora/v1/client",
        {"status": "ERROR", "error": {"error_code": "404", "description": "The specified resource does not exist."}},
    ),
    ("yativo", "/yativo/api/v1/customers", {"message": "Not Found"}),
    ("sellercloud", "/sellercloud/rest/api/Orders", {"Error": "Not Found"}),
]


@pytest.mark.parametrize(("name", "path", "body"), UNKNOWN)
def test_an_unknown_path_has_the_providers_own_form(name: str, path: str, body: Any, served: Served) -> None:
    answer = send(served.port, f"GET {path}", {"host": "x"})
    assert (answer.status, json.loads(answer.body)) == (404, body)


def test_what_is_nobodys_is_a_problem_of_the_mock(served: Served) -> None:
    answer = send(served.port, "GET /nobody/v1", {"host": "x"})
    assert answer.status == 404 and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("host", "path", "headers", "status"),
    [
        ("api.fatora.io", "/v1/clients", KEY, 200),
        ("API.Fatora.IO:443", "/v1/clients/", KEY, 200),
        ("smtp.yativo.com", "/api/v1/customer", CREDENTIALS["yativo"], 200),
        ("api.yativo.com", "/api/v1/customer", CREDENTIALS["yativo"], 200),
        ("any.api.sellercloud.com", "/rest/api/customers", CREDENTIALS["sellercloud"], 200),
        ("api.fatora.io", "/nope", KEY, 404),
    ],
)
def test_a_documented_host_is_answered_at_its_documented_path(
    host: str,
    path: str,
    headers: dict[str, str],
    status: int,
    served: Served,
) -> None:
    assert send(served.port, f"GET {path}", {"host": host, **headers}).status == status


def test_links_carry_the_host_that_the_client_used(served: Served) -> None:
    body = json.loads(
        send(served.port, "GET /api/customers", {"host": "webservices.sourcehub.in", **CREDENTIALS["sourcehub"]}).body,
    )
    assert body["data"]["pagination"]["next_page_url"] == "http://webservices.sourcehub.in/api/customers?page=2"


def test_a_proxy_is_believed_only_when_told_to(served: Served, start: Start) -> None:
    forwarded = {
        "host": "x",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "mock.example",
        "x-forwarded-prefix": "/m",
    }
    for server, base in [(served, "http://x/"), (start("sourcehub", "--trust-proxy"), "https://mock.example/m/")]:
        answer = send(server.port, "GET /sourcehub/api/customers", {**forwarded, **CREDENTIALS["sourcehub"]})
        assert json.loads(answer.body)["data"]["pagination"]["path"] == f"{base}sourcehub/api/customers"


BAD_REQUESTS = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello\r\n\r\n", 400, "bytes that are no HTTP"),
    (b"GET / HTTP/9.9\r\n\r\n", 400, "an unknown version"),
    (b"GET /fatora/v1/clients HTTP/1.1\r\nhost: x\r\nbig: " + b"x" * 70_000 + b"\r\n\r\n", 431, "a head too large"),
    (
        b"POST /fatora/v1/clients HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\n\r\n" + b"x" * 2_000_000,
        413,
        "a body too large",
    ),
    (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx", 400, "two lengths"),
]


@pytest.mark.parametrize(("data", "status", "sentence"), BAD_REQUESTS, ids=[row[2] for row in BAD_REQUESTS])
def test_a_bad_request_is_answered_and_closed(data: bytes, status: int, sentence: str, served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        try:
            connection.sendall(data)
            answer = parse(read_all(connection))
            assert answer.status == status
        except (ConnectionResetError, BrokenPipeError):
            assert status == 413  # the server had answered and closed before all of the body was sent
    assert send(served.port, "GET /fatora/v1/clients", {"host": "x", **KEY}).status == 200


def test_http_1_0_is_answered_and_closed(served: Served) -> None:
    assert exchange(served.port, b"GET /fatora/v1/clients HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 401")


def test_a_body_in_chunks_is_read(served: Served) -> None:
    data = b"POST /fatora/v1/clients HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert exchange(served.port, data).startswith(b"HTTP/1.1 405")


def test_sixty_four_clients_at_once_get_their_own_answers(served: Served) -> None:
    wrong: list[object] = []

    def client(number: int) -> None:
        for turn in range(20):
            wanted = 1000 + (number + turn) % 47
            body = json.loads(send(served.port, f"GET /fatora/v1/clients/{wanted}", {"host": "x", **KEY}).body)
            if body["client"]["id"] != wanted:
                wrong.append((wanted, body))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_several_workers_share_the_port_and_the_counts(start: Start) -> None:
    server = start("yativo", "--workers", "2", "--limits", "enforce")
    headers = {"host": "x", **CREDENTIALS["yativo"]}
    answers = [send(server.port, "GET /yativo/api/v1/customer?per_page=1", headers) for _ in range(62)]
    assert [answer.status for answer in answers] == [200] * 60 + [429] * 2
    assert [int(answer.headers["x-ratelimit-remaining"]) for answer in answers[:60]] == list(range(59, -1, -1))
    assert json.loads(answers[-1].body) == {"message": "Too Many Attempts."}
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    server.process.terminate()
    assert server.process.wait(10) == 0


@pytest.mark.parametrize("number", [2, 15], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_it_cleanly_with_a_connection_open(number: int, start: Start) -> None:
    server = start("fatora")
    with socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"GET /fatora/v1/clients HTTP/1.1\r\n")
        time.sleep(0.1)
        server.process.send_signal(number)
        assert server.process.wait(10) == 0


def test_a_port_in_use_is_a_sentence(served: Served) -> None:
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "mock_server", "serve", "fatora", "--port", str(served.port)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert (
        done.stderr == f"Port {served.port} on 127.0.0.1 is in use. Choose another one, or --port 0 for a free one.\n"
    )


TARGETS = [
    ("GET", "/fatora/v1/clients?page=2&page_size=5", KEY),
    ("GET", "/fatora/v1/clients/?keyword=al", KEY),
    ("GET", "/fatora/v1/clients/1024", KEY),
    ("GET", "/fatora/v1/clients/5", KEY),
    ("GET", "/fatora/v1/clients?page=0", KEY),
    ("GET", "/fatora/v1/clients", {}),
    ("GET", "/fatora/v1/clients", {"api_key": "00000000-0000-4000-8000-0000DEADF00D"}),
    ("GET", "/fatora/v1/clients", {**KEY, "accept": "application/xml"}),
    ("GET", "/fatora/v1/clients?__code=500", {}),
    ("GET", "/fatora/v1/clients?__code=499", {}),
    ("GET", "/fatora/v1/clients", {"prefer": "code=200, example=documented"}),
    ("GET", "/sellercloud/rest/api/customers?model.pageSize=3", CREDENTIALS["sellercloud"]),
    ("GET", "/sourcehub/api/customers?skip=5", CREDENTIALS["sourcehub"]),
    ("GET", "/yativo/api/v1/customer?page=2", CREDENTIALS["yativo"]),
    ("HEAD", "/fatora/v1/clients", KEY),
]


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    TARGETS,
    ids=[f"{m} {t} {n}" for n, (m, t, _) in enumerate(TARGETS)],
)
def test_the_short_way_and_flask_give_the_same_bytes(
    method: str,
    target: str,
    headers: dict[str, str],
    apis: MockApis,
) -> None:
    path, _, query = target.partition("?")
    short = apis.find_answer(Request(method, path, query, {"host": "x", **headers}, "http://x"))
    assert short is not None
    long = (
        create_app(apis)
        .test_client()
        .open(target, method=method, headers={"host": "x", **headers}, base_url="http://x")
    )
    assert long.status_code == short.status
    assert long.get_data() == (b"" if method == "HEAD" else short.body)
    received = [(name.lower(), value) for name, value in long.headers if name.lower() != "content-length"]
    assert sorted(received) == sorted(short.headers)


def test_every_documented_operation_is_a_flask_rule(apis: MockApis) -> None:
    endpoints = {rule.endpoint for rule in create_app(apis).url_map.iter_rules()}
    assert {f"{name}.{o.id}" for name, api in apis.apis.items() for o in api.contract.operations} <= endpoints


def test_the_application_answers_under_another_server(apis: MockApis) -> None:
    """wsgiref, from the standard library: the application needs no server of ours."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = make_server("127.0.0.1", 0, create_app(apis), handler_class=Quiet)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    answer = send(server.server_port, f"GET {LISTS['sourcehub']}?count=2", {"host": "x", **CREDENTIALS["sourcehub"]})
    thread.join(10)
    server.server_close()
    assert answer.status == 200 and json.loads(answer.body)["data"]["pagination"]["per_page"] == 2
