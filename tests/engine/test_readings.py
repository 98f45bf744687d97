"""Readings that need an annotation of their own: a redirect, links that keep the query, the beginning of a text."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from mock_server.messages import Response
from mock_server.server.app import create_app
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_contracts, make_apis
from tests.conftest import CREDENTIALS, Ask, make_ask


def play(cache: Path, provider: str, **readings: str) -> MockApis:
    chosen = {provider: {name.replace("_", "-"): alternative for name, alternative in readings.items()}}
    settings = Settings(providers=(provider,), readings=chosen, cache=cache, limits="off")
    return make_apis(load_contracts(settings), settings)


def header(response: Response, name: str) -> str:
    return dict(response.headers).get(name, "")


@pytest.fixture(scope="module")
def slashed(cache: Path) -> MockApis:
    return play(cache, "fatora", trailing_slash="redirected")


def test_the_list_without_its_slash_redirects(slashed: MockApis) -> None:
    ask = make_ask(slashed)
    answer = ask("/fatora/v1/clients?page=2&keyword=a%20b")
    assert (answer.status, answer.body) == (308, b"")
    assert header(answer, "location") == "http://mock.test/fatora/v1/clients/?page=2&keyword=a%20b"
    assert ask("/fatora/v1/clients/?page=2").status == 200
    assert orjson.loads(ask("/fatora/v1/clients/?page=2").body)["page"] == 2


def test_the_redirect_is_for_that_path_alone(slashed: MockApis) -> None:
    ask = make_ask(slashed)
    key = orjson.loads(ask("/fatora/v1/clients/").body)["clients"][0]["id"]
    assert ask(f"/fatora/v1/clients/{key}").status == ask(f"/fatora/v1/clients/{key}/").status == 200
    assert ask("/fatora/v1/nothing").status == 404
    assert ask("/fatora/v1/clients/", "DELETE").status == 405


def test_flask_redirects_in_the_same_way(slashed: MockApis) -> None:
    client = create_app(slashed).test_client()
    answer = client.get("/fatora/v1/clients?page=2", headers=CREDENTIALS["fatora"])
    assert answer.status_code == 308 and answer.headers["location"] == "http://localhost/fatora/v1/clients/?page=2"


def test_both_spellings_are_answered_without_the_annotation(ask: Ask) -> None:
    assert ask("/fatora/v1/clients").body == ask("/fatora/v1/clients/").body


def test_links_keep_the_query_and_replace_the_page(cache: Path) -> None:
    ask = make_ask(play(cache, "sourcehub", error_source_query="with"))
    links = orjson.loads(ask("/sourcehub/api/customers?limit=5&page=2&x=%C3%A9").body)["data"]["pagination"]
    base = "http://mock.test/sourcehub/api/customers"
    assert links["next_page_url"] == f"{base}?limit=5&x=%C3%A9&page=3"
    assert links["prev_page_url"] == f"{base}?limit=5&x=%C3%A9&page=1"
    assert links["path"] == base
    assert orjson.loads(ask("/sourcehub/api/customers").body)["data"]["pagination"]["next_page_url"] == f"{base}?page=2"
    error = orjson.loads(ask("/sourcehub/api/customers?limit=5", headers={}).body)["error"]
    assert error["source"] == f"{base}?limit=5"


def test_links_that_keep_the_query_lead_through_the_whole_list(cache: Path) -> None:
    ask = make_ask(play(cache, "sourcehub", error_source_query="with"))
    target, seen = "/sourcehub/api/customers?count=50", []
    while target:
        data = orjson.loads(ask(target).body)["data"]
        seen += [customer["id"] for customer in data["customers"]]
        target = (data["pagination"]["next_page_url"] or "").removeprefix("http://mock.test")
    assert len(seen) == len(set(seen)) == 137


@pytest.mark.parametrize("where", ["skip=20", "page=3", "limit=10&skip=20", "count=10&p%61ge=3", "skip=20&page=7"])
def test_what_names_a_page_is_not_kept(where: str, cache: Path) -> None:
    ask = make_ask(play(cache, "sourcehub", error_source_query="with"))
    data = orjson.loads(ask(f"/sourcehub/api/customers?{where}").body)["data"]
    following = orjson.loads(ask(data["pagination"]["next_page_url"].removeprefix("http://mock.test")).body)["data"]
    assert following["pagination"]["current_page"] == data["pagination"]["current_page"] + 1
    assert following["customers"][0]["id"] > data["customers"][-1]["id"]


def test_an_unknown_client_as_a_success_without_one(cache: Path) -> None:
    ask = make_ask(play(cache, "fatora", unknown_client="client-null"))
    answer = ask("/fatora/v1/clients/2000000011")
    assert (answer.status, orjson.loads(answer.body)) == (200, {"status": "SUCCESS", "client": None})
    assert ask("/fatora/v1/nothing").status == 404


def test_a_limit_by_user_and_address(cache: Path) -> None:
    settings = Settings(
        providers=("sellercloud",),
        readings={"sellercloud": {"limit-scope": "both"}},
        cache=cache,
        limits="enforce",
    )
    ask = make_ask(make_apis(load_contracts(settings), settings))
    contract = load_contracts(settings)["sellercloud"]
    assert contract.limit and contract.limit.per == "credential_and_address"
    target = "/sellercloud/rest/api/Customers?pageSize=1"
    for _ in range(contract.limit.requests):
        ask(target)
    assert ask(target).status == 429
    assert ask(target, address="10.0.0.9").status == 200


def test_a_keyword_at_the_beginning(cache: Path) -> None:
    ask = make_ask(play(cache, "fatora", keyword_fields="beginning"))
    names = [client["name"] for client in orjson.loads(ask("/fatora/v1/clients?page_size=100").body)["clients"]]
    for keyword in (names[0][:3], names[5][:5].upper(), names[7][1:6], names[9], "zz", names[3][:1]):
        answer = orjson.loads(ask(f"/fatora/v1/clients?page_size=100&keyword={keyword.replace(' ', '+')}").body)
        begun = [name for name in names if name.casefold().startswith(keyword.casefold())]
        assert [client["name"] for client in answer["clients"]] == begun and answer["total"] == len(begun)


def test_a_provider_without_filters_ignores_them(cache: Path) -> None:
    ask = make_ask(play(cache, "yativo", list_filters="none"))
    plain = ask("/yativo/api/v1/customer")
    assert ask("/yativo/api/v1/customer?email=nobody&country=BRA").body == plain.body


def test_a_largest_size_of_a_hundred(cache: Path) -> None:
    ask = make_ask(play(cache, "yativo", per_page_cap="hundred"))
    assert orjson.loads(ask("/yativo/api/v1/customer?per_page=1000").body)["pagination"]["per_page"] == 100
