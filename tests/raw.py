"""A raw HTTP client: header names go out and come back as they are."""

from __future__ import annotations

import socket
from typing import NamedTuple


class Answer(NamedTuple):
    """What a server sent: status, reason phrase, headers in lower case, body."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes


def send(port: int, head: str, headers: dict[str, str], body: bytes = b"", patience: float = 10) -> Answer:
    """Send one request (`GET /path`) on a connection of its own and read the answer to the end."""
    lines = [f"{head} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "connection: close"]
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return parse(read_all(connection))


def read_all(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def parse(data: bytes) -> Answer:
    """The first response in the bytes."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    _, status, reason = first.split(" ", 2)
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(status), reason, headers, body)


def read_answer(connection: socket.socket) -> Answer | None:
    """The next answer on a connection that may stay open, by its content-length; None where the server closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        # One byte at a time: what stands behind this answer belongs to the next one.
        byte = connection.recv(1)
        if not byte:
            return None
        data += byte
    answer = parse(data)
    body = b""
    while len(body) < int(answer.headers.get("content-length", 0)):
        body += connection.recv(int(answer.headers["content-length"]) - len(body))
    return answer._replace(body=body)
