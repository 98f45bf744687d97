"""A tunnel to another server: bytes both ways as they are, each side's end and each side's pace handed on."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from mock_server.server.server_context import ServerContext

IDLE_SECONDS = 300.0
"""After how long a tunnel ends in which nothing moves."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RelayEnd(asyncio.Protocol):
    """One side of a tunnel: what arrives here leaves on the other side. It reads nothing before it is joined."""

    transport: asyncio.Transport

    def __init__(self, context: ServerContext) -> None:
        self._context = context
        self._touched, self._has_ended = context.loop.time(), False
        self._other: RelayEnd | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.pause_reading()
        self._context.connections.add(self)

    def join(self, other: RelayEnd) -> None:
        """Let bytes pass between both sides."""
        self._other, other._other = other, self
        for end in (self, other):
            end.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._context.connections.discard(self)
        if self._other and exc:
            self._other.transport.abort()
        elif self._other:
            self._other.transport.close()

    def data_received(self, data: bytes) -> None:
        self._touched = self._context.loop.time()
        if self._other and not self._other.transport.is_closing():
            self._other.transport.write(data)

    def eof_received(self) -> bool:
        """One side sends no more; the other may go on until it has ended too."""
        self._has_ended = True
        if self._other and not self._other.transport.is_closing():
            self._other.transport.write_eof()
        return self._other is not None and not self._other._has_ended

    def pause_writing(self) -> None:
        if self._other:
            self._other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self._other:
            self._other.transport.resume_reading()

    @property
    def is_idle(self) -> bool:
        """A server that stops does not wait for what others say to each other."""
        return True

    def end_if_stuck(self, now: float) -> None:
        """End it where nothing has moved for long, on either side."""
        touched = max(self._touched, self._other._touched) if self._other else self._touched
        if now - touched >= IDLE_SECONDS:
            self.transport.abort()


async def find_addresses(host: str, port: int) -> list[Address]:
    """The addresses of a host, most wanted first. Raises: OSError where it has none."""
    listed = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = (ipaddress.ip_address(each) for each in dict.fromkeys(str(each[4][0]) for each in listed))
    # `::ffff:127.0.0.1` is this machine's own as well, and would not be known by its looks.
    return [getattr(address, "ipv4_mapped", None) or address for address in addresses]


async def reach(context: ServerContext, addresses: Sequence[Address], port: int) -> RelayEnd:
    """The far side of a tunnel, at the first address that answers. Raises: OSError where none does."""
    failed: OSError = OSError("it has no address")
    for address in addresses:
        try:
            _, end = await context.loop.create_connection(lambda: RelayEnd(context), str(address), port)
        except OSError as error:
            failed = error
        else:
            return end
    raise failed


def is_of_this_machine(address: Address) -> bool:
    """Whether an address is this machine's: one that a socket can be bound to."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as tried:
        try:
            tried.bind((str(address), 0))
        except OSError:
            return False
    return True
