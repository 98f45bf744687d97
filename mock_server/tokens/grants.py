"""The grants of OAuth 2 (RFC 6749): from what a client asks of a token endpoint to the tokens that it is given."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.messages import Request, Tester
from mock_server.state import ACCESS, CODE, EVERY_SCOPE, REFRESH, REPLACED, USED, IssuedToken
from mock_server.tokens.asking import Client, OAuthError, read_client, read_parameters, require_client
from mock_server.tokens.issuing import Grant, Issuer, find_issuer_url, issue
from mock_server.tokens.openid import sign_identity
from mock_server.tokens.places import Place
from mock_server.tokens.signing import encode

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""What proves that who redeems a code asked for it (RFC 7636, 4.1)."""


class Asked(NamedTuple):
    """A request to a token endpoint, read."""

    place: Place
    issuer: Issuer
    request: Request
    tester: Tester
    parameters: Mapping[str, str]
    client: Client

    def require(self, name: str) -> str:
        """A parameter; raises OAuthError where it is missing."""
        value = self.parameters.get(name, "")
        if not value:
            raise OAuthError("invalid_request", f"the parameter {name} is missing")
        return value


class Granted(NamedTuple):
    """What a client is given: the members of the answer, and those of their texts that are secrets."""

    members: Mapping[str, Any]
    secrets: tuple[str, ...]


def grant_tokens(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Granted:
    """The tokens that a request to a token endpoint earns. Raises: OAuthError."""
    parameters = read_parameters(request)
    asked = Asked(place, issuer, request, tester, parameters, read_client(request, parameters))
    name = asked.require("grant_type")
    if name not in place.words or name not in GRANTS:
        raise OAuthError("unsupported_grant_type", f"the grants here are {', '.join(place.words)}")
    return GRANTS[name](asked)


def choose_scopes(place: Place, wanted: str) -> tuple[str, ...]:
    """The scopes that a client is given: those it wants, else all. Raises: OAuthError `invalid_scope`."""
    scopes = tuple(dict.fromkeys(wanted.split()))
    unknown = [] if place.is_open else [scope for scope in scopes if scope not in place.scopes]
    if unknown:
        raise OAuthError("invalid_scope", f"the scopes here are {', '.join(place.scopes)}")
    return scopes or place.scopes or EVERY_SCOPE


def _by_client(asked: Asked) -> Granted:
    require_client(asked.issuer, asked.place.scheme, asked.client, is_confidential=True)
    return _give(asked, "", choose_scopes(asked.place, asked.parameters.get("scope", "")))


def _by_password(asked: Asked) -> Granted:
    user, password = asked.require("username"), asked.require("password")
    require_client(asked.issuer, asked.place.scheme, asked.client)
    if not asked.issuer.accepts(password, asked.place.scheme):
        raise OAuthError("invalid_grant", "the user is not known by this password")
    return _give(asked, user, choose_scopes(asked.place, asked.parameters.get("scope", "")), renews=True)


def _by_code(asked: Asked) -> Granted:
    text = asked.require("code")
    require_client(asked.issuer, asked.place.scheme, asked.client)
    if not asked.client.id:
        raise OAuthError("invalid_request", "the parameter client_id is missing")
    code = _redeem(asked, CODE, text, USED)
    memo = code.memo
    if asked.parameters.get("redirect_uri", "") != memo.get("redirect_uri", ""):
        raise OAuthError("invalid_grant", "the redirect_uri is not the one that the code was sent to")
    if not _proves(memo.get("challenge", ""), memo.get("method", ""), asked.parameters.get("code_verifier", "")):
        raise OAuthError("invalid_grant", "the code_verifier is not that of the code_challenge")
    return _give(asked, code.user, code.scopes, code, renews=True)


def _proves(challenge: str, method: str, verifier: str) -> bool:
    """Whether a verifier is that of a challenge; without a challenge there must be none (RFC 9700, 4.8.2)."""
    if not challenge:
        return not verifier
    if not VERIFIER.fullmatch(verifier):
        return False
    transformed = encode(hashlib.sha256(verifier.encode()).digest()) if method == "S256" else verifier
    return hmac.compare_digest(transformed.encode(), challenge.encode("utf-8", "replace"))


def _by_refresh_token(asked: Asked) -> Granted:
    text = asked.require("refresh_token")
    require_client(asked.issuer, asked.place.scheme, asked.client)
    token = _redeem(asked, REFRESH, text, REPLACED, lambda token: _narrow(asked, token.scopes))
    scopes = _narrow(asked, token.scopes)
    return _give(asked, token.user, scopes, token, renews=True)


def _narrow(asked: Asked, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes of a renewed token: those it had, or some of them. Raises: OAuthError `invalid_scope`."""
    wanted = tuple(dict.fromkeys(asked.parameters.get("scope", "").split()))
    if any(scope not in scopes for scope in wanted):
        raise OAuthError("invalid_scope", "a token is renewed with the scopes that it had at most")
    return wanted or scopes


def _redeem(
    asked: Asked,
    kind: str,
    text: str,
    why: str,
    check: Callable[[IssuedToken], object] = lambda token: None,
) -> IssuedToken:
    """What a code or a refresh token stands for, which is good for once. Raises: OAuthError.

    One that is used again was stolen from somebody: all that its grant led to ends (RFC 9700, 4.14.2).
    """
    tokens = asked.issuer.tokens
    token = tokens.find(asked.tester.scope, asked.issuer.provider, text) if tokens else None
    if tokens is None or token is None or token.kind != kind or asked.client.id not in ("", token.client):
        raise OAuthError("invalid_grant", f"the {_SAID[kind]} is not known")
    if token.memo.get("is_confidential") and not asked.client.secret:
        raise OAuthError("invalid_client", "the client does not say who it is")
    end = token.find_end(asked.tester.now)
    if not end:
        check(token)
    if end or not tokens.use(token, why):
        if end != "expired":
            tokens.end_family(token.family)
        raise OAuthError("invalid_grant", f"the {_SAID[kind]} is {end or why}")
    return token


_SAID = {CODE: "code", REFRESH: "refresh token"}


def _give(
    asked: Asked,
    user: str,
    scopes: tuple[str, ...],
    earlier: IssuedToken | None = None,
    renews: bool = False,
) -> Granted:
    place, client = asked.place, asked.client.id or (earlier.client if earlier else "")
    url = find_issuer_url(asked.request, place.openid or "")
    memo = {**(earlier.memo if earlier else {}), **({"is_confidential": "yes"} if asked.client.secret else {})}
    memo = {name: memo[name] for name in ("is_confidential", "nonce") if name in memo}
    family = earlier.family if earlier else ""
    grant = Grant(place.scheme, client, user, scopes, url if place.is_jwt else "", family, memo)
    access = issue(asked.issuer, asked.tester, ACCESS, grant)
    members: dict[str, Any] = {"access_token": access.text, "token_type": "Bearer", "expires_in": access.lifetime}
    if renews and "refresh_token" in place.words:
        whole = grant._replace(family=access.token.family, scopes=earlier.scopes if earlier else scopes)
        members["refresh_token"] = issue(asked.issuer, asked.tester, REFRESH, whole).text
    members |= {"scope": " ".join(scopes)} if scopes != EVERY_SCOPE else {}
    if place.openid is not None and "openid" in scopes and user:
        members["id_token"] = sign_identity(asked.issuer.seed, url, access.token)
    return Granted(members, tuple(str(members[name]) for name in SECRETS if name in members))


SECRETS = ("access_token", "refresh_token", "id_token")

GRANTS: Mapping[str, Callable[[Asked], Granted]] = {
    "client_credentials": _by_client,
    "password": _by_password,
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
}
"""What a token endpoint gives, by `grant_type`."""
