"""Documented logins: an operation of a contract that hands out a token to who says who they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mock_server.errors import ApiError
from mock_server.messages import Request, Tester
from mock_server.state import ACCESS, REFRESH, IssuedToken, is_secret_name
from mock_server.tokens.grants import SECRETS, Granted, grant_tokens
from mock_server.tokens.issuing import Grant, Issuer, find_issuer_url, issue
from mock_server.tokens.places import TOKEN, Place

USERS = ("username", "user_name", "user", "login", "email", "account_id", "accountid", "client_id", "clientid")
"""Names in lower case under which a login says who it is."""

REFUSED = "the login is not known"


class Login(NamedTuple):
    """How an operation of a contract issues tokens: for which scheme, good for how many seconds.

    `place` is the token URL of a scheme that it stands at; `renews` says that its answer shows a refresh token;
    `announced` are the seconds that the answer tells, where they are others.
    """

    scheme: str
    place: Place | None = None
    lifetime: int = 0
    renews: bool = False
    announced: int = 0


def find_place(issuer: Issuer, paths: Iterable[str]) -> Place | None:
    """The token URL that an operation stands at, by its path with the base path and without."""
    return next((each for each in issuer.places if each.kind == TOKEN and each.path in paths), None)


class LoggedIn(NamedTuple):
    """What a login is given, by the facts that an answer may say, and which of their texts are secrets."""

    facts: Mapping[str, Any]
    secrets: tuple[str, ...]


def log_in(login: Login, issuer: Issuer, request: Request, sent: Mapping[str, Any], tester: Tester) -> LoggedIn:
    """A token for what was sent.

    Raises: ApiError `unauthenticated` for a login that is refused; OAuthError where a grant of OAuth 2 was asked for.
    """
    if login.place and ("grant_type" in sent or not sent):
        return _describe(grant_tokens(login.place, issuer, request, tester), tester)
    renewed = _check(login, issuer, sent, tester)
    user = renewed.user if renewed else _find_user(sent)
    url = find_issuer_url(request) if login.scheme in issuer.signing else ""
    grant = Grant(login.scheme, user=user, issuer_url=url, family=renewed.family if renewed else "")
    access = issue(issuer, tester, ACCESS, grant, login.lifetime or None)
    members = {"access_token": access.text, "expires_in": login.announced or access.lifetime}
    if login.renews:
        given = grant._replace(family=access.token.family)
        members["refresh_token"] = issue(issuer, tester, REFRESH, given).text
    secrets = tuple(str(members[name]) for name in SECRETS if name in members)
    granted = _describe(Granted(members, secrets), tester)
    return granted._replace(facts={**granted.facts, "user": user or None})


def _check(login: Login, issuer: Issuer, sent: Mapping[str, Any], tester: Tester) -> IssuedToken | None:
    """The token that is renewed, if one was sent. Raises: ApiError for a secret that is refused."""
    renewed: IssuedToken | None = None
    for secret in _find_secrets(sent):
        known = issuer.tokens.find(tester.scope, issuer.provider, secret) if issuer.tokens else None
        if known and known.find_end(tester.now):
            raise ApiError("unauthenticated", REFUSED)
        if known is None and not issuer.accepts(secret, login.scheme):
            raise ApiError("unauthenticated", REFUSED)
        renewed = known or renewed
    return renewed


def _find_secrets(sent: Mapping[str, Any]) -> Iterator[str]:
    return (value for name, value in sent.items() if isinstance(value, str) and is_secret_name(str(name)))


def _find_user(sent: Mapping[str, Any]) -> str:
    """Who a login says it is: the first of the usual names."""
    named = {str(name).lower(): value for name, value in sent.items() if isinstance(value, str)}
    return next((named[name] for name in USERS if name in named), "")


def _describe(granted: Granted, tester: Tester) -> LoggedIn:
    members, seconds = granted.members, int(granted.members["expires_in"])
    facts = {
        "token": members["access_token"],
        "refresh_token": members.get("refresh_token"),
        "id_token": members.get("id_token"),
        "type": "Bearer",
        "lifetime": seconds,
        "expires": render_moment(tester.now + seconds),
        "issued": render_moment(tester.now),
        "issued_epoch": int(tester.now),
        "scope": members.get("scope"),
    }
    return LoggedIn(facts, granted.secrets)


def render_moment(seconds: float) -> str:
    """A moment of whole seconds as RFC 3339 writes it."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FACTS = ("token", "refresh_token", "id_token", "type", "lifetime", "expires", "issued", "issued_epoch", "scope", "user")
"""What an answer to a login may say."""
