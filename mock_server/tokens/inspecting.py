"""A token that its client asks about, or gives back (RFC 7662, RFC 7009)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.messages import Request, Tester
from mock_server.state import ACCESS, CODE, EVERY_SCOPE, REFRESH, REVOKED, IssuedToken
from mock_server.tokens.asking import Client, OAuthError, read_client, read_parameters, require_client
from mock_server.tokens.issuing import Issuer, find_issuer_url
from mock_server.tokens.places import Place


def inspect_token(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Mapping[str, Any]:
    """What is known of a token, and that it is of no use where nothing is. Raises: OAuthError."""
    _, token = _read(place, issuer, request, tester, is_confidential=True)
    if token is None or token.kind == CODE or token.find_end(tester.now):
        return {"active": False}
    described = {
        "active": True,
        "client_id": token.client,
        "username": token.user,
        "sub": token.user or token.client,
        "token_type": "Bearer" if token.kind == ACCESS else "",
        "scope": "" if token.scopes == EVERY_SCOPE else " ".join(token.scopes),
        "aud": issuer.provider,
        "iss": find_issuer_url(request, place.openid or "") if place.is_jwt else "",
        "iat": int(token.issued),
        "exp": int(token.expires),
    }
    return {name: value for name, value in described.items() if value != ""}


def revoke_token(place: Place, issuer: Issuer, request: Request, tester: Tester) -> None:
    """End a token, and with what renews it all that its grant led to; one that is not known is as good as ended.

    Raises: OAuthError.
    """
    client, token = _read(place, issuer, request, tester)
    if token is None or issuer.tokens is None:
        return
    if token.client and client.id != token.client:
        raise OAuthError("unauthorized_client", "the token was issued to another client")
    if token.kind == REFRESH:
        issuer.tokens.end_family(token.family)
    issuer.tokens.use(token, REVOKED)


def _read(
    place: Place,
    issuer: Issuer,
    request: Request,
    tester: Tester,
    is_confidential: bool = False,
) -> tuple[Client, IssuedToken | None]:
    """Who asks about which token of the session."""
    parameters = read_parameters(request)
    client = read_client(request, parameters)
    require_client(issuer, place.scheme, client, is_confidential)
    text = parameters.get("token", "")
    if not text:
        raise OAuthError("invalid_request", "the parameter token is missing")
    return client, issuer.tokens.find(tester.scope, issuer.provider, text) if issuer.tokens else None
