"""Documented logins: which operations hand out a token, what their answer tells of it, and who is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_server.inference import infer
from mock_server.openapi import Document
from tests.tokens.playing import JSON, Shop, bearer, open_shop

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
BEARER = {"type": "http", "scheme": "bearer"}
LOGIN = {"access_token": TEXT, "expires_in": NUMBER}


def document(
    answer: Mapping[str, Any],
    path: str = "/login",
    schemes: Mapping[str, Any] = {"bearer": BEARER},
    **more: Any,
) -> dict[str, Any]:
    """A document with one operation that may log in, and a list that asks for the first of the schemes."""

    def show(properties: Mapping[str, Any]) -> dict[str, Any]:
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        return {"200": {"description": "", "content": {JSON: {"schema": schema}}}}

    body = {"content": {JSON: {"schema": {"type": "object", "additionalProperties": True}}}}
    listed = {"type": "array", "items": {"type": "object", "properties": {"id": NUMBER}}}
    items = {"description": "", "content": {JSON: {"schema": listed}}}
    login = {"security": [], "requestBody": body, "responses": show(answer), **more}
    paths = {path: {"post": login}, "/items": {"get": {"responses": {"200": items}}}}
    security: list[dict[str, list[str]]] = [{next(iter(schemes), "none"): []}]
    root: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "", "version": "1"}, "paths": paths}
    return {**root, "security": security, "components": {"securitySchemes": schemes}}


def find_effect(root: dict[str, Any]) -> Any:
    concluded = (each for each in infer(Document("shop", root)).conclusions if each.rule == "T1")
    return next((each.update["x-effect"] for each in concluded), None)


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
BASIC = {"type": "http", "scheme": "basic"}
OAUTH = {"type": "oauth2", "flows": {"password": {"tokenUrl": "https://x.example/v1/grant", "scopes": {}}}}
DATA = {"data": {"type": "object", "properties": LOGIN}}

KNOWN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "a login that shows a token and how long it lasts",
        document(LOGIN),
        {"token": "bearer", "body": {"/access_token": "token", "/expires_in": "lifetime"}},
    ),
    (
        "an envelope around it",
        document(DATA, "/auth"),
        {"token": "bearer", "body": {"/data/access_token": "token", "/data/expires_in": "lifetime"}},
    ),
    (
        "an operation whose name alone speaks of it",
        document({"token": TEXT}, "/enter", operationId="userSignin"),
        {"token": "bearer", "body": {"/token": "token"}},
    ),
    (
        "a path that is the token URL of a scheme",
        document({"access_token": TEXT}, "/v1/grant", {"oauth": OAUTH}),
        {"token": "oauth", "body": {"/access_token": "token"}},
    ),
    (
        "the scheme that others ask for",
        document({"apiKey": TEXT}, schemes={"basic": BASIC, "key": KEY}),
        {"token": "key", "body": {"/apiKey": "token"}},
    ),
    (
        "a lifetime that the document shows",
        document({"token": TEXT, "expires_in": {**NUMBER, "example": 90}, "expires_at": TEXT}),
        {
            "token": "bearer",
            "body": {"/token": "token", "/expires_in": "lifetime", "/expires_at": "expires"},
            "lifetime": 90,
        },
    ),
]


@pytest.mark.parametrize(("says", "root", "effect"), KNOWN, ids=[row[0] for row in KNOWN])
def test_a_login_is_known_by(says: str, root: dict[str, Any], effect: dict[str, Any]) -> None:
    assert find_effect(root) == effect


UNKNOWN = [
    ("no credential in its answer", document({"name": TEXT})),
    ("a path that speaks of something else", document({"token": TEXT}, "/cards")),
    ("no scheme that it could be for", document(LOGIN, schemes={})),
    ("only a scheme of basic authentication", document(LOGIN, schemes={"basic": BASIC})),
    ("the token of a page", document({"nextToken": TEXT}, "/auth")),
    ("an effect that its author gave", document(LOGIN, schemes={"bearer": BEARER}, **{"x-effect": "answer"})),
]


@pytest.mark.parametrize(("says", "root"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_it_is_no_login_with(says: str, root: dict[str, Any]) -> None:
    assert find_effect(root) is None


def log_in(shop: Shop, sent: Mapping[str, Any], path: str = "/login") -> tuple[int, Any]:
    response = shop.ask(path, sent, media_type=JSON)
    return response.status, json.loads(response.body)


def test_the_token_works_as_long_as_the_answer_says(tmp_path: Path) -> None:
    answer = {"token": TEXT, "expires_in": {**NUMBER, "example": 90}, "expires_at": {**TEXT, "format": "date-time"}}
    shop = open_shop(tmp_path, "listed", root=document({**answer, "token_type": {"enum": ["bearer"]}, "name": TEXT}))
    status, given = log_in(shop, {"user": "ann", "password": "valid-bearer"})
    assert (status, given["expires_in"], given["token_type"]) == (200, 90, "bearer")
    ask = [each.ask("/items", headers=bearer(given["token"])).status for each in (shop, shop.later(89), shop.later(91))]
    assert ask == [200, 200, 401]
    assert given["expires_at"].endswith("Z") and given["name"]
    assert shop.ask("/items", headers=bearer("another")).status == 401


REFUSED = [
    ("any", {"password": "anything"}, 200),
    ("any", {"password": "expired-bearer"}, 401),
    ("any", {"app_secret": "inactive-bearer"}, 401),
    ("any", {"password": ""}, 401),
    ("any", {}, 200),
    ("listed", {"password": "anything"}, 401),
    ("listed", {"password": "valid-bearer"}, 200),
]


@pytest.mark.parametrize(("credentials", "sent", "status"), REFUSED)
def test_a_login_is_refused_by_its_secret(tmp_path: Path, credentials: str, sent: dict[str, str], status: int) -> None:
    shop = open_shop(tmp_path, credentials, root=document(LOGIN))
    assert log_in(shop, {"user": "ann", **sent})[0] == status


def test_a_token_is_renewed_by_its_refresh_token(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, "listed", root=document({"token": TEXT, "refresh_token": TEXT}))
    _, given = log_in(shop, {"user": "ann", "password": "valid-bearer"})
    status, again = log_in(shop, {"refresh_token": given["refresh_token"]})
    assert status == 200 and again["token"] != given["token"]
    assert shop.ask("/items", headers=bearer(again["token"])).status == 200
    assert log_in(shop.later(31 * 86_400), {"refresh_token": given["refresh_token"]})[0] == 401
    assert shop.ask("/items", headers=bearer(given["refresh_token"])).status == 401


def test_an_operation_at_a_token_url_grants_as_oauth_does_in_its_documented_form(tmp_path: Path) -> None:
    answer = {"access_token": TEXT, "expires_in": NUMBER, "token_type": TEXT, "shop": {"const": "Shop"}}
    shop = open_shop(tmp_path, root=document(answer, "/v1/grant", {"oauth": OAUTH}))
    sent = {"grant_type": "password", "username": "ann", "password": "pw"}
    status, given = log_in(shop, sent, "/v1/grant")
    assert (status, given["shop"], given["token_type"], given["expires_in"]) == (200, "Shop", "Bearer", 3600)
    assert shop.ask("/items", headers=bearer(given["access_token"])).status == 200
    assert log_in(shop, {**sent, "grant_type": "magic"}, "/v1/grant")[1]["error"] == "unsupported_grant_type"
    assert log_in(shop, {**sent, "password": "expired-oauth"}, "/v1/grant")[1]["error"] == "invalid_grant"
