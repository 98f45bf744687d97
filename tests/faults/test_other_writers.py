"""Somebody else changes a record before a request is played: as the API lets anybody do, whatever its forms."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.contract import load_document
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract
from mock_server.sessions.factory import Settings
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis
from tests.faults.playing import SHOP, Shop, write_scenarios

SCENARIOS: dict[str, list[dict[str, Any]]] = {
    "changed": [{"when": {"operation": "record"}, "meanwhile": "RECORD_UPDATED"}],
    "deleted": [{"when": {"operation": "record"}, "meanwhile": "RECORD_DELETED"}],
    "both": [{"meanwhile": "RECORD_UPDATED"}, {"meanwhile": "RECORD_DELETED"}],
}


def without(*operations: str) -> Any:
    """The shop without some operations of a record."""

    def change(root: dict[str, Any]) -> None:
        for name in operations:
            del root["paths"]["/items/{id}"][name]

    return change


def with_email(root: dict[str, Any]) -> None:
    """Every text has a form, so that not just any change of it is taken."""
    properties = root["components"]["schemas"]["Item"]["properties"]
    properties["name"] = {"type": "string", "enum": ["one"]}
    properties["kind"] = {"type": "string", "format": "email"}


def wrapped(root: dict[str, Any]) -> None:
    """A record stands in an envelope."""
    operation = root["paths"]["/items/{id}"]["get"]
    operation["x-effect"]["at"] = "/item"
    schema = {"type": "object", "required": ["item"], "properties": {"item": {"$ref": "#/components/schemas/Item"}}}
    operation["responses"]["200"] = {"description": "", "content": {"application/json": {"schema": schema}}}


def posted(root: dict[str, Any]) -> None:
    """A record is changed by POST, under another name of its key."""
    path = root["paths"].pop("/items/{id}")
    parameter = {"name": "item", "in": "path", "required": True, "schema": {"type": "integer"}}
    change = {**path.pop("patch"), "x-effect": {"patch": "items", "key": "item"}, "parameters": [parameter]}
    root["paths"]["/items/{id}"] = {"parameters": path["parameters"], "get": path["get"]}
    root["paths"]["/items/{item}"] = {"post": change}


def named(root: dict[str, Any]) -> None:
    """Keys are texts with a slash in them."""
    root["components"]["schemas"]["Item"]["properties"]["id"] = {"type": "string", "pattern": "^[a-z]{6}/[a-z]{3}$"}
    root["paths"]["/items/{id}"]["parameters"][0]["schema"] = {"type": "string"}


def open_changed(change: Any, folder: Path, scenario: str) -> Shop:
    root = copy.deepcopy(load_document(SHOP))
    change(root)
    contracts = {"shop": load_plain_contract(Document("shop", root, "Shop"))}
    scenarios = load_stock(load_form(), [write_scenarios(folder, SCENARIOS)])
    return Shop(make_session_apis(Setup(contracts, Settings(cache=folder), scenarios, folder)), scenario)


FORMS: list[tuple[str, Any, bool, bool]] = [
    ("patched and replaced", without(), True, True),
    ("replaced alone", without("patch"), True, True),
    ("patched alone", without("put", "delete"), True, True),
    ("changed by POST", posted, True, True),
    ("in an envelope", wrapped, True, True),
    ("texts of a form", with_email, True, True),
    ("keys with a slash", named, True, True),
    ("only read", without("put", "patch", "delete"), False, True),
]


@pytest.mark.parametrize(("name", "change", "changes", "deletes"), FORMS, ids=[row[0] for row in FORMS])
def test_a_record_is_changed_and_deleted(name: str, change: Any, changes: bool, deletes: bool, tmp_path: Path) -> None:
    shop = open_changed(change, tmp_path, "changed")
    before = shop.clean().get("/items")["data"]
    key = str(before[0]["id"]).replace("/", "%2F")
    shop.get(f"/items/{key}")
    first, *others = shop.clean().get("/items")["data"]
    assert (first != before[0]) is changes and others == before[1:] and first["id"] == before[0]["id"]
    assert shop._replace(scenario="deleted").get(f"/items/{key}") == (404 if deletes else 200)
    assert shop.clean().get("/items")["data"][0] == (before[1] if deletes else first)


CALLS: list[tuple[str, str, str, Any]] = [
    ("a list", "GET", "/items", None),
    ("a create", "POST", "/items", {"name": "Saw"}),
    ("no record of the list", "GET", "/items/999", None),
]


@pytest.mark.parametrize(("name", "method", "target", "sent"), CALLS, ids=[row[0] for row in CALLS])
def test_who_asks_for_no_record_meets_nobody(name: str, method: str, target: str, sent: Any, tmp_path: Path) -> None:
    shop, plain = open_changed(without(), tmp_path, "both"), {}
    plain = shop.clean().get("/items?size=40")["data"]
    assert shop.ask(method, target, sent).status == {"GET": 200, "POST": 201}[method] or "999" in target
    assert shop.clean().get("/items?size=40")["data"] == plain


def test_the_other_one_has_the_clients_credential_and_changes_what_the_client_is_to_write(tmp_path: Path) -> None:
    shop = open_changed(without(), tmp_path, "both")
    price = shop.clean().get("/items/3")["price"]
    answer = shop.ask("PATCH", "/items/3", {"price": 1})
    assert answer.status == 200 and json.loads(answer.body)["price"] == 1 != price
    assert shop.clean().get("/items/3")["name"] == shop._replace(session="other").clean().get("/items/3")["name"]
