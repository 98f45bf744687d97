"""Tokens as a provider issues and reads them: OAuth 2, OpenID Connect, JSON Web Tokens, documented logins."""

from __future__ import annotations

from mock_server.tokens.asking import OAuthError, read_parameters
from mock_server.tokens.endpoints import ENDPOINTS, Endpoint, render_refusal
from mock_server.tokens.issuing import Grant, Issuer, Judged, issue, judge
from mock_server.tokens.logins import LoggedIn, Login, find_place, log_in
from mock_server.tokens.making import make_issuer, publish_schemes
from mock_server.tokens.places import Place

__all__ = [
    "ENDPOINTS",
    "Endpoint",
    "Grant",
    "Issuer",
    "Judged",
    "LoggedIn",
    "Login",
    "OAuthError",
    "Place",
    "find_place",
    "issue",
    "judge",
    "log_in",
    "make_issuer",
    "publish_schemes",
    "read_parameters",
    "render_refusal",
]
