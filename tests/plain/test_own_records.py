"""Records of a tester's own: taken as they are given, completed, refused with the field; and what makes them quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from mock_server.plain import Sources
from mock_server.state import EVERYONE
from tests.plain.test_writes import Client


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def sources(client: Client) -> Sources:
    return cast(Sources, client.api.sources)


def names(client: Client, query: str = "size=100") -> list[str]:
    return [pet["name"] for pet in client.get("/pets", query)["data"]]


def test_what_is_given_is_taken_and_what_is_missing_is_made(client: Client) -> None:
    key = sources(client).give("pets", "", {"name": "Ann's", "kind": "cat"})
    pet = client.get(f"/pets/{key}")
    assert (pet["name"], pet["kind"]) == ("Ann's", "cat") and "made" in pet
    listed = client.get("/pets", "size=100")
    assert listed["data"][0] == pet and listed["total"] == 8
    assert pet in client.get("/pets", "kind=cat&size=100")["data"]


def test_what_is_made_for_it_depends_on_its_key(client: Client, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Client(tmp_path / "other")
    for each in (client, other):
        sources(each).give("pets", "", {"id": 900, "name": "Rex"})
    assert client.get("/pets/900") == other.get("/pets/900")


@pytest.mark.parametrize(("place", "where"), [("first", 0), ("last", 7)])
def test_it_stands_where_it_is_placed(client: Client, place: str, where: int) -> None:
    sources(client).give("pets", "", {"id": 900, "name": "Rex"}, place)
    assert names(client).index("Rex") == where


def test_several_stand_in_the_order_they_were_given(client: Client) -> None:
    for name in ("One", "Two", "Three"):
        sources(client).give("pets", "", {"name": name})
    assert names(client)[:3] == ["One", "Two", "Three"]


def test_one_of_a_known_key_takes_the_place_of_that_record(client: Client) -> None:
    assert sources(client).give("pets", "", {"name": "Rex"}, key="3") == "3"
    listed = client.get("/pets", "size=100")
    assert listed["total"] == 7 and [pet["id"] for pet in listed["data"]] == [3, 1, 2, 4, 5, 6, 7]
    assert client.get("/pets/3")["name"] == "Rex"


def test_a_client_changes_and_deletes_it_as_any_other(client: Client) -> None:
    key = sources(client).give("pets", "", {"name": "Rex", "tag": "x"})
    client.send("PUT", f"/pets/{key}", {"id": int(key), "name": "Tom"})
    assert client.get("/pets", "size=100")["data"][0]["name"] == "Tom"
    assert "tag" not in client.get(f"/pets/{key}")
    client.send("DELETE", f"/pets/{key}")
    assert client.get(f"/pets/{key}") == 404 and client.get("/pets")["total"] == 7


def test_every_session_begins_with_those_of_everyone(client: Client, tmp_path: Path) -> None:
    sources(client).give("pets", EVERYONE, {"id": 900, "name": "Rex"})
    ann = Client(tmp_path, "~ann/1/", client.api)
    ann.send("DELETE", "/pets/900")
    assert ann.get("/pets/900") == 404 and client.get("/pets/900")["name"] == "Rex"


def test_one_below_a_parent_lies_there_alone(client: Client) -> None:
    key = sources(client).give("visits", "", {"why": "shots"}, parents={"owner": "2"})
    visit = client.get("/owners/2/visits")[0]
    assert (str(visit["id"]), visit["owner_id"], visit["why"]) == (key, 2, "shots")
    assert "shots" not in {each["why"] for each in client.get("/owners/1/visits")}


def test_what_is_taken_away_is_gone(client: Client) -> None:
    assert sources(client).take("pets", "", "3") and not sources(client).take("pets", "", "3")
    assert client.get("/pets/3") == 404


WRONG: Mapping[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing is": ({"name": "Rex", "kind": "cat"}, []),
    "a field that nobody documents, with the nearest": ({"nam": "Rex"}, [("/nam", "did you mean 'name'?")]),
    "a value of another type": ({"name": 7}, [("/name", "")]),
    "a value that is not one of those there are": ({"kind": "cow"}, [("/kind", "")]),
    "a key of another type": ({"id": "x", "name": "Rex"}, [("/id", "")]),
    "several at once": ({"kind": "cow", "name": 7, "colour": 1}, [("/colour", "known"), ("/kind", ""), ("/name", "")]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_by_its_field(client: Client, case: str) -> None:
    record, expected = WRONG[case]
    problems = sorted(sources(client).check_given("pets", record))
    assert [each.pointer for each in problems] == [pointer for pointer, _ in expected], problems
    assert all(hint in each.hint for each, (_, hint) in zip(problems, expected, strict=True))


def test_a_key_is_never_given_twice_also_after_its_record_was_deleted(client: Client, tmp_path: Path) -> None:
    first = client.send("POST", "/pets", {"name": "Rex", "id": 1})["id"]
    client.send("DELETE", f"/pets/{first}")
    for each in (client, Client(tmp_path)):
        second = each.send("POST", "/pets", {"name": "Tom", "id": 1})["id"]
        assert second > first
        each.send("DELETE", f"/pets/{second}")
