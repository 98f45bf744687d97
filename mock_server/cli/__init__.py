"""The command line: `understudy`."""

from __future__ import annotations

from mock_server.cli.commands import main
from mock_server.cli.playing import open_player

__all__ = ["main", "open_player"]
