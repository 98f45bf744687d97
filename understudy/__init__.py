"""Understudy, as Python programs import it: a mock server and contract tests for documented REST APIs.

What is named here is public and keeps its meaning between releases; `mock_server` and `contract_tests` are its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_server import __version__

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Import what is asked for, when it is: every pytest imports this package, and a project may have our names.

    Raises:
        AttributeError: nothing public has that name.
    """
    if name == "__version__":
        from mock_server import __version__

        return __version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
