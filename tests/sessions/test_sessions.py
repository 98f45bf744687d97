"""Many testers on one server: sessions, what they change, and that none sees another's."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.messages import Request
from mock_server.sessions.session_apis import SessionApis
from tests.conftest import CREDENTIALS, LISTS, Served, Start
from tests.raw import Answer, send

KEY = CREDENTIALS["fatora"]


def ask(served: Served, target: str = LISTS["fatora"], session: str = "", **headers: str) -> Answer:
    named = {"understudy-session": session} if session else {}
    return send(served.port, f"GET {target}", {"host": "127.0.0.1", **KEY, **named, **headers})


def admin(served: Served, method: str, path: str, value: Any = None) -> Any:
    body = json.dumps(value).encode() if value is not None else b""
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}
    answer = send(served.port, f"{method} /__admin{path}", headers, body)
    return json.loads(answer.body)


@pytest.fixture(scope="module")
def two(start: Start) -> Served:
    """One server of two workers."""
    return start("--workers", "2")


CHANGES: list[tuple[str, dict[str, Any], Any]] = [
    ("another seed", {"seed": "other"}, lambda body, plain: body["clients"] != plain["clients"]),
    ("another count", {"records": 3}, lambda body, plain: body["total"] == 3),
    ("a scenario", {"scenarios": ["empty-collection"]}, lambda body, plain: body["total"] == 0),
    (
        "two scenarios",
        {"scenarios": ["exactly-one-record", "emoji"]},
        lambda body, plain: body["total"] == 1 and "\U0001f469" in body["clients"][0]["name"],
    ),
]


@pytest.mark.parametrize(("name", "settings", "holds"), CHANGES, ids=[name for name, _, _ in CHANGES])
def test_a_session_changes_its_own_view_in_every_worker_and_no_other(
    name: str,
    settings: dict[str, Any],
    holds: Any,
    two: Served,
) -> None:
    session = name.replace(" ", "-")
    plain = json.loads(ask(two).body)
    admin(two, "PUT", f"/sessions/{session}", settings)
    assert all(holds(json.loads(ask(two, session=session).body), plain) for _ in range(8))
    assert all(json.loads(ask(two).body) == plain for _ in range(4))
    admin(two, "POST", f"/sessions/{session}/reset")
    assert json.loads(ask(two, session=session).body) == plain


def test_a_session_follows_its_own_reading(two: Served) -> None:
    admin(two, "PUT", "/sessions/reads", {"readings": {"fatora": {"notes-field": "note"}}})
    clients = {
        name: json.loads(ask(two, f"{LISTS['fatora']}/1000", session=name).body)["client"]
        for name in ("reads", "plain")
    }
    assert "note" in clients["reads"] and "notes" in clients["plain"] and "note" not in clients["plain"]


def find_value(body: Any, name: str) -> Any:
    """The value under a name, wherever it stands."""
    if not isinstance(body, dict):
        return None
    return body.get(name) or next((found for child in body.values() if (found := find_value(child, name))), None)


def test_a_path_names_a_session_and_its_links_stay_there(two: Served) -> None:
    headers = {"host": "127.0.0.1:1", **CREDENTIALS["sourcehub"]}
    answer = send(two.port, f"GET /~anna{LISTS['sourcehub']}", headers)
    assert answer.headers["understudy-session"] == "anna"
    assert find_value(json.loads(answer.body), "next_page_url").startswith("http://127.0.0.1:1/~anna/sourcehub/")


@pytest.mark.parametrize("name", ["..", "a/b", "x" * 65, "<b>", "-a"])
def test_what_is_no_name_is_refused_with_a_problem(name: str, two: Served) -> None:
    answer = ask(two, session=name)
    assert answer.status == 400 and answer.headers["content-type"] == "application/problem+json"


STARTS: list[tuple[str, tuple[str, ...]]] = [("one process", ()), ("two workers", ("--workers", "2"))]


@pytest.mark.parametrize(("name", "options"), STARTS, ids=[name for name, _ in STARTS])
def test_a_reset_leads_back_to_how_the_server_was_started(name: str, options: tuple[str, ...], start: Start) -> None:
    served = start("fatora", "--scenario", "third-call-fails", *options)
    played = [200, 200, 500, 200]
    assert [ask(served).status for _ in range(4)] == played
    assert ask(served).headers["understudy-scenario"] == "third-call-fails"
    for reset in ("/reset", "/sessions/default/reset"):
        admin(served, "PUT", "/settings", {"scenarios": [], "seed": "other", "records": 2})
        clean = [ask(served) for _ in range(4)]
        assert [each.status for each in clean] == [200] * 4 and "understudy-scenario" not in clean[0].headers
        admin(served, "POST", reset)
        assert admin(served, "GET", "/settings")["scenarios"] == ["third-call-fails"]
        assert [ask(served).status for _ in range(4)] == played
    assert [ask(served, session="mine").status for _ in range(4)] == [200] * 4


def test_a_clock_ahead_ends_a_rate_limit(two: Served) -> None:
    admin(two, "PUT", "/sessions/clock", {"scenarios": ["rate-limited"]})
    assert [ask(two, session="clock").status for _ in range(6)] == [200] * 5 + [429]
    admin(two, "PUT", "/sessions/clock", {"clockOffsetSeconds": 3600})
    assert ask(two, session="clock").status == 200


def test_prefer_asks_for_one_request_and_is_answered(two: Served) -> None:
    answer = ask(two, session="prefers", prefer="scenario=bad-gateway")
    assert (answer.status, answer.headers["preference-applied"]) == (502, "scenario=bad-gateway")
    assert answer.headers["understudy-scenario"] == "bad-gateway; step=1"
    assert ask(two, session="prefers").status == 200
    explained = ask(two, f"{LISTS['fatora']}?__explain=1&__code=404")
    assert explained.headers["understudy-session"] == "default" and explained.headers["understudy-seed"] == "understudy"
    assert explained.headers["preference-applied"] in ("code=404, explain=1", "explain=1", "code=404")
    unknown = ask(two, prefer="scenario=bad-gatewy")
    assert unknown.status == 400 and "bad-gateway" in json.loads(unknown.body)["detail"]


def test_two_hundred_sessions_in_parallel_over_two_workers_never_mix(two: Served) -> None:
    """10,000 requests: each session's answers and journal are exactly its own."""
    names = [f"s{number}" for number in range(200)]
    for number, name in enumerate(names):
        admin(two, "PUT", f"/sessions/{name}", {"seed": f"seed {number % 7}", "scenarios": ["every-fifth-call-fails"]})

    def play(name: str) -> list[tuple[int, bytes]]:
        connection = http.client.HTTPConnection("127.0.0.1", two.port, timeout=60)
        answers = []
        for number in range(50):
            connection.request("GET", f"/~{name}/fatora/v1/clients?page_size=1&page={number + 1}", headers=KEY)
            response = connection.getresponse()
            answers.append((response.status, response.read()))
        connection.close()
        return answers

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        played = dict(zip(names, pool.map(play, names)))
    by_seed: dict[int, Any] = {}
    for number, name in enumerate(names):
        assert [status for status, _ in played[name]] == ([200] * 4 + [500]) * 10
        assert by_seed.setdefault(number % 7, played[name]) == played[name], "the same seed, the same answers"
    assert len({json.dumps([body.decode() for _, body in played]) for played in by_seed.values()}) == 7
    for name in names:
        journal = admin(two, "GET", f"/requests?session={name}&limit=100&bodies=true")
        assert journal["meta"]["total"] == 50
        entries = journal["requests"][::-1]
        assert [each["request"]["url"] for each in entries] == [
            f"/~{name}/fatora/v1/clients?page_size=1&page={number + 1}" for number in range(50)
        ]
        assert [each["response"]["body"].encode() for each in entries] == [body for _, body in played[name]]


def test_a_killed_worker_loses_no_entry_and_its_place_is_taken(two: Served) -> None:
    for _ in range(40):
        ask(two, session="victim")
    children = Path(f"/proc/{two.process.pid}/task/{two.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    time.sleep(0.3)
    assert admin(two, "GET", "/requests?session=victim&limit=100")["meta"]["total"] == 40
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = Path(f"/proc/{two.process.pid}/task/{two.process.pid}/children").read_text().split()
        if len(now) == 2 and now != children:
            break
        time.sleep(0.05)
    for _ in range(10):
        assert ask(two, session="victim").status == 200
    assert admin(two, "GET", "/requests?session=victim&limit=100")["meta"]["total"] == 50


PLAIN_AGAIN: list[tuple[str, Callable[[SessionApis], Any]]] = [
    ("a reset", lambda apis: apis.services.sessions.reset("default")),
    (
        "its journal emptied",
        lambda apis: apis.services.sessions.save(apis.services.sessions.get()._replace(since_ns=1)),
    ),
    (
        "its settings saved as the server's own are",
        lambda apis: apis.change(
            apis.services.sessions.get(),
            {
                "seed": "understudy",
                "records": None,
                "limits": "report",
                "clockOffsetSeconds": 0,
                "readings": {"fatora": {"notes-field": "notes"}},
            },
        ),
    ),
    (
        "a scenario switched on and off",
        lambda apis: [apis.change(apis.services.sessions.get(), {"scenarios": names}) for names in (["flaky"], [])],
    ),
]


@pytest.mark.parametrize(("name", "act"), PLAIN_AGAIN, ids=[name for name, _ in PLAIN_AGAIN])
def test_the_default_session_is_plain_and_quick_again_after(
    name: str,
    act: Callable[[SessionApis], Any],
    session_apis: SessionApis,
) -> None:
    request = Request("GET", LISTS["fatora"], "", KEY, "http://mock.test")
    clean = session_apis.find_answer(request)
    act(session_apis)
    assert clean and session_apis.find_answer(request) == clean


def test_a_reset_forgets_what_the_default_session_spent(session_apis: SessionApis) -> None:
    request = Request("GET", LISTS["yativo"], "", CREDENTIALS["yativo"], "http://mock.test")

    def remaining() -> int:
        answer = session_apis.find_answer(request)
        assert answer
        return int(dict(answer.headers)["x-ratelimit-remaining"])

    first = remaining()
    assert remaining() == first - 1
    session_apis.services.sessions.reset("default")
    assert remaining() == first


def test_limits_are_a_sessions_own(two: Served) -> None:
    admin(two, "PUT", "/sessions/strict", {"limits": "enforce"})
    headers = {"host": "127.0.0.1", **CREDENTIALS["yativo"]}
    statuses = [send(two.port, f"GET /~strict{LISTS['yativo']}", headers).status for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert send(two.port, f"GET /~lenient{LISTS['yativo']}", headers).status == 200
    assert send(two.port, f"GET {LISTS['yativo']}", headers).status == 200


def test_the_journal_thinks_by_the_sessions_own_reading(two: Served) -> None:
    admin(two, "PUT", "/sessions/counts", {"readings": {"sourcehub": {"limit-parameter": "ignored"}}})
    headers = {"host": "127.0.0.1", **CREDENTIALS["sourcehub"]}
    rules = {}
    for name in ("counts", "plain-counts"):
        send(two.port, f"GET /~{name}{LISTS['sourcehub']}?limit=5", headers)
        verdicts = admin(two, "GET", f"/verdicts?session={name}")["verdicts"]
        rules[name] = [each["rule"] for each in verdicts]
    assert rules == {"counts": ["unknown_parameter"], "plain-counts": []}
