"""Test credentials of security schemes, and parameters that are credentials without being called so (C1 and C2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_server.inference.conclusions import GUESS, LIKELY, SURE, Conclusion
from mock_server.inference.targets import render_target
from mock_server.inference.views import OperationView
from mock_server.inference.words import name_set, normalize
from mock_server.openapi import Document

NAMES = name_set(
    "authorization apikey xapikey accesstoken oauthtoken authtoken xauthtoken apitoken appkey appid apisecret"
    " xaccesstoken subscriptionkey ocpapimsubscriptionkey clientkey secretkey sessiontoken xapitoken xtoken token key",
)
"""Normalized names of parameters that are credentials; the last two only in a header."""

_PLACES: Mapping[str, frozenset[str]] = {"header": NAMES - {"key"}, "query": NAMES - {"key", "token"}}


def is_credential(name: str, place: str) -> bool:
    """Whether a parameter of a header or the query is a credential by its name."""
    return normalize(name) in _PLACES[place]


def find_test_values(document: Document) -> Iterator[Conclusion]:
    """A valid, an expired and an inactive test value for each security scheme."""
    components = document.root.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
    for name, written in schemes.items() if isinstance(schemes, Mapping) else ():
        scheme = document.resolve(written)
        if isinstance(scheme, Mapping) and "x-credentials" not in scheme:
            target = render_target(("components", "securitySchemes", str(name)))
            yield Conclusion(
                "C1",
                "",
                target,
                {"x-credentials": _make_values(str(name), scheme)},
                _describe(scheme),
                SURE,
            )


def _make_values(name: str, scheme: Mapping[str, Any]) -> dict[str, list[str]]:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "scheme"
    is_basic = str(scheme.get("scheme")).lower() == "basic" or scheme.get("type") == "basic"
    form = "{state}:{name}" if is_basic else "{state}-{name}"
    return {state: [form.format(state=state, name=plain)] for state in ("valid", "expired", "inactive")}


def _describe(scheme: Mapping[str, Any]) -> str:
    kind = str(scheme.get("type") or "unknown")
    if kind == "apiKey":
        return f"an API key is sent in the {scheme.get('in')} `{scheme.get('name')}`"
    if kind == "http":
        return f"HTTP authentication of the scheme `{scheme.get('scheme')}`"
    return f"{kind} is sent as a bearer token"


def find_plain_credentials(document: Document, views: Iterable[OperationView]) -> Iterator[Conclusion]:
    """Parameters that are credentials by their name, of operations without a security scheme.

    One that may be left out is a guess: a request without it is right by the document.
    """
    everywhere = document.root.get("security")
    for view in views:
        if view.operation.node.get("security", everywhere):
            continue
        for place in _PLACES:
            for parameter in view.parameters(place):
                if is_credential(parameter["name"], place):
                    update = {"x-credential": {"in": place, "name": parameter["name"]}}
                    named = f"the {place} parameter `{parameter['name']}`"
                    because = f"{named} is a credential by its name, and no scheme is named"
                    confidence = LIKELY if parameter.get("required") is True else GUESS
                    yield Conclusion("C2", view.name, view.target, update, because, confidence)
                    break
            else:
                continue
            break
