"""Credentials of a plain document: whoever presents one is let in, whoever presents none is not."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mock_server.plain import PlainOptions
from tests.plain.playing import Play, play

SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "users": {"type": "http", "scheme": "basic", "x-credentials": {"valid": ["me:secret"], "expired": ["old:secret"]}},
    "bearer": {"type": "http", "scheme": "Bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://x.example"},
    "listed": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Own",
        "x-credentials": {"valid": ["good"], "expired": ["old"]},
    },
}


def make(security: Any, credentials: str = "any") -> Play:
    operation = {
        "security": security,
        "responses": {"200": {"description": ""}, "401": {"description": ""}, "403": {"description": ""}},
    }
    root = {"components": {"securitySchemes": SCHEMES}, "paths": {"/me": {"get": operation}}}
    return play(root, PlainOptions(credentials=credentials))


USER, OLD = (base64.b64encode(text).decode() for text in (b"me:secret", b"old:secret"))
ROWS: list[tuple[str, Any, str, dict[str, str], int]] = [
    ("nothing is asked for", [], "", {}, 200),
    ("an optional credential is not sent", [{"key": []}, {}], "", {}, 200),
    ("a key is missing", [{"key": []}], "", {}, 401),
    ("a key in its header", [{"key": []}], "", {"x-key": "abc"}, 200),
    ("a key in the query", [{"query": []}], "api_key=abc", {}, 200),
    ("a key in a cookie", [{"cookie": []}], "", {"cookie": "theme=dark; sid=abc"}, 200),
    ("a cookie without the key", [{"cookie": []}], "", {"cookie": "theme=dark"}, 401),
    ("a user and a password", [{"basic": []}], "", {"authorization": f"Basic {USER}"}, 200),
    ("what is no user and password", [{"basic": []}], "", {"authorization": "Basic abc"}, 401),
    ("a user who is expired", [{"users": []}], "", {"authorization": f"Basic {OLD}"}, 401),
    ("a bearer token", [{"bearer": []}], "", {"authorization": "bearer abc"}, 200),
    ("a bearer without a token", [{"bearer": []}], "", {"authorization": "Bearer "}, 401),
    ("basic where bearer is documented", [{"bearer": []}], "", {"authorization": f"Basic {USER}"}, 401),
    ("a token of OAuth 2", [{"oauth": ["read"]}], "", {"authorization": "Bearer abc"}, 200),
    ("a token of OpenID Connect", [{"openid": []}], "", {"authorization": "Bearer abc"}, 200),
    ("one of two alternatives", [{"key": []}, {"bearer": []}], "", {"authorization": "Bearer abc"}, 200),
    ("one of two that must both be there", [{"key": [], "bearer": []}], "", {"x-key": "abc"}, 401),
    ("both", [{"key": [], "bearer": []}], "", {"x-key": "abc", "authorization": "Bearer abc"}, 200),
    ("a listed value that is expired", [{"listed": []}], "", {"x-own": "old"}, 401),
    ("the mock's own inactive value", [{"key": []}], "", {"x-key": "understudy-inactive"}, 403),
    ("a scheme that is not documented", [{"nobody": []}], "", {}, 200),
]


@pytest.mark.parametrize(
    ("security", "query", "headers", "status"),
    [row[1:] for row in ROWS],
    ids=[r[0] for r in ROWS],
)
def test_who_is_let_in(security: Any, query: str, headers: dict[str, str], status: int) -> None:
    assert make(security).ask("GET", "/me", query, headers=headers).status == status


@pytest.mark.parametrize(("value", "status"), [("good", 200), ("other", 401), ("old", 401)])
def test_only_listed_values_where_that_is_wished(value: str, status: int) -> None:
    assert make([{"listed": []}], "listed").ask("GET", "/me", headers={"x-own": value}).status == status


def test_a_plain_parameter_that_is_a_credential_is_asked_for_like_one() -> None:
    operation = {
        "x-credential": {"in": "header", "name": "X-Token"},
        "responses": {"200": {"description": ""}, "401": {"description": ""}},
    }
    mock = play({"paths": {"/me": {"get": operation}}})
    assert mock.ask("GET", "/me", headers={}).status == 401
    assert mock.ask("GET", "/me", headers={"x-token": "abc"}).status == 200
