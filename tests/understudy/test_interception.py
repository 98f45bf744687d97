"""Requests for documented hosts arrive at the mock, whichever client makes them; afterwards all is as it was."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpcore
import httpx
import pytest
import requests
import urllib3

import understudy
from tests.conftest import ROOT
from understudy import Mock, Session, UnderstudyError
from understudy.admin import Admin
from understudy.interception import PLACES, get_board

KEY = {"api_key": "00000000-0000-4000-8000-00000000F00D"}
URL = "https://api.fatora.io/v1/clients"
ELSEWHERE = "https://api.example.com/v1"

Ask = Callable[[str], int]


def ask_aiohttp(url: str) -> int:
    async def ask() -> int:
        async with aiohttp.ClientSession() as client, client.get(url, headers=KEY) as answer:
            await answer.read()
            return answer.status

    return asyncio.run(ask())


def ask_httpx_async(url: str) -> int:
    async def ask() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(url, headers=KEY)).status_code

    return asyncio.run(ask())


def ask_urllib(url: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=KEY)) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def ask_http_client(url: str) -> int:
    host, _, path = url.removeprefix("https://").partition("/")
    connection = http.client.HTTPSConnection(host)
    try:
        for _ in range(2):  # one connection, two requests
            connection.request("GET", f"/{path}", headers=KEY)
            answer = connection.getresponse()
            answer.read()
    finally:
        connection.close()
    return answer.status


CLIENTS: dict[str, Ask] = {
    "requests": lambda url: requests.get(url, headers=KEY).status_code,
    "httpx": lambda url: httpx.get(url, headers=KEY).status_code,
    "httpx, async": ask_httpx_async,
    "httpcore": lambda url: httpcore.request("GET", url, headers=list(KEY.items())).status,
    "urllib3": lambda url: urllib3.request("GET", url, headers=KEY).status,
    "aiohttp": ask_aiohttp,
    "urllib.request": ask_urllib,
    "http.client": ask_http_client,
}


@pytest.fixture(scope="module")
def served() -> Iterator[Mock]:
    with understudy.serve("fatora", "yativo") as mock:
        yield mock


@pytest.fixture(scope="module")
def local() -> Session:
    return understudy.transport("fatora", "yativo").session


@pytest.fixture(params=["in this process", "served"])
def session(request: pytest.FixtureRequest, served: Mock, local: Session) -> Iterator[Session]:
    """A session of a mock in this process, and one of a server."""
    mock = served if request.param == "served" else Mock(local._admin)
    with mock.session() as made:
        yield made


@pytest.mark.parametrize("client", CLIENTS)
def test_a_documented_host_is_the_sessions(session: Session, client: str) -> None:
    with understudy.intercept(session):
        assert CLIENTS[client](URL) == 200
        session.play("server-error")
        assert CLIENTS[client](URL) == 500
    assert session.assert_called("listClients")[0].status == 200


@pytest.mark.parametrize("client", CLIENTS)
def test_another_host_is_refused(local: Session, client: str) -> None:
    with understudy.intercept(local, others="refuse"), pytest.raises(UnderstudyError) as refused:
        CLIENTS[client](ELSEWHERE)
    assert "https://api.example.com is refused" in str(refused.value)
    assert "api.fatora.io" in str(refused.value) and "api.yativo.com" in str(refused.value)


@pytest.mark.parametrize("client", [name for name in CLIENTS if name != "http.client"])
def test_this_machine_is_never_refused(local: Session, served: Mock, client: str) -> None:
    with understudy.intercept(local, others="refuse"):
        assert CLIENTS[client](f"{served.url('fatora')}/clients") == 200


def test_the_server_itself_is_asked_wherever_it_is(local: Session) -> None:
    away = Session(Admin("http://mock.example:8080"), "anna", local.providers)
    with understudy.intercept(away, others="refuse"):
        assert get_board().find("http", "mock.example", 8080) is None
        with pytest.raises(UnderstudyError, match=r"other\.example is refused"):
            get_board().find("http", "other.example", 8080)


def find_originals() -> list[Any]:
    modules = [__import__(place.module, fromlist=["_"]) for place in PLACES]
    return [getattr(getattr(m, place.owner), place.method) for m, place in zip(modules, PLACES, strict=True)]


def test_all_is_restored_also_after_an_error(local: Session) -> None:
    before = find_originals()
    with pytest.raises(ZeroDivisionError), understudy.intercept(local):
        assert find_originals() != before
        raise ZeroDivisionError
    assert find_originals() == before


def test_blocks_may_be_nested_and_end_in_any_order(local: Session) -> None:
    before = find_originals()
    inner = understudy.transport("fatora", records=3)
    first, second = understudy.intercept(local), understudy.intercept(inner.session, others="refuse")
    first.__enter__()
    second.__enter__()
    assert httpx.get(URL, headers=KEY).json()["total"] == 3
    # What the outer one documents is not refused by the inner one.
    assert httpx.get("https://api.yativo.com/api/v1/customer").status_code == 401
    first.__exit__(None, None, None)
    assert httpx.get(URL, headers=KEY).json()["total"] == 3
    second.__exit__(None, None, None)
    assert find_originals() == before


def test_clients_made_before_are_met_and_keep_nothing_of_it(local: Session) -> None:
    with httpx.Client(headers=KEY) as client, requests.Session() as session:
        connection = http.client.HTTPSConnection("api.fatora.io")
        with understudy.intercept(local):
            assert client.get(URL).status_code == 200
            assert session.get(URL, headers=KEY).status_code == 200
            connection.request("GET", "/v1/clients", headers=KEY)
            assert json.load(connection.getresponse())["page"] == 1
        assert connection.sock is None
        pool: Any = client._transport
        assert pool._pool.connections == []
        adapter: Any = session.get_adapter(URL)
        pools = adapter.poolmanager.pools
        kept = [each for key in list(pools.keys()) for each in pools[key].pool.queue]
        assert [each for each in kept if each and each.sock] == []


def test_threads_are_met_while_it_lasts(local: Session) -> None:
    statuses: list[int] = []

    def work() -> None:
        for _ in range(5):
            statuses.append(requests.get(URL, headers=KEY).status_code)
            statuses.append(httpx.get(URL, headers=KEY).status_code)

    with understudy.intercept(local, others="refuse"):
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 60


@understudy.intercept("fatora", records=7)
def ask_total() -> int:
    return int(requests.get(URL, headers=KEY).json()["total"])


@understudy.intercept("fatora", records=8)
async def ask_total_async() -> int:
    async with httpx.AsyncClient(headers=KEY) as client:
        return int((await client.get(URL)).json()["total"])


def test_a_function_may_be_decorated() -> None:
    assert ask_total() == 7
    assert asyncio.run(ask_total_async()) == 8
    assert not get_board().is_held


def test_a_session_offers_it_too(served: Mock) -> None:
    with served.session(records=4) as session, session.intercept(others="refuse"):
        assert httpx.get(URL, headers=KEY).json()["total"] == 4


def test_a_proxy_of_the_environment_is_not_asked(local: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with understudy.intercept(local):
        for client in ("requests", "httpx", "httpx, async", "urllib.request"):
            for url in (URL, URL.replace("https", "http")):
                assert CLIENTS[client](url) == 200, (client, url)


ERRORS: list[tuple[str, type[Exception]]] = [
    ("connection-reset", aiohttp.ClientOSError),
    ("empty-response", aiohttp.ServerDisconnectedError),
    ("truncated-body", aiohttp.ClientPayloadError),
    ("random-data", aiohttp.ClientResponseError),
]


@pytest.mark.parametrize(("scenario", "error"), ERRORS)
def test_a_fault_on_the_wire_is_the_error_of_aiohttp(local: Session, scenario: str, error: type[Exception]) -> None:
    with understudy.intercept(local), pytest.raises(error):
        ask_aiohttp(f"{URL}?__scenario={scenario}")


GONE: dict[str, type[Exception]] = {
    "requests": requests.ConnectionError,
    "httpx": httpx.ConnectError,
    "httpx, async": httpx.ConnectError,
    "aiohttp": aiohttp.ClientConnectorError,
    "http.client": ConnectionRefusedError,
}


@pytest.mark.parametrize("client", GONE)
def test_a_server_that_is_gone_is_no_connection(local: Session, client: str) -> None:
    gone = Session(Admin("http://127.0.0.1:1"), "anna", local.providers)
    with understudy.intercept(gone), pytest.raises(GONE[client]):
        CLIENTS[client](URL)


def test_who_does_not_wait_any_longer_leaves_nobody_waiting(local: Session) -> None:
    async def ask() -> None:
        limit = aiohttp.ClientTimeout(total=0.1)
        async with aiohttp.ClientSession(timeout=limit) as client, httpx.AsyncClient(timeout=None) as other:
            with pytest.raises(TimeoutError):
                await client.get(f"{URL}?__scenario=never-answers", headers=KEY)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(other.get(f"{URL}?__scenario=never-answers", headers=KEY), 0.1)

    before = time.monotonic()
    with understudy.intercept(local):
        asyncio.run(ask())
    assert time.monotonic() - before < 5


def test_who_tries_again_is_answered_in_the_end(local: Session) -> None:
    often = requests.adapters.HTTPAdapter(max_retries=urllib3.Retry(3, status_forcelist=[500], backoff_factor=0))
    with Mock(local._admin).session() as session, session.intercept(), requests.Session() as client:
        client.mount("https://", often)
        session.play("fails-twice-then-succeeds")
        assert client.get(URL, headers=KEY).status_code == 200
        assert [each.status for each in session.requests()] == [500, 500, 200]


def test_a_body_is_sent_as_it_is() -> None:
    async def send() -> Any:
        async with (
            aiohttp.ClientSession() as client,
            client.post("http://petstore.example/v1/pets", json=REX) as answer,
        ):
            return await answer.json()

    with understudy.intercept(ROOT / "examples" / "petstore.yaml") as session:
        names = [
            asyncio.run(send())["name"],
            requests.post("http://petstore.example/v1/pets", json=REX).json()["name"],
            httpx.post("https://petstore.example/v1/pets", json=REX).json()["name"],
        ]
        assert names == ["Rex"] * 3
        session.assert_called("POST /pets", times=3, json={"name": "Rex"})


REX = {"id": 0, "name": "Rex", "status": "sold"}


def test_what_documents_no_host_is_said(tmp_path: Path) -> None:
    (tmp_path / "local.yaml").write_text("openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {}\n")
    with pytest.raises(UnderstudyError, match="local documents no host"):
        understudy.intercept(tmp_path / "local.yaml").__enter__()
    with pytest.raises(UnderstudyError, match="others is pass or refuse"):
        understudy.intercept("fatora", others="refused")
