"""Every scenario about writes, with every provider that writes: what a client sees, and what is done."""

from __future__ import annotations

import uuid

import pytest

from mock_server.sessions.setup import load_form, load_stock
from tests.conftest import Served, Start, write_toy
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
PLAIN = Target("shop", "/shop/items", {"name": "Saw", "kind": "tool"}, {"name": "Axe"})
BOOK = {"title": "Saw", "author": "Ann Lee", "contact": "ann@example.com", "price": 5, "language": "en"}
ANNOTATED = Target(
    "bookshop",
    "/bookshop/v2/books",
    BOOK,
    {"title": "Axe"},
    headers={"authorization": "Bearer bookshop-test"},
    patch_type="application/merge-patch+json",
    whole="size=50",
)
TARGETS = [PLAIN, ANNOTATED]


@pytest.fixture(scope="module")
def served(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("toy") / "bookshop"
    folder.mkdir()
    write_toy(folder)
    return start(str(SHOP), str(folder), "--workers", "2")


def play(served: Served, target: Target, scenario: str, expect: Expectation) -> None:
    expect(WriteClient(served.port, target, scenario, f"{scenario[:30]}-{uuid.uuid4().hex[:8]}"))


def test_every_scenario_of_the_group_is_shown() -> None:
    assert sorted(EXPECTED) == sorted(name for name, each in SCENARIOS.items() if each.group == "writes")


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
@pytest.mark.parametrize("name", SHOWN)
def test_a_client_that_writes_sees_exactly_this(name: str, target: Target, served: Served) -> None:
    play(served, target, name, SHOWN[name])


# The bookshop documents neither versions nor idempotency keys.
@pytest.mark.parametrize("target", [PLAIN], ids=[PLAIN.name])
def test_an_update_that_names_what_it_read_is_not_lost(target: Target, served: Served) -> None:
    play(served, target, "lost-update", refuses_a_stale_update)


@pytest.mark.parametrize("target", [PLAIN], ids=[PLAIN.name])
@pytest.mark.parametrize("name", ["create-fails-after-the-work", "write-fails-after-the-work", "fails-after-the-work"])
def test_a_create_sent_again_under_its_key_is_done_once(name: str, target: Target, served: Served) -> None:
    play(served, target, name, creates_once)
