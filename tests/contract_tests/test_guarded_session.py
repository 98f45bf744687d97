"""Where requests leave: what is let out, how often, how fast, and what a dead or rude target is told as."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from contract_tests.transport.connections import find_proxies
from contract_tests.transport.exchanges import NO_ANSWER
from contract_tests.transport.guard import Guard, Refused, Stopped, Unreachable
from contract_tests.transport.guarded_session import ALIVE, Sender
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
    target = Target("fatora", kind, url, SECRET, budget, rate)
    return Sender(target, "/v1", {"Accept": "*/*", "User-Agent": "u"}, pause=lambda seconds: None)


def patient(url: str, kind: str = LIVE, budget: int | None = None) -> tuple[Sender, list[float]]:
    """A sender and the seconds it would have waited."""
    waits: list[float] = []
    target = Target("fatora", kind, url, SECRET, budget)
    return Sender(target, "/v1", {}, pause=waits.append), waits


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


OUTSIDE: list[tuple[str, str, str, str]] = [
    ("another method", "POST", "{url}/clients", "only read"),
    ("another port", "GET", "http://127.0.0.1:9/clients", "another port"),
    ("another scheme and its port", "GET", "https://127.0.0.1/clients", "by https was not sent"),
    ("another host", "GET", "http://localhost:{port}/clients", "another host"),
    ("another scheme", "GET", "https://127.0.0.1:{port}/clients", "by https was not sent"),
    ("a user before the host", "GET", "http://127.0.0.1:{port}@other.example/", "another host"),
    ("no host", "GET", "/clients", "another host"),
    ("half a host", "GET", "http://[::1/", "another host"),
]


@pytest.mark.parametrize(("name", "method", "url", "said"), OUTSIDE, ids=[row[0] for row in OUTSIDE])
def test_the_guard_stands_before_whatever_others_make_up(name: str, method: str, url: str, said: str) -> None:
    with scripted(ok) as server:
        port = server.url.rpartition(":")[2]
        with pytest.raises(Refused, match=said):
            sender(server.url).forward(method, url.format(url=server.url, port=port), {}, b"", "schemathesis")
    assert server.heads == []


def test_a_port_that_goes_without_saying_is_the_same(fatora: Contract) -> None:
    guard = Guard(Target("fatora", LIVE, "https://api.example/v1", SECRET))
    guard.admit("GET", "https://API.example:443/v1/clients")
    for url in ("http://api.example/v1/clients", "http://api.example:443/v1/clients"):
        with pytest.raises(Refused, match="by http was not sent"):
            guard.admit("GET", url)


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
        paced = Sender(Target("fatora", LIVE, server.url, SECRET, None, 20), "/v1", {})
        started = time.monotonic()
        for _ in range(5):
            paced.send(fatora.operations[0], "paging")
    assert time.monotonic() - started >= 0.2


WAITS: list[tuple[str, Callable[[], str], float]] = [
    ("seconds", lambda: "7", 7.0),
    ("a date", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True), 18.0),
    ("no time at all", lambda: "soon", 0.5),
]


@pytest.mark.parametrize(("name", "given", "least"), WAITS, ids=[name for name, _, _ in WAITS])
def test_a_busy_target_is_asked_once_more_after_the_time_it_names(
    fatora: Contract,
    name: str,
    given: Callable[[], str],
    least: float,
) -> None:
    def busy(head: str, number: int) -> bytes:
        return response("429 Too Many Requests", retry_after=given()) if number == 1 else response("200 OK")

    with scripted(busy) as server:
        asking, waits = patient(server.url)
        exchange = asking.send(fatora.operations[0], "paging")
    assert exchange.answer.status == 200 and asking.calls == len(server.heads) == len(asking.traffic) == 2
    assert [(e.answer.status, e.retried) for e in asking.traffic] == [(429, "the answer was 429"), (200, "")]
    assert asking.exchanges == [exchange]
    assert least <= waits[0] <= 20


def test_a_long_retry_after_ends_the_run(fatora: Contract) -> None:
    busy = response("503 Busy", retry_after="3600")
    with scripted(lambda head, number: busy) as server, pytest.raises(Stopped, match="asked to wait 3600 seconds"):
        sender(server.url).send(fatora.operations[0], "paging")
    assert len(server.heads) == 1


def test_a_mock_is_not_waited_for(fatora: Contract) -> None:
    with scripted(lambda head, number: response("429 Too Many", retry_after="1")) as server:
        assert sender(server.url, MOCK).send(fatora.operations[0], "errors").answer.status == 429
    assert len(server.heads) == 1


def test_limits_that_stay_end_the_run(fatora: Contract) -> None:
    busy = response("429 Too Many")
    with scripted(lambda head, number: busy) as server, pytest.raises(Stopped, match="limits how often it is asked"):
        sender(server.url).send(fatora.operations[0], "paging")
    assert len(server.heads) == 2


def test_one_lost_connection_in_twenty_five_is_nothing(fatora: Contract) -> None:
    with scripted(lambda head, number: None if number % 25 == 12 else response("200 OK")) as server:
        asking, _ = patient(server.url)
        for _ in range(60):
            assert asking.send(fatora.operations[0], "paging").answer.status == 200
    assert len(asking.exchanges) == 60 and asking.calls == len(asking.traffic) == len(server.heads) == 63
    lost = [exchange for exchange in asking.traffic if exchange.retried]
    assert [(e.answer.status, e.answer.problems) for e in lost] == [(0, (NO_ANSWER,))] * 3


def quotes_break(head: str, number: int) -> bytes:
    return response("500 Oops") if "%27" in head else response("200 OK")


def test_what_breaks_by_one_request_is_its_answer_and_no_target_in_trouble(fatora: Contract) -> None:
    with scripted(quotes_break) as server:
        asking, _ = patient(server.url)
        asking.send(fatora.operations[0], "paging")
        statuses = [asking.send(fatora.operations[0], "filters", {"keyword": "'"}).answer.status for _ in range(8)]
        assert statuses == [500] * 8
        assert asking.send(fatora.operations[0], "paging").answer.status == 200
    # The first two failures were asked about again, and twice whether the target is alive; then it was known.
    assert [e.check for e in asking.traffic].count(ALIVE) == 2
    assert asking.calls == len(server.heads) == len(asking.traffic) == 14
    assert ALIVE not in {exchange.check for exchange in asking.exchanges}


def test_a_target_that_breaks_down_ends_the_run(fatora: Contract) -> None:
    with scripted(lambda head, number: response("502 Bad") if number > 4 else response("200 OK")) as server:
        asking, _ = patient(server.url)
        for _ in range(4):
            asking.send(fatora.operations[0], "paging")
        with pytest.raises(Stopped, match="answered 3 requests in a row with 502"):
            for _ in range(4):
                asking.send(fatora.operations[0], "paging")


def test_a_target_that_answers_every_other_request_proves_nothing(fatora: Contract) -> None:
    with scripted(lambda head, number: response("503 Busy") if number % 2 else response("200 OK")) as server:
        asking, _ = patient(server.url)
        with pytest.raises(Stopped, match="only when they were sent again"):
            for _ in range(40):
                asking.send(fatora.operations[0], "paging")
    assert len(server.heads) < 40


RUDE: list[tuple[str, bytes | None, str]] = [
    ("closes without an answer", None, "closed the connection without an answer; if it speaks TLS"),
    ("sends no HTTP", b"\x00\x01garbage\r\n\r\n", "what came is no HTTP"),
    ("speaks SSH", b"SSH-2.0-OpenSSH_9.6\r\n", "no HTTP but SSH"),
    ("speaks TLS", b"\x15\x03\x03\x00\x02\x02\x46", "it speaks TLS; its base URL begins with https://"),
    ("stops in its head", b"HTTP/1.1 200 OK\r\nDate: ", "in the middle of a head"),
    ("has a head without end", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "does not end within 64 KiB"),
]


@pytest.mark.parametrize(("name", "reply", "said"), RUDE, ids=[row[0] for row in RUDE])
def test_a_rude_target_is_named_in_a_sentence(fatora: Contract, name: str, reply: bytes | None, said: str) -> None:
    with scripted(lambda head, number: reply) as server, pytest.raises(Unreachable) as error:
        asking, _ = patient(server.url)
        asking.send(fatora.operations[0], "paging")
    assert said in str(error.value) and "127.0.0.1" in str(error.value)
    assert "s3cr3t" not in str(error.value) and "object at 0x" not in str(error.value)
    assert asking.calls == len(asking.traffic) and asking.exchanges == []


def test_a_dead_target_is_named_in_a_sentence(fatora: Contract) -> None:
    with pytest.raises(Unreachable, match=r"127.0.0.1:9 gave no answer: Connection refused\."):
        sender("http://127.0.0.1:9/v1").send(fatora.operations[0], "paging")


def test_a_name_that_nobody_knows_is_a_sentence_and_not_asked_again(fatora: Contract) -> None:
    asking, _ = patient("http://no-such-host.invalid/v1")
    with pytest.raises(Unreachable, match=r"the name no-such-host.invalid is not known \(DNS\)"):
        asking.send(fatora.operations[0], "paging")
    assert asking.calls == 1


def test_three_requests_without_an_answer_end_the_run(fatora: Contract) -> None:
    dead = sender("http://127.0.0.1:9/v1")
    for _ in range(2):
        with pytest.raises(Unreachable):
            dead.send(fatora.operations[0], "paging")
    with pytest.raises(Stopped, match="stopped answering"):
        dead.send(fatora.operations[0], "paging")
    assert dead.calls == len(dead.traffic)


def test_redirects_are_answers_and_not_followed(fatora: Contract) -> None:
    with scripted(lambda head, number: response("302 Found", location="http://127.0.0.1:9/")) as server:
        assert sender(server.url).send(fatora.operations[0], "paging").answer.status == 302
    assert len(server.heads) == 1


def test_a_slash_that_is_missing_is_learned_once(fatora: Contract) -> None:
    def strict(head: str, number: int) -> bytes:
        path, _, query = head.split(" ")[1].partition("?")
        moved = response("308 Moved", b"", location=f"{path}/?{query}" if query else f"{path}/")
        return response("200 OK") if path.endswith("/") else moved

    with scripted(strict) as server:
        asking, _ = patient(f"{server.url}/v1", budget=20)
        answers = [asking.send(fatora.operations[0], "paging", {"page": page}) for page in (1, 2)]
    assert [exchange.answer.status for exchange in answers] == [200, 200]
    assert [exchange.url for exchange in answers] == [f"{server.url}/v1/clients/?page={page}" for page in (1, 2)]
    assert len(server.heads) == asking.calls == len(asking.traffic) == 3
    assert asking.detours.paths == {"/v1/clients": "/v1/clients/"}
    assert (asking.guard.again, asking.guard.remaining) == (1, 18), "to be sent on is not paid by the budget"
    asking.rewind()
    assert asking.send(fatora.operations[0], "paging", url=f"{server.url}/v1/clients/?page=2").answer.status == 200
    assert asking.calls == 3, "who begins again by the other path has the answer already"


def test_calls_that_are_sent_again_have_an_allowance_of_their_own() -> None:
    guard = Guard(Target("fatora", LIVE, "https://api.example/v1", SECRET, budget=20))
    remaining = []
    for is_again in (False, True, True, True):
        guard.admit("GET", "https://api.example/v1/clients", is_again)
        remaining.append(guard.remaining)
    assert remaining == [19, 19, 19, 18] and (guard.calls, guard.again) == (4, 2)
    guard.reserved = 17
    with pytest.raises(Stopped, match="The budget of 20 calls is spent"):
        guard.admit("GET", "https://api.example/v1/clients")
        guard.admit("GET", "https://api.example/v1/clients")


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
    assert bool(find_proxies(url)) == proxied
