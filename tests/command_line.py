"""The command line as a person uses it: each command in a process of its own, forked from one that has the imports done.

A command has its own process, folder, environment and streams, and ends as any command does; only the imports, most of
what a short command takes, are done once for all of them.
"""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def understudy(
    *arguments: str,
    cwd: Path = ROOT,
    variables: Mapping[str, str] | None = None,
    given: bytes = b"",
    seconds: int = 60,
) -> subprocess.CompletedProcess[str]:
    """Run `understudy` with arguments, in a folder, with more variables and something on its standard input."""
    environment = {**os.environ, "COLUMNS": "200", **(variables or {})}
    with tempfile.TemporaryDirectory() as name:
        files = [str(Path(name) / stream) for stream in ("in", "out", "err")]
        Path(files[0]).write_bytes(given)
        code = _ask({"arguments": arguments, "cwd": str(cwd), "env": environment, "files": files, "seconds": seconds})
        out, err = (Path(file).read_text(encoding="utf-8") for file in files[1:])
    return subprocess.CompletedProcess(["understudy", *arguments], code, out, err)


def _ask(command: Mapping[str, Any]) -> int:
    server = _start_server()
    assert server.stdin and server.stdout
    server.stdin.write(json.dumps(command) + "\n")
    server.stdin.flush()
    return int(server.stdout.readline())


@functools.cache
def _start_server() -> subprocess.Popen[str]:
    """The process that forks, which ends with this one."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.command_line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    atexit.register(server.communicate)
    return server


def _serve() -> Mapping[str, Any]:
    """Fork for each command that is asked for, and say how it ended; in the forked process, that command."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return dict(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def _become(command: Mapping[str, Any]) -> None:
    """Take on what a process is started with."""
    signal.alarm(command["seconds"])
    os.chdir(command["cwd"])
    os.environ.clear()
    os.environ.update(command["env"])
    ways = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (file, way) in enumerate(zip(command["files"], ways, strict=True)):
        os.dup2(os.open(file, way), number)
    # What was read ahead of it belongs to the process that forks.
    sys.stdin = os.fdopen(0, encoding="utf-8")


def _run(arguments: list[str]) -> int:
    """The exit code of a command."""
    from mock_server.cli import main

    try:
        main(arguments, prog_name="understudy")
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    import openapi_spec_validator  # noqa: F401

    import contract_tests.cli  # noqa: F401
    import mock_server.cli  # noqa: F401

    gc.collect()
    gc.freeze()  # a process that is forked then shares these pages for good
    command = _serve()
    _become(command)
    code = _run(command["arguments"])
    # An interpreter's end, but for taking down all modules one by one, which takes longer than most commands.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
