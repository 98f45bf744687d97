"""Where a contract says that tokens are had: the URLs of its OAuth 2 and OpenID Connect schemes, as paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TOKEN, AUTHORIZE, DISCOVERY, KEYS, USERINFO = "token", "authorize", "discovery", "keys", "userinfo"
"""What a place is: a token endpoint, a page that authorizes, and what OpenID Connect adds."""

REVOKE, INTROSPECT = "revoke", "introspect"
"""Where tokens are given back and asked about. No document says where that is: assumed to be beside the token URL."""

WELL_KNOWN = "/.well-known/openid-configuration"
KEYS_PATH = "/.well-known/jwks.json"

GRANTS: Mapping[str, tuple[str, ...]] = {
    "clientCredentials": ("client_credentials",),
    "password": ("password", "refresh_token"),
    "authorizationCode": ("authorization_code", "refresh_token"),
}
"""The grants of a flow's token endpoint."""

RESPONSES: Mapping[str, str] = {"authorizationCode": "code", "implicit": "token"}
"""The response type of a flow's authorize page."""

URLS = ("tokenUrl", "refreshUrl", "authorizationUrl", "openIdConnectUrl")
"""What schemes and flows call the places where tokens are had."""

OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
OPENID_GRANTS = ("authorization_code", "refresh_token", "client_credentials", "password")
"""What a client may ask an OpenID provider for, beside the scopes that operations ask for, and how."""


class Place(NamedTuple):
    """A place where tokens are had: a row of `endpoints.ENDPOINTS` and a path.

    `words` are the grants of a token endpoint, or the response types of an authorize page; `scopes` are those that may
    be asked for, and with `is_open` any others as well. `openid` is the path that an OpenID provider's name ends in;
    None for plain OAuth 2.
    """

    kind: str
    path: str
    scheme: str
    words: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    is_open: bool = False
    is_jwt: bool = False
    openid: str | None = None


Schemes = Iterable[tuple[str, Mapping[str, Any]]]
"""The security schemes of a document, as it writes them, by their names."""


def find_places(schemes: Schemes, base_path: str, asked: Mapping[str, tuple[str, ...]]) -> tuple[Place, ...]:
    """Every place of a document's schemes; several that share a path are one.

    `asked` are the scopes that operations ask for, by scheme.
    """
    listed = list(schemes)
    places = [place for name, node in listed for place in _find_places(name, node, base_path, asked.get(name, ()))]
    if any(is_jwt(node) for _, node in listed) and not any(place.kind == KEYS for place in places):
        places.append(Place(KEYS, KEYS_PATH, ""))
    merged: dict[tuple[str, str], Place] = {}
    for place in places:
        known = merged.get((place.kind, place.path))
        merged[place.kind, place.path] = _merge(known, place) if known else place
    return tuple(merged.values())


def is_jwt(scheme: Mapping[str, Any]) -> bool:
    """Whether a scheme's tokens are JSON Web Tokens."""
    return scheme.get("type") == "openIdConnect" or str(scheme.get("bearerFormat", "")).lower() == "jwt"


def _merge(known: Place, other: Place) -> Place:
    return known._replace(
        words=tuple(dict.fromkeys((*known.words, *other.words))),
        scopes=tuple(dict.fromkeys((*known.scopes, *other.scopes))),
        is_open=known.is_open or other.is_open,
        is_jwt=known.is_jwt or other.is_jwt,
        openid=other.openid if known.openid is None else known.openid,
    )


def _find_places(name: str, node: Mapping[str, Any], base_path: str, asked: tuple[str, ...]) -> Iterator[Place]:
    kind = str(node.get("type", "")).lower()
    if kind == "openidconnect":
        yield from _find_openid(name, _read_path(node.get("openIdConnectUrl"), base_path), asked)
    flows = node.get("flows") if kind == "oauth2" else None
    for flow, written in flows.items() if isinstance(flows, Mapping) else ():
        if isinstance(written, Mapping):
            yield from _find_flow(name, str(flow), written, base_path, is_jwt(node))


def _find_flow(name: str, flow: str, node: Mapping[str, Any], base_path: str, signs: bool) -> Iterator[Place]:
    listed = node.get("scopes")
    scopes = tuple(map(str, listed)) if isinstance(listed, Mapping | list) else ()
    for url, kind, words in (
        ("tokenUrl", TOKEN, GRANTS.get(flow, ())),
        ("refreshUrl", TOKEN, ("refresh_token",)),
        ("authorizationUrl", AUTHORIZE, (RESPONSES[flow],) if flow in RESPONSES else ()),
    ):
        path = _read_path(node.get(url), base_path)
        if path and words:
            place = Place(kind, path, name, words, scopes, is_open=not scopes, is_jwt=signs)
            yield place
            yield from _find_beside(place) if kind == TOKEN else ()


def _find_beside(place: Place) -> Iterator[Place]:
    """What stands beside a token endpoint."""
    folder = place.path.rstrip("/").rpartition("/")[0]
    for kind in (REVOKE, INTROSPECT):
        yield place._replace(kind=kind, path=f"{folder}/{kind}", words=())


def lead_here(schemes: Schemes, base_path: str, url: str) -> dict[str, Mapping[str, Any]]:
    """Security schemes whose URLs lead to the mock, whose provider is at `url`; others stay as they are."""
    return {name: _lead_here(node, base_path, url) for name, node in schemes}


def _lead_here(node: Mapping[str, Any], base_path: str, url: str) -> dict[str, Any]:
    led = {name: url + path for name in URLS if name in node and (path := _read_path(node[name], base_path))}
    flows = node.get("flows")
    inside = {
        name: _lead_here(flow, base_path, url) if isinstance(flow, Mapping) else flow
        for name, flow in (flows.items() if isinstance(flows, Mapping) else ())
    }
    return {**node, **led, **({"flows": inside} if inside else {})}


def _find_openid(name: str, path: str, asked: tuple[str, ...]) -> Iterator[Place]:
    """What an OpenID provider offers beside its discovery document."""
    if not path:
        return
    openid = path.removesuffix(WELL_KNOWN) if path.endswith(WELL_KNOWN) else path.rpartition("/")[0]
    scopes = tuple(dict.fromkeys((*OPENID_SCOPES, *asked)))
    place = Place(DISCOVERY, path, name, (), scopes, is_open=True, is_jwt=True, openid=openid)
    yield place
    yield place._replace(kind=KEYS, path=openid + KEYS_PATH)
    yield place._replace(kind=AUTHORIZE, path=f"{openid}/authorize", words=("code",))
    token = place._replace(kind=TOKEN, path=f"{openid}/token", words=OPENID_GRANTS)
    yield token
    yield from _find_beside(token)
    yield place._replace(kind=USERINFO, path=f"{openid}/userinfo")


def _read_path(url: Any, base_path: str) -> str:
    """The path that a URL has on the mock; empty for one that has none of its own.

    One that is relative to where the document's server is stands below its base path.
    """
    try:
        parts = urlsplit(url.strip()) if isinstance(url, str) else urlsplit("")
    except ValueError:
        return ""
    path = parts.path if parts.netloc or parts.path.startswith("/") else f"{base_path}/{parts.path}"
    return path if path.strip("/") and parts.path else ""
