"""Every scenario about writes, with every provider that writes: what a client sees, and what is done."""

from __future__ import annotations

import uuid

import pytest

from mock_server.sessions.setup import load_form, load_stock
from tests.conftest import Served, Start
from tests.faults.playing import SHOP
from tests.faults.write_expectations import (
    EXPECTED,
    OTHERS,
    Expectation,
    Target,
    WriteClient,
    creates_once,
    refuses_a_stale_update,
)

SHOWN: dict[str, Expectation] = {**EXPECTED, **OTHERS}
SCENARIOS = load_stock(load_form())
TARGETS = [
    Target("shop", "/shop/items", {"name": "Saw", "kind": "tool"}, {"name": "Axe"}),
]


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(SHOP), "--workers", "2")


def play(served: Served, target: Target, scenario: str, expect: Expectation) -> None:
    expect(WriteClient(served.port, target, scenario, f"{scenario[:30]}-{uuid.uuid4().hex[:8]}"))


def test_every_scenario_of_the_group_is_shown() -> None:
    assert sorted(EXPECTED) == sorted(name for name, each in SCENARIOS.items() if each.group == "writes")


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
@pytest.mark.parametrize("name", SHOWN)
def test_a_client_that_writes_sees_exactly_this(name: str, target: Target, served: Served) -> None:
    play(served, target, name, SHOWN[name])


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_an_update_that_names_what_it_read_is_not_lost(target: Target, served: Served) -> None:
    play(served, target, "lost-update", refuses_a_stale_update)


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
@pytest.mark.parametrize("name", ["create-fails-after-the-work", "write-fails-after-the-work", "fails-after-the-work"])
def test_a_create_sent_again_under_its_key_is_done_once(name: str, target: Target, served: Served) -> None:
    play(served, target, name, creates_once)
