"""Reads that lag see a session's changes as they were so many reads, or seconds, ago: exactly, in every worker."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

from mock_server.state import Changes
from mock_server.state.lags import MAX_WAITING, Lags
from tests.state.threads import in_threads

NAME = "shop/items"


class Worker:
    """A worker's changes of one session."""

    def __init__(self, folder: Path, scope: str = "~ann/") -> None:
        self.changes, self.scope = Changes(folder), scope
        self.lags = Lags(self.changes)

    def put(self, key: str, value: int | None, is_new: bool = False) -> None:
        with self.changes.changing():
            self.changes.put(self.scope, NAME, "", key, None if value is None else str(value), is_new)

    def show(self, calls: int = 0, seconds: float = 0, clock: float = 0) -> dict[str, int | None]:
        return see(self.changes, self.lags.show(self.scope, calls, seconds, clock))

    def see(self) -> dict[str, int | None]:
        return see(self.changes, self.scope)


def see(changes: Changes, scope: str) -> dict[str, int | None]:
    return {each.key: json.loads(each.values or "null") for each in changes.find(scope, NAME).all()}


def test_a_write_is_seen_after_so_many_reads(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.put("1", 1)
    worker.lags.begin(worker.scope)
    worker.put("2", 2, is_new=True)
    assert [worker.show(calls=2) for _ in range(4)] == [{"1": 1}, {"1": 1}, {"1": 1, "2": 2}, {"1": 1, "2": 2}]
    assert worker.see() == {"1": 1, "2": 2}


def test_a_write_is_seen_after_so_many_seconds(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.lags.begin(worker.scope)
    worker.put("1", 1)
    assert worker.show(seconds=60) == {}
    time.sleep(0.05)
    assert worker.show(seconds=0.04) == {"1": 1}


def test_seconds_are_those_of_the_sessions_clock(tmp_path: Path) -> None:
    one, other = Worker(tmp_path), Worker(tmp_path)
    one.lags.begin(one.scope, 5_000)
    one.put("1", 1)
    assert one.show(seconds=60, clock=5_000) == other.show(seconds=60, clock=5_000) == {}
    assert one.show(seconds=60, clock=5_061) == other.show(seconds=60, clock=5_061) == {"1": 1}
    other.put("1", 2)
    assert other.show(seconds=60, clock=5_100) == {"1": 1}
    assert one.show(seconds=60, clock=5_122) == {"1": 2}


def test_every_state_is_seen_in_its_turn_by_every_worker(tmp_path: Path) -> None:
    workers, chance = [Worker(tmp_path), Worker(tmp_path)], random.Random(5)
    workers[0].lags.begin("~ann/")
    states: list[dict[str, int | None]] = [{}]
    seen = []
    for _ in range(120):
        worker = chance.choice(workers)
        if chance.random() < 0.5:
            key = str(chance.randrange(6))
            worker.put(key, None if chance.random() < 0.3 else chance.randrange(9), is_new=chance.random() < 0.2)
        states.append(worker.see())
        seen.append(worker.show(calls=3))
    assert seen[3:] == states[1:-3] and seen[:3] == [{}] * 3


def test_the_order_of_records_is_as_it_will_be(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.lags.begin(worker.scope)
    for key, value in (("a", 1), ("b", 2), ("a", 3)):
        worker.put(key, value, is_new=value < 3)
    worker.put("a", None)
    worker.put("a", 4, is_new=True)
    assert list(worker.show().items()) == list(worker.see().items()) == [("b", 2), ("a", 4)]


def test_sessions_do_not_see_each_others(tmp_path: Path) -> None:
    ann, bob, everyone = (Worker(tmp_path, scope) for scope in ("~ann/", "~bob/", ""))
    for worker in (ann, bob, everyone):
        worker.lags.begin(worker.scope)
    ann.put("1", 1)
    everyone.put("2", 2)
    assert [worker.show(calls=1) for worker in (ann, bob, everyone)] == [{}, {}, {}]
    assert [worker.show(calls=1) for worker in (ann, bob, everyone)] == [{"1": 1}, {}, {"2": 2}]
    for name in ("~ann/", ""):
        ann.changes.forget(name)
        ann.lags.forget(name)
    assert [worker.show() for worker in (ann, bob, everyone)] == [{}, {}, {}]


def test_who_does_not_lag_has_no_queue(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.put("1", 1)
    worker.lags.forget("~ann/")
    tables = {name for (name,) in worker.changes.query("SELECT name FROM sqlite_master")}
    assert tables.isdisjoint({"lags", "waiting", "wait_new"})


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.lags.begin(worker.scope)
    with worker.changes.changing():
        for number in range(MAX_WAITING + 5):
            worker.changes.put(worker.scope, NAME, "", str(number % 7), str(number))
    assert worker.changes.query("SELECT count(*) FROM waiting") == [(MAX_WAITING,)]
    assert worker.show(calls=9) == worker.see()
    worker.put("1", -1)
    assert worker.show(calls=1)["1"] != -1 and worker.show(calls=1)["1"] == -1


def test_workers_that_begin_at_once_begin_once(tmp_path: Path) -> None:
    workers = [Worker(tmp_path) for _ in range(4)]
    workers[0].put("1", 1)
    for round_number in range(10):
        workers[0].lags.forget("~ann/")
        in_threads(lambda number: workers[number].show(calls=5), 4)
        workers[0].put("1", round_number)
        seen = [each.show(calls=20) for each in workers]
        assert seen == [{"1": round_number - 1 if round_number else 1}] * 4


def test_a_reset_between_reads_is_survived(tmp_path: Path) -> None:
    ann, other = Worker(tmp_path), Worker(tmp_path)

    def reset() -> None:
        for _ in range(30):
            other.changes.forget("~ann/")
            other.lags.forget("~ann/")

    def read() -> None:
        for number in range(60):
            ann.put("1", number)
            ann.show(calls=1)

    in_threads(lambda number: (reset, read)[number](), 2)
    ann.put("1", 7)
    assert [ann.show(calls=1)["1"] for _ in range(3)][-1] == 7
