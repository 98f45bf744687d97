"""Worker processes that share one listening socket; one that dies is replaced, and none outlives its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

from mock_server.errors import UsageError
from mock_server.server.connection_counts import ABSENT, ConnectionCounts
from mock_server.server.log import warn

STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C, `kill`, and a terminal that was closed."""

STOP_SECONDS = 3.0
"""How long answers that are being given may take when the server is told to stop."""

KILL_SECONDS = 2 * STOP_SECONDS
"""When a process that was told to stop is killed: it is stuck, for instance in a regular expression."""

SHORT_LIFE_SECONDS = 5.0
FIRST_DELAY_SECONDS = 0.5
MOST_DELAY_SECONDS = 30.0
POLL_SECONDS = 0.05


class Place(NamedTuple):
    """A worker's place in its pool: its number, the read end of a pipe that its parent holds, everybody's load."""

    slot: int
    lifeline: int
    counts: ConnectionCounts


Play = Callable[[Place], None]
"""Serves until told to stop."""


class WorkerPool:
    """The parent of the workers: starts them, waits for them, hands signals on."""

    def __init__(self, workers: int, play: Play) -> None:
        self._workers, self._play = workers, play
        self._slots: dict[int, tuple[int, float]] = {}  # of each process its number and when it was started
        self._due: dict[int, float] = {}  # when the worker of a number is to be started
        self._failures = dict.fromkeys(range(workers), 0)
        self._is_stopping = False
        self._lifeline = (-1, -1)
        self._counts = ConnectionCounts(workers)

    def run(self) -> None:
        """Start the workers and wait until all have ended. Raises UsageError where processes cannot be forked."""
        if not hasattr(os, "fork"):
            raise UsageError("Several workers need a system with fork; use --workers 1 here.")
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` ignores SIGHUP on purpose
                signal.signal(number, self._stop)
        # Nobody writes into the pipe. When the parent ends, in whatever way, its write end is closed and workers read.
        self._lifeline = os.pipe()
        for slot in range(self._workers):
            self._fork(slot)
        while self._slots or (self._due and not self._is_stopping):
            self._collect()
            self._start_due()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for end in self._lifeline:
            os.close(end)

    def _collect(self) -> None:
        """Wait for a worker's end, or for a moment while one is to be started."""
        if not self._due or self._is_stopping:
            self._note_end(*os.wait())
            return
        pid, status = os.waitpid(-1, os.WNOHANG) if self._slots else (0, 0)
        if pid:
            self._note_end(pid, status)
        else:
            time.sleep(POLL_SECONDS)

    def _note_end(self, pid: int, status: int) -> None:
        slot, started = self._slots.pop(pid, (-1, 0.0))
        if self._is_stopping or slot < 0:
            return
        self._counts.set(slot, ABSENT)
        now = time.monotonic()
        lived = now - started
        self._failures[slot] = self._failures[slot] + 1 if lived < SHORT_LIFE_SECONDS else 0
        delay = _find_delay(self._failures[slot])
        self._due[slot] = now + delay
        wait = f"in {delay:g} s" if delay else "now"
        warn(f"Worker {pid} {_describe(status)} {lived:.1f} s after its start; another one starts {wait}.")

    def _start_due(self) -> None:
        for slot, due in list(self._due.items()):
            if time.monotonic() >= due and not self._is_stopping:
                del self._due[slot]
                self._fork(slot)

    def _stop(self, number: int, frame: object) -> None:
        """Tell the workers to stop; when told once more, or when they are stuck, kill them."""
        if self._is_stopping:
            self._signal(signal.SIGKILL)
        self._is_stopping = True
        self._signal(signal.SIGTERM)
        signal.signal(signal.SIGALRM, lambda number, frame: self._signal(signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, KILL_SECONDS + 1)

    def _signal(self, number: int) -> None:
        for pid in list(self._slots):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _fork(self, slot: int) -> None:
        sys.stdout.flush()
        # A signal between fork and the child's own handlers would run the parent's handler in the child.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid = os.fork()
        if not pid:
            self._work(slot)
        self._slots[pid] = (slot, time.monotonic())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _work(self, slot: int) -> None:
        """The life of a worker process; does not return."""
        status = 1
        try:
            os.close(self._lifeline[1])
            for number in STOP_SIGNALS:  # Ctrl-C reaches the whole group: only the parent's SIGTERM counts
                signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            self._play(Place(slot, self._lifeline[0], self._counts))
            status = 0
        except (OSError, UsageError) as error:
            warn(f"Worker {os.getpid()} cannot serve: {error}")
        except Exception:
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(status)


def _find_delay(failures: int) -> float:
    """Seconds before the next start, twice as long after each worker that ended soon after its own."""
    return min(FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 10), MOST_DELAY_SECONDS) if failures else 0.0


def _describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
