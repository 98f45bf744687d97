"""What goes wrong between a program and its mock server."""

from __future__ import annotations


class UnderstudyError(Exception):
    """The server cannot do what was asked, or cannot be started or reached: a sentence that says why."""
