"""Who may ask what of the proxy: documented hosts, others where they are passed through, never this server itself."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Sequence
from typing import NamedTuple

from mock_server.messages import Request, Response
from mock_server.server.certificates import Certificates
from mock_server.server.relay import Address, is_of_this_machine
from mock_server.server.request_target import read_target
from mock_server.server.response_head import render_plain
from mock_server.server.server_context import ServerContext
from mock_server.server.tls import Complain
from mock_server.sessions import Player

MAX_LISTED = 20
"""How many documented hosts a refusal names."""

AROUND = "ask it without the proxy (NO_PROXY=localhost,127.0.0.1,::1)"

_AUTHORITY = re.compile(r"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?")


class Place(NamedTuple):
    """A host, an address without its brackets, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_place(authority: str, port: int = 0) -> Place | None:
    """The host and port that are asked, or None where that is none; `port` is the one where none is said."""
    parts = _AUTHORITY.fullmatch(authority)
    number = int(parts[2] or port) if parts else 0
    return Place(parts[1].strip("[]").lower(), number) if parts and 0 < number < 65536 else None


class ProxyRules(NamedTuple):
    """What the proxy's connections of one process share; `own_ports` are all that this server listens on."""

    context: ServerContext
    apis: Player
    certificates: Certificates
    complain: Complain
    passes_through: bool
    own_ports: Sequence[int]
    url: str

    def is_documented(self, host: str) -> bool:
        """Whether the mock plays this host."""
        return bool(self.apis.dispatcher.find_provider(host))

    def refuse(self, host: str, method: str, target: str) -> Response | None:
        """The refusal of a host that is not documented, noted; None for one that is."""
        asked = read_target(target)
        if self.is_documented(host) and (asked is None or asked.scheme in ("http", "https")):
            return None
        response = refusal(403, self._find_reason(host))
        self.note(method, target, response)
        return response

    def _find_reason(self, host: str) -> str:
        """Why a host is not played, and which ones are."""
        if is_loopback(host):
            return f"{host} is this machine: {AROUND}."
        hosts = self.apis.dispatcher.hosts
        more = f" and {len(hosts) - MAX_LISTED} more" if len(hosts) > MAX_LISTED else ""
        listed = ", ".join(hosts[:MAX_LISTED]) or "nothing"
        return f"{host or 'No host'} is not documented here; {listed}{more} is. --pass-through lets others through."

    def find_objection(self, place: Place, address: Address, client: str) -> str:
        """Why an address must not be reached for a client, or an empty text.

        The admin API trusts who asks from this machine: nobody else may come from it.
        """
        is_ours = is_of_this_machine(address)
        if is_ours and place.port in self.own_ports:
            return f"{place} is this server itself: {AROUND}."
        if is_loopback(client) or not (
            is_ours or address.is_loopback or address.is_unspecified or address.is_link_local
        ):
            return ""
        return f"{place} is the proxy's own machine, which is not passed through to from elsewhere."

    def note_passage(self, method: str, target: str) -> None:
        """Write into the log what was let through."""
        if self.context.log:
            path, _, query = target.partition("?")
            self.context.log(Request(method, path, query), Response(200, (), b""), 0.0)

    def note(self, method: str, target: str, response: Response) -> None:
        """Write a refusal into the log and the journal."""
        path, _, query = target.partition("?")
        if self.context.log:
            self.context.log(Request(method, path, query), response, 0.0)
        if self.apis.sessions:
            asked = read_target(target) or read_target(f"https://{target}")
            base, path = (f"{asked.scheme}://{asked.authority}", asked.path.partition("?")[0]) if asked else ("", "/")
            self.apis.sessions.note_stray(Request(method, path, query, {}, base), response, time.time_ns())


def refusal(status: int, sentence: str) -> Response:
    """A refusal that says why in its reason phrase too: of an answer to CONNECT most clients show nothing else."""
    return render_plain(status, f"{sentence}\n")._replace(reason=sentence)


def is_loopback(host: str) -> bool:
    """Whether a name or address, with or without a port, is always this machine's own."""
    place = read_place(host, 80)
    name = place.host if place else host
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return f".{name}".endswith(".localhost")
