"""Scenarios and a session's changes of an annotated contract, whose records are stored: they agree with each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.messages import Request
from mock_server.sessions.factory import Settings, load_contracts
from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis
from tests.conftest import CREDENTIALS, LISTS

OWN = 900_000


@pytest.fixture
def apis(cache: Path, tmp_path: Path) -> SessionApis:
    settings = Settings(providers=("fatora",), cache=cache, limits="off")
    contracts = {"fatora": load_contracts(settings)["fatora"]}
    return make_session_apis(Setup(contracts, settings, load_stock(load_form()), tmp_path))


def ask(apis: SessionApis, scenario: str, path: str = "", query: str = "page_size=5") -> Any:
    named = {"understudy-session": "tester", **({"prefer": f"scenario={scenario}"} if scenario else {})}
    request = Request("GET", LISTS["fatora"] + path, "" if path else query, {**CREDENTIALS["fatora"], **named})
    response = apis.answer(request)
    assert response
    return json.loads(response.body) if response.status == 200 else response.status


def keys(apis: SessionApis, scenario: str) -> list[int]:
    return [client["id"] for client in ask(apis, scenario)["clients"]]


def change(apis: SessionApis) -> tuple[list[int], int]:
    """One record is a tester's own, and the second one is gone: the first keys then, and the key that is gone."""
    sources, (first, second, *others) = apis.apis["fatora"].sources, keys(apis, "")
    (collection,), scope = sources, apis.services.sessions.get("tester").scope
    assert sources.give(collection, scope, {"id": OWN}) == str(OWN) and sources.take(collection, scope, str(second))
    return [OWN, first, *others], second


def test_reads_lag_behind_changes(apis: SessionApis) -> None:
    before = keys(apis, "eventually-consistent")
    after, gone = change(apis)
    assert keys(apis, "") == after != before
    assert [keys(apis, "eventually-consistent") for _ in range(4)] == [before, before, after, after]
    assert [ask(apis, "eventually-consistent", f"/{key}") == 404 for key in (gone, OWN)] == [True, False]


def test_lists_lag_and_records_do_not(apis: SessionApis) -> None:
    before = keys(apis, "lists-lag")
    _, gone = change(apis)
    assert ask(apis, "lists-lag", f"/{gone}") == 404 and str(OWN) in json.dumps(ask(apis, "lists-lag", f"/{OWN}"))
    assert keys(apis, "lists-lag") == before


@pytest.mark.parametrize("name", ["record-inserted-while-paging", "record-deleted-while-paging", "total-drifts"])
def test_changes_are_there_while_a_collection_moves(name: str, apis: SessionApis) -> None:
    after, gone = change(apis)
    assert keys(apis, name) == after
    moved = keys(apis, name)
    shown = {"record-inserted-while-paging": moved[1:], "record-deleted-while-paging": [OWN, *moved]}.get(name, moved)
    assert shown[:4] == after[:4] and gone not in moved and len(set(moved)) == 5


def test_a_page_and_a_record_are_meant_among_changes(apis: SessionApis) -> None:
    change(apis)
    pages = [ask(apis, "page-expires", query=f"page={number}&page_size=5") for number in (1, 2, 2)]
    assert [page if isinstance(page, int) else 200 for page in pages] == [200, 400, 200]
