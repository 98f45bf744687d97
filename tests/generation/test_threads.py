"""Records made by several threads at once are those made by one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from mock_server.contract.model import Collection
from mock_server.generation.records import Maker, compile_maker
from mock_server.sessions.factory import NOW

SEEDS = ("one", "two", "three", "four")
COUNT = 300

# Methods without tables of ours: Faker makes them itself, by a generator that is seeded for each value.
FIELDS = {
    "id": {"type": "integer", "x-faker": {"sequence": {}}},
    "iban": {"type": "string", "x-faker": "iban"},
    "agent": {"type": "string", "x-faker": "user_agent"},
    "address": {"type": "string", "x-faker": "address"},
}


def compile_for(seed: str) -> Maker:
    things = Collection("toy", "things", "id", COUNT, "en_US", {"properties": FIELDS}, {}, ((("id", "id"),),))
    return compile_maker(things, seed, NOW)


def make_all(maker: Maker) -> list[dict[str, Any]]:
    return [maker(ordinal) for ordinal in range(COUNT)]


@pytest.fixture
def hurried_threads() -> Iterator[None]:
    """Threads that take turns far more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(jobs: list[Callable[[], list[dict[str, Any]]]]) -> list[list[dict[str, Any]]]:
    start = Barrier(len(jobs))

    def run(job: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        start.wait(30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.usefixtures("hurried_threads")
def test_four_seeds_in_threads_make_what_each_makes_alone() -> None:
    alone = [make_all(compile_for(seed)) for seed in SEEDS]
    assert in_threads([lambda seed=seed: make_all(compile_for(seed)) for seed in SEEDS]) == alone  # type: ignore[misc]


@pytest.mark.usefixtures("hurried_threads")
def test_one_maker_serves_several_threads() -> None:
    maker = compile_for("one")
    alone = make_all(maker)
    assert in_threads([lambda: make_all(maker)] * 4) == [alone] * 4
