"""Operations that hand out credentials (T1): logins and token endpoints, by what they are called and what they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mock_server.contract import escape_pointer
from mock_server.inference.conclusions import LIKELY, SURE
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import name_set, normalize, split_words
from mock_server.inference.writes import Effect
from mock_server.openapi import Document

WORDS = name_set(
    "login logon signin token tokens auth authenticate authentication authorize oauth oauth2 session sessions jwt",
)
"""Words of a path or an operation's name that speak of a credential."""

KEYS = name_set("apikey apitoken")
TOKENS = name_set(
    "accesstoken token authtoken bearertoken sessiontoken jwt jwttoken usertoken authenticationtoken idtoken access",
)
"""Normalized names of properties that hold a credential."""

LATER = ("idtoken", "jwt", "access")
"""Of these, such as are no credential where another one stands beside them."""

FACTS: Mapping[str, str] = {
    "refreshtoken": "refresh_token",
    "refresh": "refresh_token",
    "tokentype": "type",
    "expiresin": "lifetime",
    "expirein": "lifetime",
    "expiresat": "expires",
    "expires": "expires",
    "expiry": "expires",
    "expiration": "expires",
    "issued": "issued",
    "issuedat": "issued",
    "username": "user",
    "scope": "scope",
}
"""What stands beside a credential, by normalized names."""

MAX_DEPTH = 2
"""So many objects deep a credential may stand."""

BEARERS = ("http", "oauth2", "openidconnect")


def find_logins(document: Document, schemas: Schemas, views: Sequence[OperationView]) -> Iterator[tuple[str, Effect]]:
    """POSTs whose answer holds a credential that works for a scheme of the document."""
    schemes = dict(_find_schemes(document))
    urls = {path for node in schemes.values() for path in _find_token_paths(node)}
    for view in views if schemes else ():
        named = view.shape in urls or any(view.shape and path.endswith(view.shape) for path in urls)
        word = _find_word(view)
        pointer = _find_credential(schemas, view.schema) if view.method == "POST" and (named or word) else ""
        scheme = _choose_scheme(document, schemes, view, normalize(pointer.rpartition("/")[2])) if pointer else ""
        if scheme:
            why = "is the token URL of a scheme" if named else f"speaks of `{word}`"
            because = f"`{view.operation.path}` {why}, and `{pointer}` of its answer is a credential by its name"
            yield view.name, Effect("T1", _describe(schemas, view, scheme, pointer), because, SURE if named else LIKELY)


def _find_schemes(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    components = document.root.get("components")
    listed = components.get("securitySchemes") if isinstance(components, Mapping) else None
    for name, written in listed.items() if isinstance(listed, Mapping) else ():
        node = document.resolve(written)
        if isinstance(node, Mapping) and (_is_bearer(node) or str(node.get("type")).lower() == "apikey"):
            yield str(name), node


def _is_bearer(node: Mapping[str, Any]) -> bool:
    return str(node.get("type")).lower() in BEARERS and str(node.get("scheme", "")).lower() != "basic"


def _find_token_paths(node: Mapping[str, Any]) -> Iterator[str]:
    flows = node.get("flows")
    for flow in flows.values() if isinstance(flows, Mapping) else ():
        url = flow.get("tokenUrl") if isinstance(flow, Mapping) else None
        try:
            path = urlsplit(url).path.rstrip("/") if isinstance(url, str) else ""
        except ValueError:
            continue
        if path:
            yield f"/{path.lstrip('/')}"


def _find_word(view: OperationView) -> str:
    """The word of a path's end, or of an operation's name, that speaks of a credential."""
    name = view.operation.node.get("operationId")
    segments = reversed(view.words[-2:])
    words = [word for segment in segments for word in (normalize(segment), *split_words(segment))]
    words += split_words(name) if isinstance(name, str) else ()
    return next((word for word in words if word in WORDS), "")


def _find_credential(schemas: Schemas, schema: Any, at: str = "", depth: int = 0) -> str:
    """The pointer of a credential in an answer; empty where there is none."""
    properties = schemas.properties(schema)
    names = [name for name in properties if normalize(name) in TOKENS | KEYS and _is_text(schemas, properties[name])]
    if names:
        ranked = sorted(names, key=lambda name: (normalize(name) in LATER, len(name) < 6))
        return f"{at}/{escape_pointer(ranked[0])}"
    inside = (
        _find_credential(schemas, inner, f"{at}/{escape_pointer(name)}", depth + 1)
        for name, inner in properties.items()
        if depth < MAX_DEPTH and schemas.kind(inner) == "object"
    )
    return next((pointer for pointer in inside if pointer), "")


def _is_text(schemas: Schemas, schema: Any) -> bool:
    return schemas.kind(schema) in ("string", "")


def _choose_scheme(document: Document, schemes: Mapping[str, Any], view: OperationView, name: str) -> str:
    """The scheme that a credential is for: one that others ask for and this one does not; a bearer's before a key's."""
    everywhere = document.root.get("security")
    asked = [each for one in _alternatives(everywhere) for each in one]
    asked += [each for o in document.operations for one in _alternatives(o.node.get("security")) for each in one]
    own = {each for one in _alternatives(view.operation.node.get("security", everywhere)) for each in one}
    ranked = sorted(
        schemes,
        key=lambda each: (
            each in own and "security" in view.operation.node,
            _is_bearer(schemes[each]) is (name in KEYS),
            asked.index(each) if each in asked else len(asked),
        ),
    )
    return ranked[0] if ranked else ""


def _alternatives(listed: Any) -> list[Mapping[str, Any]]:
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def _describe(schemas: Schemas, view: OperationView, scheme: str, pointer: str) -> dict[str, Any]:
    around = pointer.rpartition("/")[0]
    beside = schemas.properties(schemas.at(view.schema, around))
    body = {pointer: "token"}
    lifetime = 0
    for name, schema in beside.items():
        fact, here = FACTS.get(normalize(name), ""), f"{around}/{escape_pointer(name)}"
        if not fact or here == pointer:
            continue
        is_number = schemas.kind(schema) in ("integer", "number")
        fact = "lifetime" if fact == "expires" and is_number else fact
        body[here] = f"{fact}_epoch" if fact == "issued" and is_number else fact
        lifetime = lifetime or (_read_lifetime(schemas, schema) if fact == "lifetime" else 0)
    return {"token": scheme, "body": body, **({"lifetime": lifetime} if lifetime else {})}


def _read_lifetime(schemas: Schemas, schema: Any) -> int:
    """The seconds that a document shows as an example; 0 where it shows none."""
    node = schemas.resolve(schema)
    shown = [node.get(name) for name in ("const", "default", "example")]
    shown += node["examples"][:1] if isinstance(node.get("examples"), list) else []
    known = [each for each in shown if isinstance(each, int) and not isinstance(each, bool) and 0 < each < 10**8]
    return known[0] if known else 0
