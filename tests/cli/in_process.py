"""The command line as a test runs it where a process of its own adds nothing but the time to start."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

from mock_server.cli import main
from tests.conftest import ROOT


class Done(NamedTuple):
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: str, cwd: Path = ROOT) -> Done:
    """Run `understudy` with these words in a folder."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(words), prog_name="understudy")
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())
