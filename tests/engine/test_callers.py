"""Credentials, forced answers, rate limits: who is let in, and what can be provoked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.contract.model import ERROR_KINDS, Limit, Scheme
from mock_server.engine.security import compile_caller
from mock_server.messages import Request
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_contracts, make_apis
from mock_server.state.counters import open_counts
from mock_server.state.rate_limits import RateLimits
from tests.conftest import CREDENTIALS, LISTS, Ask, make_ask

REFUSED: list[tuple[str, dict[str, str], int, Any]] = [
    (
        "fatora",
        {},
        401,
        {"status": "ERROR", "error": {"error_code": "401", "description": "Merchant API key isn't valid."}},
    ),
    ("fatora", {"api_key": "x"}, 401, None),
    (
        "fatora",
        {"api_key": "00000000-0000-4000-8000-0000DEADF00D"},
        403,
        {"status": "ERROR", "error": {"error_code": "403", "description": "Merchant API key is inactive."}},
    ),
    ("fatora", {"authorization": "Bearer 00000000-0000-4000-8000-00000000F00D"}, 401, None),
    ("yativo", {}, 401, {"message": "Unauthenticated."}),
    ("yativo", {"authorization": "Bearer understudy-yativo-expired"}, 401, {"message": "Unauthenticated."}),
    ("yativo", {"authorization": "understudy-yativo-valid"}, 401, None),
    ("yativo", {"authorization": "Basic understudy-yativo-valid"}, 401, None),
    (
        "sourcehub",
        {"authorization": "Bearer "},
        401,
        {
            "error": {
                "code": "AUTHENTICATION_ERROR",
                "description": "Invalid credential or token.",
                "source": "http://mock.test/sourcehub/api/customers",
                "status_code": 401,
            },
        },
    ),
    ("sellercloud", {"authorization": "Bearer understudy-sellercloud-expired"}, 401, "Not Valid Token"),
]


@pytest.mark.parametrize(("name", "headers", "status", "body"), REFUSED)
def test_who_is_refused(name: str, headers: dict[str, str], status: int, body: Any, ask: Ask) -> None:
    response = ask(LISTS[name], headers=headers)
    assert response.status == status
    assert body is None or json.loads(response.body) == body
    assert not any("ratelimit" in header for header, _ in response.headers)


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("yativo", {"authorization": "bearer understudy-yativo-valid"}),
        ("yativo", {"authorization": "BEARER YOUR_SECRET_TOKEN"}),
        ("fatora", {"api_key": "E4B73FEE-F492-4607-A38D-852B0EBC91C9"}),
    ],
)
def test_who_is_let_in(name: str, headers: dict[str, str], ask: Ask) -> None:
    assert ask(LISTS[name], headers=headers).status == 200


def test_the_caller_is_looked_at_before_the_parameters(ask: Ask) -> None:
    assert ask(f"{LISTS['fatora']}?page=0", headers={}).status == 401


def test_a_key_may_stand_in_the_query_and_alternatives_are_tried_in_turn() -> None:
    key = Scheme("key", "query", "key", "", {"valid": ("k",)})
    bearer = Scheme("bearer", "header", "authorization", "bearer ", {"valid": ("t",), "inactive": ("i",)})
    either, both = compile_caller(((key,), (bearer,))), compile_caller(((key, bearer),))
    token = {"authorization": "Bearer t"}
    rows = [("", {}, True, True), ("key=k", {}, False, True), ("", token, False, True), ("key=k", token, False, False)]
    for query, headers, refused_by_either, refused_by_both in rows:
        request = Request("GET", "/", query, headers)
        assert bool(either(request).kind) is refused_by_either and bool(both(request).kind) is refused_by_both
    assert either(Request("GET", "/", "", {"authorization": "Bearer i"})).kind == "forbidden"


DOCUMENTED = {
    "fatora": {400, 401, 403, 404, 405, 406, 415, 500},
    "yativo": {400, 401, 404, 405, 429, 500},
    "sourcehub": {400, 401, 404, 405, 429, 500},
    "sellercloud": {400, 401, 404, 405, 429, 500},
}


@pytest.mark.parametrize(("name", "status"), [(n, s) for n, statuses in DOCUMENTED.items() for s in sorted(statuses)])
def test_every_documented_status_can_be_forced(name: str, status: int, ask: Ask) -> None:
    by_query = ask(f"{LISTS[name]}?__code={status}", headers={})
    by_header = ask(LISTS[name], headers={"prefer": f"code={status}"})
    assert by_query.status == by_header.status == status and by_query.body == by_header.body
    assert ("preference-applied", f"code={status}") in by_query.headers


CAUSES = [
    ("fatora", "page=0", {}, 400),
    ("fatora", "", {"api_key": "x"}, 401),
    ("fatora", "", {"api_key": "00000000-0000-4000-8000-0000DEADF00D"}, 403),
    ("fatora", "", {"accept": "application/xml"}, 406),
    ("fatora", "", {"accept": "application/json;q=0"}, 406),
    ("fatora", "", {"accept": "text/html, */*;q=0.1"}, 200),
    ("fatora", "", {"accept": "application/*"}, 200),
    ("sourcehub", "", {"accept": "application/xml"}, 200),
    ("sourcehub", "count=-1", {}, 400),
    ("sellercloud", "pageNumber=0", {}, 400),
]


@pytest.mark.parametrize(("name", "query", "headers", "status"), CAUSES)
def test_documented_statuses_have_documented_causes(
    name: str,
    query: str,
    headers: dict[str, str],
    status: int,
    ask: Ask,
) -> None:
    assert ask(f"{LISTS[name]}?{query}", headers={**CREDENTIALS[name], **headers}).status == status


def test_a_body_that_is_not_json_is_415_where_documented(ask: Ask) -> None:
    for content_type, status in (("application/xml", 415), ("application/json; charset=utf-8", 200), ("", 200)):
        headers = {**CREDENTIALS["fatora"], "content-type": content_type}
        assert ask(LISTS["fatora"], headers=headers, body=b"{}").status == status


def test_unknown_forced_answers_list_the_known_ones(ask: Ask) -> None:
    rows = [("__code=499", "200"), ("__example=nope", "documented"), ("__credential=stolen", "inactive")]
    for query, known in rows:
        response = ask(f"{LISTS['fatora']}?{query}")
        assert response.status == 400 and known in json.loads(response.body)["known"]
        assert dict(response.headers)["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", LISTS)
def test_documented_examples_can_be_asked_for(name: str, ask: Ask) -> None:
    response = ask(LISTS[name], headers={"prefer": "example=documented"})
    assert response.status == 200 and ("preference-applied", "example=documented") in response.headers
    assert json.loads(ask(f"{LISTS[name]}?__example=empty", headers={}).body)


def test_a_test_credential_can_be_lent_to_a_browser(ask: Ask) -> None:
    answers = {
        state: ask(f"{LISTS['fatora']}?page=2&__credential={state}", headers={}) for state in ("valid", "inactive")
    }
    assert {state: answer.status for state, answer in answers.items()} == {"valid": 200, "inactive": 403}
    assert json.loads(answers["valid"].body)["page"] == 2


def test_what_is_forced_cannot_smuggle_a_header(ask: Ask) -> None:
    response = ask(f"{LISTS['fatora']}?__example=a%0d%0aset-cookie:x&__code=401", headers={})
    assert all("\n" not in value and "\r" not in value for _, value in response.headers)


def test_forced_words_are_no_parameters(ask: Ask) -> None:
    assert json.loads(ask(f"{LISTS['fatora']}?keyword=&__code=200&page=2").body)["page"] == 2


@pytest.mark.parametrize("shared", [False, True], ids=["in memory", "in a file"])
def test_a_window_is_counted_per_caller_and_starts_anew(shared: bool, tmp_path: Any) -> None:
    clock = [1000.0]
    limits = RateLimits("toy", open_counts(tmp_path / "counts.sqlite" if shared else None), lambda: clock[0])
    limit = Limit(2, 60, "address")
    assert [limits.spend("a", limit).remaining for _ in range(3)] == [1, 0, 0]
    assert limits.spend("a", limit).exceeded and not limits.spend("b", limit).exceeded
    clock[0] = 1059
    assert limits.spend("a", limit).retry_after_seconds == 1
    clock[0] = 1060
    assert limits.spend("a", limit).remaining == 1


@pytest.fixture(scope="module")
def enforcing(cache: Any) -> MockApis:
    settings = Settings(cache=cache, limits="enforce")
    return make_apis(load_contracts(settings), settings)


def test_a_spent_limit_is_refused_as_documented(enforcing: MockApis) -> None:
    ask = make_ask(enforcing)
    answers = [ask(LISTS["yativo"]) for _ in range(61)]
    assert [answer.status for answer in answers] == [200] * 60 + [429]
    headers = dict(answers[-1].headers)
    assert json.loads(answers[-1].body) == {"message": "Too Many Attempts."} and headers["x-ratelimit-remaining"] == "0"
    other = {"authorization": "Bearer YOUR_SECRET_TOKEN"}
    assert ask(LISTS["yativo"], headers=other).status == 200


def test_limits_are_only_reported_by_default(cache: Any) -> None:
    settings = Settings(cache=cache, providers=("yativo",))
    ask = make_ask(make_apis(load_contracts(settings), settings))
    answers = [ask(LISTS["yativo"]) for _ in range(62)]
    assert {answer.status for answer in answers} == {200}
    assert dict(answers[-1].headers)["x-ratelimit-remaining"] == "0"


def test_the_forced_429_of_sellercloud_is_the_documented_one(enforcing: MockApis) -> None:
    body = json.loads(make_ask(enforcing)(f"{LISTS['sellercloud']}?__code=429").body)
    assert body["Error"] == "Too many requests." and body["RateLimitResetTime"].endswith(".0000000Z")


def test_a_forced_429_tells_of_the_limit_also_where_none_is_counted(ask: Ask) -> None:
    answers = [ask(f"{LISTS[name]}?__code=429", headers={}) for name in ("sellercloud", "yativo")]
    assert all(int(dict(answer.headers)["retry-after"]) in (60, 3600) for answer in answers)
    assert not json.loads(answers[0].body)["RateLimitResetTime"].startswith("1970")


def test_every_kind_has_a_status() -> None:
    assert all(400 <= status < 600 for status in ERROR_KINDS.values())


READ = [
    ("fatora", {"content-type": "required"}, "", {}, 415),
    ("fatora", {"content-type": "required"}, "", {"content-type": "application/json"}, 200),
    ("sourcehub", {"header-requirement": "required"}, "", {"content-type": "application/json"}, 400),
    ("sourcehub", {"header-requirement": "required"}, "", {"content-type": "application/json", "accept": "*/*"}, 200),
    ("yativo", {"no-records": "not-found"}, "", {}, 200),
    ("yativo", {"no-records": "not-found"}, "none", {}, 404),
]


@pytest.mark.parametrize(("name", "readings", "records", "headers", "status"), READ)
def test_readings_that_refuse(
    name: str,
    readings: dict[str, str],
    records: str,
    headers: dict[str, str],
    status: int,
    cache: Any,
) -> None:
    settings = Settings(providers=(name,), readings={name: readings}, records=0 if records else None, cache=cache)
    ask = make_ask(make_apis(load_contracts(settings), settings))
    assert ask(LISTS[name], headers={**CREDENTIALS[name], **headers}).status == status
