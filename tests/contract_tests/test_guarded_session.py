"""Where requests leave: what is let out, how often, how fast, and what a dead or rude target is told as."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from contract_tests.transport.guarded_session import Refused, Sender, Stopped, Unreachable, find_proxies
from contract_tests.transport.targets import LIVE, MOCK, Target, TargetOptions, make_target
from mock_server.contract.model import Contract
from mock_server.errors import UsageError
from mock_server.sessions.dispatch import MockApis
from tests.target_server import response, scripted

SECRET = {"apiKey": {"valid": "s3cr3t-of-fatora"}}


@pytest.fixture
def fatora(apis: MockApis) -> Contract:
    return apis.apis["fatora"].contract


def sender(url: str, kind: str = LIVE, budget: int | None = None, rate: float | None = None) -> Sender:
    return Sender(Target("fatora", kind, url, SECRET, budget, rate), "/v1", {"Accept": "*/*", "User-Agent": "u"})


def ok(head: str, number: int) -> bytes:
    return response("200 OK")


def test_a_request_carries_the_credential_and_nothing_of_the_machine(fatora: Contract, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with scripted(ok) as server:
        sender(f"{server.url}/v1").send(fatora.operations[0], "paging", {"page": 2})
    lines = server.heads[0].lower().split("\r\n")
    assert lines[0] == "get /v1/clients?page=2 http/1.1"
    assert sorted(line for line in lines[1:] if line and not line.startswith("host")) == [
        "accept-encoding: identity",
        "accept: */*",
        "api_key: s3cr3t-of-fatora",
        "user-agent: u",
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_live_target_is_only_read(fatora: Contract, method: str) -> None:
    with scripted(ok) as server, pytest.raises(Refused, match="a live target is only read"):
        sender(server.url).send(fatora.operations[0], "errors", method=method)
    assert server.heads == []


def test_the_guard_stands_where_every_session_leaves(fatora: Contract) -> None:
    with scripted(ok) as server:
        session = sender(server.url).make_session()
        with pytest.raises(Refused):
            session.post(f"{server.url}/clients")
        with pytest.raises(Refused, match="another host"):
            session.get("http://127.0.0.1:9/clients")
    assert server.heads == []


def test_a_mock_may_be_sent_other_methods(fatora: Contract) -> None:
    with scripted(ok) as server:
        sender(server.url, MOCK).send(fatora.operations[0], "errors", method="DELETE")
    assert server.heads[0].startswith("DELETE ")


def test_the_budget_ends_the_run(fatora: Contract) -> None:
    with scripted(ok) as server:
        bounded = sender(server.url, budget=3)
        for _ in range(3):
            bounded.send(fatora.operations[0], "paging")
        with pytest.raises(Stopped, match="The budget of 3 calls is spent"):
            bounded.send(fatora.operations[0], "paging")
    assert len(server.heads) == 3


def test_calls_are_paced(fatora: Contract) -> None:
    with scripted(ok) as server:
        paced = sender(server.url, rate=20)
        started = time.monotonic()
        for _ in range(5):
            paced.send(fatora.operations[0], "paging")
    assert time.monotonic() - started >= 0.2


WAITS: list[tuple[str, Callable[[], str], float]] = [
    ("seconds", lambda: "1", 1.0),
    ("a date", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True), 0.8),
]


@pytest.mark.parametrize(("name", "told", "least"), WAITS, ids=[name for name, _, _ in WAITS])
def test_retry_after_is_obeyed_once(fatora: Contract, name: str, told: Callable[[], str], least: float) -> None:
    def busy(head: str, number: int) -> bytes:
        return response("429 Too Many Requests", retry_after=told()) if number == 1 else response("200 OK")

    with scripted(busy) as server:
        started = time.monotonic()
        exchange = sender(server.url).send(fatora.operations[0], "paging")
    assert exchange.answer.status == 200 and len(server.heads) == 2
    assert time.monotonic() - started >= least


def test_a_long_retry_after_ends_the_run(fatora: Contract) -> None:
    busy = response("503 Busy", retry_after="3600")
    with scripted(lambda head, number: busy) as server, pytest.raises(Stopped, match="asked to wait 3600 seconds"):
        sender(server.url).send(fatora.operations[0], "paging")
    assert len(server.heads) == 1


RUDE: list[tuple[str, bytes | None]] = [
    ("closes without an answer", None),
    ("cuts the body short", response("200 OK", b"{}", content_length="500")),
    ("sends no HTTP", b"\x00\x01garbage\r\n\r\n"),
]


@pytest.mark.parametrize(("name", "reply"), RUDE, ids=[name for name, _ in RUDE])
def test_a_rude_target_is_told_in_a_sentence(fatora: Contract, name: str, reply: bytes | None) -> None:
    with scripted(lambda head, number: reply) as server, pytest.raises(Unreachable) as told:
        sender(server.url).send(fatora.operations[0], "paging")
    assert "127.0.0.1" in str(told.value) and "s3cr3t" not in str(told.value) and "object at 0x" not in str(told.value)


def test_a_dead_target_is_told_in_a_sentence(fatora: Contract) -> None:
    with pytest.raises(Unreachable, match=r"127.0.0.1:9 gave no answer: Connection refused\."):
        sender("http://127.0.0.1:9/v1").send(fatora.operations[0], "paging")


def test_three_requests_without_an_answer_end_the_run(fatora: Contract) -> None:
    dead = sender("http://127.0.0.1:9/v1")
    for _ in range(2):
        with pytest.raises(Unreachable):
            dead.send(fatora.operations[0], "paging")
    with pytest.raises(Stopped, match="stopped answering"):
        dead.send(fatora.operations[0], "paging")


def test_redirects_are_answers_and_not_followed(fatora: Contract) -> None:
    with scripted(lambda head, number: response("302 Found", location="http://127.0.0.1:9/")) as server:
        assert sender(server.url).send(fatora.operations[0], "paging").answer.status == 302
    assert len(server.heads) == 1


TARGETS: list[tuple[str, TargetOptions, str]] = [
    ("no URL", TargetOptions(LIVE), "Where is fatora? Set FATORA_BASE_URL, or give --base-url."),
    ("no credential", TargetOptions(LIVE, "https://api.example"), "No credential for fatora: set FATORA_API_KEY."),
    ("no URL at all", TargetOptions(LIVE, "api.example/v1"), "'api.example/v1' is no base URL"),
    ("a credential in the URL", TargetOptions(LIVE, "https://me:pass@api.example"), "is no base URL"),
    ("another scheme", TargetOptions(LIVE, "file:///etc"), "is no base URL"),
]


@pytest.mark.parametrize(("name", "options", "said"), TARGETS, ids=[name for name, _, _ in TARGETS])
def test_a_target_that_is_not_told_is_a_sentence(
    fatora: Contract,
    name: str,
    options: TargetOptions,
    said: str,
) -> None:
    with pytest.raises(UsageError) as told:
        make_target(fatora, options)
    assert said in str(told.value)


def test_a_live_target_has_a_budget_and_a_pace_unless_told_otherwise(fatora: Contract) -> None:
    options = TargetOptions(LIVE, "https://api.example/v1/", variables={"FATORA_API_KEY": "k"})
    target = make_target(fatora, options)
    assert (target.budget, target.rate, target.base_url) == (60, 2.0, "https://api.example/v1")
    assert target.credentials == {"apiKey": {"valid": "k"}}  # no test credential is ever sent to a real API


PROXIED = [
    ("http://127.0.0.1:8080", False),
    ("http://localhost", False),
    ("https://api.example", True),
    ("https://inside.example", False),
]


@pytest.mark.parametrize(("url", "proxied"), PROXIED, ids=[url for url, _ in PROXIED])
def test_proxies_are_for_others_only(url: str, proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert bool(find_proxies(Target("fatora", LIVE, url, SECRET))) == proxied


def test_sessions_of_the_sender_are_plain_requests(fatora: Contract) -> None:
    assert isinstance(sender("http://127.0.0.1:9").make_session(), requests.Session)
