"""What a client may ask that came through the proxy, and in whose session."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from mock_server.messages import Response
from mock_server.server.request_target import read_target
from mock_server.sessions import HEADER

_OF_THE_PROXY = ("proxy-authorization", "proxy-connection")
_OF_A_HOP = frozenset((*_OF_THE_PROXY, "connection", "keep-alive"))

Refuse = Callable[[str, str, str], Response | None]
"""The refusal of a host that is asked with a method for a target, or None."""


class Proxied(NamedTuple):
    """How requests are read that come through the proxy.

    `session` is that of the connection; `is_single`: the connection ends behind its first answer, for the next request
    on it may be another server's.
    """

    refuse: Refuse
    session: str = ""
    is_single: bool = False


def is_for_a_hop(name: str) -> bool:
    """Whether a header is between a client and its proxy, and not handed on."""
    return name.lower() in _OF_A_HOP


def take_authority(headers: dict[str, str], url: bytes) -> None:
    """Of a proxy the target says which host is asked, and not the header (RFC 9112, 3.2.2)."""
    if target := read_target(url.decode("latin-1")):
        headers["host"] = target.authority


def read_session(credentials: str) -> str:
    """The session that credentials for the proxy name: the user of `http://session@127.0.0.1:8081`, else empty."""
    scheme, _, encoded = credentials.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
    return unquote(decoded.partition(":")[0])


def name_session(headers: dict[str, str], session: str) -> None:
    """Take out what was for the proxy alone; a request that names no session itself plays in the connection's."""
    sent = [headers.pop(name, "") for name in _OF_THE_PROXY]
    if session := read_session(sent[0]) or session:
        headers.setdefault(HEADER, session)
