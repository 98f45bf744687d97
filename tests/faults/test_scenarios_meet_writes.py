"""Scenarios that are not about writes leave a client's writes in order: done or not done, and seen wherever records are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import load_form, load_stock
from tests.faults.playing import Shop, open_shop

SCENARIOS = load_stock(load_form())
NEW, CHANGE = {"name": "Saw"}, {"name": "Axe"}

UNDONE = {
    "server-error",
    "fails-twice-then-succeeds",
    "bad-gateway",
    "maintenance",
    "maintenance-until-a-date",
    "gateway-timeout-once",
    "connection-reset",
    "connection-reset-once",
    "empty-response",
    "random-data",
    "never-answers",
    "throttled-once",
    "throttled-until-a-date",
    "credential-inactive",
    "credential-revoked",
    "write-never-arrives",
    "writes-throttled",
    "read-only",
    "accepted-never-done",
}
"""Scenarios whose first writes are not done; those of all others are."""

FEWER = {"empty-collection", "exactly-one-record", "exactly-one-page", "last-page-full"}
"""Scenarios with other records than those that are looked at without them."""

NOT_THE_FIRST = {"flaky", "rate-limit-headers", "create-conflicts-once", "record-deleted-before-update"}
"""Scenarios in which some first writes are done and others not."""


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> SessionApis:
    return open_shop(tmp_path_factory.mktemp("shop"))


def write_all(shop: Shop) -> Iterator[bool]:
    """Whether each of four writes was done, by what is there without the scenario."""
    clean = shop.clean()
    for method, target, sent, looked in (
        ("POST", "/items", NEW, "/items?size=100"),
        ("PATCH", "/items/3", CHANGE, "/items/3"),
        ("PUT", "/items/4", CHANGE, "/items/4"),
        ("DELETE", "/items/5", None, "/items/5"),
    ):
        before = clean.get(looked)
        response = shop.ask(method, target, sent)
        assert response.status < 600 and not (response.status == 204 and response.body)
        yield clean.get(looked) != before


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - FEWER - NOT_THE_FIRST))
def test_a_write_is_done_or_not(name: str, apis: SessionApis) -> None:
    assert list(write_all(Shop(apis, name, session=name))) == [name not in UNDONE] * 4


MOVED: list[tuple[str, str, int, list[Any]]] = [
    ("record-inserted-while-paging", "/items?size=6", 41, [42, 1, 2, 3, 4, 6]),
    ("record-deleted-while-paging", "/items?size=6", 39, [2, 3, 4, 6, 7, 8]),
    ("order-changes-while-paging", "/items?size=6", 40, [41, 40, 39, 38, 37, 36]),
    ("total-drifts", "/items?size=6&page=2", 41, [8, 9, 10, 11, 12, 13]),
    ("last-page-vanishes", "/items?size=6&page=6", 36, [32, 33, 34, 35, 36, 37]),
]


def write_some(shop: Shop) -> None:
    assert json.loads(shop.ask("POST", "/items", {"name": "Saw"}).body)["id"] == 41
    assert shop.ask("PUT", "/items/3", CHANGE).status == 200 and shop.ask("DELETE", "/items/5").status == 204


@pytest.mark.parametrize(("name", "target", "total", "keys"), MOVED, ids=[row[0] for row in MOVED])
def test_what_was_written_is_there_while_a_collection_moves(
    name: str,
    target: str,
    total: int,
    keys: list[int],
    apis: SessionApis,
) -> None:
    shop = Shop(apis, name, session=f"moved-{name}")
    write_some(shop)
    shop.get("/items")
    page = shop.get(target)
    assert (page["total"], [each["id"] for each in page["data"]]) == (total, keys)
    listed = [each for number in range(1, 5) for each in shop.get(f"/items?size=13&page={number}")["data"]]
    assert {each["name"] for each in listed if each["id"] == 3} == {"Axe"}


def test_a_record_that_was_inserted_is_found_beside_those_that_were_written(tmp_path: Path) -> None:
    shop = Shop(open_shop(tmp_path, {"inserted": [{"motion": "RECORD_INSERTED"}]}), "inserted")
    assert shop.get("/items/41") == shop.get("/items")["data"][0]
    write_some(shop)
    assert shop.get("/items/42") == shop.get("/items")["data"][0]
    assert [shop.get(f"/items/{key}")["name"] for key in (41, 3)] == ["Saw", "Axe"] and shop.get("/items/5") == 404


def test_a_record_that_is_gone_is_there_again_as_it_was_written(apis: SessionApis) -> None:
    shop = Shop(apis, "record-gone", session="gone")
    assert shop.ask("PUT", "/items/3", CHANGE).status == 200
    assert shop.clean().get("/items/3")["name"] == "Axe"


def test_a_session_without_the_scenario_shows_the_same_changes(apis: SessionApis) -> None:
    shop = Shop(apis, "exactly-one-page", session="few")
    created = json.loads(shop.ask("POST", "/items", {"name": "Saw"}).body)["id"]
    assert [each["id"] for each in shop.get("/items?size=100")["data"]] == [*range(1, 11), created]
