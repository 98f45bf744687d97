"""Conditions say what a tester means: the page by plan, a record by its key, headers, places of a body."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mock_server.messages import Request
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings
from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis
from tests.conftest import CREDENTIALS, LISTS
from tests.faults.playing import Shop, open_shop, write_scenarios

FAILED = 503


def fails(**when: Any) -> list[dict[str, Any]]:
    return [{"when": when, "status": FAILED}]


PAGE = {"third-page": fails(page=3)}


def follow_tokens(name: tuple[str, str], kind: str = "") -> Callable[[Shop], str]:
    """The target of the third page of a list, by the tokens of those before it."""

    def find(shop: Shop) -> str:
        target = f"/by-{name[0]}?size=4{kind}"
        for _ in range(2):
            token = shop.get(target)["next"]
            target = f"/by-{name[0]}?size=4{kind}&{name[1]}={quote(str(token))}"
        return target

    return find


def follow_links(shop: Shop) -> str:
    target = "/by-link?size=4"
    for _ in range(2):
        link = dict(shop.ask("GET", target).headers)["link"]
        target = link.partition("/shop")[2].partition(">")[0]
    return target


THIRD: list[tuple[str, str | Callable[[Shop], str]]] = [
    ("a page's number", "/items?page=3"),
    ("a number and a size", "/items?page=3&size=4"),
    ("a number and a filter", "/items?page=3&size=2&kind=tool"),
    ("the third page where they count from 0", "/from-zero?page=2"),
    ("an offset", "/by-offset?skip=20"),
    ("an offset of whole pages of another size", "/by-offset?skip=8&size=4"),
    ("an offset within the page", "/by-offset?skip=29"),
    ("a token", follow_tokens(("token", "token"))),
    ("a token of a filtered list", follow_tokens(("token", "token"), "&kind=toy")),
    ("a key to go on after", "/by-key?size=4&after=8"),
    ("a key to go on after, as answers tell it", follow_tokens(("key", "after"))),
    ("a key to stop before", "/by-key?size=4&before=13"),
    ("a link", follow_links),
]


@pytest.mark.parametrize(("name", "target"), THIRD, ids=[row[0] for row in THIRD])
def test_the_third_page_is_meant_however_it_is_asked_for(
    name: str,
    target: str | Callable[[Shop], str],
    tmp_path: Path,
) -> None:
    shop = Shop(open_shop(tmp_path, PAGE), "third-page")
    asked = target if isinstance(target, str) else target(shop)
    assert (shop.ask("GET", asked).status, shop.clean().ask("GET", asked).status) == (FAILED, 200)


OTHERS = [
    "/items",
    "/items?page=2",
    "/items?page=4&size=4",
    "/by-offset?skip=19",
    "/by-offset?skip=30",
    "/by-key?after=9",
    "/from-zero?page=3",
    "/by-token?token=nonsense",
    "/items/3",
]


@pytest.mark.parametrize("target", OTHERS)
def test_no_other_page_is(target: str, tmp_path: Path) -> None:
    apis = open_shop(tmp_path, PAGE)
    assert Shop(apis, "third-page").ask("GET", target).status == Shop(apis).ask("GET", target).status


def test_a_page_is_found_behind_what_a_session_wrote(tmp_path: Path) -> None:
    shop = Shop(open_shop(tmp_path, PAGE), "third-page")
    for key in (1, 2):
        assert shop.ask("DELETE", f"/items/{key}").status == 204
    assert [shop.ask("GET", f"/by-key?size=4&after={key}").status for key in (8, 10)] == [200, FAILED]


ANNOTATED: list[tuple[str, str, int]] = [
    ("fatora", "page=3&page_size=5", FAILED),
    ("fatora", "page=2&page_size=5", 200),
    ("yativo", "page=3", FAILED),
    ("sourcehub", "page=3&count=2", FAILED),
    ("sellercloud", "model.pageNumber=3&model.pageSize=5", FAILED),
    ("sellercloud", "model.pageNumber=1&model.pageSize=5", 200),
]


@pytest.fixture(scope="module")
def shipped(apis: MockApis, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> SessionApis:
    folder = tmp_path_factory.mktemp("shipped")
    second = json.loads(apis.apis["fatora"].sources["clients"].page((), 1, 1)[1][0])["id"]
    write_scenarios(folder, {**PAGE, "one-record": fails(record=second)})
    contracts = {name: api.contract for name, api in apis.apis.items()}
    scenarios = load_stock(load_form(), [folder / "scenarios"])
    return make_session_apis(Setup(contracts, Settings(cache=cache, limits="off"), scenarios, folder))


@pytest.mark.parametrize(("provider", "query", "status"), ANNOTATED)
def test_pages_of_annotated_contracts(provider: str, query: str, status: int, shipped: SessionApis) -> None:
    headers = {**CREDENTIALS[provider], "prefer": "scenario=third-page"}
    response = shipped.answer(Request("GET", LISTS[provider], query, headers))
    assert response and response.status == status


def test_a_record_of_an_annotated_contract(shipped: SessionApis) -> None:
    headers = {**CREDENTIALS["fatora"], "prefer": "scenario=one-record"}
    listed = shipped.answer(Request("GET", LISTS["fatora"], "page_size=3", headers))
    assert listed and listed.status == 200
    keys = [client["id"] for client in json.loads(listed.body)["clients"]]
    answers = [shipped.answer(Request("GET", f"{LISTS['fatora']}/{key}", "", headers)) for key in keys]
    assert [answer.status for answer in answers if answer] == [200, FAILED, 200]


ITEM = {"name": "Saw", "kind": "tool", "size": {"deep": True}, "tags": ["a", "b"]}
FORM = {"content-type": "application/x-www-form-urlencoded"}
CONTENT: list[tuple[str, dict[str, Any], tuple[str, str, Any], bool]] = [
    ("a record that is read", {"record": 7}, ("GET", "/items/7", None), True),
    ("its key as text", {"record": "7"}, ("GET", "/items/7", None), True),
    ("another record", {"record": 7}, ("GET", "/items/8", None), False),
    ("a list", {"record": 7}, ("GET", "/items", None), False),
    ("a record that is replaced", {"record": 7}, ("PUT", "/items/7", ITEM), True),
    ("a record that is deleted", {"record": 7}, ("DELETE", "/items/7", None), True),
    ("a record that is created with its key", {"record": 77}, ("POST", "/items", {**ITEM, "id": 77}), True),
    ("a record that is created with another", {"record": 7}, ("POST", "/items", {**ITEM, "id": 77}), False),
    ("a record that is created without", {"record": 7}, ("POST", "/items", ITEM), False),
    ("a header", {"header": {"X-Trace": "1"}}, ("GET", "/items", {"x-trace": "1"}), True),
    ("another value of it", {"header": {"x-trace": "1"}}, ("GET", "/items", {"x-trace": "12"}), False),
    ("no such header", {"header": {"x-trace": "1"}}, ("GET", "/items", None), False),
    ("a JSONPath", {"body": {"$.name": "Saw"}}, ("POST", "/items", ITEM), True),
    ("one of several places", {"body": {"$.tags[*]": "b"}}, ("POST", "/items", ITEM), True),
    ("another value there", {"body": {"$.name": "Axe"}}, ("POST", "/items", ITEM), False),
    ("a JSON Pointer", {"body": {"/tags/1": "b"}}, ("POST", "/items", ITEM), True),
    ("two places, of which one is other", {"body": {"/tags/1": "b", "$.kind": "toy"}}, ("POST", "/items", ITEM), False),
    ("true, which is not 1", {"body": {"/size/deep": 1}}, ("POST", "/items", ITEM), False),
    ("true", {"body": {"/size/deep": True}}, ("POST", "/items", ITEM), True),
    ("null, which is not nothing", {"body": {"/size/wide": None}}, ("POST", "/items", ITEM), False),
    ("null", {"body": {"/size": None}}, ("POST", "/items", {**ITEM, "size": None}), True),
    ("the whole body", {"body": {"": ITEM}}, ("POST", "/items", ITEM), True),
    ("a field of a form", {"body": {"$.name": "Saw"}}, ("POST", "/items", b"name=Saw&kind=tool"), True),
    ("no body", {"body": {"$.name": "Saw"}}, ("GET", "/items", None), False),
    ("no JSON", {"body": {"$.name": "Saw"}}, ("POST", "/items", b'{"name": "Saw"'), False),
]


@pytest.mark.parametrize(("name", "when", "asked", "is_meant"), CONTENT, ids=[row[0] for row in CONTENT])
def test_what_a_request_holds_is_a_condition(
    name: str,
    when: dict[str, Any],
    asked: tuple[str, str, Any],
    is_meant: bool,
    tmp_path: Path,
) -> None:
    shop, (method, target, sent) = Shop(open_shop(tmp_path, {"some-fail": fails(**when)}), "some-fail"), asked
    headers = sent if method == "GET" else FORM if isinstance(sent, bytes) and b"=" in sent else None
    response = shop.ask(method, target, None if method == "GET" else sent, headers)
    assert (response.status == FAILED) is is_meant


KINDS: list[tuple[str, str]] = [
    ("list", "x------"),
    ("record", "-x-----"),
    ("read", "xx-----"),
    ("write", "--xxxxx"),
    ("create", "--x----"),
    ("update", "---xx--"),
    ("delete", "-----x-"),
    ("createItem", "--x----"),
    ("nothing", "-------"),
]
CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/items", None),
    ("GET", "/items/3", None),
    ("POST", "/items", ITEM),
    ("PUT", "/items/3", ITEM),
    ("PATCH", "/items/3", {"name": "Axe"}),
    ("DELETE", "/items/3", None),
    ("POST", "/items/4/publish", None),
]


@pytest.mark.parametrize(("kind", "meant"), KINDS)
def test_a_kind_of_operations_is_a_condition(kind: str, meant: str, tmp_path: Path) -> None:
    shop = Shop(open_shop(tmp_path, {"some-fail": fails(operation=kind)}), "some-fail")
    statuses = [shop.ask(*call).status for call in CALLS]
    assert "".join("x" if status == FAILED else "-" for status in statuses) == meant
