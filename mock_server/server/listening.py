"""Listening sockets, and the URLs to reach them at."""

from __future__ import annotations

import contextlib
import errno
import socket

from mock_server.errors import UsageError


def open_socket(host: str, port: int, option: str = "--port") -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises UsageError, a sentence for the user, where it cannot listen.

    `::` listens on IPv4 as well. The protocol number is named, for sockets are made like their listener, and asyncio
    switches Nagle's algorithm off for those alone that say they are TCP: answers in a row took 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"Port {port} on {host} is in use. Choose another one, or {option} 0 for a free one.",
            ) from None
        raise UsageError(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from None
    except OverflowError:
        listener.close()
        raise UsageError(f"{port} is no port: choose one from 0 to 65535.") from None
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def base_url(listener: socket.socket, scheme: str = "http") -> str:
    """The address to reach a listening socket at, as a URL."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{scheme}://{host}:{port}"
