"""One server for several programs that meet in a folder: the first starts it, and it ends with the last."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from understudy.starting import Child, Doors, launch, start

DOORS = "doors.json"


class SharedChild:
    """A server that lives as long as anybody holds the other end of its pipe; this is one who does."""

    def __init__(self, doors: Doors, held: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self.doors, self._held, self._process = doors, held, process

    def end(self) -> None:
        """Let go; nothing where that is done."""
        if self._held >= 0:
            os.close(self._held)
        self._held = -1
        if self._process and self._process.poll() is None:
            # Others may need it still: that it goes on without us is nothing for `subprocess` to warn about.
            self._process.returncode = 0


def join(meeting: Path, words: Sequence[str]) -> Child:
    """The server of those who meet in a folder, started by the first of them. Raises: UnderstudyError."""
    if not hasattr(os, "mkfifo"):  # Windows: to each its own
        return start(words)
    meeting.mkdir(parents=True, exist_ok=True)
    with FileLock(meeting / "lock"):
        return _find(meeting) or _start(meeting, words)


def _find(meeting: Path) -> SharedChild | None:
    """The server that runs; None where none was started, or it is gone: nobody reads from its pipe."""
    with contextlib.suppress(OSError):
        held = os.open(meeting / "lifeline", os.O_WRONLY | os.O_NONBLOCK)
        return SharedChild(json.loads((meeting / DOORS).read_bytes()), held)
    return None


def _start(meeting: Path, words: Sequence[str]) -> SharedChild:
    lifeline = meeting / "lifeline"
    if not lifeline.exists():
        os.mkfifo(lifeline, 0o600)
    reading = os.open(lifeline, os.O_RDONLY | os.O_NONBLOCK)  # or it would wait for somebody who writes
    held = os.open(lifeline, os.O_WRONLY)
    os.set_blocking(reading, True)
    try:
        process, doors = launch(words, reading)
    except BaseException:
        os.close(held)
        raise
    finally:
        os.close(reading)
    (meeting / DOORS).write_text(json.dumps(dict(doors)), encoding="utf-8")
    return SharedChild(doors, held, process)
