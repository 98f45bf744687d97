"""Lines as `http.client` has sockets."""

from __future__ import annotations

import io
from typing import Any

from understudy.lines import Line

BUFFER_BYTES = 64 * 1024


class LineSocket:
    """As much of a socket as `http.client` asks for; the line ends when it and all files that were made of it are."""

    def __init__(self, line: Line, timeout: float | None = None) -> None:
        self._line, self._timeout, self._rest = line, timeout, b""
        self._files, self._is_closed = 0, False

    def sendall(self, data: Any) -> None:
        """Send bytes. Raises: OSError."""
        self._line.send(bytes(data))

    def recv_into(self, buffer: Any) -> int:
        """Put what comes next into a buffer. Raises: TimeoutError, OSError."""
        self._rest = self._rest or self._line.receive(self._timeout)
        data, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def settimeout(self, timeout: float | None) -> None:
        """How long is waited for what comes next."""
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        """How long is waited for what comes next."""
        return self._timeout

    def setsockopt(self, *values: Any) -> None:
        """Nothing: there is no socket to have options."""

    def makefile(self, mode: str = "r", *_: Any, **__: Any) -> io.BufferedReader:
        """What comes, as a file."""
        self._files += 1
        return io.BufferedReader(_Incoming(self), BUFFER_BYTES)

    def shutdown(self, _: int) -> None:
        """End the line; whoever waits for bytes is given none."""
        self._line.close()

    def close(self) -> None:
        """End the line when no file needs it."""
        self._is_closed = True
        self.release()

    def release(self, files: int = 0) -> None:
        """So many files fewer are open."""
        self._files -= files
        if self._is_closed and self._files <= 0:
            self._line.close()


class _Incoming(io.RawIOBase):
    def __init__(self, source: LineSocket) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._source.release(1)
