"""Understudy, as Python programs import it: a mock server and contract tests for documented REST APIs.

What is named here is public and keeps its meaning between releases; `mock_server` and `contract_tests` are its parts.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server import __version__
    from understudy.errors import UnderstudyError
    from understudy.exchanges import Exchange
    from understudy.interception import intercept
    from understudy.mock import Mock, connect, serve
    from understudy.sessions import Session
    from understudy.transports import requests_adapter, transport

__all__ = [
    "Exchange",
    "Mock",
    "Session",
    "UnderstudyError",
    "__version__",
    "connect",
    "intercept",
    "requests_adapter",
    "serve",
    "transport",
]

_HOMES = {
    "Exchange": "understudy.exchanges",
    "Mock": "understudy.mock",
    "Session": "understudy.sessions",
    "UnderstudyError": "understudy.errors",
    "__version__": "mock_server",
    "connect": "understudy.mock",
    "intercept": "understudy.interception",
    "requests_adapter": "understudy.transports",
    "serve": "understudy.mock",
    "transport": "understudy.transports",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is: every pytest imports this package, and a project may have our names.

    Raises:
        AttributeError: nothing public has that name.
    """
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
