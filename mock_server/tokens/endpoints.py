"""Each place of OAuth 2 and OpenID Connect as a function from request to response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.messages import Headers, Request, Response, Tester
from mock_server.tokens.asking import OAuthError
from mock_server.tokens.authorizing import NOT_STORED, PARAMETERS, authorize
from mock_server.tokens.grants import Granted, grant_tokens
from mock_server.tokens.inspecting import inspect_token, revoke_token
from mock_server.tokens.issuing import Issuer, find_issuer_url, judge_bearer
from mock_server.tokens.openid import describe_provider, describe_user, publish_keys
from mock_server.tokens.places import AUTHORIZE, DISCOVERY, INTROSPECT, KEYS, REVOKE, TOKEN, USERINFO, Place


class Endpoint(NamedTuple):
    """What a place answers to which methods; `asks` are the parameters of its query, `says` what it is for."""

    methods: tuple[str, ...]
    answer: Callable[[Place, Issuer, Request, Tester], Response]
    says: str
    asks: tuple[str, ...] = ()


def answer_token(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    """The answer of a token endpoint, as RFC 6749 writes it (5.1 and 5.2)."""
    try:
        return render_granted(grant_tokens(place, issuer, request, tester))
    except OAuthError as error:
        return render_refusal(issuer, error)


def render_granted(granted: Granted) -> Response:
    """Tokens as a client is given them."""
    return _render(200, granted.members, NOT_STORED)._replace(secrets=granted.secrets)


def render_refusal(issuer: Issuer, error: OAuthError) -> Response:
    """What is wrong with a request for tokens."""
    members = {"error": error.word, "error_description": error.sentence}
    if error.word != "invalid_client":
        return _render(400, members, NOT_STORED)
    return _render(401, members, (*NOT_STORED, ("www-authenticate", f'Basic realm="{issuer.provider}"')))


def _discover(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    return _render(200, describe_provider(place, find_issuer_url(request, place.openid or "")))


def _show_keys(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    return _render(200, publish_keys(issuer.seed))


def _show_user(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    """Who a token was issued for (OpenID Connect Core, 5.3)."""
    judged = judge_bearer(issuer, tester, request)
    if judged is None or judged.token is None or judged.kind:
        members = {"error": "invalid_token", "error_description": "the token is none that gives access"}
        challenge = f'Bearer realm="{issuer.provider}", error="invalid_token"'
        return _render(401, members, (("www-authenticate", challenge),))
    return _render(200, describe_user(judged.token), NOT_STORED)


def _revoke(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    """A token is of no use any more (RFC 7009, 2.2)."""
    try:
        revoke_token(place, issuer, request, tester)
    except OAuthError as error:
        return render_refusal(issuer, error)
    return Response(200, NOT_STORED, b"")


def _introspect(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    """What is known of a token (RFC 7662, 2.2)."""
    try:
        return _render(200, inspect_token(place, issuer, request, tester), NOT_STORED)
    except OAuthError as error:
        return render_refusal(issuer, error)


def _render(status: int, body: Mapping[str, Any], headers: Headers = ()) -> Response:
    return Response(status, (("content-type", "application/json"), *headers), json.dumps(body).encode())


ENDPOINTS: Mapping[str, Endpoint] = {
    TOKEN: Endpoint(("POST",), answer_token, "Issue tokens"),
    AUTHORIZE: Endpoint(("GET", "POST"), authorize, "Send the user back with a code", PARAMETERS),
    DISCOVERY: Endpoint(("GET",), _discover, "Say where tokens are had"),
    KEYS: Endpoint(("GET",), _show_keys, "Show the keys that tokens are signed by"),
    REVOKE: Endpoint(("POST",), _revoke, "Give a token back"),
    INTROSPECT: Endpoint(("POST",), _introspect, "Say what a token is worth"),
    USERINFO: Endpoint(("GET", "POST"), _show_user, "Say who a token was issued for"),
}
"""What each kind of place answers."""
