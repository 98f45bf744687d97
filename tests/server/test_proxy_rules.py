"""Whom the proxy lets through to where: the admin API trusts this machine, so nobody else may seem to come from it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any, cast

import pytest

from mock_server.server.proxy_rules import Place, ProxyRules, is_loopback, read_place
from mock_server.server.relay import IDLE_SECONDS, RelayEnd, find_addresses
from mock_server.server.server_context import ServerContext

NOTHING = cast(Any, None)
RULES = ProxyRules(NOTHING, NOTHING, NOTHING, NOTHING, True, (8080, 8081), "http://127.0.0.1:8081")

OBJECTIONS = [
    ("127.0.0.1", "93.184.216.34:443", "", "anything else"),
    ("10.0.0.9", "93.184.216.34:443", "", "from elsewhere too"),
    ("127.0.0.1", "127.0.0.1:5432", "", "a database of this machine, for this machine"),
    ("10.0.0.9", "127.0.0.1:5432", "the proxy's own machine", "but not from elsewhere"),
    ("10.0.0.9", "127.8.9.1:5432", "the proxy's own machine", "by no address of it"),
    ("10.0.0.9", "0.0.0.0:5432", "the proxy's own machine", "nor by none"),
    ("10.0.0.9", "169.254.169.254:80", "the proxy's own machine", "nor what only it can reach"),
    ("127.0.0.1", "127.0.0.1:8080", "this server itself", "the server itself"),
    ("::1", "127.0.0.1:8081", "this server itself", "the proxy itself"),
    ("10.0.0.9", "127.0.0.1:8080", "this server itself", "and not from elsewhere"),
]


@pytest.mark.parametrize(("client", "asked", "says", "sentence"), OBJECTIONS, ids=[row[3] for row in OBJECTIONS])
def test_what_may_be_reached(client: str, asked: str, says: str, sentence: str) -> None:
    place = read_place(asked)
    assert place
    objection = RULES.find_objection(place, ipaddress.ip_address(place.host), client)
    assert says in objection and bool(says) == bool(objection)


def test_an_address_in_the_clothes_of_another_is_known() -> None:
    (address,) = asyncio.run(find_addresses("::ffff:127.0.0.1", 80))
    assert address.is_loopback


PLACES = [
    ("api.example.com:443", Place("api.example.com", 443)),
    ("API.example.com", Place("api.example.com", 80)),
    ("[::1]:443", Place("::1", 443)),
    ("::1", None),
    ("api.example.com:0", None),
    ("api.example.com:65536", None),
    ("user@api.example.com:443", None),
    ("a b:443", None),
    ("", None),
]


@pytest.mark.parametrize(("authority", "place"), PLACES)
def test_what_is_a_place(authority: str, place: Place | None) -> None:
    assert read_place(authority, 80) == place


LOOPBACK = [
    ("localhost", True),
    ("app.localhost:3000", True),
    ("127.0.0.1:80", True),
    ("[::1]", True),
    ("::1", True),
    ("localhost.example.com", False),
    ("10.0.0.1", False),
    ("", False),
]


@pytest.mark.parametrize(("host", "is_own"), LOOPBACK)
def test_what_is_this_machine(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own


def test_a_tunnel_in_which_nothing_moves_ends() -> None:
    async def play() -> tuple[int, int, bytes]:
        context = ServerContext(NOTHING, NOTHING, None, "")
        (client, near_side), (server, far_side) = socket.socketpair(), socket.socketpair()
        with client, server:
            _, near = await context.loop.create_connection(lambda: RelayEnd(context), sock=near_side)
            _, far = await context.loop.create_connection(lambda: RelayEnd(context), sock=far_side)
            near.join(far)
            near.end_if_stuck(context.loop.time() + IDLE_SECONDS - 1)
            server.sendall(b"hello")
            received = await context.loop.run_in_executor(None, client.recv, 5)
            before = len(context.connections)
            far.end_if_stuck(context.loop.time() + IDLE_SECONDS + 1)
            await asyncio.sleep(0.05)
            return before, len(context.connections), received

    assert asyncio.run(play()) == (2, 0, b"hello")
