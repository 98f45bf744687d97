"""The certificates that the server presents: for this machine's own names, and for each documented host."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from mock_server.server.authority import Authority

OWN_NAMES = ("localhost", "127.0.0.1", "::1")
MAX_NAMES = 256
"""For how many hosts certificates are kept; a documented `{shop}.example.com` is as many as clients ask for."""

IsDocumented = Callable[[str], bool]


class Certificates:
    """What a server proves to be: this machine, or a documented host where a client asks for that by its name."""

    def __init__(self, authority: Authority, is_documented: IsDocumented, *names: str) -> None:
        self._authority, self._is_documented = authority, is_documented
        self._kept: dict[str, ssl.SSLContext] = {}
        self.own = self._make(*dict.fromkeys((*OWN_NAMES, *names)))
        self.own.sni_callback = self._choose

    def find(self, host: str) -> ssl.SSLContext:
        """What to speak TLS with to a client that asked for this host."""
        host = host.lower()
        if not self._is_documented(host):
            return self.own
        context = self._kept.get(host)
        if context is None:
            if len(self._kept) >= MAX_NAMES:
                del self._kept[next(iter(self._kept))]  # the oldest one
            context = self._kept[host] = self._make_for(host)
        return context

    def _make_for(self, host: str) -> ssl.SSLContext:
        try:
            return self._make(host)
        except ValueError:  # what a star may stand for and no name may be, such as `a..example.com`
            return self.own

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        """The certificate for the name that a client said before the handshake."""
        if name and self._is_documented(name.lower()):
            connection.context = self.find(name)

    def _make(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.certify(context, *names)
        context.set_alpn_protocols(["http/1.1"])
        return context
