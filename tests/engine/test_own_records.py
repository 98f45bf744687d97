"""Records of a tester's own in an annotated contract: checked, found by every filter and by key, taken away again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.engine import MockApi
from mock_server.messages import Request
from mock_server.sessions import Settings, load_contracts
from mock_server.sessions.factory import make_api
from mock_server.state import EVERYONE, open_state
from tests.conftest import CREDENTIALS

CLIENTS = "/v1/clients"


@pytest.fixture
def api(cache: Path, tmp_path: Path) -> MockApi:
    settings = Settings(providers=("fatora",), cache=cache, limits="off")
    return make_api(load_contracts(settings)["fatora"], settings, state=open_state(tmp_path))


def ask(api: MockApi, target: str) -> tuple[int, Any]:
    path, _, query = target.partition("?")
    match = api.find("GET", path)
    assert match
    response = api.answer(match, Request("GET", path, query, CREDENTIALS["fatora"]))
    return response.status, json.loads(response.body)


def test_an_own_record_is_on_the_first_page_and_found_by_filter_and_by_key(api: MockApi) -> None:
    total = ask(api, CLIENTS)[1]["total"]
    key = api.sources.give("clients", "", {"name": "Zebulon Quux", "email": "zeb@example.com"})
    status, listed = ask(api, CLIENTS)
    first = listed["clients"][0]
    assert (status, listed["total"]) == (200, total + 1)
    assert (first["name"], first["email"], str(first["id"])) == ("Zebulon Quux", "zeb@example.com", key)
    assert ask(api, f"{CLIENTS}?keyword=quux")[1]["clients"] == [first]
    status, one = ask(api, f"{CLIENTS}/{key}")
    assert status == 200 and "Zebulon Quux" in json.dumps(one)


def test_one_of_a_known_key_takes_that_ones_place_and_is_taken_away_again(api: MockApi) -> None:
    first, second = (row["id"] for row in ask(api, CLIENTS)[1]["clients"][:2])
    assert api.sources.give("clients", "", {"id": second, "name": "Somebody Else"}, "last") == str(second)
    last_page = ask(api, f"{CLIENTS}?page=1&page_size=100")[1]["clients"]
    assert [row["id"] for row in last_page].count(second) == 1 and last_page[-1]["id"] == second
    assert api.sources.take("clients", "", str(second)) and not api.sources.take("clients", "", str(second))
    assert ask(api, f"{CLIENTS}/{second}")[0] == 404 and ask(api, f"{CLIENTS}/{first}")[0] == 200


def test_what_everyone_begins_with_is_changed_by_each_session_for_itself(api: MockApi) -> None:
    key = api.sources.give("clients", EVERYONE, {"name": "For All"}, key="77777")
    assert key == "77777" and api.sources.by("clients", "~ann/1/").find(77777)
    assert api.sources.take("clients", "~ann/1/", key)
    assert api.sources.by("clients", "~ann/1/").find(77777) is None and api.sources.by("clients", "").find(key)


@pytest.mark.parametrize(
    ("record", "pointer", "said"),
    [
        ({"name": 5}, "/name", "must be"),
        ({"nam": "Ann"}, "/nam", "is no field"),
        ({"id": None}, "/id", "null"),
        ({"name": "Ann"}, "", ""),
        ({}, "", ""),
    ],
)
def test_what_is_wrong_in_an_own_record_is_said_and_nothing_it_leaves_out_is(
    api: MockApi,
    record: dict[str, object],
    pointer: str,
    said: str,
) -> None:
    problems = api.sources.check_given("clients", record)
    assert [problem.pointer for problem in problems][:1] == ([pointer] if pointer else [])
    assert not pointer or said in " ".join(problem.problem for problem in problems)
