"""Counters: bounded whatever callers there are, and none that still counts is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.state import counters
from mock_server.state.counters import Counts, open_counts

Open = Callable[[], Counts]

OVERDUE = 11_000
"""More callers than a process once kept counters."""


@pytest.fixture(params=["in memory", "in a file"])
def counts(request: pytest.FixtureRequest, tmp_path: Path) -> Counts:
    return open_counts(tmp_path / "counts.sqlite" if request.param == "in a file" else None)


def windows_of(counts: Any) -> int:
    """How many windows are kept."""
    if hasattr(counts, "_windows"):
        return len(counts._windows)
    ((rows,),) = counts._query("SELECT count(*) FROM windows")
    return int(rows)


def test_many_callers_reset_no_count_of_a_session(counts: Counts) -> None:
    assert counts.count("~anna/1/fault/third-call-fails") == 1
    assert counts.spend("~anna/1/acme 127.0.0.1", 1000, 3600) == (1, 4600)
    for number in range(OVERDUE):
        counts.spend(f"acme 10.0.{number // 256}.{number % 256}", 1000, 3600)
    assert counts.count("~anna/1/fault/third-call-fails") == 2
    assert counts.spend("~anna/1/acme 127.0.0.1", 1001, 3600) == (2, 4600)
    assert counts.spend("acme 10.0.0.0", 1001, 3600) == (2, 4600)


def test_windows_that_ended_are_pruned_while_others_count(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [time.time()]
    monkeypatch.setattr("mock_server.state.counters.time.time", lambda: clock[0])
    counts.spend("long", 0, 10**6)
    for number in range(3_000):
        counts.spend(f"before {number}", 0, 60)
    clock[0] += 61
    for number in range(3_000):
        counts.spend(f"after {number}", 61, 60)
    assert 3_000 < windows_of(counts) < 4_500
    clock[0] += 61
    for _ in range(3_000):
        counts.spend("one", 122, 60)
    assert windows_of(counts) <= 2 + counters.ROWS_A_SWEEP
    assert counts.spend("long", 122, 10**6)[0] == 2


def test_a_clock_far_off_prunes_nothing_that_counts(counts: Counts) -> None:
    assert counts.spend("~past/1/acme a", 1000, 60) == (1, 1060)
    for number in range(500):
        counts.spend(f"acme {number}", int(time.time()), 60)
    assert counts.spend("~past/1/acme a", 1001, 60)[0] == 2


def test_of_too_many_at_a_time_some_start_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MAX_WINDOWS", 100)
    counts = open_counts()
    assert [counts.spend(f"{number}", 0, 60)[0] for number in range(300)] == [1] * 300
    assert windows_of(counts) == 100


def test_forgetting_takes_a_sessions_own_counters_and_no_other(counts: Counts) -> None:
    for key in ("~anna/1/x", "~annabel/1/x", "x"):
        counts.count(key)
        counts.spend(key, 0, 60)
    counts.forget("~anna/")
    assert [counts.get(key) for key in ("~anna/1/x", "~annabel/1/x", "x")] == [0, 1, 1]
    counts.forget_unscoped()
    assert [counts.spend(key, 1, 60)[0] for key in ("~anna/1/x", "~annabel/1/x", "x")] == [1, 2, 1]
