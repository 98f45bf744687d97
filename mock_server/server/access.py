"""Who may use the admin API and the console: this machine or who has the token, and no web page of another site."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import Forbidden

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
TOKEN_HEADER = "Understudy-Token"
TOKEN_COOKIE = "understudy-token"
PROXIED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via")
"""Headers of a proxy: what it hands on came from elsewhere, though it stands on this machine."""

GUARDED = "/__admin"
"""Below this even what is not there is guarded."""

View = TypeVar("View", bound=Callable[..., Any])

_OPEN = "is_open_to_everyone"


def open_to_everyone(view: View) -> View:
    """Mark a view that plays providers: anybody may ask it. Every other one is guarded."""
    setattr(view, _OPEN, True)
    return view


class Guard:
    """One check before every route and stream that is not a provider's own.

    `host` is where the server listens; with a `token`, whoever sends it is let in from elsewhere too. Without it both
    the address and the `Host` of a request must be this machine's own.
    """

    def __init__(self, host: str = "127.0.0.1", token: str = "") -> None:
        self.token = token
        # A proxy on this machine that says nothing of itself hands on the name its clients used: it is none of these.
        self._names = {*LOCAL_NAMES, *((host, f"[{host}]") if _is_loopback(host) else ())}

    def check(self) -> None:
        """Refuse the current request, or say nothing."""
        request = flask.request
        view = flask.current_app.view_functions.get(request.endpoint or "")
        if getattr(view, _OPEN, False) or (view is None and not request.path.startswith(GUARDED)):
            return
        if not self._has_token() and not self._is_local():
            raise Forbidden(f"Only this machine may do that, or who sends the token in {TOKEN_HEADER}.")
        if not self._is_known(request.host):
            raise Forbidden(f"The Host {request.host!r} is not this server.")
        self._require_own_page()

    def _has_token(self) -> bool:
        request = flask.request
        sent = request.headers.get(TOKEN_HEADER) or request.cookies.get(TOKEN_COOKIE, "")
        if request.path == "/" and "token" in request.args:  # the link that is printed at start; it becomes a cookie
            sent = request.args["token"]
        return bool(self.token) and hmac.compare_digest(sent.encode(), self.token.encode())

    def _is_local(self) -> bool:
        request = flask.request
        if any(name in request.headers for name in PROXIED):
            return False
        return request.remote_addr == "unix" or _is_loopback(request.remote_addr or "")

    def _is_known(self, host: str) -> bool:
        """Whether a name is ours: a page that made its own name lead to this machine (DNS rebinding) is not."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name.lower() in self._names or self._has_token()

    def _require_own_page(self) -> None:
        """No request that a page of another site made; following a link from one to a page of ours is allowed."""
        request = flask.request
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"{request.scheme}://{request.host}":
            raise Forbidden(f"The Origin {origin!r} is another site.")
        if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
            return
        is_link = request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode") == "navigate"
        if not is_link or request.path.startswith("/__admin"):
            raise Forbidden("A page of another site asked for this.")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
