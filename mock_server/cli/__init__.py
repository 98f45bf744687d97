"""The command line: `understudy`."""

from __future__ import annotations

from mock_server.cli.commands import main

__all__ = ["main"]
