"""An adapter of requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests.adapters

from understudy.over_urllib3 import LinePool
from understudy.sessions import Session


class Adapter(requests.adapters.HTTPAdapter):
    """Leads the requests of a `requests.Session` to a session of ours, whatever host they name."""

    def __init__(self, session: Session, **settings: Any) -> None:
        super().__init__(**settings)
        self.session = session

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> LinePool:
        """The pool for a request's host."""
        return self.get_connection(request.url or "")

    def get_connection(self, url: str | bytes, proxies: Any = None) -> LinePool:
        """The pool for a URL's host."""
        parts = urlsplit(url.decode() if isinstance(url, bytes) else url)
        return LinePool(self.session, parts.scheme, parts.hostname or "", parts.port)

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """Path and query: there is no proxy in between."""
        return request.path_url

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: there is no TLS in between."""
