"""A tiny HTTP server whose answers a test scripts: what no well-behaved server sends."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Reply = bytes | None
"""The bytes of one response, or None to close without an answer."""


def response(status: str, body: bytes = b"{}", **headers: str) -> bytes:
    """The bytes of a response."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"content-type": "application/json", "content-length": str(len(body)), **given}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in sent.items())]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + body


@dataclass
class Scripted:
    """What the server was asked, and where it is."""

    url: str
    heads: list[str] = field(default_factory=list)


@contextlib.contextmanager
def scripted(answer: Callable[[str, int], Reply]) -> Iterator[Scripted]:
    """Serve `answer(head, number of the request)` on a free port of loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Scripted(f"http://127.0.0.1:{listener.getsockname()[1]}")
    thread = threading.Thread(target=_serve, args=(listener, server, answer), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # Closing alone does not wake the thread that waits for the next connection.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(1)


def _serve(listener: socket.socket, server: Scripted, answer: Callable[[str, int], Reply]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            data = b""
            while b"\r\n\r\n" not in data and (chunk := connection.recv(65536)):
                data += chunk
            server.heads.append(data.decode("latin-1"))
            reply = answer(server.heads[-1], len(server.heads))
            if reply:
                with contextlib.suppress(OSError):  # who has read enough goes away
                    connection.sendall(reply)
