"""Tokens as a provider issues and reads them: OAuth 2, OpenID Connect, JSON Web Tokens, documented logins."""

from __future__ import annotations

from mock_server.tokens.endpoints import ENDPOINTS, Endpoint
from mock_server.tokens.issuing import Grant, Issuer, Judged, issue, judge
from mock_server.tokens.making import make_issuer
from mock_server.tokens.places import Place

__all__ = ["ENDPOINTS", "Endpoint", "Grant", "Issuer", "Judged", "Place", "issue", "judge", "make_issuer"]
