"""What a client writes stays written, for its session, and every answer agrees with it at once."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mock_server.engine import MockApi, PlayContext
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract, make_plain_api
from mock_server.state import Changes, RateLimits, open_counts

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "kind": {"enum": ["cat", "dog"]},
        "tag": {"type": "string"},
        "made": {"type": "string", "format": "date-time", "readOnly": True},
    },
}
JSON = {"content-type": "application/json"}


def body(schema: Any, status: str = "200") -> dict[str, Any]:
    return {status: {"description": "", "content": {"application/json": {"schema": schema}}}}


def operation(effect: Any, responses: Any, *parameters: Any, sent: Any = None, **more: Any) -> dict[str, Any]:
    request = {"requestBody": {"content": {"application/json": {"schema": sent}}}} if sent else {}
    return {"x-effect": effect, "parameters": list(parameters), "responses": responses, **request, **more}


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
OWNER = {"name": "owner", "in": "path", "required": True, "schema": {"type": "integer"}}
PAGE = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("page", "size")]
KIND = {"name": "kind", "in": "query", "schema": {"type": "string"}}
LISTED = {"type": "object", "properties": {"data": {"type": "array", "items": PET}, "total": {"type": "integer"}}}
BRIEF = {"type": "object", "properties": {"no": {"type": "integer"}, "url": {"type": "string"}}}
ROOT: dict[str, Any] = {
    "x-collections": {
        "pets": {"key": "id", "records": 7},
        "owners": {"key": "id", "records": 3},
        "visits": {"key": "id", "records": 2, "parents": {"owner": {"collection": "owners", "field": "owner_id"}}},
    },
    "paths": {
        "/pets": {
            "get": operation(
                {"list": "pets", "at": "/data"},
                body(LISTED),
                *PAGE,
                KIND,
                **{
                    "x-paging": {"parameters": {"page": "number", "size": "size"}, "body": {"/total": "total"}},
                    "x-filters": {"kind": {"equals": "kind"}},
                },
            ),
            "post": operation({"create": "pets"}, body(PET, "201"), sent=PET),
        },
        "/pets/{id}": {
            "get": operation({"get": "pets", "key": "id"}, body(PET), ID),
            "put": operation({"replace": "pets", "key": "id"}, body(PET), ID, sent=PET),
            "patch": operation({"patch": "pets", "key": "id"}, body(PET), ID, sent={"type": "object"}),
            "delete": operation({"delete": "pets", "key": "id"}, {"204": {"description": ""}}, ID),
        },
        "/brief-pets": {
            "post": operation({"create": "pets", "at": "/no", "answers": "key"}, body(BRIEF, "201"), sent=PET),
        },
        "/silent-pets": {"post": operation({"create": "pets"}, {"201": {"description": ""}}, sent=PET)},
        "/owners": {"get": operation({"list": "owners"}, body({"type": "array", "items": PET}))},
        "/owners/{owner}": {
            "delete": operation({"delete": "owners", "key": "owner"}, {"204": {"description": ""}}, OWNER),
        },
        "/owners/{owner}/visits": {
            "get": operation(
                {"list": "visits", "parents": {"owner": "owner"}},
                body(
                    {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "id": {"type": "integer"},
                                "owner_id": {"type": "integer"},
                                "why": {"type": "string"},
                            },
                        },
                    },
                ),
                OWNER,
            ),
            "post": operation(
                {"create": "visits", "parents": {"owner": "owner"}},
                body(
                    {
                        "type": "object",
                        "properties": {
                            "id": {"type": "integer"},
                            "owner_id": {"type": "integer"},
                            "why": {"type": "string"},
                        },
                    },
                    "201",
                ),
                OWNER,
                sent={"type": "object"},
            ),
        },
    },
}


class Client:
    """One session's client of the zoo."""

    def __init__(self, folder: Path, session: str = "", api: MockApi | None = None) -> None:
        contract = load_plain_contract(Document("zoo", ROOT, "Zoo"))
        counts = open_counts()
        self.api = api or make_plain_api(contract, "s", RateLimits("zoo", counts), changes=Changes(folder))
        self.session = session

    def ask(self, method: str, path: str, sent: Any = None, query: str = "") -> Response:
        payload = b"" if sent is None else json.dumps(sent).encode()
        request = Request(method, path, query, JSON if payload else {}, "http://mock", "/zoo", body=payload)
        match = self.api.find(method, path)
        assert match, path
        return self.api.answer(match, request, PlayContext(scope=self.session))

    def get(self, path: str, query: str = "") -> Any:
        response = self.ask("GET", path, query=query)
        return orjson.loads(response.body) if response.status == 200 else response.status

    def send(self, method: str, path: str, sent: Any = None) -> Any:
        response = self.ask(method, path, sent)
        assert response.status < 300, response
        return orjson.loads(response.body) if response.body else None


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_a_created_record_stands_at_the_end_and_is_found_every_way(client: Client) -> None:
    made = client.send("POST", "/pets", {"id": 0, "name": "Rex", "kind": "dog", "made": "1999-01-01T00:00:00Z"})
    listed = client.get("/pets", "size=100")
    assert listed["data"][-1] == made == client.get(f"/pets/{made['id']}")
    assert (listed["total"], made["name"], made["kind"]) == (8, "Rex", "dog")
    assert made in client.get("/pets", "kind=dog&size=100")["data"]
    assert made["made"] != "1999-01-01T00:00:00Z", "only the server writes it"


def test_a_key_that_is_free_is_taken_and_one_that_is_not_is_another(client: Client) -> None:
    assert client.send("POST", "/pets", {"id": 900, "name": "Rex"})["id"] == 900
    assert client.send("POST", "/pets", {"id": 900, "name": "Tom"})["id"] == 901


def test_a_key_that_is_not_free_is_taken_nevertheless_where_no_answer_could_tell_another(client: Client) -> None:
    client.send("POST", "/silent-pets", {"id": 3, "name": "Rex"})
    assert client.get("/pets/3")["name"] == "Rex" and client.get("/pets")["total"] == 7


def test_an_answer_may_tell_the_key_alone(client: Client) -> None:
    made = client.send("POST", "/brief-pets", {"id": 900, "name": "Rex"})
    assert made["no"] == 900 and client.get("/pets/900")["name"] == "Rex"


def test_a_changed_record_stays_in_its_place_with_what_only_the_server_writes(client: Client) -> None:
    before = client.get("/pets/3")
    client.send("PUT", "/pets/3", {"id": 3, "name": "Rex"})
    after = client.get("/pets/3")
    assert after["name"] == "Rex" and after["made"] == before["made"] and "tag" not in after
    assert client.get("/pets", "size=100")["data"][2] == after


def test_a_patch_leaves_what_it_does_not_name_and_takes_away_what_is_null(client: Client) -> None:
    before = client.get("/pets/3")
    client.send("PATCH", "/pets/3", {"name": "Rex", "tag": None})
    assert client.get("/pets/3") == {n: v for n, v in {**before, "name": "Rex"}.items() if n != "tag"}


def test_what_is_deleted_is_gone_and_cannot_be_deleted_twice(client: Client) -> None:
    client.send("DELETE", "/pets/3")
    assert client.get("/pets/3") == 404 == client.ask("DELETE", "/pets/3").status
    listed = client.get("/pets", "size=100")
    assert [pet["id"] for pet in listed["data"]] == [1, 2, 4, 5, 6, 7] and listed["total"] == 6


def test_a_key_that_is_free_again_is_another_record_at_the_end(client: Client) -> None:
    client.send("DELETE", "/pets/3")
    made = client.send("POST", "/pets", {"id": 3, "name": "Rex"})
    assert client.get("/pets", "size=100")["data"][-1] == made == client.get("/pets/3")


def test_a_number_of_more_than_64_bits_is_no_key_and_can_be_repeated(client: Client) -> None:
    made = client.send("POST", "/pets", {"id": 10**20, "name": "Rex", "tag": "x", "age": 10**20})
    assert client.get(f"/pets/{made['id']}") == made and made["id"] < 2**63


def test_a_session_sees_its_own_changes_alone(client: Client, tmp_path: Path) -> None:
    other = Client(tmp_path, "~ann/1/", client.api)
    client.send("DELETE", "/pets/3")
    other.send("PATCH", "/pets/3", {"name": "Ann's"})
    assert client.get("/pets/3") == 404 and other.get("/pets/3")["name"] == "Ann's"


def test_another_worker_and_a_later_one_see_the_same(client: Client, tmp_path: Path) -> None:
    client.send("POST", "/pets", {"id": 900, "name": "Rex"})
    assert Client(tmp_path).get("/pets/900") == client.get("/pets/900")


def test_what_is_created_below_a_parent_is_listed_there_alone(client: Client) -> None:
    made = client.send("POST", "/owners/2/visits", {"why": "shots"})
    assert made["owner_id"] == 2 and made in client.get("/owners/2/visits")
    assert len(client.get("/owners/2/visits")) == 3 and len(client.get("/owners/1/visits")) == 2
    client.send("DELETE", "/owners/2")
    assert client.get("/owners/2/visits") == 404


NAMES = st.sampled_from(["Rex", "Tom", "Ann", "ÅngstrÖm", "a b+c&d"])
KINDS = st.sampled_from(["cat", "dog"])


class Zoo(RuleBasedStateMachine):
    """Any sequence of writes and reads equals a plain list in memory."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.client = Client(Path(self.folder.name))
        self.worker = Client(Path(self.folder.name))
        self.model: list[dict[str, Any]] = self.client.get("/pets", "size=100")["data"]

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(name=NAMES, kind=KINDS)
    def create(self, name: str, kind: str) -> None:
        made = self.client.send(
            "POST",
            "/pets",
            {"id": 0 if not self.model else self.model[0]["id"], "name": name, "kind": kind},
        )
        assert (made["name"], made["kind"]) == (name, kind) and made["id"] not in {pet["id"] for pet in self.model}
        self.model.append(made)

    @rule(place=st.integers(0, 9), name=NAMES, kind=KINDS)
    def patch(self, place: int, name: str, kind: str) -> None:
        if place < len(self.model):
            self.worker.send("PATCH", f"/pets/{self.model[place]['id']}", {"name": name, "kind": kind})
            self.model[place] = {**self.model[place], "name": name, "kind": kind}

    @rule(place=st.integers(0, 9), name=NAMES)
    def replace(self, place: int, name: str) -> None:
        if place < len(self.model):
            key = self.model[place]["id"]
            self.client.send("PUT", f"/pets/{key}", {"id": key, "name": name, "kind": "cat"})
            kept = {"made": self.model[place]["made"]} if "made" in self.model[place] else {}
            self.model[place] = {"id": key, "name": name, "kind": "cat", **kept}

    @rule(place=st.integers(0, 9))
    def delete(self, place: int) -> None:
        if place < len(self.model):
            self.worker.send("DELETE", f"/pets/{self.model.pop(place)['id']}")

    @rule(page=st.integers(1, 4), size=st.integers(1, 4), kind=KINDS)
    def read(self, page: int, size: int, kind: str) -> None:
        matching = [pet for pet in self.model if pet.get("kind") == kind]
        listed = self.worker.get("/pets", f"page={page}&size={size}&kind={kind}")
        assert listed == {"data": matching[(page - 1) * size : page * size], "total": len(matching)}

    @invariant()
    def everything_agrees(self) -> None:
        for client in (self.client, self.worker):
            assert client.get("/pets", "size=100") == {"data": self.model, "total": len(self.model)}
        for pet in self.model[-2:]:
            assert self.worker.get(f"/pets/{pet['id']}") == pet


TestZoo = Zoo.TestCase
TestZoo.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
