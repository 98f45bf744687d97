"""TLS between a socket and a connection, in memory: the connection sees a transport that is like any other.

Ours and not asyncio's, for a fault on the wire needs what is below: a connection that is cut says no farewell
(`close_notify`), one that is reset says nothing at all; and asyncio hides how much of an answer is still to be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from mock_server.server.response_head import render_last, render_plain

LOWER = "understudy.lower"
"""The name under which `get_extra_info` gives the transport below."""

UNTRUSTED = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE", "UNKNOWN_ISSUER")
"""What OpenSSL's words end with where a client refused our certificate."""

Complain = Callable[[str], None]


class TlsTransport(asyncio.BufferedProtocol):
    """A protocol for the socket's transport, and a transport for the protocol within."""

    def __init__(
        self,
        context: ssl.SSLContext,
        buffer: memoryview,
        within: asyncio.BufferedProtocol,
        complain: Complain,
    ) -> None:
        self._context, self._buffer, self._within, self._complain = context, buffer, within, complain
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._is_ready = self._is_closing = self._is_paused = self._has_said_end = self._has_heard_end = False

    # a protocol for what is below

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._lower: asyncio.Transport = transport  # type: ignore[assignment]
        self._tls = self._context.wrap_bio(self._arrived, self._leaving, server_side=True)
        self._within.connection_made(self)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closing = True
        self._within.connection_lost(exc)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._has_said_end:
            self._within.buffer_updated(nbytes)  # it only counts what it drops
            return
        self._arrived.write(self._buffer[:nbytes])
        self._read()

    def eof_received(self) -> bool:
        if self._has_heard_end or not self._is_ready:
            return self._has_heard_end
        self._has_heard_end = True
        return bool(self._within.eof_received())

    def pause_writing(self) -> None:
        self._within.pause_writing()

    def resume_writing(self) -> None:
        self._within.resume_writing()

    # a transport for what is within

    def write(self, data: bytes) -> None:
        """Send bytes; a record holds 16 KiB of them."""
        rest = memoryview(data)
        while rest and not self._has_said_end:
            rest = rest[self._tls.write(rest) :]
        self._send()

    def close(self) -> None:
        """Say farewell, and close when all is sent."""
        if not self._is_closing:
            self._is_closing = True
            self._say_end()
            self._lower.close()

    def abort(self) -> None:
        """Close at once; what is not sent is lost."""
        self._is_closing = True
        self._lower.abort()

    def write_eof(self) -> None:
        """Send no more."""
        self._say_end()
        self._lower.write_eof()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._is_closing or self._lower.is_closing()

    def pause_reading(self) -> None:
        """Give nothing more to the protocol within."""
        self._is_paused = True
        self._lower.pause_reading()

    def resume_reading(self) -> None:
        """Go on, with what was read already."""
        self._is_paused = False
        self._lower.resume_reading()
        asyncio.get_running_loop().call_soon(self._read)

    def get_write_buffer_size(self) -> int:
        """How much is still to be sent."""
        return self._lower.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection below."""
        return self._lower if name == LOWER else self._lower.get_extra_info(name, default)

    # the work

    def _read(self) -> None:
        """Hand on what was sent, as far as it can be read and is wanted."""
        if self._is_closing:
            return
        try:
            if not self._is_ready:
                self._tls.do_handshake()
                self._is_ready = True
            while not (self._is_paused or self._is_closing or self._has_heard_end):
                count = self._tls.read(len(self._buffer), self._buffer)
                if count:
                    self._within.buffer_updated(count)  # type: ignore[arg-type]
                else:
                    self._hear_end()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._fail(str(error.reason))
        self._send()

    def _send(self) -> None:
        if self._leaving.pending:
            self._lower.write(self._leaving.read())

    def _hear_end(self) -> None:
        """The client has said that it sends no more, which need not mean that it does not read."""
        self._has_heard_end = True
        if not self._within.eof_received():
            self.close()

    def _say_end(self) -> None:
        if not self._has_said_end:
            self._has_said_end = True
            with contextlib.suppress(ssl.SSLError):  # it waits for the client's own farewell, which we need not
                self._tls.unwrap()
            self._send()

    def _fail(self, reason: str) -> None:
        """Close where TLS cannot go on; OpenSSL has written down what the client is to hear of it."""
        self._is_closing = self._has_said_end = True
        if reason in ("HTTP_REQUEST", "HTTPS_PROXY_REQUEST"):
            self._lower.write(render_last(render_plain(400, "This port speaks HTTPS: ask https:// here.")))
        elif reason.endswith(UNTRUSTED):
            self._complain("A client does not trust the certificate; tell it to trust what `understudy ca` names.")
        self._send()
        self._lower.close()
