"""Bytes from a target, bounded in number and in time: neither what has no end nor what hardly comes is waited for."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

PIECE = 65_536
SURPLUS_BYTES = 65_536
"""What is kept of bytes that belong to no answer."""


class Ended(Exception):
    """The target closed the connection, or reset it."""


class Silent(Exception):
    """Nothing came for as long as anybody waits."""


class TimeUp(Exception):
    """Bytes came, and too few of them until the deadline."""


class TooMuch(Exception):
    """More bytes than are read."""


class BoundedStream:
    """What comes in over a socket: `idle` seconds between two pieces at most, and nothing after the deadline.

    `deadline` is a moment of `time.monotonic`; whoever sends the next request over the connection sets it anew.
    """

    def __init__(self, connection: socket.socket, deadline: float, idle: float) -> None:
        self.buffer = bytearray()
        self.deadline = deadline
        self.idle = idle
        self._socket = connection

    def fill(self) -> None:
        """Wait for the next piece. Raises Ended, Silent or TimeUp."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeUp
        self._socket.settimeout(min(left, self.idle))
        try:
            piece = self._socket.recv(PIECE)
        except TimeoutError:
            raise (Silent if left > self.idle else TimeUp) from None
        except OSError as error:
            raise Ended(error) from None
        if not piece:
            raise Ended
        self.buffer += piece

    def read_line(self, limit: int) -> bytes:
        """A line with its end. Raises TooMuch where it is longer than the limit, and what `fill` raises."""
        start = 0
        while (end := self.buffer.find(b"\n", start)) < 0:
            start = len(self.buffer)
            if start > limit:
                raise TooMuch
            self.fill()
        if end >= limit:
            raise TooMuch
        return self.take(end + 1)

    def read(self, most: int) -> bytes:
        """At least a byte, and `most` at most. Raises what `fill` raises."""
        if not self.buffer:
            self.fill()
        return self.take(most)

    def take(self, most: int) -> bytes:
        """What has come already, `most` bytes of it at most."""
        piece = bytes(self.buffer[:most])
        del self.buffer[:most]
        return piece

    def take_surplus(self, patience: float = 0.0) -> bytes:
        """What has come though nothing was due, looked for within `patience` seconds; empties the stream."""
        until = time.monotonic() + patience
        with contextlib.suppress(OSError, ssl.SSLError):
            while len(self.buffer) < SURPLUS_BYTES:
                self._socket.settimeout(max(0.0, until - time.monotonic()))
                piece = self._socket.recv(PIECE)
                if not piece:
                    break
                self.buffer += piece
        surplus = bytes(self.buffer[:SURPLUS_BYTES])
        self.buffer.clear()
        return surplus

    def is_quiet(self) -> bool:
        """Whether the connection may carry another request: still open, and nothing has come in between."""
        self._socket.settimeout(0.0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return not self.buffer
        except OSError:
            return False
        return False
