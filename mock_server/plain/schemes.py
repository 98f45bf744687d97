"""The security schemes of a plain document, and which of them an operation asks for."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract import Scheme
from mock_server.openapi import Document, DocumentOperation


def find_security(
    document: Document,
    each: DocumentOperation,
    schemes: Mapping[str, Scheme],
) -> tuple[tuple[Scheme, ...], ...]:
    """The alternatives of an operation; an empty one says that none is needed. Unknown schemes ask for nothing."""
    listed = each.node.get("security", document.root.get("security", []))
    inferred = each.node.get("x-credential")
    own = _as_parameter(document.name, inferred) if isinstance(inferred, Mapping) else ()
    alternatives = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not alternatives:
        return (own,) if own else ()
    return tuple((*_ask(one, schemes), *own) for one in alternatives)


def _ask(alternative: Mapping[str, Any], schemes: Mapping[str, Scheme]) -> Iterator[Scheme]:
    """The schemes of an alternative with the scopes that it lists."""
    for name, scopes in alternative.items():
        if name in schemes:
            listed = tuple(map(str, scopes)) if isinstance(scopes, list) else ()
            yield dataclasses.replace(schemes[name], scopes=listed) if listed else schemes[name]


def _as_parameter(provider: str, node: Mapping[str, Any]) -> tuple[Scheme, ...]:
    return (Scheme(str(node.get("name")), str(node.get("in")), str(node.get("name")), "", _values({}, "")),)


def find_schemes(document: Document) -> Iterator[tuple[str, Scheme | None]]:
    """Each scheme by its name; None for one whose credential stands nowhere that is known."""
    components = document.root.get("components")
    listed = components.get("securitySchemes") if isinstance(components, Mapping) else None
    for name, written in listed.items() if isinstance(listed, Mapping) else ():
        node = document.resolve(written)
        yield name, _scheme(str(name), node) if isinstance(node, Mapping) else None


def _scheme(name: str, node: Mapping[str, Any]) -> Scheme | None:
    """A scheme by where its credential stands: basic and bearer in `Authorization`, tokens of OAuth 2 as bearer."""
    kind, how = str(node.get("type", "")).lower(), str(node.get("scheme", "")).lower()
    if kind == "apikey" and isinstance(node.get("name"), str) and node.get("in") in ("header", "query", "cookie"):
        return Scheme(name, node["in"], node["name"], "", _values(node, "key"))
    if kind == "http" and how == "basic":
        return Scheme(name, "header", "authorization", "basic ", _values(node, "basic"))
    if kind in ("http", "oauth2", "openidconnect"):
        return Scheme(name, "header", "authorization", f"{how or 'bearer'} ", _values(node, "token"))
    return None


def _values(node: Mapping[str, Any], what: str) -> Mapping[str, tuple[str, ...]]:
    """The test values that a scheme lists, else one of each state that says what it is.

    Those of basic authentication are listed as `user:password`, and sent in Base64.
    """
    listed = node.get("x-credentials")
    if isinstance(listed, Mapping):
        values = {state: tuple(map(str, values)) for state, values in listed.items()}
    else:
        end = ":secret" if what == "basic" else ""
        values = {state: (f"understudy-{state}{end}",) for state in ("valid", "expired", "inactive")}
    if what == "basic":
        return {state: tuple(map(_encode, texts)) for state, texts in values.items()}
    return values


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode() if ":" in text else text  # no Base64 has a colon
