"""What a request is aimed at: hosts, and targets that are whole URLs."""

from __future__ import annotations

import re

MAX_HOST_BYTES = 255 + len(":65535")  # a name of the domain name system and a port

_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
"""A `Host`: `uri-host [":" port]`, without the comma that a URI allows: it would be two hosts in one line."""


def is_host(host: str) -> bool:
    """Whether a text is a name or an address, with a port or without one."""
    return len(host) <= MAX_HOST_BYTES and bool(_HOST.fullmatch(host))


def split_absolute(url: str, base: str) -> tuple[str, str]:
    """Base and path of a target that is a whole URL: what it says counts more than `Host` (RFC 9112, 3.2.2).

    What is no URL of HTTP, as the asterisk, keeps the `base` that `Host` says.
    """
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    is_base = host and scheme.lower() in ("http", "https") and is_host(host)
    return (f"{scheme.lower()}://{host}" if is_base else base), f"/{path}"
