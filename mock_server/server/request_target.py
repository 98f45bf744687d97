"""What a request is aimed at: hosts, and targets that are whole URLs."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_HOST_BYTES = 255 + len(":65535")  # a name of the domain name system and a port

_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
"""A `Host`: `uri-host [":" port]`, without the comma that a URI allows: it would be two hosts in one line."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)", re.DOTALL)


def is_host(host: str) -> bool:
    """Whether a text is a name or an address, with a port or without one."""
    return len(host) <= MAX_HOST_BYTES and bool(_HOST.fullmatch(host))


class Target(NamedTuple):
    """A target that is a whole URL, `http://api.example.com/v1?page=2`; its path begins with a slash."""

    scheme: str
    authority: str
    path: str


def read_target(text: str) -> Target | None:
    """The parts of a target that is a whole URL, or None."""
    parts = _URL.fullmatch(text)
    if not parts:
        return None
    scheme, authority, path = parts.groups()
    return Target(scheme.lower(), authority, path if path.startswith("/") else f"/{path}")


def split_absolute(url: str, base: str) -> tuple[str, str]:
    """Base and path of a target that is a whole URL: what it says counts more than `Host` (RFC 9112, 3.2.2).

    What is no URL of HTTP, as the asterisk, keeps the `base` that `Host` says.
    """
    target = read_target(url)
    if target is None:
        return base, "/"
    is_base = target.authority and target.scheme in ("http", "https") and is_host(target.authority)
    return (f"{target.scheme}://{target.authority}" if is_base else base), target.path
