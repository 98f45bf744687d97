"""Annotated contracts that log in: as real clients first ask, over raw sockets, and what a contract may not say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.errors import ContractErrors
from mock_server.sessions import load_vocabulary
from mock_server.sessions.factory import load_checked
from tests.conftest import Served
from tests.raw import Answer, send

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SELLERCLOUD = "/sellercloud/rest/api"


def post(served: Served, path: str, body: str, media_type: str = JSON, session: str = "") -> Answer:
    headers = {"content-type": media_type, "content-length": str(len(body)), "host": "mock"}
    headers |= {"understudy-session": session} if session else {}
    return send(served.port, f"POST {path}", headers, body.encode())


def get(served: Served, path: str, token: str, session: str = "") -> Answer:
    headers = {"authorization": f"Bearer {token}", "host": "mock"} | (
        {"understudy-session": session} if session else {}
    )
    return send(served.port, f"GET {path}", headers)


SENT = [
    ("as documented", '{"Username": "ann", "Password": "secret"}', JSON),
    ("in lower case", '{"username": "ann", "password": "secret"}', JSON),
    ("as a form", "Username=ann&Password=secret", FORM),
]


@pytest.mark.parametrize(("says", "body", "media_type"), SENT, ids=[row[0] for row in SENT])
def test_a_sellercloud_client_asks_for_a_token_first(served: Served, says: str, body: str, media_type: str) -> None:
    answer = post(served, f"{SELLERCLOUD}/token", body, media_type)
    given = json.loads(answer.body)
    assert answer.status == 200
    assert list(given) == ["access_token", "token_type", "username", "expires_in", ".issued", ".expires"]
    assert (given["token_type"], given["username"], given["expires_in"]) == ("Bearer", "ann", 1800)
    assert given["access_token"].count(".") == 2 and len(given[".issued"]) == 19 < 20
    listed = get(served, f"{SELLERCLOUD}/Customers?pageSize=1", given["access_token"])
    assert listed.status == 200 and len(json.loads(listed.body)["Items"]) == 1
    assert get(served, f"{SELLERCLOUD}/Customers", given["access_token"] + "x").reason == "Not Valid Token"


def test_its_token_is_good_for_an_hour(served: Served) -> None:
    given = json.loads(post(served, f"{SELLERCLOUD}/token", SENT[0][1], session="hour").body)
    for seconds, status in ((3590, 200), (3610, 401)):
        body = json.dumps({"clockOffsetSeconds": seconds})
        headers = {"content-type": JSON, "content-length": str(len(body)), "host": f"127.0.0.1:{served.port}"}
        assert send(served.port, "PUT /__admin/sessions/hour", headers, body.encode()).status == 200
        assert get(served, f"{SELLERCLOUD}/Customers", given["access_token"], "hour").status == status


REFUSED = [
    ("sellercloud/rest/api/token", "{}", 400, {"Error": "Username is missing"}),
    ("sellercloud/rest/api/token", "", 400, {"Error": "the body is not JSON"}),
    ("sellercloud/rest/api/token", '{"Username": "a", "Password": 1}', 400, {"Error": "Password is missing"}),
    ("sellercloud/rest/api/token", '{"Username": "a", "Password": ""}', 400, {"Error": "Password is missing"}),
    (
        "sellercloud/rest/api/token",
        '{"Username": "a", "Password": "understudy-sellercloud-expired"}',
        401,
        "Not Valid Token",
    ),
    (
        "yativo/api/v1/auth/login",
        '{"account_id": "a", "app_secret": "understudy-yativo-expired"}',
        401,
        {
            "status": "failed",
            "status_code": 401,
            "message": "Request failed",
            "data": {"error": "Invalid login credentials"},
        },
    ),
]


@pytest.mark.parametrize(("path", "body", "status", "says"), REFUSED)
def test_a_wrong_login_is_refused_as_documented(served: Served, path: str, body: str, status: int, says: Any) -> None:
    answer = post(served, f"/{path}", body)
    assert (answer.status, json.loads(answer.body)) == (status, says)


def test_a_yativo_client_logs_in(served: Served) -> None:
    given = json.loads(post(served, "/yativo/api/v1/auth/login", '{"account_id": "a", "app_secret": "s"}').body)
    assert (given["status"], given["status_code"]) == ("success", 200)
    assert (given["data"]["token_type"], given["data"]["expires_in"]) == ("bearer", 600)
    assert get(served, "/yativo/api/v1/customer?per_page=1", given["data"]["access_token"]).status == 200
    assert get(served, "/sellercloud/rest/api/Customers", given["data"]["access_token"]).status == 401


WRONG = [
    ("a scheme that is not there", "token: bearer,", "token: beaver,", "no security scheme is called 'beaver'"),
    ("an effect that is none", "x-effect: {token", "x-effect: {login", "unknown key 'login'"),
    ("an answer without an effect", "x-effect: {token: bearer, lifetime: 3600, announced: 1800}", "", "none is issued"),
]


@pytest.mark.parametrize(("says", "old", "new", "problem"), WRONG, ids=[row[0] for row in WRONG])
def test_a_contract_is_refused_for(tmp_path: Path, says: str, old: str, new: str, problem: str) -> None:
    folder = tmp_path / "sellercloud"
    folder.mkdir()
    for path in (Path(__file__).parents[2] / "schemas" / "sellercloud").iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ContractErrors, match=problem):
        load_checked(folder, load_vocabulary(), {})
