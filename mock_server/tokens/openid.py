"""What OpenID Connect adds: who a user is, in an ID token and at `userinfo`, and the document that says where."""

from __future__ import annotations

from typing import Any

from mock_server.state import IssuedToken
from mock_server.tokens.places import INTROSPECT, KEYS_PATH, OPENID_GRANTS, REVOKE, Place
from mock_server.tokens.signing import derive_key, sign_token


def describe_user(token: IssuedToken) -> dict[str, Any]:
    """The claims on a user that the scopes of a token give away."""
    claims: dict[str, Any] = {"sub": token.user or token.client}
    if "profile" in token.scopes:
        claims |= {"name": claims["sub"], "preferred_username": claims["sub"]}
    if "email" in token.scopes:
        name = claims["sub"]
        claims |= {"email": name if "@" in name else f"{name}@example.com", "email_verified": True}
    return claims


def sign_identity(seed: str, url: str, token: IssuedToken) -> str:
    """The ID token that comes with an access token."""
    times = {"iat": int(token.issued), "exp": int(token.expires), "auth_time": int(token.issued)}
    nonce = {"nonce": token.memo["nonce"]} if token.memo.get("nonce") else {}
    return sign_token(seed, {"iss": url, "aud": token.client, **describe_user(token), **times, **nonce})


def describe_provider(place: Place, url: str) -> dict[str, Any]:
    """The discovery document of an OpenID provider at a URL."""
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "userinfo_endpoint": f"{url}/userinfo",
        "revocation_endpoint": f"{url}/{REVOKE}",
        "introspection_endpoint": f"{url}/{INTROSPECT}",
        "jwks_uri": f"{url}{KEYS_PATH}",
        "scopes_supported": list(place.scopes),
        "response_types_supported": ["code"],
        "grant_types_supported": list(OPENID_GRANTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "claims_supported": ["sub", "name", "preferred_username", "email", "email_verified"],
    }


def publish_keys(seed: str) -> dict[str, Any]:
    """The keys that tokens of a seed are signed by (RFC 7517)."""
    return {"keys": [derive_key(seed).publish()]}
