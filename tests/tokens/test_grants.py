"""The grants of OAuth 2: who is given which tokens, what each is good for, and how each mistake is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from mock_server.tokens.signing import encode
from tests.tokens.playing import CALLBACK, FORM, JSON, Shop, basic, open_shop

BY_CLIENT = {"grant_type": "client_credentials"}
BY_PASSWORD = {"grant_type": "password", "username": "bob", "password": "pw"}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)


@pytest.mark.parametrize("media_type", [FORM, JSON, "application/json; charset=utf-8"])
@pytest.mark.parametrize("in_body", [True, False], ids=["in the body", "by Basic"])
def test_a_client_is_given_a_token_that_works(shop: Shop, media_type: str, in_body: bool) -> None:
    sent = {**BY_CLIENT, **({"client_id": "ann", "client_secret": "s"} if in_body else {})}
    headers = {} if in_body else {"authorization": basic("ann:s")}
    response = shop.ask("/oauth/token", sent, headers, media_type=media_type.partition(";")[0])
    given, answered = json.loads(response.body), dict(response.headers)
    assert list(given) == ["access_token", "token_type", "expires_in", "scope"]
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 3600, "orders:read orders:write")
    assert (answered["cache-control"], answered["pragma"]) == ("no-store", "no-cache")
    assert shop.status(given["access_token"]) == 200


ERRORS: list[tuple[str, Mapping[str, str] | bytes, str, str]] = [
    ("no grant", {}, "ann:s", "invalid_request"),
    ("an unknown grant", {"grant_type": "magic"}, "ann:s", "unsupported_grant_type"),
    ("a grant without its user", {"grant_type": "password", "password": "pw"}, "ann:s", "invalid_request"),
    ("a client without a secret", {**BY_CLIENT, "client_id": "ann"}, "", "invalid_client"),
    ("nobody", BY_CLIENT, "", "invalid_client"),
    ("an empty secret", BY_CLIENT, "ann:", "invalid_client"),
    ("no name", BY_CLIENT, ":s", "invalid_client"),
    ("a secret that stands for an inactive client", BY_CLIENT, "ann:inactive-oauth", "invalid_client"),
    ("a password that stands for an expired one", {**BY_PASSWORD, "password": "expired-oauth"}, "", "invalid_grant"),
    ("a secret in two places", {**BY_CLIENT, "client_secret": "s"}, "ann:s", "invalid_request"),
    ("two clients at once", {**BY_CLIENT, "client_id": "bob"}, "ann:s", "invalid_request"),
    ("an unknown scope", {**BY_CLIENT, "scope": "orders:read moon"}, "ann:s", "invalid_scope"),
    ("an unknown code", {"grant_type": "authorization_code", "code": "x"}, "ann:s", "invalid_grant"),
    ("an unknown refresh token", {"grant_type": "refresh_token", "refresh_token": "x"}, "ann:s", "invalid_grant"),
    ("a parameter twice", b"grant_type=password&grant_type=password", "ann:s", "invalid_request"),
    ("a body of bytes", b"grant_type=\xff", "ann:s", "invalid_request"),
]


@pytest.mark.parametrize(("says", "sent", "client", "word"), ERRORS, ids=[row[0] for row in ERRORS])
def test_a_wrong_request_is_refused(shop: Shop, says: str, sent: Mapping[str, str], client: str, word: str) -> None:
    response = shop.ask("/oauth/token", sent, {"authorization": basic(client)} if client else {})
    answered, body = dict(response.headers), json.loads(response.body)
    assert (response.status, body["error"]) == (401 if word == "invalid_client" else 400, word)
    assert answered["cache-control"] == "no-store" and body["error_description"]
    assert ("www-authenticate" in answered) is (word == "invalid_client")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"grant_type": "a", "grant_type": "b"}', b"[" * 100_000])
def test_wrong_json_is_refused(shop: Shop, body: bytes) -> None:
    response = shop.ask("/oauth/token", body, media_type=JSON)
    assert (response.status, json.loads(response.body)["error"]) == (400, "invalid_request")


def test_a_token_has_the_scopes_that_were_asked_for(shop: Shop) -> None:
    token = shop.get_tokens(**BY_CLIENT, scope="orders:read")["access_token"]
    assert [shop.status(token, method=method) for method in ("GET", "POST")] == [200, 403]
    refused = shop.ask("/v1/orders", {"id": 1}, {"authorization": f"Bearer {token}"}, media_type=JSON)
    assert 'error="insufficient_scope"' in dict(refused.headers)["www-authenticate"]
    assert shop.status(shop.get_tokens(**BY_CLIENT)["access_token"], method="POST") == 201


def test_a_token_expires_by_the_clock_of_its_session(shop: Shop) -> None:
    token = shop.get_tokens(**BY_CLIENT)["access_token"]
    assert [shop.later(seconds).status(token) for seconds in (3590, 3601)] == [200, 401]
    ahead = shop.later(10**6)
    assert ahead.status(ahead.get_tokens(**BY_CLIENT)["access_token"]) == 200
    refused = ahead.ask("/v1/orders", headers={"authorization": f"Bearer {token}"})
    assert "the token is expired" in dict(refused.headers)["www-authenticate"]


def test_a_token_is_of_one_session_and_one_that_nobody_issued_is_accepted(shop: Shop) -> None:
    token = shop.of("a").get_tokens(**BY_CLIENT)["access_token"]
    assert [shop.of(name).status(token) for name in ("a", "b", "")] == [200, 401, 401]
    assert shop.of("b").status("from-elsewhere") == 200


def test_what_was_issued_and_forgotten_is_refused(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    token = shop.get_tokens(**BY_CLIENT)["access_token"]
    assert shop.api.issuer and shop.api.issuer.tokens
    shop.api.issuer.tokens.forget("")
    assert [shop.status(token), shop.status("from-elsewhere")] == [401, 200]


def test_only_listed_secrets_are_accepted_where_credentials_are_listed(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, "listed")
    assert shop.ask("/oauth/token", BY_CLIENT, {"authorization": basic("ann:any")}).status == 401
    token = shop.get_tokens(client="ann:valid-oauth", **BY_CLIENT)["access_token"]
    assert [shop.status(text) for text in (token, "valid-oauth", "from-elsewhere")] == [200, 200, 401]


def test_a_user_is_given_a_token_that_is_renewed_once(shop: Shop) -> None:
    first = shop.get_tokens(client="", **BY_PASSWORD)
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = shop.get_tokens(client="", **renew)
    assert second["refresh_token"] != first["refresh_token"]
    assert [shop.status(each["access_token"]) for each in (first, second)] == [200, 200]
    # One that is used again was stolen from somebody: all that its grant led to ends.
    assert json.loads(shop.ask("/oauth/token", renew).body)["error"] == "invalid_grant"
    assert [shop.status(each["access_token"]) for each in (first, second)] == [401, 401]
    again = {**renew, "refresh_token": second["refresh_token"]}
    assert json.loads(shop.ask("/oauth/token", again).body)["error"] == "invalid_grant"


def test_a_token_is_renewed_with_its_scopes_or_fewer_and_by_its_client(shop: Shop) -> None:
    given = shop.get_tokens(**BY_PASSWORD, scope="orders:read")
    renew = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    for client, more, word in (
        ("bob:s", {}, "invalid_grant"),
        ("", {}, "invalid_client"),
        ("ann:s", {"scope": "orders:write"}, "invalid_scope"),
    ):
        response = shop.ask("/oauth/token", {**renew, **more}, {"authorization": basic(client)} if client else {})
        assert json.loads(response.body)["error"] == word
    assert shop.get_tokens(**renew)["scope"] == "orders:read"
    assert shop.later(31 * 86_400).ask("/oauth/token", renew, {"authorization": basic("ann:s")}).status == 400


VERIFIER = "v" * 43
S256 = encode(hashlib.sha256(VERIFIER.encode()).digest())

CODES: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("as it was asked for", {}, {}, ""),
    ("with a plain challenge", {"code_challenge": VERIFIER}, {"code_verifier": VERIFIER}, ""),
    ("with S256", {"code_challenge": S256, "code_challenge_method": "S256"}, {"code_verifier": VERIFIER}, ""),
    ("with S256 and no verifier", {"code_challenge": S256, "code_challenge_method": "S256"}, {}, "invalid_grant"),
    ("with another verifier", {"code_challenge": VERIFIER}, {"code_verifier": "w" * 43}, "invalid_grant"),
    ("with a verifier that is too short", {"code_challenge": VERIFIER}, {"code_verifier": "v"}, "invalid_grant"),
    ("with a verifier for nothing", {}, {"code_verifier": VERIFIER}, "invalid_grant"),
    ("with another redirect_uri", {}, {"redirect_uri": "https://client.example/"}, "invalid_grant"),
    ("by another client", {"client_id": "bob"}, {}, "invalid_grant"),
]


@pytest.mark.parametrize(("says", "asked", "sent", "word"), CODES, ids=[row[0] for row in CODES])
def test_a_code_is_redeemed(shop: Shop, says: str, asked: dict[str, str], sent: dict[str, str], word: str) -> None:
    grant = {"grant_type": "authorization_code", "code": shop.get_code(**asked), "redirect_uri": CALLBACK, **sent}
    response = shop.ask("/oauth/token", {**grant, "client_id": "ann"})
    assert json.loads(response.body).get("error", "") == word
    if not word:
        token = json.loads(response.body)["access_token"]
        assert shop.status(token) == 200
        assert json.loads(shop.ask("/oauth/token", {**grant, "client_id": "ann"}).body)["error"] == "invalid_grant"
        assert shop.status(token) == 401  # a code that comes twice ends what it led to


def test_a_code_is_of_no_use_after_a_minute(shop: Shop) -> None:
    grant = {"grant_type": "authorization_code", "code": shop.get_code(), "redirect_uri": CALLBACK, "client_id": "ann"}
    assert json.loads(shop.later(61).ask("/oauth/token", grant).body)["error"] == "invalid_grant"
    assert shop.ask("/oauth/token", grant).status == 200
