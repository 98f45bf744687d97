"""While records are built, everyone else is answered; who asks for them is told when to come again."""

from __future__ import annotations

import functools
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.errors import Problem, UsageError
from mock_server.sessions import builds
from mock_server.sessions.builds import Builds, Progress
from tests.conftest import CREDENTIALS, LISTS, Start
from tests.raw import send
from tests.sessions.test_sessions import admin


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    monkeypatch.setattr(builds, "WAIT_SECONDS", 0.05)


def refused(fetch: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        fetch()
    assert caught.value.status == 503
    return caught.value


def wait_until_done(made: Builds[str], key: str) -> None:
    """As a client that comes again does, without asking."""
    made._builds[key].future.exception(30)


def test_what_is_made_quickly_is_waited_for() -> None:
    made: Builds[str] = Builds()
    assert made.fetch("a", "acme", lambda progress: "made") == "made" and "a" not in made


@pytest.mark.usefixtures("impatient")
def test_who_asks_meanwhile_is_told_how_far_it_is_and_when_to_come_again() -> None:
    made: Builds[str] = Builds()
    gate, begun = threading.Event(), threading.Event()
    calls = []

    def make(progress: Progress) -> str:
        calls.append(1)
        progress("acme/things", 1_000, 3_000)
        begun.set()
        assert gate.wait(30)
        return "made"

    for _ in range(5):
        problem = refused(lambda: made.fetch("a", "acme", make))
        assert begun.wait(30)
    assert "acme/things: 1,000 of 3,000 records are built" in problem.detail
    assert 1 <= problem.retry_after_seconds <= builds.MAX_RETRY_SECONDS
    waiting = refused(lambda: made.fetch("b", "brand", make))
    assert "waits for its turn" in waiting.detail and len(calls) == 1, "one at a time"
    gate.set()
    wait_until_done(made, "a")
    assert made.fetch("a", "acme", make) == "made" and "a" not in made
    wait_until_done(made, "b")
    assert made.fetch("b", "brand", make) == "made" and len(calls) == 2


@pytest.mark.usefixtures("impatient")
def test_so_many_builds_may_be_asked_for_and_no_more() -> None:
    made: Builds[str] = Builds()
    gate = threading.Event()
    for number in range(builds.MAX_BUILDS):
        refused(functools.partial(made.fetch, str(number), "acme", lambda progress: str(gate.wait(30))))
    assert refused(lambda: made.fetch("more", "acme", lambda progress: "made")).title == "Too much is being built"
    gate.set()
    for number in range(builds.MAX_BUILDS):
        wait_until_done(made, str(number))
    assert made.fetch("more", "acme", lambda progress: "made") == "made", "what nobody fetched makes room"


def test_of_many_who_ask_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "WAIT_SECONDS", 60)
    made: Builds[str] = Builds()
    gate, refusals, results = threading.Event(), threading.Semaphore(0), []

    def ask() -> None:
        try:
            results.append(made.fetch("a", "acme", lambda progress: str(gate.wait(30))))
        except Problem:
            refusals.release()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert all(refusals.acquire(timeout=30) for _ in range(20 - builds.MAX_WAITING))
    gate.set()
    for thread in threads:
        thread.join(30)
    assert results == ["True"] * builds.MAX_WAITING


def test_a_build_that_fails_says_so_once_and_is_begun_anew() -> None:
    made: Builds[str] = Builds()

    def fail(progress: Progress) -> str:
        raise UsageError("The disk is full.")

    with pytest.raises(UsageError, match="full"):
        made.fetch("a", "acme", fail)
    assert made.fetch("a", "acme", lambda progress: "made") == "made"


def test_a_server_that_builds_millions_answers_everyone_else(start: Start, tmp_path: Path) -> None:
    """Nine requests without any rights for a million records each, and eight settings of an administrator."""
    served = start("--cache", str(tmp_path))
    answers: list[tuple[int, dict[str, str]]] = []
    path = f"{LISTS['fatora']}?__scenario=a-million-records"

    def ask(line: str, body: bytes = b"") -> None:
        headers = {"host": "127.0.0.1", **CREDENTIALS["fatora"], "content-length": str(len(body))}
        headers |= {"content-type": "application/json"} if body else {}
        answer = send(served.port, line, headers, body, patience=60)
        answers.append((answer.status, answer.headers))

    threads = [threading.Thread(target=ask, args=(f"GET {path}",)) for _ in range(9)]
    for number in range(8):
        body = json.dumps({"records": 300_000 + number}).encode()
        threads.append(threading.Thread(target=ask, args=("PUT /__admin/settings?session=large", body)))
    for thread in threads:
        thread.start()
    for turn in range(3):
        for line in (f"GET {LISTS['fatora']}", f"GET /~other{LISTS['fatora']}", "GET /__admin/health", "GET /"):
            answer = send(served.port, line, {"host": "127.0.0.1", **CREDENTIALS["fatora"]}, patience=60)
            assert answer.status == 200, (turn, line)
        assert admin(served, "PUT", f"/settings?session=s{turn}", {"seed": f"mine-{turn}"})["seed"] == f"mine-{turn}"
    for thread in threads:
        thread.join(60)
    assert {status for status, _ in answers} == {503}
    assert all(int(headers["retry-after"]) >= 1 for _, headers in answers)
    assert {headers["content-type"] for _, headers in answers} == {"application/problem+json"}
    served.process.terminate()
    assert served.process.wait(30) == 0, "a build does not keep a server that is stopped"


def read_process(pid: int) -> tuple[str, int]:
    """The state of a process and its parent; a process that has ended is a dead one."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return state, int(parent)
    except OSError:
        return "X", 0


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists() or (os.cpu_count() or 1) < 2,
    reason="processes are looked at in /proc, and one core makes records by itself",
)
def test_processes_that_make_records_end_with_a_server_that_is_killed(start: Start, tmp_path: Path) -> None:
    served = start("fatora", "--cache", str(tmp_path))
    headers = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
    send(served.port, f"GET {LISTS['fatora']}?__scenario=a-million-records", headers, patience=60)
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    children = [pid for pid in pids if read_process(pid)[1] == served.process.pid]
    assert children, "more than one process makes records"
    served.process.kill()
    deadline = time.monotonic() + 60
    while any(read_process(pid)[0] not in "XZ" for pid in children):
        assert time.monotonic() < deadline, "they go on"
        time.sleep(0.1)
