"""A raw client over TLS, which hears how a connection ends: Python's own takes a reset for an end."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest


@contextmanager
def data_folder(folder: Path) -> Iterator[Path]:
    """While it is open, servers that are started keep their authority below this folder; its public file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        yield folder / "understudy" / "authority" / "ca.pem"


class TlsClient:
    """TLS over a socket, trusting one authority alone."""

    def __init__(self, connection: socket.socket, ca: Path, name: str) -> None:
        context = ssl.create_default_context(cafile=str(ca))
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.socket = connection
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._arrived, self._leaving, server_hostname=name)
        try:
            while not self._is_shaken():
                self._flush()
                self._arrived.write(connection.recv(65536))
        except OSError:
            connection.close()
            raise
        self._flush()

    def _is_shaken(self) -> bool:
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def _flush(self) -> None:
        self.socket.sendall(self._leaving.read())

    def send(self, data: bytes, is_last: bool = False) -> None:
        """Send bytes, and say farewell behind the last ones."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.tls.write(rest) :]
        if is_last:
            with suppress(ssl.SSLWantReadError):
                self.tls.unwrap()
        self._flush()

    def read(self, until: int = 1) -> bytes:
        """Some bytes, so many at least; fewer where it ends."""
        data, _ = self._read(until)
        return data

    def read_to_the_end(self) -> tuple[bytes, str]:
        """All that comes, and how it ends: `farewell`, `cut` or `reset`."""
        return self._read(1 << 40)

    def _read(self, least: int) -> tuple[bytes, str]:
        data = b""
        while len(data) < least:
            try:
                chunk = self.tls.read(65536)
                if not chunk:
                    return data, "farewell"
                data += chunk
            except ssl.SSLWantReadError:
                try:
                    arrived = self.socket.recv(65536)
                except ConnectionResetError:
                    return data, "reset"
                if not arrived:
                    return data, "cut"
                self._arrived.write(arrived)
            except ssl.SSLZeroReturnError:
                return data, "farewell"
        return data, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()


def open_tls(port: int, ca: Path, name: str = "localhost") -> TlsClient:
    """A connection over TLS to a port of this machine."""
    return TlsClient(socket.create_connection(("127.0.0.1", port), timeout=20), ca, name)
