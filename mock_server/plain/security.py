"""Who calls a plain document's operation: any well-formed credential will do, or only the listed test values."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from mock_server.contract import Scheme
from mock_server.engine import CREDENTIAL_STATES, NOBODY, REFUSED, Caller, FindCaller, FindIssued
from mock_server.messages import Request

FindText = Callable[[Scheme, Request], str]
"""From a scheme and a request to the credential in it, or an empty text."""

RANKS = {"": 0, "forbidden": 1, "unauthenticated": 2}


def compile_caller(security: tuple[tuple[Scheme, ...], ...], is_listed: bool) -> FindCaller:
    """A function that finds the caller by an operation's alternatives, of which an empty one lets everybody in.

    With `is_listed`, only the values that a scheme lists are known, and tokens that were issued; else every value is
    but the expired and inactive. A token that was issued is judged as one in either case.
    """
    if not security:
        return lambda request, find_issued=None: NOBODY

    def find(request: Request, find_issued: FindIssued | None = None) -> Caller:
        callers = [
            _weakest([_find(scheme, request, is_listed, find_issued) for scheme in schemes]) for schemes in security
        ]
        return min(callers, key=lambda caller: RANKS[caller.kind])

    return find


def _weakest(callers: list[Caller]) -> Caller:
    return max(callers, default=NOBODY, key=lambda caller: RANKS[caller.kind])


def _find(scheme: Scheme, request: Request, is_listed: bool, find_issued: FindIssued | None) -> Caller:
    text = _PLACES[scheme.where](scheme, request)
    if not text:
        return REFUSED
    for state, values in scheme.values.items():
        if text in values:
            return Caller(text, state, CREDENTIAL_STATES.get(state, "unauthenticated"))
    issued = find_issued(scheme, text) if find_issued else None
    if issued:
        return issued
    return REFUSED if is_listed or not _is_well_formed(scheme, text) else Caller(text, "valid", "")


def _is_well_formed(scheme: Scheme, text: str) -> bool:
    """Whether a value could be a credential: `user:password` in Base64 for basic, any visible text otherwise."""
    if scheme.prefix != "basic ":
        return text.isprintable()
    try:
        return b":" in base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False


def _of_header(scheme: Scheme, request: Request) -> str:
    text, cut = request.headers.get(scheme.field.lower(), ""), len(scheme.prefix)
    # The scheme's name is not case-sensitive (RFC 9110, 11.1); the credential is.
    return text[cut:].strip() if text[:cut].lower() == scheme.prefix else ""


def _of_query(scheme: Scheme, request: Request) -> str:
    return dict(parse_qsl(request.query)).get(scheme.field, "")


def _of_cookie(scheme: Scheme, request: Request) -> str:
    try:
        cookie = SimpleCookie(request.headers.get("cookie", "")).get(scheme.field)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


_PLACES: Mapping[str, FindText] = {"header": _of_header, "query": _of_query, "cookie": _of_cookie}
