"""A token is issued: its text made, its lifetime counted from the session's clock, and the two kept together."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mock_server.contract import Scheme
from mock_server.messages import Request, Tester
from mock_server.state import ACCESS, CODE, EVERY_SCOPE, REFRESH, IssuedToken, IssuedTokens, SharedState
from mock_server.tokens.places import Place
from mock_server.tokens.signing import read_claim, sign_token

LIFETIMES: Mapping[str, int] = {ACCESS: 3600, REFRESH: 30 * 86_400, CODE: 60}
"""Seconds that a token of a kind is good for, where nothing else is documented."""

MAX_WORD = 200
"""So much of the names of a client and a user is kept."""

REFUSED_STATES = ("expired", "inactive")


class Issuer(NamedTuple):
    """Who issues the tokens of a provider: the seed of its key, where tokens are kept, which secrets are accepted.

    `state` without tokens forgets what is issued. With `is_listed` only listed test values are accepted as secrets.
    `places` are where tokens are had beside what the contract documents as operations; `signing` names the schemes
    whose tokens are JSON Web Tokens.
    """

    provider: str
    seed: str
    state: SharedState
    schemes: tuple[Scheme, ...] = ()
    is_listed: bool = False
    places: tuple[Place, ...] = ()
    signing: frozenset[str] = frozenset()

    @property
    def tokens(self) -> IssuedTokens | None:
        """Where tokens are kept."""
        return self.state.tokens

    def accepts(self, secret: str, scheme: str = "") -> bool:
        """Whether a secret of a client or a user is right: any is, but for listed values that stand for a refusal."""
        listed = [each.values for each in self.schemes if scheme in ("", each.name)]
        if not secret or any(secret in values.get(state, ()) for values in listed for state in REFUSED_STATES):
            return False
        return not self.is_listed or any(secret in values.get("valid", ()) for values in listed)


class Grant(NamedTuple):
    """What a token is issued for: to which client, for which user, with which scopes.

    `issuer_url` is who a JSON Web Token says it is from, empty for a token that is none. `family` is what all tokens
    have in common that one grant led to.
    """

    scheme: str = ""
    client: str = ""
    user: str = ""
    scopes: tuple[str, ...] = EVERY_SCOPE
    issuer_url: str = ""
    family: str = ""
    memo: Mapping[str, str] = MappingProxyType({})


class Issued(NamedTuple):
    """A token with its text, and how many seconds it is good for."""

    text: str
    token: IssuedToken
    lifetime: int


def issue(issuer: Issuer, tester: Tester, kind: str, grant: Grant, lifetime: int | None = None) -> Issued:
    """A new token of a kind, kept for the session that asked."""
    seconds = LIFETIMES[kind] if lifetime is None else lifetime
    text = issuer.tokens.make_text() if issuer.tokens else secrets.token_urlsafe(24)
    token = IssuedToken(
        session=tester.scope,
        provider=issuer.provider,
        kind=kind,
        scheme=grant.scheme,
        client=grant.client[:MAX_WORD],
        user=grant.user[:MAX_WORD],
        scopes=grant.scopes,
        issued=tester.now,
        expires=tester.now + seconds,
        family=grant.family or secrets.token_hex(8),
        memo=grant.memo,
    )
    if grant.issuer_url and kind == ACCESS:
        text = sign_token(issuer.seed, _claim(issuer, grant, token, text))
    return Issued(text, issuer.tokens.put(text, token) if issuer.tokens else token, seconds)


def _claim(issuer: Issuer, grant: Grant, token: IssuedToken, identifier: str) -> dict[str, object]:
    """The claims of an access token (RFC 9068)."""
    scope = {} if token.scopes == EVERY_SCOPE else {"scope": " ".join(token.scopes)}
    return {
        "iss": grant.issuer_url,
        "sub": token.user or token.client or issuer.provider,
        "aud": issuer.provider,
        "iat": int(token.issued),
        "nbf": int(token.issued),
        "exp": int(token.expires),
        "jti": identifier,
        **({"client_id": token.client} if token.client else {}),
        **scope,
    }


def find_issuer_url(request: Request, path: str = "") -> str:
    """Who a JSON Web Token says it is from: where the provider was asked, and a path below it."""
    return f"{request.base}{request.mount}{path}"


class Judged(NamedTuple):
    """What became of a token that a caller shows: the error kind it earns, empty for none, and the token if known."""

    kind: str
    why: str
    token: IssuedToken | None = None


def judge(issuer: Issuer, tester: Tester, scheme: Scheme, text: str) -> Judged | None:
    """What a shown text is worth that this server issued; None for any other, which is not its own to judge."""
    if issuer.tokens is None or not issuer.tokens.are_there:
        return None
    token = issuer.tokens.find(tester.scope, issuer.provider, text)
    if token is None:
        is_own = issuer.tokens.has_made(text) or issuer.tokens.has_made(read_claim(text, "jti"))
        return Judged("unauthenticated", "the token is not known to this session") if is_own else None
    if token.kind != ACCESS:
        return Judged("unauthenticated", "the token is none that gives access", token)
    end = token.find_end(tester.now)
    if end:
        return Judged("unauthenticated", f"the token is {end}", token)
    missing = [] if token.scopes == EVERY_SCOPE else [each for each in scheme.scopes if each not in token.scopes]
    if missing:
        return Judged("forbidden", f"the token has no scope {', '.join(missing)}", token)
    return Judged("", "", token)


def judge_bearer(issuer: Issuer, tester: Tester, request: Request) -> Judged | None:
    """The same for what stands in `Authorization`."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return judge(issuer, tester, BEARER, text.strip()) if scheme.lower() == "bearer" else None


BEARER = Scheme("", "header", "authorization", "bearer ", {})
