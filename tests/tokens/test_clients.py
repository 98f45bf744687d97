"""Each grant, driven by a public OAuth client over real sockets and two workers, as its documentation shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]

from tests.conftest import Served, Start
from tests.tokens.playing import CALLBACK, SHOP


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(SHOP), "--workers", "2")


@pytest.fixture
def url(served: Served, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the mock is on this machine, without TLS
    return served.url


def make_client(url: str, **more: Any) -> Any:
    return OAuth2Session("ann", more.pop("secret", "s"), token_endpoint=f"{url}/oauth/token", **more)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_client_of_its_own(url: str, method: str) -> None:
    with make_client(url, token_endpoint_auth_method=method) as client:
        assert client.fetch_token(grant_type="client_credentials", scope="orders:read")["expires_in"] == 3600
        assert [client.get(f"{url}/v1/orders").status_code for _ in range(4)] == [200] * 4
        assert client.post(f"{url}/v1/orders", json={"id": 1}).status_code == 403


def test_a_client_gives_back_what_it_was_given(url: str) -> None:
    with make_client(url) as client:
        given = client.fetch_token(grant_type="password", username="u", password="p")
        known = client.introspect_token(f"{url}/oauth/introspect", token=given["access_token"]).json()
        assert (known["active"], known["username"], known["client_id"]) == (True, "u", "ann")
        assert known["exp"] - known["iat"] == 3600 and known["scope"] == given["scope"]
        answered = client.revoke_token(f"{url}/oauth/revoke", token=given["access_token"])
        assert (answered.status_code, answered.text) == (200, "")
        assert client.introspect_token(f"{url}/oauth/introspect", token=given["access_token"]).json() == {
            "active": False,
        }
        assert client.get(f"{url}/v1/orders").status_code == 401
        renewed = dict(client.refresh_token(f"{url}/oauth/token"))
        client.revoke_token(f"{url}/oauth/revoke", token=renewed["refresh_token"], token_type_hint="refresh_token")
        assert client.get(f"{url}/v1/orders").status_code == 401, "all ends that the grant led to"
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.refresh_token(f"{url}/oauth/token", refresh_token=renewed["refresh_token"])


REFUSED: list[tuple[str, str, dict[str, str], tuple[str, str], int, str]] = [
    ("no token", "revoke", {}, ("ann", "s"), 400, "invalid_request"),
    ("a token of another client", "revoke", {"token": "{}"}, ("bob", "s"), 400, "unauthorized_client"),
    ("somebody who does not say who it is", "introspect", {"token": "{}"}, ("", ""), 401, "invalid_client"),
    ("a token that nobody issued", "introspect", {"token": "x"}, ("ann", "s"), 200, ""),
    ("another one to give back", "revoke", {"token": "x"}, ("ann", "s"), 200, ""),
]


@pytest.mark.parametrize(("says", "place", "sent", "who", "status", "word"), REFUSED, ids=[row[0] for row in REFUSED])
def test_asking_about_a_token(
    url: str,
    says: str,
    place: str,
    sent: dict[str, str],
    who: tuple[str, str],
    status: int,
    word: str,
) -> None:
    with make_client(url) as client:
        token = client.fetch_token(grant_type="client_credentials")["access_token"]
        filled = {name: value.format(token) for name, value in sent.items()}
        answer = httpx.post(f"{url}/oauth/{place}", data=filled, auth=who if who[0] else None, timeout=20)
        assert answer.status_code == status and (not word or answer.json()["error"] == word)
        assert client.get(f"{url}/v1/orders").status_code == 200


def test_a_client_renews_what_has_expired_by_itself(url: str) -> None:
    session = httpx.put(f"{url}/__admin/sessions/renews", json={}, timeout=20)
    assert session.status_code == 200
    with make_client(url) as client:
        client.headers["Understudy-Session"] = "renews"
        first = dict(client.fetch_token(grant_type="password", username="u", password="p"))
        httpx.put(f"{url}/__admin/sessions/renews", json={"clockOffsetSeconds": 4000}, timeout=20)
        assert client.get(f"{url}/v1/orders").status_code == 401
        client.token["expires_at"] = 1  # as a client's clock would say an hour later
        assert client.get(f"{url}/v1/orders").status_code == 200
        assert client.token["refresh_token"] != first["refresh_token"]


@pytest.mark.parametrize("secret", ["s", None], ids=["confidential", "public"])
def test_a_user_is_sent_back_with_a_code(url: str, secret: str | None) -> None:
    verifier = "v" * 64
    method = "client_secret_basic" if secret else "none"
    with make_client(
        url,
        secret=secret,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
    ) as client:
        asked, state = client.create_authorization_url(f"{url}/oauth/authorize", code_verifier=verifier)
        location = httpx.get(asked, timeout=20).headers["location"]
        assert parse_qs(urlsplit(location).query)["state"] == [state]
        client.fetch_token(authorization_response=location, state=state, code_verifier=verifier)
        assert client.get(f"{url}/v1/orders").status_code == 200
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.fetch_token(authorization_response=location, state=state, code_verifier=verifier)


def test_a_user_allows_by_one_button(url: str) -> None:
    asked = f"response_type=code&client_id=<b>&redirect_uri={CALLBACK}&state=%22%3E&prompt=consent"
    page = httpx.get(f"{url}/oauth/authorize?{asked}", timeout=20)
    assert page.text.count("<button>") == 1 and "<b>" not in page.text and 'value="&quot;&gt;"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    sent = {"response_type": "code", "client_id": "<b>", "redirect_uri": CALLBACK, "state": '">', "prompt": "consent"}
    back = httpx.post(f"{url}/oauth/authorize", data=sent, timeout=20)
    assert back.status_code == 302 and back.headers["location"].endswith("&state=%22%3E")


TARGETS = [
    ("nothing", "", 400),
    ("another machine without TLS", "http://example.com/", 400),
    ("a machine that begins like this one", "http://localhost.example.com/", 400),
    ("a user before another host", "http://localhost@example.com/", 400),
    ("a script", "javascript:alert(1)", 400),
    ("a fragment", "https://example.com/#x", 400),
    ("a line break", "https://example.com/%0d%0aSet-Cookie:a=b", 302),
    ("a raw line break", "https://example.com/\r\nSet-Cookie:a=b", 400),
    ("this machine", "http://127.0.0.1:5000/cb?x=1", 302),
    ("this machine, IPv6", "http://[::1]:5000/cb", 302),
    ("any other by TLS", "https://example.com/cb", 302),
]


@pytest.mark.parametrize(("says", "target", "status"), TARGETS, ids=[row[0] for row in TARGETS])
def test_a_user_is_sent_to(url: str, says: str, target: str, status: int) -> None:
    asked = {"response_type": "code", "client_id": "a", "redirect_uri": target, "state": "s"}
    answer = httpx.get(f"{url}/oauth/authorize", params=asked, timeout=20)
    assert answer.status_code == status and "set-cookie" not in answer.headers
    assert answer.headers.get("location", target).startswith(target)


AUTHORIZED = [
    ("no response type", {"response_type": ""}, "invalid_request"),
    ("a response type that is not documented", {"response_type": "token"}, "unsupported_response_type"),
    ("an unknown scope", {"scope": "moon"}, "invalid_scope"),
    ("an unknown challenge", {"code_challenge": "c" * 43, "code_challenge_method": "MD5"}, "invalid_request"),
]


@pytest.mark.parametrize(("says", "more", "word"), AUTHORIZED, ids=[row[0] for row in AUTHORIZED])
def test_a_client_is_told_by_the_redirection(url: str, says: str, more: dict[str, str], word: str) -> None:
    asked = {"response_type": "code", "client_id": "a", "redirect_uri": CALLBACK, "state": "s", **more}
    location = urlsplit(httpx.get(f"{url}/oauth/authorize", params=asked, timeout=20).headers["location"])
    sent = parse_qs(location.query)
    assert (sent["error"], sent["state"], "code" in sent) == ([word], ["s"], False)


def test_an_implicit_client_gets_its_token_behind_the_hash(url: str) -> None:
    asked = {"response_type": "token", "client_id": "a", "redirect_uri": CALLBACK, "scope": "orders:read"}
    location = httpx.get(f"{url}/implicit", params=asked, timeout=20).headers["location"]
    token = parse_qs(urlsplit(location).fragment)["access_token"][0]
    assert httpx.get(f"{url}/v1/orders", headers={"authorization": f"Bearer {token}"}, timeout=20).status_code == 200
