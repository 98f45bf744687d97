"""Between our own values and WSGI: requests out of and into an environ, responses out of an application."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from mock_server.messages import MAX_BODY_BYTES, Delivery, Request, Response

Environ = dict[str, Any]

FOLLOW_SECONDS = 0.2
"""How often a stream is asked for more."""


class EventStream:
    """The body of an answer that does not end. `more()` gives the bytes that came since it was called last.

    Our own server knows it and asks for more without holding a thread; under any other it is a WSGI iterable.
    """

    def __init__(self, more: Callable[[], bytes]) -> None:
        self.more = more

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield self.more()
            time.sleep(FOLLOW_SECONDS)


def read_request(environ: Environ) -> Request:
    """A WSGI environ as our own value.

    Servers have undone all percent-encoding by now, and most have dropped headers with `_` in their name.
    """
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    if provider := environ.get("understudy.provider"):
        path = path[len(provider) + 1 :]
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers |= {name: environ[key] for key, name in _BARE.items() if environ.get(key)}
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=_Headers(headers),
        base=f"{environ['wsgi.url_scheme']}://{host}",
        mount=environ.get("SCRIPT_NAME", ""),
        address=environ.get("REMOTE_ADDR", "127.0.0.1"),
        body=_read_body(environ),
    )


def _read_body(environ: Environ) -> bytes:
    """The body, up to a mebibyte; the view may read it once more."""
    length = environ.get("CONTENT_LENGTH") or "0"
    body: bytes = environ["wsgi.input"].read(min(int(length), MAX_BODY_BYTES)) if length.isdecimal() else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


_PHRASES = {int(status): status.phrase.upper() for status in HTTPStatus}
_CONNECTIONS = ("content-length", "date")
"""What the connection writes itself."""

_BARE = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}


class _Headers(dict[str, str]):
    """Header names in which `_` and `-` are one, for WSGI cannot tell them apart (`api_key`)."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, super().get(name.replace("_", "-"), default))


def _make_environ(request: Request) -> Environ:
    """Our own value as a WSGI environ. An encoded slash stays encoded: Flask shall not take it for a separator."""
    host, _, port = request.base.rpartition("/")[2].partition(":")
    environ: Environ = {
        # HEAD is asked as GET, for its head has the length too; the connection sends no body.
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.address,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.base.partition(":")[0],
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    environ["CONTENT_TYPE"] = request.headers.get("content-type", "")
    return environ


def call_wsgi(app: Callable[..., Iterable[bytes]], request: Request) -> Response:
    """Ask an application as a WSGI server would, with our values in and out."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = [status, headers]

    chunks = app(_make_environ(request), start_response)
    try:
        body = b"" if isinstance(chunks, EventStream) else b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    code, _, reason = started[0].partition(" ")
    reason = "" if reason.upper() == _PHRASES.get(int(code)) else reason  # WSGI wants one always; ours is the usual
    headers = tuple((name.lower(), value) for name, value in started[1] if name.lower() not in _CONNECTIONS)
    delivery = Delivery(follow=chunks.more) if isinstance(chunks, EventStream) else None
    return Response(int(code), headers, body, reason, delivery)
