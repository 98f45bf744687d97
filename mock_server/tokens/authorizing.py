"""The authorize page of OAuth 2 (RFC 6749, 3.1): sends its user back at once, or after one button."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from mock_server.messages import Request, Response, Tester
from mock_server.state import ACCESS, CODE, EVERY_SCOPE
from mock_server.tokens.asking import MAX_PARAMETERS, OAuthError, collect
from mock_server.tokens.grants import choose_scopes
from mock_server.tokens.issuing import Grant, Issuer, find_issuer_url, issue
from mock_server.tokens.places import Place

PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "login_hint",
    "response_mode",
)
"""What a client asks an authorize page by."""

USER = "tester"
"""Who has signed in, unless `login_hint` names somebody."""

METHODS = ("plain", "S256")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_VISIBLE = re.compile(r"[!-~]{1,2000}")
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Refused(NamedTuple):
    """A request that its user is not sent back from: nobody knows where to."""

    sentence: str


def authorize(place: Place, issuer: Issuer, request: Request, tester: Tester) -> Response:
    """The page, or the redirection back to the client with a code, or with what is wrong."""
    try:
        asked = collect(_read(request))
    except OAuthError as error:
        return render_page(400, f"<p>{html.escape(error.sentence)}.</p>")
    target = asked.get("redirect_uri", "")
    refused = check_target(asked.get("client_id", ""), target)
    if refused:
        return render_page(400, f"<p>{html.escape(refused.sentence)}</p>")
    if asked.get("prompt") == "consent" and request.method != "POST":
        return _show_button(place, issuer, asked, f"{request.mount}{request.path}")
    secrets: tuple[str, ...] = ()
    try:
        members, secrets = _grant(place, issuer, asked, request, tester)
    except OAuthError as error:
        members = {"error": error.word, "error_description": error.sentence}
    members |= {"state": asked["state"]} if "state" in asked else {}
    location = send_back(target, members, in_fragment=asked.get("response_type") == "token" in place.words)
    return Response(302, (("location", location), *NOT_STORED), b"", secrets=secrets)


def _read(request: Request) -> list[tuple[str, str]]:
    text = request.body.decode("utf-8", "replace") if request.method == "POST" else request.query
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise OAuthError("invalid_request", "there are too many parameters") from None


def check_target(client: str, target: str) -> Refused | None:
    """What is wrong with where a client wants its user to be sent: this machine or any https URL will do."""
    if not client:
        return Refused("The parameter client_id is missing.")
    try:
        parts = urlsplit(target) if _VISIBLE.fullmatch(target) else None
        host = (parts.netloc.rpartition("@")[2] if parts else "").lower()
        port = parts.port if parts else None
    except ValueError:
        return Refused("The parameter redirect_uri is no URL.")
    name = host.removesuffix(f":{port}") if port is not None else host
    is_known = parts and (parts.scheme == "https" or (parts.scheme == "http" and name in LOOPBACK))
    if not parts or not is_known or not name or parts.fragment or "#" in target or "@" in parts.netloc:
        return Refused("The parameter redirect_uri is to be an https URL, or one of this machine, without a fragment.")
    return None


def _grant(
    place: Place,
    issuer: Issuer,
    asked: Mapping[str, str],
    request: Request,
    tester: Tester,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a client is sent back with, and the secrets among it. Raises: OAuthError."""
    kind, method = asked.get("response_type", ""), asked.get("code_challenge_method", "plain")
    challenge = asked.get("code_challenge", "")
    if not kind:
        raise OAuthError("invalid_request", "the parameter response_type is missing")
    if kind not in place.words:
        raise OAuthError("unsupported_response_type", f"the response types here are {', '.join(place.words)}")
    if method not in METHODS or (challenge and not _CHALLENGE.fullmatch(challenge)):
        raise OAuthError("invalid_request", "the code_challenge is none of the methods plain and S256")
    scopes = choose_scopes(place, asked.get("scope", ""))
    memo = {"challenge": challenge, "method": method, "redirect_uri": asked["redirect_uri"]}
    memo |= {"nonce": asked["nonce"]} if "nonce" in asked else {}
    url = find_issuer_url(request, place.openid or "") if place.is_jwt else ""
    grant = Grant(place.scheme, asked["client_id"], asked.get("login_hint", USER), scopes, url, memo=memo)
    if kind == "code":
        code = issue(issuer, tester, CODE, grant).text
        return {"code": code}, (code,)
    access = issue(issuer, tester, ACCESS, grant._replace(memo={}))
    members = {"access_token": access.text, "token_type": "Bearer", "expires_in": str(access.lifetime)}
    return {**members, **({} if scopes == EVERY_SCOPE else {"scope": " ".join(scopes)})}, (access.text,)


def send_back(target: str, members: Mapping[str, str], in_fragment: bool = False) -> str:
    """The URL with members added to its query, or behind its `#`; everything in it encoded."""
    parts = urlsplit(target)
    added = urlencode(members, quote_via=quote)
    if in_fragment:
        return urlunsplit(parts._replace(fragment=added))
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def _show_button(place: Place, issuer: Issuer, asked: Mapping[str, str], action: str) -> Response:
    fields = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked.items()
        if name in PARAMETERS
    )
    scopes = asked.get("scope", "") or ", ".join(place.scopes) or "everything"
    return render_page(
        200,
        f"<p>{html.escape(asked['client_id'])} asks {html.escape(issuer.provider)} for: {html.escape(scopes)}.</p>"
        f'<form method="post" action="{html.escape(action)}">{fields}<button>Allow</button></form>',
    )


def render_page(status: int, content: str) -> Response:
    """A page of ours; the content is HTML."""
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Authorize</title>'
        f"<main><h1>Authorize</h1>{content}</main></html>"
    )
    headers = (("content-type", "text/html; charset=utf-8"), *NOT_STORED, *_GUARDED)
    return Response(status, headers, text.encode())


NOT_STORED = (("cache-control", "no-store"), ("pragma", "no-cache"))
_GUARDED = (
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
)
