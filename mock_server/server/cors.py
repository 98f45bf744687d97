"""Pages of other origins (CORS): whose browsers may read what providers answer. The server's own pages are not theirs.

Nothing is looked at unless a request has an `Origin`. A contract that documents such headers itself is played as it is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from mock_server.engine import MockApi
from mock_server.errors import UsageError
from mock_server.mappings import STUB_HEADER
from mock_server.messages import Headers, Request, Response
from mock_server.sessions import HEADER, Player

MAX_AGE_SECONDS = 600
"""How long a browser need not ask again what it may send."""

ALLOW_ORIGIN, ASKED_METHOD = "access-control-allow-origin", "access-control-request-method"

SAFELISTED = frozenset(
    ("cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"),
)
"""What a page may read of an answer without being told so (Fetch, CORS-safelisted response-header names)."""

_HIDDEN = SAFELISTED | {"set-cookie"}
_LOOPBACK = re.compile(r"https?://(?:(?:[a-z0-9_-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@,\"]+")
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_METHOD = re.compile(_TOKEN)
_NAMES = re.compile(rf"{_TOKEN}(?:\s*,\s*{_TOKEN})*")
_REFUSALS = (401, 403)

Allows = Callable[[str], bool]
"""Whether pages of an origin may read what providers answer."""


def read_origins(words: Iterable[str]) -> Allows | None:
    """Whose pages may read: those of this machine and of the named origins; None for nobody's (`off`).

    Raises: UsageError for what is no origin.
    """
    names = [word.strip().lower().rstrip("/") for word in words]
    if "off" in names:
        if len(names) > 1:
            raise UsageError("--cors off stands alone: it refuses every origin.")
        return None
    for name in names:
        if name not in ("*", "null") and not _ORIGIN.fullmatch(name):
            raise UsageError(f"--cors {name}: an origin is scheme, host and port, https://app.example; or * or off.")
    if "*" in names:
        return lambda origin: True
    named = frozenset(names)
    return lambda origin: origin in named or _LOOPBACK.fullmatch(origin) is not None


class CrossOrigin:
    """What pages of other origins are answered; `apis` are what they may ask, `allows` says whose pages they are."""

    def __init__(self, apis: Player, allows: Allows) -> None:
        self._apis, self._allows = apis, allows

    def find_preflight(self, request: Request) -> Response | None:
        """The answer to a browser's question before a request, or None where that is a contract's, or refused.

        It is written down, but counts as no call: not for scenarios, not for limits.
        """
        if request.method != "OPTIONS" or not self._is_allowed_preflight(request):
            return None
        started = time.time_ns()
        session, api, aimed = self._apis.locate(request)
        if self._has_own(session, api, aimed, request):
            return None
        response = _permit(api, aimed)
        sessions = self._apis.sessions
        if sessions and sessions.services.journal:
            provider = api.contract.provider if api else ""
            sessions.services.journal.write(session, provider, request, response, started)
        return response

    def _is_allowed_preflight(self, request: Request) -> bool:
        headers = request.headers
        asked, origin = headers.get(ASKED_METHOD, ""), headers.get("origin", "")
        return bool(_METHOD.fullmatch(asked)) and self._allows(origin)

    def _has_own(self, session: str, api: MockApi | None, aimed: Request, sent: Request) -> bool:
        """Whether something else answers: a documented OPTIONS, a mapping of it, or a page of the server's own."""
        if api and api.find("OPTIONS", aimed.path):
            return True
        sessions = self._apis.sessions
        if not sessions or not sessions.own.are_there:
            return api is None
        known = sessions.services.sessions.peek(session)
        mappings = sessions.own.find_mappings(known.scope if known else "")
        if any(str(_find_method(each.content)).upper() == "OPTIONS" for each in mappings):
            return True
        return api is None and not sessions.own.is_strays(aimed.path)

    def add(self, request: Request, response: Response) -> Response:
        """An answer to a request with an `Origin`, with the headers that let a page of that origin read it."""
        if not self._allows(request.headers["origin"]):
            return response
        api, aimed = self._apis.locate(request)[1:]
        if api is None and not any(name == STUB_HEADER for name, _ in response.headers):
            return response
        said = dict(response.headers)
        documented = said.get(ALLOW_ORIGIN)
        if documented is not None and _is_origin(documented):
            return response
        headers = response.headers
        if documented is not None:  # a value that was made up for a documented text allows nothing
            headers = tuple(pair for pair in headers if not pair[0].startswith("access-control-"))
        if request.method == "OPTIONS" and self._is_allowed_preflight(request):
            if response.status in _REFUSALS:  # a browser's question bears no credential, whatever its answer is
                return _permit(api, aimed)
            return response._replace(headers=_joined(headers, _render_permission(api, aimed)))
        return response._replace(headers=_joined(headers, _render_readable(request.headers["origin"], headers)))


def is_refused_origin(request: Request, response: Response) -> bool:
    """Whether a browser will not let the page that asked read an answer, or send what it asked to send."""
    origin = request.headers.get("origin")
    return (
        origin is not None and origin != request.base and not any(name == ALLOW_ORIGIN for name, _ in response.headers)
    )


def answer_with(cross: CrossOrigin, slowly: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The slow way, with a browser's questions answered before it."""
    return lambda request: cross.find_preflight(request) or slowly(request)


def _is_origin(value: str) -> bool:
    return value in ("*", "null") or _ORIGIN.fullmatch(value.lower()) is not None


def _find_method(content: Mapping[str, object]) -> object:
    request = content.get("request")
    return request.get("method") if isinstance(request, dict) else ""


def _render_readable(origin: str, headers: Headers) -> Iterator[tuple[str, str]]:
    """What lets a page read an answer, and all of its headers."""
    yield ALLOW_ORIGIN, origin
    yield "access-control-allow-credentials", "true"
    if names := [name for name, _ in headers if name not in _HIDDEN and not name.startswith("access-control-")]:
        yield "access-control-expose-headers", ", ".join(dict.fromkeys(names))


def _find_vary(headers: Headers) -> tuple[str, str]:
    said = next((value for name, value in headers if name == "vary"), "")
    names = [name.strip().lower() for name in said.split(",")]
    return "vary", said if "origin" in names or "*" in names else ", ".join(filter(None, (said, "Origin")))


def _joined(headers: Headers, more: Iterable[tuple[str, str]]) -> Headers:
    """Headers with more of them: what is documented wins, but for `Vary`, which names the origin as well."""
    known = {name for name, _ in headers}
    more = (pair for pair in more if pair[0] not in known)
    return (*(pair for pair in headers if pair[0] != "vary"), *more, _find_vary(headers))


def _permit(api: MockApi | None, request: Request) -> Response:
    return Response(204, _joined((), _render_permission(api, request)), b"")


def _render_permission(api: MockApi | None, request: Request) -> Iterator[tuple[str, str]]:
    """What a page may send: the methods that are documented for a path, and the headers it asks for.

    The method that it asks for is among them, documented or not: a page could not read the 404 or 405 otherwise.
    """
    sent = request.headers
    asked = sent[ASKED_METHOD]
    methods = api.routes.allowed(request.path) if api else ()
    yield ALLOW_ORIGIN, sent["origin"]
    yield "access-control-allow-credentials", "true"
    yield "access-control-allow-methods", ", ".join(dict.fromkeys((*methods, asked)))
    names = sent.get("access-control-request-headers", "")
    listed = names if _NAMES.fullmatch(names) else ", ".join(_find_headers(api, asked, request.path))
    yield "access-control-allow-headers", listed
    yield "access-control-max-age", str(MAX_AGE_SECONDS)
    if sent.get("access-control-request-private-network") == "true":
        yield "access-control-allow-private-network", "true"


def _find_headers(api: MockApi | None, method: str, path: str) -> Iterable[str]:
    """The headers that an operation documents, credentials among them, and those that every request may have."""
    match = api.find(method, path) if api else None
    operation = match.target.operation if match else None
    documented = [each.name for each in operation.parameters if each.where == "header"] if operation else []
    schemes = [scheme for alternative in operation.security for scheme in alternative] if operation else []
    fields = [scheme.field for scheme in schemes if scheme.where == "header"]
    return dict.fromkeys(("content-type", HEADER, "prefer", *map(str.lower, (*documented, *fields))))
