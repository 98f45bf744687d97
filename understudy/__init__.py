"""Understudy, as Python programs import it: a mock server and contract tests for documented REST APIs.

What is named here is public and keeps its meaning between releases; `mock_server` and `contract_tests` are its parts.
"""

from __future__ import annotations

from mock_server import __version__

__all__ = ["__version__"]
