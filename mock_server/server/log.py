"""What the server writes on the terminal: lines and sentences. Writing never fails."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

from mock_server.messages import Request, Response

Log = Callable[[Request, Response, float], None]
"""Called with a request, its answer and how many seconds that took."""


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
