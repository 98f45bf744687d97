"""Paths that a target redirects to the same path with or without a slash at its end: those alone are followed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from contract_tests.transport.connections import origin_of
from contract_tests.transport.exchanges import Exchange
from contract_tests.transport.guard import READS
from contract_tests.transport.wire import WireRequest

MOVED = (301, 302, 307, 308)


@dataclass
class Detours:
    """What is known of the target's redirects: `paths`, each with where it leads."""

    paths: dict[str, str] = field(default_factory=dict)

    def take(self, request: WireRequest, draft: Exchange) -> tuple[WireRequest, Exchange]:
        """The request, and its exchange, by the path that the target is known to redirect it to."""
        parts = urlsplit(request.url)
        path = self.paths.get(parts.path)
        if path is None or request.method not in READS:
            return request, draft
        url = parts._replace(path=path).geturl()
        return replace(request, url=url), replace(draft, url=url)

    def find(self, exchange: Exchange) -> str:
        """Where a request was redirected to, if that is the same path but for the slash at its end; else nothing."""
        location = exchange.answer.header("location") or ""
        if exchange.method not in READS or exchange.answer.status not in MOVED or not location:
            return ""
        here, there = urlsplit(exchange.url), urlsplit(urljoin(exchange.url, location))
        is_same = origin_of(there.geturl()) == origin_of(exchange.url) and there.query == here.query
        is_slash = there.path != here.path and there.path.rstrip("/") == here.path.rstrip("/")
        return there.path if is_same and is_slash and here.path not in self.paths.values() else ""
