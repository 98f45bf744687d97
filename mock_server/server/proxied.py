"""What a client may ask that came through the proxy, and in whose session."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mock_server.messages import Response


class Proxied(NamedTuple):
    """What a client may ask that came through the proxy: `refuse` says which host is refused, and how."""

    refuse: Callable[[str], Response | None]
    session: str = ""
