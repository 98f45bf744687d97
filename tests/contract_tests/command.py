"""`understudy check` as a test runs it: in its own process or, where that adds nothing, in this one."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from mock_server.cli import main
from tests.command_line import understudy
from tests.conftest import ROOT


class Done(NamedTuple):
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def _environment(variables: dict[str, str] | None) -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "COLUMNS": "160", **(variables or {})}


def check(*arguments: str, cwd: Path = ROOT, variables: dict[str, str] | None = None) -> Done:
    """Run the command here: a process of its own takes seconds to import what this one has imported."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, _environment(variables)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(["check", *arguments], prog_name="understudy")
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def check_in_process_of_its_own(*arguments: str, cwd: Path, variables: dict[str, str] | None = None) -> Done:
    """Run the command as a person does."""
    done = understudy("check", *arguments, cwd=cwd, variables=_environment(variables), seconds=120)
    return Done(done.returncode, done.stdout, done.stderr)
