"""What the server writes on the terminal: a line a request, and sentences about itself. Writing never fails."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

from mock_server.messages import Request

Log = Callable[[Request, int, float], None]
"""Called with a request, the status of its answer and how many seconds that took."""

_COLOURS = {2: "32", 3: "36", 4: "33", 5: "31"}


def make_log(stream: TextIO) -> Log:
    """Writes a line a request: method, path, status, milliseconds."""
    colours = stream.isatty() and "NO_COLOR" not in os.environ

    def log(request: Request, status: int, seconds: float) -> None:
        shown = f"\x1b[{_COLOURS.get(status // 100, '0')}m{status}\x1b[0m" if colours else str(status)
        target = f"{request.path}?{request.query}" if request.query else request.path
        # A path may hold anything the client sent: control characters must not reach the terminal.
        target = target if target.isprintable() else ascii(target)[1:-1]
        write_line(stream, f"{request.method:<7} {target} {shown} {seconds * 1000:.1f} ms")

    return log


def warn(sentence: str) -> None:
    """Say something about the server itself, on the error stream."""
    write_line(sys.stderr, sentence)


def warn_seldom(seconds: float) -> Callable[[str], None]:
    """A `warn` that is silent for so many seconds after each sentence: a flood writes a few lines, not gigabytes."""
    said = -seconds

    def seldom(sentence: str) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= seconds:
            said = now
            warn(sentence)

    return seldom


def write_line(stream: TextIO, line: str) -> None:
    """Write a line, whatever the stream can print; where nobody reads any more, write to nowhere from now on.

    An answer has been sent when its line is written: an error here must not become a second answer.
    """
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except (OSError, ValueError):
        # The line stays in the stream's buffer, and the interpreter would fail on it once more at its end.
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
