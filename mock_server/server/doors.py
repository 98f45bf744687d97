"""The ways in beside the plain port: what is spoken there, and what becomes of a connection."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mock_server.server.acceptor import MakeProtocol
from mock_server.server.authority import Authority
from mock_server.server.certificates import Certificates
from mock_server.server.connection import Connection
from mock_server.server.listening import base_url
from mock_server.server.log import warn_seldom
from mock_server.server.proxy import ProxyConnection
from mock_server.server.proxy_rules import ProxyRules
from mock_server.server.server_context import ServerContext
from mock_server.server.tls import TlsTransport
from mock_server.sessions import Player

COMPLAIN_SECONDS = 10.0


class Door(NamedTuple):
    """A socket, the URL to reach it at, and what makes the protocols of one process that speak there."""

    listener: socket.socket
    url: str
    open: Callable[[ServerContext, Player], MakeProtocol]


def plain_door(listener: socket.socket) -> Door:
    """HTTP."""
    return Door(listener, base_url(listener), lambda context, apis: functools.partial(Connection, context))


def tls_door(listener: socket.socket, authority: Authority) -> Door:
    """HTTPS: as this machine, or as a documented host where a client asks for its name."""
    url = base_url(listener, "https")

    def open_tls(context: ServerContext, apis: Player) -> MakeProtocol:
        certificates = make_certificates(listener, authority, apis)
        complain = warn_seldom(COMPLAIN_SECONDS)
        return lambda: TlsTransport(certificates.own, context.buffer, Connection(context, url), complain)

    return Door(listener, url, open_tls)


def proxy_door(listener: socket.socket, authority: Authority, own: Sequence[Door], passes_through: bool) -> Door:
    """The HTTP proxy of a server that has these doors as well; `passes_through`: to hosts that are not documented."""
    url = base_url(listener)
    ports = [each.getsockname()[1] for each in (listener, *(door.listener for door in own))]

    def open_proxy(context: ServerContext, apis: Player) -> MakeProtocol:
        certificates, complain = make_certificates(listener, authority, apis), warn_seldom(COMPLAIN_SECONDS)
        rules = ProxyRules(context, apis, certificates, complain, passes_through, ports, url)
        return functools.partial(ProxyConnection, rules)

    return Door(listener, url, open_proxy)


def make_certificates(listener: socket.socket, authority: Authority, apis: Player) -> Certificates:
    """The certificates of a server that listens here and plays these APIs."""
    host = listener.getsockname()[0]
    own = () if host in ("0.0.0.0", "::") else (host,)
    return Certificates(authority, lambda name: bool(apis.dispatcher.find_provider(name)), *own)
