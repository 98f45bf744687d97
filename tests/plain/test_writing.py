"""What a write of a plain document means: who writes which field, patches, versions, conflicts, objects of a path."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from mock_server.engine import MockApi, PlayContext
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import PlainOptions, load_plain_contract, make_plain_api
from mock_server.state import Changes, RateLimits, open_counts

MOMENT = {"type": "string", "format": "date-time"}
MEMBER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "created_at"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "email": {"type": "string", "description": "Must be unique."},
        "role": {"enum": ["user", "admin"], "default": "user"},
        "note": {"type": ["string", "null"]},
        "tag": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
        "score": {"type": "integer", "readOnly": True},
        "created_at": {**MOMENT, "readOnly": True},
        "updatedAt": {"type": "integer", "readOnly": True, "minimum": 1_500_000_000, "maximum": 2_000_000_000},
        "born_on": {"type": "string", "format": "date"},
    },
}
SENT = {
    "type": "object",
    "required": ["name"],
    "properties": {n: MEMBER["properties"][n] for n in MEMBER["properties"]},
}
POST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "url": {"type": "string"},
        "createdAt": MOMENT,
    },
}
SETTINGS = {
    "type": "object",
    "required": ["theme", "version"],
    "properties": {
        "theme": {"enum": ["dark", "light"]},
        "language": {"type": "string"},
        "version": {"type": "integer", "readOnly": True},
    },
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}


def content(schema: Any, media: str = "application/json") -> dict[str, Any]:
    return {"content": {media: {"schema": schema}}}


def shows(schema: Any, status: str = "200", *errors: str, **more: Any) -> dict[str, Any]:
    return {status: {"description": "", **content(schema), **more}, **{each: {"description": ""} for each in errors}}


def wrapped(name: str, schema: Any) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: schema}}


ETAG: dict[str, Any] = {"headers": {"ETag": {"schema": {"type": "string"}}}}
GONE = {"204": {"description": ""}}
PATCHES = {
    "content": {
        "application/merge-patch+json": {"schema": {"type": "object"}},
        "application/json-patch+json": {"schema": {"type": "array", "items": {"type": "object"}}},
    },
}
ROOT: dict[str, Any] = {
    "x-collections": {
        "members": {"key": "id", "records": 5, "unique": ["email"]},
        "loose": {"key": "id", "records": 3},
        "posts": {"key": "id", "records": 3},
        "docs": {"key": "id", "records": 3},
    },
    "paths": {
        "/members": {
            "get": {"x-effect": {"list": "members"}, "responses": shows({"type": "array", "items": MEMBER})},
            "post": {
                "x-effect": {"create": "members"},
                "requestBody": content(SENT),
                "responses": shows(
                    MEMBER,
                    "201",
                    "400",
                    "409",
                    "422",
                    headers={"Location": {"schema": {"type": "string"}}},
                ),
            },
        },
        "/members/{id}": {
            "parameters": [ID],
            "get": {"x-effect": {"get": "members", "key": "id"}, "responses": shows(MEMBER)},
            "put": {
                "x-effect": {"replace": "members", "key": "id"},
                "requestBody": content(SENT),
                "responses": shows(MEMBER),
            },
            "patch": {
                "x-effect": {"patch": "members", "key": "id"},
                "requestBody": PATCHES,
                "responses": shows(MEMBER, "200", "400", "409", "422"),
            },
        },
        "/boxed": {
            "post": {
                "x-effect": {"create": "loose", "at": "/data/item"},
                "requestBody": content(wrapped("loose", MEMBER)),
                "responses": shows(wrapped("data", wrapped("item", MEMBER)), "201"),
            },
            "get": {"x-effect": {"list": "loose"}, "responses": shows({"type": "array", "items": MEMBER})},
        },
        "/kept/{id}": {
            "parameters": [ID],
            "put": {
                "x-effect": {"replace": "loose", "key": "id"},
                "parameters": [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}],
                "requestBody": content(SENT),
                "responses": {**shows(MEMBER), "201": {"description": "Made.", **content(MEMBER)}},
            },
        },
        "/all": {"put": {"x-effect": {"replace": "loose"}, "requestBody": content(SENT), "responses": shows(MEMBER)}},
        "/loose": {
            "put": {
                "x-effect": {"replace": "loose"},
                "requestBody": content(SENT),
                "responses": shows(MEMBER, "200", "404"),
            },
        },
        "/bare": {
            "post": {
                "x-effect": {"create": "loose", "answers": "key"},
                "parameters": [{"name": "tag", "in": "query", "schema": {"type": "string"}}],
                "requestBody": content(SENT),
                "responses": shows({"type": "integer"}),
            },
        },
        "/named": {
            "post": {
                "x-effect": {"create": "loose", "at": "/number", "answers": "key"},
                "requestBody": content(SENT),
                "responses": shows(wrapped("number", {"type": "string"})),
            },
        },
        "/open": {
            "post": {
                "x-effect": {"create": "loose"},
                "requestBody": content(SENT),
                "responses": shows({"type": "object"}),
            },
        },
        "/listed": {
            "post": {
                "x-effect": {"create": "loose", "at": "/data", "is_list": True},
                "requestBody": content(SENT),
                "responses": shows(wrapped("data", {"type": "array", "items": MEMBER}), "201"),
            },
        },
        "/boxed/{id}": {
            "parameters": [ID],
            "get": {"x-effect": {"get": "loose", "key": "id"}, "responses": shows(MEMBER)},
        },
        "/docs/{id}": {
            "parameters": [ID],
            "get": {"x-effect": {"get": "docs", "key": "id"}, "responses": shows(MEMBER, **ETAG)},
            "put": {
                "x-effect": {"replace": "docs", "key": "id"},
                "parameters": [{**MATCH, "required": True}],
                "requestBody": content(SENT),
                "responses": shows(MEMBER, "200", "412", "428"),
            },
            "delete": {"x-effect": {"delete": "docs", "key": "id"}, "parameters": [MATCH], "responses": GONE},
        },
        "/posts": {
            "get": {
                "x-effect": {"list": "posts"},
                "x-filters": {"sort": {"sort": ["createdAt"]}},
                "parameters": [{"name": "sort", "in": "query", "schema": {"type": "string", "default": "-createdAt"}}],
                "responses": shows({"type": "array", "items": POST}),
            },
            "post": {"x-effect": {"create": "posts"}, "requestBody": content(POST), "responses": shows(POST, "201")},
        },
        "/me": {
            "get": {"x-effect": "singleton", "responses": shows(wrapped("data", SETTINGS))},
            "put": {"x-effect": "singleton", "requestBody": content(SETTINGS), "responses": shows(SETTINGS)},
            "patch": {"x-effect": "singleton", "requestBody": content({"type": "object"}), "responses": GONE},
            "delete": {"x-effect": "singleton", "responses": GONE},
        },
    },
}


class Client:
    """One session's client."""

    def __init__(self, folder: Path, etags: str = "documented") -> None:
        contract = load_plain_contract(Document("club", ROOT, "Club"))
        limits, options = RateLimits("club", open_counts()), PlainOptions(etags=etags)
        self.api: MockApi = make_plain_api(contract, "s", limits, options, Changes(folder))

    def ask(self, method: str, path: str, sent: Any = None, clock: float = 0, **headers: Any) -> Response:
        payload = b"" if sent is None else orjson.dumps(sent)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        typed = {"content-type": "application/json", **named} if payload else named
        request = Request(method, path, "", typed, "http://mock", "/club", body=payload)
        match = self.api.find(method, path)
        assert match, path
        return self.api.answer(match, request, PlayContext(clock_seconds=clock))

    def get(self, path: str) -> Any:
        response = self.ask("GET", path)
        return orjson.loads(response.body) if response.status == 200 else response.status

    def send(self, method: str, path: str, sent: Any = None, clock: float = 0, **headers: Any) -> Any:
        response = self.ask(method, path, sent, clock, **headers)
        assert response.status < 300, response
        return orjson.loads(response.body) if response.body else None


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_a_new_record_is_what_was_sent_and_what_the_server_writes(client: Client) -> None:
    sent = {"name": "Ann", "password": "secret", "id": 77, "score": -1, "created_at": "1999-01-01T00:00:00Z"}
    made = client.send("POST", "/members", sent)
    assert made == client.get(f"/members/{made['id']}") == client.get("/members")[-1]
    assert made["id"] == 6, "the server counts, whatever the client says"
    assert (made["name"], made["role"], made["note"]) == ("Ann", "user", None), (
        "a default, and nothing where nothing is said"
    )
    assert made["score"] != -1
    assert not {"password", "tag", "email"} & set(made), (
        "what is written only is not read; what nobody sent is not there"
    )


def test_the_moments_of_a_record_are_the_session_s(client: Client) -> None:
    hour = 3600.0
    made = client.send("POST", "/members", {"name": "Ann", "born_on": "2001-02-03"}, clock=-hour)
    assert made["born_on"] == "2001-02-03"
    written = made["created_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", written)
    assert written[:13] == time.strftime("%Y-%m-%dT%H", time.gmtime(time.time() - hour)) or time.gmtime().tm_min == 0
    assert abs(made["updatedAt"] - (time.time() - hour)) < 60
    changed = client.send(
        "PATCH",
        f"/members/{made['id']}",
        {"name": "Bea"},
        clock=hour,
        content_type="application/merge-patch+json",
    )
    assert changed["created_at"] == written
    assert abs(changed["updatedAt"] - (time.time() + hour)) < 60
    replaced = client.send("PUT", f"/members/{made['id']}", {"name": "Cid"})
    assert (replaced["created_at"], replaced["score"]) == (written, made["score"])
    assert abs(replaced["updatedAt"] - time.time()) < 60
    assert "born_on" not in replaced, "a PUT that leaves a field out takes it away"


def test_what_is_new_stands_where_the_documented_order_says(client: Client) -> None:
    made = [client.send("POST", "/posts", {"title": title}, clock=seconds) for title, seconds in (("a", 10), ("b", 0))]
    assert [each["title"] for each in client.get("/posts")[:2]] == ["a", "b"], (
        "the latest first, by the session's clock"
    )
    assert all(each["url"] for each in made), "one schema for all, and yet no client writes its address"


def test_a_json_patch_is_applied(client: Client) -> None:
    media: Any = {"content_type": "application/json-patch+json"}
    before = client.get("/members/2")
    operations = [
        {"op": "test", "path": "/name", "value": before["name"]},
        {"op": "replace", "path": "/name", "value": "Dan"},
        {"op": "replace", "path": "/score", "value": -5},
        {"op": "add", "path": "/tag", "value": "new"},
    ]
    after = client.send("PATCH", "/members/2", operations, **media)
    assert after == client.get("/members/2")
    assert (after["name"], after["tag"], after["score"]) == ("Dan", "new", before["score"])
    refused = [
        (400, [{"op": "rename", "path": "/name"}]),
        (409, [{"op": "test", "path": "/name", "value": "Eve"}, {"op": "remove", "path": "/tag"}]),
        (409, [{"op": "remove", "path": "/nothing"}]),
        (422, [{"op": "replace", "path": "/name", "value": 5}]),
        (422, [{"op": "replace", "path": "", "value": 5}]),
        (422, [{"op": "remove", "path": "/name"}]),
    ]
    assert [client.ask("PATCH", "/members/2", each, **media).status for _, each in refused] == [s for s, _ in refused]
    assert client.get("/members/2") == after, "a patch is applied whole or not at all"


def test_what_is_unique_is_given_once(client: Client) -> None:
    first = client.send("POST", "/members", {"name": "Ann", "email": "ann@club.test"})
    taken = client.ask("POST", "/members", {"name": "Bob", "email": "ANN@club.test"})
    assert taken.status == 409
    assert len(client.get("/members")) == 6
    merge: Any = {"content_type": "application/merge-patch+json"}
    assert client.ask("PATCH", "/members/1", {"email": "ann@club.test"}, **merge).status == 409
    assert (
        client.send("PATCH", f"/members/{first['id']}", {"email": "ann@club.test", "tag": "x"}, **merge)["tag"] == "x"
    )
    assert client.ask("PUT", "/members/1", {"name": "A", "email": "ann@club.test"}).status == 200, (
        "409 is not documented"
    )


def test_a_wrong_body_is_refused_as_documented(client: Client) -> None:
    wrong = client.ask("POST", "/members", {"name": 5})
    assert wrong.status == 422, "both are documented: what was read, and is wrong"
    request = Request("POST", "/members", "", {"content-type": "application/json"}, body=b"{")
    match = client.api.find("POST", "/members")
    assert match
    assert client.api.answer(match, request).status == 400, "what cannot be read"
    assert b"name" in client.ask("PUT", "/members/1", {"role": "user"}).body


def test_a_record_may_come_and_go_in_envelopes(client: Client) -> None:
    made = client.send("POST", "/boxed", {"loose": {"name": "Ann"}})["data"]["item"]
    assert made["name"] == "Ann"
    assert made == client.get("/boxed")[-1] == client.get(f"/boxed/{made['id']}")


def test_an_answer_may_be_a_key_alone_or_a_list_of_one(client: Client) -> None:
    match = client.api.find("POST", "/bare")
    assert match
    sent = Request("POST", "/bare", "tag=red", {"content-type": "application/json"}, body=b'{"name": "Ann"}')
    key = orjson.loads(client.api.answer(match, sent).body)
    made = client.get(f"/boxed/{key}")
    assert (made["name"], made["tag"]) == ("Ann", "red"), "a parameter that is called as a field says that field"
    assert client.send("POST", "/named", {"name": "Cid"}) == {"number": str(key + 1)}, "a number as text"
    assert client.send("POST", "/open", {"name": "Dan"}) == client.get("/boxed")[-1], (
        "where anything may stand, the record"
    )
    (listed,) = client.send("POST", "/listed", {"name": "Bea"})["data"]
    assert listed == client.get("/boxed")[-1]


def test_a_key_may_stand_in_the_body(client: Client) -> None:
    assert client.send("PUT", "/loose", {"id": 2, "name": "Ann"}) == client.get("/boxed/2")
    assert client.get("/boxed/2")["name"] == "Ann"
    assert client.ask("PUT", "/loose", {"id": 99, "name": "A"}).status == 404
    assert client.send("PUT", "/all", {"name": "Bea"})["id"] == 4, "without a key it is a new one"
    assert client.send("PUT", "/all", {"id": 9, "name": "Cid"}) == client.get("/boxed/9"), "nobody documents 404"


def test_a_put_makes_what_is_not_there_where_that_is_documented(client: Client) -> None:
    made = client.ask("PUT", "/kept/77", {"name": "Ann"}, if_none_match="*")
    assert (made.status, orjson.loads(made.body)) == (201, client.get("/boxed/77"))
    assert [each["id"] for each in client.get("/boxed")] == [1, 2, 3, 77]
    assert client.ask("PUT", "/kept/77", {"name": "Bea"}, if_none_match="*").status == 412, "it is there now"
    assert client.ask("PUT", "/kept/77", {"name": "Bea"}).status == 200
    assert client.send("POST", "/boxed", {"loose": {"name": "Cid"}})["data"]["item"]["id"] == 78
    assert client.ask("PUT", "/members/77", {"name": "Ann"}).status == 404, "nobody documents that there"


def test_a_version_is_told_and_asked_for_where_documented(client: Client) -> None:
    tag = dict(client.ask("GET", "/docs/1").headers)["etag"]
    assert client.ask("GET", "/docs/1", if_none_match=tag)[:1] == (304,)
    assert client.ask("PUT", "/docs/1", {"name": "A"}).status == 428
    assert client.ask("PUT", "/docs/1", {"name": "A"}, if_match='"old"').status == 412
    done = client.ask("PUT", "/docs/1", {"name": "A"}, if_match=tag)
    assert (done.status, dict(done.headers)["etag"]) == (200, dict(client.ask("GET", "/docs/1").headers)["etag"])
    assert dict(done.headers)["etag"] != tag
    assert client.ask("GET", "/docs/1", if_none_match=tag).status == 200
    assert client.ask("DELETE", "/docs/1", if_match=tag).status == 412
    assert client.ask("DELETE", "/docs/1").status == 204, "If-Match need not be sent there"
    assert "etag" not in dict(client.ask("GET", "/members/1").headers), "nobody documents one"


def test_a_switch_gives_every_record_a_version(tmp_path: Path) -> None:
    client = Client(tmp_path, etags="always")
    tag = dict(client.ask("GET", "/members/1").headers)["etag"]
    assert client.ask("PUT", "/members/1", {"name": "A"}).status == 200
    assert client.ask("PUT", "/members/1", {"name": "B"}, if_match=tag).status == 412
    made = client.ask("POST", "/members", {"name": "C"})
    assert dict(made.headers)["etag"] == dict(client.ask("GET", "/members/6").headers)["etag"]


def test_an_object_of_its_path_stays_as_it_was_written(client: Client) -> None:
    before = client.get("/me")["data"]
    theme = "dark" if before["theme"] == "light" else "light"
    replaced = client.send("PUT", "/me", {"theme": theme, "version": before["version"] + 1})
    assert replaced == client.get("/me")["data"] == {"theme": theme, "version": before["version"]}
    client.send("PATCH", "/me", {"language": "de"})
    assert client.get("/me")["data"] == {"theme": theme, "version": before["version"], "language": "de"}
    client.send("DELETE", "/me")
    assert [client.get("/me"), client.ask("PATCH", "/me", {}).status, client.ask("DELETE", "/me").status] == [404] * 3
    assert (
        client.send("PUT", "/me", {"theme": "dark", "version": 1})["theme"]
        == client.get("/me")["data"]["theme"]
        == "dark"
    )
