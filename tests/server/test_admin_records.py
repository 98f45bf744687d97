"""Records of a tester's own over the admin API: seen by whoever asks the provider, in every worker; what is wrong is said."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import CREDENTIALS, Served, Start
from tests.plain.playing import PETSTORE
from tests.plain.test_writes_over_sockets import call
from tests.raw import send


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(PETSTORE), "--workers", "2")


def records(session: str, *rest: str) -> str:
    return "/".join([f"/__admin/sessions/{session}/collections", *rest])


def everywhere(served: Served, path: str, session: str) -> Any:
    """The answer to a request, the same from every worker."""
    answers = [call(served, "GET", path, session=session) for _ in range(6)]
    assert answers == answers[:1] * 6 and answers[0][0] == 200, answers
    return answers[0][1]


def test_what_is_put_in_is_found_in_every_way(served: Served) -> None:
    pets = records("way", "petstore", "pets")
    status, rex = call(served, "POST", pets, {"name": "Wolfgang Rex", "status": "sold"})
    assert status == 201 and rex == {"id": 51, "name": "Wolfgang Rex", "status": "sold"}
    listed = everywhere(served, "/v1/pets", "way")
    assert listed["data"][0] == rex and listed["total"] == 51
    assert everywhere(served, "/v1/pets/51", "way") == rex
    assert everywhere(served, "/v1/pets?q=wolfg", "way")["data"] == [rex]
    assert everywhere(served, "/v1/pets?status=sold", "way")["data"][0] == rex
    assert everywhere(served, "/v1/pets?sort=-id&per_page=1", "way")["data"] == [rex]
    assert call(served, "GET", f"{pets}/51") == (200, rex)
    assert call(served, "GET", f"{pets}?limit=1") == (200, {"records": [rex], "meta": {"total": 51}})
    console = send(
        served.port,
        "GET /console/data/petstore/pets?q=wolfg",
        {"host": "127.0.0.1", "cookie": "understudy-session=way"},
    )
    assert b"Wolfgang Rex" in console.body
    assert call(served, "GET", "/v1/pets")[1]["total"] == 50, "another session sees nothing of it"


def test_it_is_answered_with_its_address(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    visits = records("loc", "petstore", "owners.visits")
    owner = everywhere(served, "/v1/owners", "loc")[0]["id"]
    body = json.dumps({"reason": "shots"})
    path = f"{visits}?parent=ownerId:{quote(owner)}"
    connection.request("POST", path, body, {"content-type": "application/json"})
    response = connection.getresponse()
    location, made = response.headers["location"], json.loads(response.read())
    connection.close()
    assert response.status == 201 and location.startswith(f"{visits}/{made['id']}?parent=ownerId%3A")
    assert call(served, "GET", location) == (200, made)
    assert everywhere(served, f"/v1/owners/{quote(owner)}/visits", "loc")[0] == made
    assert call(served, "DELETE", location)[0] == 200 and call(served, "GET", location)[0] == 404


def test_put_takes_the_place_of_a_record_and_delete_takes_it_away(served: Served) -> None:
    pets = records("put", "petstore", "pets")
    assert call(served, "PUT", f"{pets}/7", {"name": "Seven"})[0] == 200
    assert call(served, "PUT", f"{pets}/700?place=last", {"name": "Last"})[0] == 201
    listed = call(served, "GET", f"{pets}?limit=1000")[1]["records"]
    assert [listed[0]["id"], listed[-1]["id"], len(listed)] == [7, 700, 51]
    assert everywhere(served, "/v1/pets/7", "put")["name"] == "Seven"
    assert call(served, "DELETE", f"{pets}/7")[0] == 200
    assert [call(served, method, f"{pets}/7")[0] for method in ("GET", "DELETE")] == [404, 404]
    assert everywhere(served, "/v1/pets?per_page=1", "put")["total"] == 50


def test_a_client_may_change_it_and_a_reset_takes_it_back(served: Served) -> None:
    pets = records("own", "petstore", "pets")
    call(served, "POST", pets, {"name": "Rex"})
    assert call(served, "DELETE", "/v1/pets/51", session="own")[0] == 204
    assert call(served, "GET", f"{pets}/51")[0] == 404
    call(served, "POST", pets, {"name": "Tom"})
    assert call(served, "POST", "/__admin/sessions/own/reset")[0] == 200
    assert call(served, "GET", f"{pets}?limit=0")[1]["meta"] == {"total": 50}


def test_collections_are_listed_with_what_a_session_sees_of_them(served: Served) -> None:
    call(served, "POST", records("list", "petstore", "pets"), {"name": "Rex"})
    assert call(served, "GET", records("list"))[1]["collections"] == [
        {"provider": "petstore", "collection": "pets", "key": "id", "total": 51},
        {"provider": "petstore", "collection": "owners", "key": "id", "total": 50},
        {"provider": "petstore", "collection": "owners.visits", "key": "id", "parents": ["ownerId"]},
    ]


WRONG: list[tuple[str, str, str, Any, int, str]] = [
    ("another provider", "GET", "petstor/pets", None, 404, "did you mean petstore?"),
    ("another collection", "POST", "petstore/pet", {}, 404, "did you mean pets?"),
    ("a field that nobody documents", "POST", "petstore/pets", {"nam": "x"}, 422, "/nam: is no field of these rec"),
    ("a value of another type", "PUT", "petstore/pets/3", {"name": 3}, 422, "/name: "),
    ("another key than the path's", "PUT", "petstore/pets/3", {"id": 4}, 422, "/id: is not the key 3"),
    ("a key that is none", "PUT", "petstore/pets/x", {"name": "x"}, 422, "/id: must be an integer"),
    ("a key that no number can hold", "PUT", f"petstore/pets/{2**64}", {}, 422, "/id: must be an integer"),
    ("a key that another record has", "POST", "petstore/pets", {"id": 3}, 409, "PUT replaces it"),
    ("a list", "POST", "petstore/pets", [], 422, "Expected a JSON object"),
    ("no parent", "POST", "petstore/owners.visits", {"reason": "x"}, 422, "lies below no parent (give ownerId the key"),
    ("records below no parent", "GET", "petstore/owners.visits", None, 422, "Say ?parent=NAME:KEY"),
    ("another parent", "GET", "petstore/owners.visits?parent=owner:1", None, 422, "Did you mean 'ownerId'?"),
    ("a parent without a key", "GET", "petstore/owners.visits?parent=ownerId", None, 422, "NAME:KEY"),
    ("a parent that is not there", "POST", "petstore/owners.visits?parent=ownerId:x", {}, 422, "owners has no record"),
    ("below one that is not there", "GET", "petstore/owners.visits?parent=ownerId:x", None, 422, "has no record with"),
    ("another place", "POST", "petstore/pets?place=middle", {}, 422, "first or last"),
    ("a page too large", "GET", "petstore/pets?limit=1001", None, 422, "0 to 1,000"),
    ("no such record", "GET", "petstore/pets/51", None, 404, "pets has no record with the key '51'"),
    ("no such record to take away", "DELETE", "petstore/pets/51", None, 404, "no record with the key"),
]


@pytest.mark.parametrize(("name", "method", "path", "sent", "status", "says"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_a_problem_and_changes_nothing(
    name: str,
    method: str,
    path: str,
    sent: Any,
    status: int,
    says: str,
    served: Served,
) -> None:
    call(served, "PUT", "/__admin/sessions/wrong", {})
    answered, problem = call(served, method, records("wrong", path), sent)
    assert answered == status and says in problem["detail"], problem
    assert [each["pointer"][:2] for each in problem.get("errors", [])] in ([], ["#/"], ["#"])
    assert call(served, "GET", records("wrong", "petstore", "pets?limit=0"))[1]["meta"] == {"total": 50}


def test_every_wrong_field_is_named(served: Served) -> None:
    sent = {"nam": "x", "name": 7, "status": "lost"}
    _, problem = call(served, "POST", records("wrong", "petstore", "pets"), sent)
    assert [(each["pointer"], "hint" in each) for each in problem["errors"]] == [
        ("#/nam", True),
        ("#/name", False),
        ("#/status", False),
    ]
    assert "and 2 more problems" in problem["detail"]


def test_a_session_that_nobody_used_has_no_records_to_look_at_until_some_are_put_in(served: Served) -> None:
    assert call(served, "GET", records("fresh", "petstore", "pets"))[0] == 404
    assert call(served, "POST", records("fresh", "petstore", "pets"), {})[0] == 201
    assert call(served, "GET", records("fresh", "petstore", "pets?limit=0"))[1]["meta"] == {"total": 51}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "pets"), ("PUT", "pets/3"), ("DELETE", "pets/3"), ("GET", "pets"), ("GET", "pets/3")],
)
@pytest.mark.parametrize(
    "foreign",
    [{"origin": "http://evil.example"}, {"host": "evil.example"}, {"forwarded": "for=x"}],
)
def test_no_other_site_reads_or_changes_records(
    method: str,
    path: str,
    foreign: dict[str, str],
    served: Served,
) -> None:
    body = b'{"name": "Mallory"}' if method in ("POST", "PUT") else b""
    headers = {"host": "127.0.0.1", "content-length": str(len(body)), "content-type": "application/json", **foreign}
    answer = send(served.port, f"{method} {records('default', 'petstore', path)}", headers, body)
    assert answer.status == 403 and answer.headers["content-type"] == "application/problem+json"
    assert call(served, "GET", "/v1/pets/3")[1]["name"] != "Mallory"


MAIL = "greta@garbo.example"
FINDS: dict[str, tuple[str, str, dict[str, str], list[str]]] = {
    "fatora": (
        "clients",
        "id",
        {"name": "Greta Garbo", "email": MAIL},
        [
            "/fatora/v1/clients",
            "/fatora/v1/clients?keyword=GARBO",
            "/fatora/v1/clients?email=GRETA@garbo.example",
            "/fatora/v1/clients/{key}",
        ],
    ),
    "sellercloud": (
        "customers",
        "UserID",
        {"FirstName": "Greta", "LastName": "Garbo", "Email": MAIL},
        [
            "/sellercloud/rest/api/Customers",
            "/sellercloud/rest/api/Customers?email=GRETA@garbo.example",
            "/sellercloud/rest/api/Customers?lastName=garb&firstName=ret",
            "/sellercloud/rest/api/Customers?customerIDs={key}",
        ],
    ),
}


@pytest.fixture(scope="module")
def annotated(start: Start) -> Served:
    return start("fatora", "sellercloud", "--workers", "2")


@pytest.mark.parametrize("provider", FINDS)
def test_a_customer_with_a_given_mail_is_found_in_every_way(provider: str, annotated: Served) -> None:
    collection, key, sent, paths = FINDS[provider]
    own = records("way", provider, collection)
    before = call(annotated, "GET", f"{records('default', provider, collection)}?limit=1")[1]
    status, made = call(annotated, "POST", own, sent)
    assert status == 201 and {**made, **sent} == made and made.keys() == before["records"][0].keys()
    headers = {"host": "127.0.0.1", "understudy-session": "way", **CREDENTIALS[provider]}
    for path in paths:
        for _ in range(4):
            answer = send(annotated.port, f"GET {path.format(key=made[key])}", headers)
            assert answer.status == 200 and MAIL.encode() in answer.body, path
    seen = call(annotated, "GET", f"{own}?limit=1")[1]
    assert seen == {"records": [made], "meta": {"total": before["meta"]["total"] + 1}}
    console = {"host": "127.0.0.1", "cookie": "understudy-session=way"}
    assert MAIL.encode() in send(annotated.port, f"GET /console/data/{provider}/{collection}", console).body


@pytest.mark.parametrize("provider", FINDS)
def test_what_is_wrong_in_a_customer_is_said_and_a_reset_takes_all_back(provider: str, annotated: Served) -> None:
    collection, key, sent, _ = FINDS[provider]
    own, name = records("reset", provider, collection), next(iter(sent))
    before = call(annotated, "GET", f"{records('default', provider, collection)}?limit=2")[1]
    problem = call(annotated, "POST", own, {name: 7, "nam": "x"})[1]
    assert {each["pointer"] for each in problem["errors"]} == {f"#/{name}", "#/nam"}
    made = call(annotated, "POST", own, sent)[1]
    assert call(annotated, "POST", own, {key: made[key]})[0] == 409
    first = before["records"][0][key]
    assert [call(annotated, "PUT", f"{own}/{each}", sent)[0] for each in (first, 9_999_999)] == [200, 201]
    assert call(annotated, "DELETE", f"{own}/{made[key]}")[0] == 200
    assert call(annotated, "GET", f"{own}/{made[key]}")[0] == 404
    assert call(annotated, "POST", "/__admin/sessions/reset/reset")[0] == 200
    assert call(annotated, "GET", f"{own}?limit=2")[1] == before
