"""A running server asked over its admin API."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from mock_server.errors import UsageError

TIMEOUT_SECONDS = 10.0


class Server(NamedTuple):
    """Where a server is, and the token it wants from afar."""

    url: str
    token: str = ""

    def ask(self, method: str, path: str, session: str = "", body: Any = None) -> Any:
        """One call of the admin API, for a session, with a JSON body; its JSON. Raises UsageError with what it says."""
        if not self.token.isascii():
            raise UsageError("A token holds letters, digits and signs of ASCII only, for it is sent in a header.")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Understudy-Token": self.token} if self.token else {}
        query = f"?session={quote(session, safe='')}" if session else ""
        content = json.dumps(body).encode() if body is not None else b""
        try:
            status, answered = send(self.url, method, f"/__admin{path}{query}", headers, content)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"No server answers at {self.url} ({reason}); `understudy serve` starts one.") from None
        answer = read_json(answered)
        if status >= 400 or answer is None:
            detail = answer.get("detail", "") if isinstance(answer, dict) else ""
            raise UsageError(str(detail) or f"{self.url} answered {status}: is it Understudy?")
        return answer


def read_json(content: bytes) -> Any:
    """The value, or None where it is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def send(
    url: str,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    timeout_seconds: float = TIMEOUT_SECONDS,
    max_bytes: int | None = None,
) -> tuple[int, bytes]:
    """Send one request; its status and body, of which `max_bytes` at most are read.

    Raises UsageError for a URL that leads to no server, OSError where no whole answer came or nothing could be sent.
    """
    host, port = find_address(url)
    connection = http.client.HTTPConnection(host, port, timeout=timeout_seconds)
    try:
        connection.request(method, target, body or None, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(max_bytes)
    except (http.client.HTTPException, ValueError) as error:  # ValueError: letters that no header can hold
        raise ConnectionError(str(error) or type(error).__name__) from None
    finally:
        connection.close()


def find_address(url: str) -> tuple[str, int]:
    """The host and port of a URL. Raises: UsageError where it is that of no server."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:  # a port above 65535, half an IPv6 address
        host, port = "", 0
    if not host or parts.scheme != "http":
        raise UsageError(f"{url!r} is no URL of a server; expected http://127.0.0.1:8080 or the like.")
    return host, port
