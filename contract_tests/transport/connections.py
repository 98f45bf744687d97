"""Connections to a target: opened directly or through the machine's proxy, over TLS where the base URL says so."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from contract_tests.transport.bounded_stream import BoundedStream

IDLE_SECONDS = 10.0
"""How long the next byte of an answer is waited for."""

ANSWER_SECONDS = 30.0
"""How long one whole answer may take, from the first byte sent."""

PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Whom a URL is for: scheme, host and port, the port also where the URL leaves it out."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin | None:
    """The origin of a URL; None where it has none that can be asked."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:  # half an IPv6 address, a port above 65535
        return None
    return Origin(parts.scheme, parts.hostname.rstrip("."), port) if parts.hostname and port else None


class NoConnection(Exception):
    """No connection was made: a sentence that says why, and whether another try may do better."""

    def __init__(self, sentence: str, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass


@dataclass
class Connection:
    """An open connection; `is_proxied` where whole URLs are asked for, as a proxy for plain HTTP wants it."""

    socket: socket.socket
    stream: BoundedStream
    is_proxied: bool = False

    def close(self) -> None:
        """End it; what still comes is not waited for."""
        self.socket.close()


def find_proxies(base_url: str) -> dict[str, str]:
    """The machine's proxies, where they are for this target: never for this machine itself."""
    host = urlsplit(base_url).hostname or ""
    # A proxy that is asked for 127.0.0.1 answers for its own machine.
    outside = host not in ("localhost", "::1") and not host.startswith("127.")
    return dict(getproxies()) if outside and not proxy_bypass(host) else {}


def open_connection(
    origin: Origin,
    proxies: Mapping[str, str],
    trust: ssl.SSLContext | None,
    deadline: float,
) -> Connection:
    """A connection over which the origin can be asked. Raises NoConnection."""
    proxy = proxies.get(origin.scheme) or proxies.get("all") or ""
    place = origin_of(proxy if "://" in proxy else f"http://{proxy}") if proxy else origin
    if place is None:
        raise NoConnection("the proxy's address cannot be read")
    plain = _connect(place)
    stream = BoundedStream(plain, deadline, IDLE_SECONDS)
    if proxy and origin.scheme == "http":
        return Connection(plain, stream, is_proxied=True)
    try:
        if proxy:
            _ask_for_tunnel(plain, stream, origin, proxy)
        if trust and origin.scheme == "https":
            plain = _wrap(plain, origin, trust)
            stream = BoundedStream(plain, deadline, IDLE_SECONDS)
    except NoConnection:
        plain.close()
        raise
    return Connection(plain, stream)


def _connect(place: Origin) -> socket.socket:
    try:
        return socket.create_connection((place.host, place.port), IDLE_SECONDS)
    except (socket.gaierror, UnicodeError):
        raise NoConnection(f"the name {place.host} is not known (DNS)") from None
    except TimeoutError:
        raise NoConnection(f"no connection within {IDLE_SECONDS:.0f} seconds", may_pass=True) from None
    except OSError as error:
        raise NoConnection(error.strerror or type(error).__name__, may_pass=True) from None


def proxy_authorization(proxy: str) -> bytes:
    """The header by which a proxy knows its user, where the proxy's URL names one."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if not parts.username:
        return b""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return b"Proxy-Authorization: Basic " + base64.b64encode(pair) + b"\r\n"


def _ask_for_tunnel(plain: socket.socket, stream: BoundedStream, origin: Origin, proxy: str) -> None:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    place = f"{host}:{origin.port}".encode()
    plain.sendall(b"CONNECT " + place + b" HTTP/1.1\r\nHost: " + place + b"\r\n" + proxy_authorization(proxy) + b"\r\n")
    try:
        first = stream.read_line(4096)
        while stream.read_line(4096).strip():
            pass
    except Exception as error:
        raise NoConnection(f"the proxy gave no answer ({type(error).__name__.lower()})", may_pass=True) from None
    words = first.split(None, 2)
    if len(words) < 2 or words[1] != b"200":
        raise NoConnection(f"the proxy made no connection ({first[:60].decode('latin-1').strip()})")


def _wrap(plain: socket.socket, origin: Origin, trust: ssl.SSLContext) -> ssl.SSLSocket:
    plain.settimeout(IDLE_SECONDS)
    try:
        return trust.wrap_socket(plain, server_hostname=origin.host)
    except ssl.SSLCertVerificationError as error:
        raise NoConnection(
            f"its certificate is not trusted ({error.verify_message.rstrip('.')}); that of a private authority is "
            "named in REQUESTS_CA_BUNDLE or SSL_CERT_FILE",
        ) from None
    except TimeoutError:
        raise NoConnection(
            f"no TLS within {IDLE_SECONDS:.0f} seconds; perhaps its base URL begins with http://",
        ) from None
    except ssl.SSLError as error:
        if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"):
            raise NoConnection("it speaks no TLS; perhaps its base URL begins with http://") from None
        raise NoConnection(f"no TLS ({(error.reason or 'unknown').replace('_', ' ').lower()})") from None
    except OSError:
        raise NoConnection("it ended the connection instead of speaking TLS", may_pass=True) from None
