"""Counters that worker processes share: what a caller has spent, how often a fault was asked.

There are two kinds. A tally lasts until it is forgotten: there are as many as sessions, faults and operations, which is
bounded. A window ends by itself: there are as many as callers, whom anybody may invent, so those that ended are pruned.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

from mock_server.state.database import Database

MAX_WINDOWS = 200_000
"""How many running windows one process keeps in memory; of more callers at a time, some start anew."""

LOOKED_AT = 2
"""How many windows each count in memory examines: more than one, or pruning would fall behind new callers."""

SPENDS_A_SWEEP, ROWS_A_SWEEP = 64, 256
"""How often the counters in a file are pruned, and how many rows are examined then."""


class Counts(Protocol):
    """Counters by key, of all sessions; a key of a session's own begins with `~` and its name."""

    def count(self, key: str) -> int:
        """Count one for a tally and give the count."""
        ...

    def spend(self, key: str, now: int, window_seconds: int) -> tuple[int, int]:
        """Count one in the running window, which begins with its first count; the count, and the window's end.

        `now` and the end are epoch seconds by the session's clock, which need not be this machine's.
        """
        ...

    def get(self, key: str) -> int:
        """A tally without counting."""
        ...

    def forget(self, prefix: str) -> None:
        """Drop the counters whose keys begin so."""
        ...

    def forget_unscoped(self) -> None:
        """Drop the counters of no session: those whose keys do not begin with `~`."""
        ...


def open_counts(path: Path | None = None) -> Counts:
    """Counters in memory, or in a small SQLite file that several processes share."""
    return _Shared(path) if path else _InMemory()


class _InMemory:
    def __init__(self) -> None:
        self._tallies: dict[str, int] = {}
        self._windows: dict[str, tuple[int, int, float]] = {}  # used, end, and when it may be pruned
        self._lock = threading.Lock()

    def count(self, key: str) -> int:
        with self._lock:
            self._tallies[key] = self._tallies.get(key, 0) + 1
            return self._tallies[key]

    def spend(self, key: str, now: int, window_seconds: int) -> tuple[int, int]:
        # A session's clock may stand years from ours: when a window may be pruned is a matter of our own clock.
        today = time.time()
        with self._lock:
            used, end, expires = self._windows.get(key, (0, 0, 0.0))
            if now >= end:
                used, end, expires = 0, now + window_seconds, today + window_seconds
            self._windows[key] = used + 1, end, expires
            self._prune(key, today)
            return used + 1, end

    def _prune(self, current: str, today: float) -> None:
        """Look at those not looked at for longest: drop what has ended, put the others behind."""
        for _ in range(LOOKED_AT):
            key = next(iter(self._windows))
            window = self._windows.pop(key)
            if window[2] > today or key == current:
                self._windows[key] = window
        if len(self._windows) > MAX_WINDOWS:
            oldest = next(key for key in self._windows if key != current)
            del self._windows[oldest]

    def get(self, key: str) -> int:
        with self._lock:
            return self._tallies.get(key, 0)

    def forget(self, prefix: str) -> None:
        with self._lock:
            self._tallies = {key: value for key, value in self._tallies.items() if not key.startswith(prefix)}
            self._windows = {key: value for key, value in self._windows.items() if not key.startswith(prefix)}

    def forget_unscoped(self) -> None:
        with self._lock:
            self._tallies = {key: value for key, value in self._tallies.items() if key.startswith("~")}
            self._windows = {key: value for key, value in self._windows.items() if key.startswith("~")}


_TABLES = (
    "CREATE TABLE IF NOT EXISTS tallies(key TEXT PRIMARY KEY, used INTEGER) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS windows(key TEXT PRIMARY KEY, used INTEGER, ends INTEGER, expires REAL) WITHOUT ROWID",
)
_COUNT = """
INSERT INTO tallies(key, used) VALUES (?, 1) ON CONFLICT(key) DO UPDATE SET used = used + 1 RETURNING used
"""
_SPEND = """
INSERT INTO windows(key, used, ends, expires) VALUES (:key, 1, :end, :expires)
ON CONFLICT(key) DO UPDATE SET
    used = iif(ends <= :now, 1, used + 1), ends = iif(ends <= :now, :end, ends),
    expires = iif(ends <= :now, :expires, expires)
RETURNING used, ends
"""
_SWEEP_END = "SELECT key FROM windows WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?"
_SWEEP = "DELETE FROM windows WHERE key > ? AND key <= ? AND expires <= ?"
_LAST = "\U0010ffff"
"""Behind every key."""


class _Shared:
    """The same counters in a file; losing it loses nothing but counts."""

    def __init__(self, path: Path) -> None:
        self._query = Database(path, _TABLES, is_vital=False).query
        self._spends, self._swept = 0, ""

    def count(self, key: str) -> int:
        return int(self._query(_COUNT, (key,))[0][0])

    def spend(self, key: str, now: int, window_seconds: int) -> tuple[int, int]:
        today = time.time()
        values = {"key": key, "now": now, "end": now + window_seconds, "expires": today + window_seconds}
        ((used, end),) = self._query(_SPEND, values)
        self._spends += 1
        if self._spends % SPENDS_A_SWEEP == 0:
            self._sweep(today)
        return int(used), int(end)

    def _sweep(self, today: float) -> None:
        """Drop what has ended among the next keys; the rest comes with the sweeps after this one."""
        rows = self._query(_SWEEP_END, (self._swept, ROWS_A_SWEEP - 1))
        last = str(rows[0][0]) if rows else _LAST
        self._query(_SWEEP, (self._swept, last, today))
        self._swept = last if rows else ""

    def get(self, key: str) -> int:
        rows = self._query("SELECT used FROM tallies WHERE key = ?", (key,))
        return int(rows[0][0]) if rows else 0

    def forget(self, prefix: str) -> None:
        for table in ("tallies", "windows"):
            self._query(f"DELETE FROM {table} WHERE key >= ? AND key < ?", (prefix, prefix + _LAST))

    def forget_unscoped(self) -> None:
        for table in ("tallies", "windows"):
            self._query(f"DELETE FROM {table} WHERE substr(key, 1, 1) <> '~'")
