"""The sessions at rest: bounded, made once, seen by every worker when they were written."""

from __future__ import annotations

import functools
import json
import threading
import time
from pathlib import Path

import pytest

from mock_server.errors import Problem
from mock_server.state.counters import open_counts
from mock_server.state.session_store import Session, Sessions
from mock_server.state.shared_state import SharedState
from tests.conftest import Start
from tests.raw import send
from tests.state.threads import in_threads


def test_sessions_are_bounded_and_the_least_recently_used_one_ends_with_a_notice(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, SharedState(open_counts()), most=3)
    for name in ("a", "b", "c", "d"):
        sessions.get(name)
        time.sleep(0.002)
    assert [each.name for each in sessions.all()] == ["default", "d", "c", "b"]
    assert "Session a ended" in sessions.notices()[-1].text
    assert sessions.delete("b") and not sessions.delete("b")


def test_two_workers_see_each_others_changes(tmp_path: Path) -> None:
    one, other = (Sessions(tmp_path, SharedState(open_counts(tmp_path / "counts.sqlite"))) for _ in range(2))
    assert other.get("x").scope == one.get("x").scope and one.get() == Session("default")
    one.save(one.get("x")._replace(seed="new"))
    assert other.get("x").seed == "new"
    with pytest.raises(Problem):
        one.get("no name")


def test_many_at_once_make_one_session(tmp_path: Path) -> None:
    workers = [Sessions(tmp_path, SharedState(open_counts())) for _ in range(2)]
    for number in range(5):
        made = in_threads(functools.partial(lambda name, thread: workers[thread % 2].get(name).scope, f"s{number}"))
        assert len(set(made)) == 1 and {each.get(f"s{number}").scope for each in workers} == set(made)


def test_a_worker_never_keeps_what_was_changed_while_it_looked(tmp_path: Path) -> None:
    one, other = (Sessions(tmp_path, SharedState(open_counts())) for _ in range(2))
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            other.get("x")

    watching = threading.Thread(target=look)
    watching.start()
    try:
        for number in range(200):
            one.save(one.get("x")._replace(seed=str(number)))
            assert other.get("x").seed == str(number)
    finally:
        ended.set()
        watching.join()


def test_the_most_sessions_are_as_many_as_the_command_says(start: Start) -> None:
    served = start("fatora", "--sessions", "2")
    for name in ("a", "b", "c"):
        send(served.port, "GET /fatora/v1/clients", {"host": "127.0.0.1", "understudy-session": name})
        time.sleep(0.002)
    told = json.loads(send(served.port, "GET /__admin/sessions", {"host": "127.0.0.1"}).body)
    assert [each["name"] for each in told["sessions"]] == ["default", "c", "b"]
