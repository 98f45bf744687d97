"""A mock without a socket answers byte for byte as one with it, and faults are the client library's own errors."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

import understudy
from mock_server.faults import Step
from mock_server.server import MemoryConnection
from tests.conftest import ROOT
from understudy import Mock, Session, UnderstudyError
from understudy.lines import Opening, open_line

PETSTORE = ROOT / "examples" / "petstore.yaml"
PLAYED = (PETSTORE, "fatora", "yativo", "sourcehub", "sellercloud")
FATORA = "api_key: 00000000-0000-4000-8000-00000000F00D\r\n"
JSON = "Content-Type: application/json\r\n"


def bearer(name: str) -> str:
    return f"Authorization: Bearer understudy-{name}-valid\r\n"


def body(text: str) -> str:
    return f"{JSON}Content-Length: {len(text)}\r\n\r\n{text}"


REQUESTS: list[tuple[str, str, str]] = [
    ("a list", "GET /petstore/v1/pets?limit=3", ""),
    ("a filtered list", "GET /petstore/v1/pets?status=sold", ""),
    ("a record", "GET /petstore/v1/pets/3", ""),
    ("a record that is not there", "GET /petstore/v1/pets/987654", ""),
    ("a refused value", "GET /petstore/v1/pets?limit=1000", ""),
    ("a write", "POST /petstore/v1/pets", body('{"id": 0, "name": "Rex", "status": "sold"}')),
    ("what was written", "GET /petstore/v1/pets/51", ""),
    ("a wrong write", "POST /petstore/v1/pets", body("{}")),
    ("a delete", "DELETE /petstore/v1/pets/51", ""),
    ("a head", "HEAD /petstore/v1/pets", ""),
    ("no such path", "GET /petstore/v1/nothing", ""),
    ("no such method", "PATCH /petstore/v1/pets", ""),
    ("no such provider", "GET /nobody/v1", ""),
    ("a list of a shipped contract", "GET /fatora/v1/clients?page=2&page_size=5", FATORA),
    ("its record", "GET /fatora/v1/clients/1024", FATORA),
    ("nobody's credential", "GET /fatora/v1/clients", ""),
    ("a documented reason", "GET /yativo/api/v1/customer?__code=401", bearer("yativo")),
    ("links to the next page", "GET /yativo/api/v1/customer?per_page=3", bearer("yativo")),
    ("a skipped page", "GET /sourcehub/api/customers?count=5&skip=5", bearer("sourcehub")),
    ("a filtered list of many", "GET /sellercloud/rest/api/Customers?rating=Satisfied", bearer("sellercloud")),
    ("a forced error", "GET /fatora/v1/clients?__code=500", FATORA),
    ("a scenario", "GET /fatora/v1/clients?__scenario=invalid-json", FATORA),
    ("a truncated body", "GET /fatora/v1/clients?__scenario=truncated-body", FATORA),
    ("a malformed chunk", "GET /fatora/v1/clients?__scenario=malformed-chunk", FATORA),
    ("rubbish", "GET /fatora/v1/clients?__scenario=random-data", FATORA),
    ("no byte", "GET /fatora/v1/clients?__scenario=empty-response", FATORA),
    ("a body in pieces", "GET /fatora/v1/clients?__scenario=dribble", FATORA),
    ("a page of another origin", "GET /fatora/v1/clients", f"{FATORA}Origin: http://localhost:3000\r\n"),
    (
        "a browser's question",
        "OPTIONS /fatora/v1/clients",
        "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: GET\r\n",
    ),
    ("a whole URL as its target", "GET https://api.fatora.io/v1/clients?page_size=1", FATORA),
    ("a documented host", "GET https://api.yativo.com/api/v1/customer?per_page=1", bearer("yativo")),
    ("a body that is too large", "POST /petstore/v1/pets", f"{JSON}Content-Length: 99999999\r\n\r\n"),
    ("what is no HTTP", "GET /petstore/v1/pets", "no header\r\n"),
    ("the admin API", "GET /__admin/version", ""),
    ("its OpenAPI document", "GET /openapi/fatora.json", ""),
]


@pytest.fixture(scope="module")
def served() -> Iterator[Mock]:
    with understudy.serve(*PLAYED) as mock:
        yield mock


@pytest.fixture(scope="module")
def local() -> Session:
    return understudy.transport(*PLAYED).session


def write_request(line: str, rest: str, host: str) -> bytes:
    ending = "" if "\r\n\r\n" in rest else "\r\n"
    return f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{rest}{ending}".encode()


def exchange(session: Session, request: bytes) -> bytes:
    line = open_line(session, "http", "localhost")
    line.send(request)
    answer = b""
    while data := line.receive(10):
        answer += data
    line.close()
    return b"\r\n".join(each for each in answer.split(b"\r\n") if not each.startswith(b"date: "))


def test_the_answers_are_byte_for_byte_those_over_a_socket(served: Mock, local: Session) -> None:
    host = served.base_url.removeprefix("http://")
    differing = {}
    for name, line, rest in REQUESTS:
        request = write_request(line, rest, host)
        ours, theirs = exchange(local, request), exchange(served.default, request)
        if ours != theirs:
            differing[name] = (ours[:600], theirs[:600])
    assert differing == {}


def test_libraries_see_the_same_either_way(served: Mock, local: Session) -> None:
    """Through httpx and requests: the status line, each header in its order and case, the body."""
    key = {"api_key": "00000000-0000-4000-8000-00000000F00D"}
    urls = [
        f"{served.base_url}{path}" for path in ("/fatora/v1/clients", "/fatora/v1/clients/1", "/petstore/v1/pets/3")
    ]
    with httpx.Client() as over_socket, httpx.Client(transport=understudy.transport(local)) as in_process:
        for url in urls:
            there, here = over_socket.get(url, headers=key), in_process.get(url, headers=key)
            assert (here.status_code, here.reason_phrase, here.content) == (
                there.status_code,
                there.reason_phrase,
                there.content,
            )
            assert without_date(here.headers.raw) == without_date(there.headers.raw)
    with requests.Session() as over_socket_too, requests.Session() as in_process_too:
        in_process_too.mount("http://", understudy.requests_adapter(local))
        for url in urls:
            first, second = over_socket_too.get(url, headers=key), in_process_too.get(url, headers=key)
            assert (first.status_code, first.reason, first.content) == (
                second.status_code,
                second.reason,
                second.content,
            )


def without_date(headers: Any) -> list[Any]:
    return [pair for pair in headers if pair[0].lower() != b"date"]


KEY = {"api_key": "00000000-0000-4000-8000-00000000F00D"}
URL = "https://api.fatora.io/v1/clients"

FAULTS: list[tuple[str, type[Exception], type[Exception]]] = [
    ("connection-reset", httpx.ReadError, requests.ConnectionError),
    ("empty-response", httpx.RemoteProtocolError, requests.ConnectionError),
    ("truncated-body", httpx.RemoteProtocolError, requests.exceptions.ChunkedEncodingError),
    ("malformed-chunk", httpx.RemoteProtocolError, requests.exceptions.ChunkedEncodingError),
    ("random-data", httpx.RemoteProtocolError, requests.ConnectionError),
    ("never-answers", httpx.ReadTimeout, requests.exceptions.ReadTimeout),
    ("slow", httpx.ReadTimeout, requests.exceptions.ReadTimeout),
]


@pytest.mark.parametrize(("scenario", "of_httpx", "of_requests"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_on_the_wire_is_the_librarys_own_error(
    local: Session,
    scenario: str,
    of_httpx: type[Exception],
    of_requests: type[Exception],
) -> None:
    url = f"{URL}?__scenario={scenario}"
    transport = understudy.transport(local)
    with httpx.Client(transport=transport, headers=KEY) as client, pytest.raises(of_httpx):
        client.get(url, timeout=0.1)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=transport, headers=KEY) as async_client:
            await async_client.get(url, timeout=0.1)

    with pytest.raises(of_httpx):
        asyncio.run(ask())
    with requests.Session() as session:
        session.mount("https://", understudy.requests_adapter(local))
        with pytest.raises(of_requests):
            session.get(url, headers=KEY, timeout=0.1)


HOSTS: list[tuple[str, str]] = [
    ("the documented URL", URL),
    ("the documented host without TLS", "http://api.fatora.io/v1/clients"),
    ("the mock's own path on any host", "http://localhost/fatora/v1/clients"),
    ("a session in the path", "http://testserver:8080/~anna/fatora/v1/clients"),
]


@pytest.mark.parametrize("url", [row[1] for row in HOSTS], ids=[row[0] for row in HOSTS])
def test_a_client_may_name(local: Session, url: str) -> None:
    with httpx.Client(transport=understudy.transport(local), headers=KEY) as client:
        assert client.get(url).json()["page"] == 1


def test_what_was_asked_is_known_when_the_client_is_closed() -> None:
    transport = understudy.transport("fatora", seed="4711", records=3)
    with httpx.Client(transport=transport, headers=KEY) as client:
        assert client.get(URL).json()["total"] == 3
        transport.play("server-error")
        assert client.get(URL).status_code == 500
        client.get(f"{URL}?pgae=2")
    assert [each.status for each in transport.requests()] == [200, 500, 500]
    transport.assert_called("listClients", times=3)
    assert any("pgae" in each for each in transport.verdicts())


def test_what_is_kept_in_a_folder_is_there_for_the_next(tmp_path: Path) -> None:
    for total in (51, 52):
        session = understudy.transport(PETSTORE, more=["--keep", str(tmp_path / "kept")]).session
        session.add("petstore", "pets", name="Rex")
        assert len(session.records("petstore", "pets")) == total
        session._admin.local.end()  # type: ignore[union-attr]


def test_a_session_of_a_mock_in_this_process_is_another_view() -> None:
    transport = understudy.transport("fatora")
    with transport.mock.session(records=3) as session, httpx.Client(transport=understudy.transport(session)) as client:
        assert client.get(URL, headers=KEY).json()["total"] == 3
        session.assert_called("listClients", times=1)
        assert transport.requests() == []


def test_links_lead_back_under_the_scheme_that_was_asked() -> None:
    with httpx.Client(transport=understudy.transport("yativo")) as client:
        answer = client.get(
            "https://api.yativo.com/api/v1/customer",
            headers={"Authorization": "Bearer understudy-yativo-valid"},
        )
    assert answer.json()["pagination"]["next_page_url"].startswith("https://api.yativo.com/api/v1/customer?")


def test_a_hundred_slow_answers_come_side_by_side(local: Session) -> None:
    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=understudy.transport(local), headers=KEY) as client:
            answers = await asyncio.gather(*(client.get(f"{URL}?__scenario=slow") for _ in range(40)))
        return [answer.status_code for answer in answers]

    started = time.monotonic()
    assert asyncio.run(ask()) == [200] * 40
    assert time.monotonic() - started < 8, "one after the other they take 20 seconds"


def test_it_works_without_any_socket() -> None:
    code = (
        "import socket, httpx, understudy\n"
        "def refuse(*values, **named): raise AssertionError('a socket')\n"
        "socket.socket.connect = socket.socket.bind = refuse\n"
        f"client = httpx.Client(transport=understudy.transport('fatora'), headers={KEY!r})\n"
        f"assert client.get({URL!r}).status_code == 200\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


MISSING = [("httpx", "transport"), ("requests", "requests_adapter")]


@pytest.mark.parametrize(("library", "door"), MISSING)
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, library: str, door: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"understudy.over_{library}", raising=False)
    with pytest.raises(UnderstudyError, match=f"{library} is not installed: pip install {library}"):
        getattr(understudy, door)("fatora")


WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("a provider that nobody knows", ("fatoar",), {}, "no provider 'fatoar'"),
    ("a file that is not there", ("nowhere.yaml",), {}, "nowhere.yaml"),
    ("a scenario that is not known", ("fatora",), {"scenarios": ["nope"]}, "no scenario 'nope'"),
    ("a number of records that cannot be", ("fatora",), {"records": -1}, "records"),
]


@pytest.mark.parametrize(("what", "options", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_cannot_be_played_says_why(what: tuple[Any, ...], options: dict[str, Any], said: str) -> None:
    with pytest.raises(UnderstudyError) as failed:
        understudy.transport(*what, **options)
    assert said in str(failed.value)


def test_a_server_is_not_named_beside_what_is_to_be_played(served: Mock) -> None:
    with pytest.raises(UnderstudyError, match="Name one server, one session"):
        understudy.transport(served, "fatora")


def test_a_mock_that_nobody_holds_ends() -> None:
    ended = understudy.transport("fatora").session
    ended._admin.local.end()  # type: ignore[union-attr]
    with pytest.raises(UnderstudyError, match="has ended"):
        ended.requests()
    gc.collect()


OPENINGS: list[tuple[str, str, str, bytes, bytes]] = [
    ("nothing to add", "http", "default", b"GET / HTTP/1.1\r\nA: b\r\n\r\n", b"GET / HTTP/1.1\r\nA: b\r\n\r\n"),
    (
        "a session",
        "http",
        "anna",
        b"GET / HTTP/1.1\r\nA: b\r\n\r\nrest",
        b"GET / HTTP/1.1\r\nUnderstudy-Session: anna\r\nA: b\r\n\r\nrest",
    ),
    ("a scheme", "https", "default", b"GET /a HTTP/1.1\r\n\r\n", b"GET https://h/a HTTP/1.1\r\n\r\n"),
    (
        "a session that is named already",
        "http",
        "anna",
        b"GET / HTTP/1.1\r\nunderstudy-SESSION: bob\r\n\r\n",
        b"GET / HTTP/1.1\r\nunderstudy-SESSION: bob\r\n\r\n",
    ),
    ("a session in the path", "http", "anna", b"GET /~bob/a HTTP/1.1\r\n\r\n", b"GET /~bob/a HTTP/1.1\r\n\r\n"),
]


@pytest.mark.parametrize(
    ("scheme", "session", "sent", "passed"),
    [row[1:] for row in OPENINGS],
    ids=[row[0] for row in OPENINGS],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_head_gets(scheme: str, session: str, sent: bytes, passed: bytes, size: int) -> None:
    opening = Opening(scheme, "h", session)
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert b"".join(map(opening.rewrite, pieces)) == passed


def test_a_stream_goes_on_until_it_is_closed(local: Session) -> None:
    transport = understudy.transport(local)
    with (
        httpx.Client(transport=transport, headers=KEY) as client,
        client.stream("GET", "http://localhost/__admin/events") as events,
    ):
        client.get(URL)
        assert b"/v1/clients" in next(events.iter_bytes())


def test_a_client_that_wants_to_be_told_to_go_on_is() -> None:
    connection = MemoryConnection(lambda request: pytest.fail("not yet"), "http://localhost")
    connection.feed(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert list(connection.steps()) == [Step("send", b"HTTP/1.1 100 Continue\r\n\r\n")]
    assert list(connection.steps()) == []
