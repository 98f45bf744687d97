"""A mock started for one run: its own process, a free port, a real socket."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator

from mock_server.errors import UsageError

STOP_SECONDS = 10


@contextlib.contextmanager
def started_mock(*arguments: str) -> Iterator[str]:
    """`understudy serve` on a free port with more arguments; its base URL. Ended when the block is left.

    Raises UsageError, with what the mock said, where it does not start.
    """
    # Port 0: any free one, so that several runs on one machine do not meet.
    command = [sys.executable, "-m", "mock_server", "serve", "--no-project", "--port", "0", "--no-log", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _read_url(process)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _read_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout and process.stderr
    url = ""
    for line in process.stdout:
        match = re.search(r" at (http://\S+)", line)
        url = match[1] if match else url
        # The last line of the start: the server listens, and all its records are made.
        if line.startswith("Ctrl-C"):
            return url
    raise UsageError(f"The mock did not start: {process.stderr.read().strip() or 'it gave no reason'}")
