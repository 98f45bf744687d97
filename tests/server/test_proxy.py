"""The proxy on a socket: documented hosts are played, others refused or passed through, this server itself never."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from mock_server.cli import main
from tests.conftest import CREDENTIALS, Served, Start
from tests.raw import Answer, parse, read_all, read_answer, send
from tests.server.tls_client import TlsClient, data_folder

KEY = f"api_key: {CREDENTIALS['fatora']['api_key']}\r\n"
TOKEN = "authorization: Bearer understudy-yativo-valid\r\n"

DOCUMENT = """
openapi: 3.1.0
info: {{title: {title}, version: "1"}}
servers: [{{url: "{url}", variables: {{shop: {{default: main}}}}}}]
paths:
  /{path}:
    get: {{responses: {{"200": {{description: ok, content: {{application/json: {{schema: {{const: {title}}}}}}}}}}}}}
"""
DOCUMENTS = [
    ("shops", "https://{shop}.example.com/v1", "shop"),
    ("outer", "https://api.example.net/a", "c"),
    ("inner", "https://api.example.net/a/b", "d"),
]


class Proxied(NamedTuple):
    """A server with a proxy: its plain side, the proxy's port, and the authority's file."""

    served: Served
    port: int
    ca: Path


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("documents")
    for title, url, path in DOCUMENTS:
        (folder / f"{title}.yaml").write_text(DOCUMENT.format(title=title, url=url, path=path))
    return [str(folder / f"{title}.yaml") for title, _, _ in DOCUMENTS]


@contextmanager
def serve(start: Start, folder: Path, *words: str) -> Iterator[Proxied]:
    with data_folder(folder) as ca:
        served = start(*words)
        port = re.search(r"Proxy at http://127.0.0.1:(\d+)", served.printed)
        assert port, served.printed
        yield Proxied(served, int(port[1]), ca)


@pytest.fixture(scope="module")
def proxied(start: Start, documents: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """A proxy that refuses what is not documented."""
    with serve(start, tmp_path_factory.mktemp("data"), "fatora", "yativo", *documents, "--proxy", "0") as server:
        yield server


@pytest.fixture(scope="module")
def passing(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """A proxy that lets through what is not documented."""
    words = ("fatora", "--tls", "0", "--proxy", "0", "--pass-through")
    with serve(start, tmp_path_factory.mktemp("data"), *words) as server:
        yield server


def connect(server: Proxied) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


@contextmanager
def tunnel(server: Proxied, place: str, more: str = "") -> Iterator[tuple[socket.socket, Answer | None]]:
    """A connection on which CONNECT was asked, and what was answered."""
    with connect(server) as connection:
        connection.sendall(f"CONNECT {place} HTTP/1.1\r\nhost: {place}\r\n{more}\r\n".encode())
        yield connection, read_answer(connection)


def ask(server: Proxied, url: str, more: str = "", host: str = "", credentials: str = "") -> Answer:
    """The answer to a GET of a URL, through a tunnel where it says https, else in the absolute form."""
    name, _, path = url.partition("://")[2].partition("/")
    lines = f"host: {host or name}\r\n{more}connection: close\r\n\r\n"
    if url.startswith("http:"):
        with connect(server) as connection:
            connection.sendall(f"GET {url} HTTP/1.1\r\n{credentials}{lines}".encode())
            return parse(read_all(connection))
    with tunnel(server, f"{name}:443", credentials) as (connection, opened):
        assert opened and opened.status == 200, opened
        client = TlsClient(connection, server.ca, name)
        client.send(f"GET /{path} HTTP/1.1\r\n{lines}".encode())
        return parse(client.read_to_the_end()[0])


PLAYED = [
    ("https://api.fatora.io/v1/clients?page_size=1", KEY, '"id":1000', "a documented host"),
    ("http://api.fatora.io/v1/clients?page_size=1", KEY, '"id":1000', "without TLS too"),
    ("https://API.Fatora.IO/v1/clients?page_size=1", KEY, '"id":1000', "in capitals"),
    ("https://smtp.yativo.com/api/v1/customer?per_page=1", TOKEN, '"success"', "each of two hosts"),
    ("https://api.yativo.com/api/v1/customer?per_page=1", TOKEN, '"success"', "and the other one"),
    ("https://main.example.com/v1/shop", "", '"shops"', "a host with a variable, at its default"),
    ("https://other.example.com/v1/shop", "", '"shops"', "and at another value"),
    ("https://api.example.net/a/c", "", '"outer"', "the host of two providers: the path decides"),
    ("https://api.example.net/a/b/d", "", '"inner"', "and the longer base path comes first"),
]


@pytest.mark.parametrize(("url", "more", "says", "sentence"), PLAYED, ids=[row[3] for row in PLAYED])
def test_what_is_documented_is_played(url: str, more: str, says: str, sentence: str, proxied: Proxied) -> None:
    answer = ask(proxied, url, more)
    assert answer.status == 200 and says in answer.body.decode(), answer


def test_links_lead_to_the_documented_host(proxied: Proxied) -> None:
    answer = ask(proxied, "https://api.yativo.com/api/v1/customer?per_page=2", TOKEN)
    link = json.loads(answer.body)["pagination"]["next_page_url"]
    assert link.startswith("https://api.yativo.com/api/v1/customer?")
    assert ask(proxied, link, TOKEN).status == 200


def test_the_answer_is_that_of_the_plain_port(proxied: Proxied) -> None:
    key = CREDENTIALS["fatora"]
    plain = send(proxied.served.port, "GET /fatora/v1/clients?page_size=50", {"host": "x", **key})
    assert ask(proxied, "https://api.fatora.io/v1/clients?page_size=50", KEY).body == plain.body


REFUSED = [
    ("CONNECT example.org:443", 403, "example.org is not documented here; api.fatora.io, ", "another host"),
    ("CONNECT 127.0.0.1:8080", 403, "is this machine: ask it without the proxy (NO_PROXY=", "this machine"),
    ("CONNECT [::1]:8080", 403, "::1 is this machine", "its other address"),
    ("CONNECT /v1/clients", 400, "CONNECT names a host and a port", "a path"),
    ("CONNECT api.fatora.io", 400, "CONNECT names a host and a port", "no port"),
    ("CONNECT api.fatora.io:99999", 400, "CONNECT names a host and a port", "a port that is none"),
    ("GET http://example.org/x?y=1", 403, "example.org is not documented here", "another host without TLS"),
    ("GET http://localhost:8080/__admin/health", 403, "localhost:8080 is this machine", "the admin API"),
    ("GET http:///__admin/health", 403, "No host is not documented here", "no host"),
    ("GET ftp://api.fatora.io/v1/clients", 403, "", "no URL of HTTP"),
    ("GET http://u@api.fatora.io/v1/clients", 400, "The Host is not a name", "a user before the host"),
    ("GET /__admin/health", 403, "127.0.0.1 is this machine", "the proxy as a server"),
]


@pytest.mark.parametrize(("head", "status", "says", "sentence"), REFUSED, ids=[row[3] for row in REFUSED])
def test_what_is_not_documented_is_refused(head: str, status: int, says: str, sentence: str, proxied: Proxied) -> None:
    with connect(proxied) as connection:
        connection.sendall(f"{head} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        answer = parse(read_all(connection))
    assert answer.status == status and says in answer.body.decode() and answer.headers["connection"] == "close"
    assert status == 400 or answer.reason.encode() == answer.body.strip()


@pytest.mark.parametrize("head", ["GET /__admin/health HTTP/1.1\r\nhost:", "GET /__admin/health HTTP/1.0"])
def test_the_proxy_has_no_pages_of_its_own(head: str, proxied: Proxied) -> None:
    with connect(proxied) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert parse(read_all(connection)).status == 403


ASIDE = [
    ("https://api.fatora.io/__admin/health", "api.fatora.io", 404, "the provider's own answer"),
    ("https://api.fatora.io/__understudy/__admin/health", "api.fatora.io", 404, "its other place"),
    ("https://api.fatora.io/__console", "api.fatora.io", 404, "the console"),
    ("https://api.fatora.io/__admin/health", "127.0.0.1", 421, "another host in the tunnel"),
    ("https://api.fatora.io/v1/clients", "api.yativo.com", 421, "another documented host in the tunnel"),
]


@pytest.mark.parametrize(("url", "host", "status", "sentence"), ASIDE, ids=[row[3] for row in ASIDE])
def test_nothing_of_the_servers_own_is_under_a_documented_host(
    url: str,
    host: str,
    status: int,
    sentence: str,
    proxied: Proxied,
) -> None:
    assert ask(proxied, url, host=host).status == status


def test_a_refusal_stands_in_the_journal(proxied: Proxied) -> None:
    with tunnel(proxied, "stray.example.org:443"):
        pass
    ask(proxied, "http://stray.example.org/orders?id=7")
    found = send(proxied.served.port, "GET /__admin/requests/unmatched", {"host": "localhost"}).body.decode()
    assert "https://stray.example.org:443/" in found and "http://stray.example.org/orders?id=7" in found


def basic(user: str) -> str:
    return f"proxy-authorization: Basic {base64.b64encode(f'{user}:'.encode()).decode()}\r\n"


SESSIONS = [
    ("https", basic("bug-1"), "", "bug-1", "the user of the proxy's URL names the session"),
    ("http", basic("bug-2"), "", "bug-2", "without TLS too"),
    ("https", basic("bug-3"), "understudy-session: own\r\n", "own", "a request that names one itself comes first"),
    ("https", "", "understudy-session: own\r\n", "own", "and does so without a user"),
    ("https", "proxy-authorization: Bearer x\r\n", "", None, "other credentials name none"),
]


@pytest.mark.parametrize(("scheme", "sent", "more", "session", "_"), SESSIONS, ids=[row[4] for row in SESSIONS])
def test_the_session_of_a_client(
    scheme: str,
    sent: str,
    more: str,
    session: str | None,
    _: str,
    proxied: Proxied,
) -> None:
    answer = ask(proxied, f"{scheme}://api.fatora.io/v1/clients", KEY + more, credentials=sent)
    assert answer.status == 200 and answer.headers.get("understudy-session") == session


def test_a_tunnel_speaks_plain_http_too(proxied: Proxied) -> None:
    with tunnel(proxied, "api.fatora.io:80") as (connection, _):
        connection.sendall(f"GET /v1/clients/1001 HTTP/1.1\r\nhost: api.fatora.io\r\n{KEY}\r\n".encode() * 2)
        first, second = read_answer(connection), read_answer(connection)
    assert first and second and first.body == second.body and first.status == 200


def test_one_connection_asks_several_documented_hosts(proxied: Proxied) -> None:
    with connect(proxied) as connection:
        for host, path in (("api.fatora.io", "v1/clients"), ("api.yativo.com", "api/v1/customer")) * 2:
            connection.sendall(f"GET http://{host}/{path} HTTP/1.1\r\nhost: {host}\r\n{KEY}{TOKEN}\r\n".encode())
            answer = read_answer(connection)
            assert answer and answer.status == 200
        connection.sendall(b"GET http://example.org/ HTTP/1.1\r\nhost: api.fatora.io\r\n\r\n")
        refused = read_answer(connection)
    assert refused and refused.status == 403


def test_what_a_client_sends_before_it_hears_is_read(proxied: Proxied) -> None:
    ask_inside = f"GET /v1/clients HTTP/1.1\r\nhost: api.fatora.io\r\n{KEY}connection: close\r\n\r\n"
    with connect(proxied) as connection:
        connection.sendall(f"CONNECT api.fatora.io:80 HTTP/1.1\r\nhost: x\r\n\r\n{ask_inside}".encode())
        assert b"200 Connection established\r\n\r\nHTTP/1.1 200 OK" in read_all(connection)


def test_a_name_that_no_certificate_can_have_does_no_harm(proxied: Proxied) -> None:
    with tunnel(proxied, "a..example.com:443") as (connection, _):
        assert TlsClient(connection, proxied.ca, "localhost").tls.version()  # it is shown the server's own


def test_a_reset_in_a_tunnel_is_one(proxied: Proxied) -> None:
    with tunnel(proxied, "api.fatora.io:443") as (connection, _):
        client = TlsClient(connection, proxied.ca, "api.fatora.io")
        head = f"GET /v1/clients?__scenario=connection-reset HTTP/1.1\r\nhost: api.fatora.io\r\n{KEY}\r\n"
        client.send(head.encode())
        assert client.read_to_the_end() == (b"", "reset")


# through to others


@contextmanager
def upstream(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads until its client has ended, then answers and ends; its port, and what it was sent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def play() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(20)
                received.append(read_all(connection))
                connection.sendall(answer)

        thread = threading.Thread(target=play)
        thread.start()
        yield listener.getsockname()[1], received
        thread.join(20)


def test_a_tunnel_is_untouched_and_each_side_ends_by_itself(passing: Proxied) -> None:
    sent, answer = bytes(range(256)) * 20_000, b"\x00\xff" * 1_000_000
    with upstream(answer) as (port, received), tunnel(passing, f"127.0.0.1:{port}") as (connection, opened):
        assert opened and opened.status == 200
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == answer
    assert received == [sent]


def test_a_plain_request_is_handed_on_as_it_was_meant(passing: Proxied) -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"
    with upstream(answer) as (port, received), connect(passing) as connection:
        head = f"POST http://127.0.0.1:{port}/x?y=%20 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Own_Name: Kept\r\n"
        head += f"{basic('me')}Proxy-Connection: keep-alive\r\ncontent-length: 4\r\n\r\nbody"
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == answer
    first, *lines = received[0].decode().split("\r\n")
    assert first == "POST /x?y=%20 HTTP/1.1" and "X-Own_Name: Kept" in lines and lines[-1] == "body"
    assert "connection: close" in lines and "proxy" not in received[0].decode().lower()


def test_documented_hosts_are_played_all_the_same(passing: Proxied) -> None:
    assert ask(passing, "https://api.fatora.io/v1/clients", KEY).status == 200
    with connect(passing) as connection:
        connection.sendall(f"GET http://api.fatora.io/v1/clients HTTP/1.1\r\nhost: x\r\n{KEY}\r\n".encode())
        answer = parse(read_all(connection))  # closed, for the next request may be another server's
    assert answer.status == 200 and answer.headers["connection"] == "close"


def test_this_server_is_not_reached_through_itself(passing: Proxied) -> None:
    for port in (passing.port, passing.served.port):
        with tunnel(passing, f"127.0.0.1:{port}") as (_, answer):
            assert answer and answer.status == 403 and b"is this server itself" in answer.body
    assert ask(passing, f"http://localhost:{passing.served.port}/__admin/health").status == 403


UNREACHABLE = [("nobody.invalid:443", "cannot be reached"), ("127.0.0.1:1", "cannot be reached")]


@pytest.mark.parametrize(("place", "says"), UNREACHABLE)
def test_who_is_not_there_is_said(place: str, says: str, passing: Proxied) -> None:
    with tunnel(passing, place) as (_, answer):
        assert answer and answer.status == 502 and says in answer.reason


WRONG = [
    (["--pass-through"], "--pass-through is about the proxy", "no proxy"),
    (["--tls", "9000", "--proxy", "9000"], "--tls and --proxy are both 9000", "one port for both"),
    (
        ["--proxy", "fatora", "--tls", "x.yaml", "--port", "8081"],
        "--port and --proxy are both 8081",
        "no port is the usual",
    ),
]


@pytest.mark.parametrize(("words", "says", "sentence"), WRONG, ids=[row[2] for row in WRONG])
def test_what_cannot_be_opened_is_a_sentence(words: list[str], says: str, sentence: str, documents: list[str]) -> None:
    given = [documents[0] if word == "x.yaml" else word for word in words]
    done = CliRunner().invoke(main, ["serve", "--no-project", *given])
    assert done.exit_code == 2 and says in done.output
