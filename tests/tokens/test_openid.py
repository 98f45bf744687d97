"""JSON Web Tokens and OpenID Connect, judged by another library: keys, discovery, ID tokens, userinfo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from mock_server.tokens.signing import ROUNDS, SMALL, derive_key, read_claim, sign_token
from tests.tokens.playing import CALLBACK, Shop, bearer, open_shop

REALM = "/realm"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(tmp_path_factory.mktemp("state"))


def read(shop: Shop, path: str, token: str = "") -> Any:
    response = shop.ask(path, headers=bearer(token) if token else {})
    assert response.status == 200, response
    return json.loads(response.body)


def verify(shop: Shop, token: str, audience: str, keys: str = f"{REALM}/.well-known/jwks.json") -> dict[str, Any]:
    """The claims of a token, verified as any client does: by the published key that its header names."""
    published = jwt.PyJWKSet.from_dict(read(shop, keys))
    key = published[jwt.get_unverified_header(token)["kid"]]
    return dict(jwt.decode(token, key.key, algorithms=["RS256"], audience=audience, leeway=1))


def log_in(shop: Shop, scope: str, **more: str) -> dict[str, Any]:
    asked = f"response_type=code&client_id=ann&redirect_uri={CALLBACK}&scope={scope}&nonce=n1&login_hint=bob"
    location = dict(shop.ask(f"{REALM}/authorize?{asked}").headers)["location"]
    code = location.partition("code=")[2].partition("&")[0]
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": "ann", **more}
    return shop.get_tokens(f"{REALM}/token", client="", **sent)


def test_the_discovery_document_leads_to_everything(shop: Shop) -> None:
    found = read(shop, f"{REALM}/.well-known/openid-configuration")
    assert found["issuer"] == "http://mock/shop/realm"
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    places = [found[name] for name in (*names, "revocation_endpoint", "introspection_endpoint")]
    assert all(place.startswith(f"{found['issuer']}/") for place in places)
    assert all(
        shop.api.find(method, place.removeprefix("http://mock/shop"))
        for method, place in zip(("GET", "POST", "GET", "GET", "POST", "POST"), places)
    )


def test_an_id_token_says_who_has_signed_in(shop: Shop) -> None:
    given = log_in(shop, "openid+profile+email")
    claims = verify(shop, given["id_token"], "ann")
    assert (claims["iss"], claims["sub"], claims["nonce"]) == ("http://mock/shop/realm", "bob", "n1")
    assert (claims["preferred_username"], claims["email"]) == ("bob", "bob@example.com")
    user = read(shop, f"{REALM}/userinfo", given["access_token"])
    assert user == {name: claims[name] for name in ("sub", "name", "preferred_username", "email", "email_verified")}
    assert "id_token" not in log_in(shop, "profile")


def test_userinfo_is_for_who_shows_a_token_that_is_alive(shop: Shop) -> None:
    token = log_in(shop, "openid")["access_token"]
    assert read(shop, f"{REALM}/userinfo", token) == {"sub": "bob"}
    for each, shown in ((shop.later(3601), token), (shop, "another"), (shop.of("x"), token)):
        refused = each.ask(f"{REALM}/userinfo", headers=bearer(shown))
        assert refused.status == 401 and "invalid_token" in dict(refused.headers)["www-authenticate"]


def test_an_access_token_is_signed_and_carries_its_scopes(shop: Shop) -> None:
    token = shop.get_tokens(f"{REALM}/token", grant_type="client_credentials", scope="staff")["access_token"]
    claims = verify(shop, token, "shop")
    assert (claims["scope"], claims["client_id"], claims["exp"] - claims["iat"]) == ("staff", "ann", 3600)
    assert [shop.status(token, "/v1/staff"), shop.later(3601).status(token, "/v1/staff")] == [200, 401]
    other = shop.get_tokens(f"{REALM}/token", grant_type="client_credentials", scope="moon")["access_token"]
    assert shop.status(other, "/v1/staff") == 200  # by the alternative that asks for no scope
    changed = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    assert shop.status(changed, "/v1/staff") == 401  # its identifier is ours, and its text is not
    with pytest.raises(jwt.InvalidSignatureError):
        verify(shop, changed, "shop")


def test_the_key_is_the_seeds(tmp_path: Path) -> None:
    assert derive_key("a") == derive_key("a") != derive_key("b")
    key = derive_key("a")
    assert key.modulus.bit_length() == 2048 and key.p != key.q
    assert all(pow(base, n - 1, n) == 1 for n in (key.p, key.q) for base in SMALL[:ROUNDS])
    claims = jwt.decode(sign_token("a", {"sub": "é"}), jwt.PyJWK(key.publish()).key, algorithms=["RS256"])
    assert claims == {"sub": "é"}


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "a.é.c", "a.W10.c", "a.eyJqdGkiOjF9.c.d", "..", "a.====.c"])
def test_what_is_no_json_web_token_has_no_claims(text: str) -> None:
    assert read_claim(text, "jti") == ""
