"""Counters that worker processes share: what a caller has spent, how often a fault was asked."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Protocol

MAX_COUNTERS = 10_000
"""How many counters one process keeps in memory; the oldest goes first."""

FOREVER = 2**60


class Counts(Protocol):
    """Counters by key, each in a window of time that begins with its first count."""

    def count(self, key: str, now: int = 0, window_seconds: int = FOREVER) -> int:
        """Count one and give the count in the running window."""
        ...

    def spend(self, key: str, now: int, window_seconds: int) -> tuple[int, int]:
        """Count one; the count in the running window, and when it ends (epoch seconds)."""
        ...

    def get(self, key: str) -> int:
        """The count without counting."""
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
        self._counts: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def count(self, key: str, now: int = 0, window_seconds: int = FOREVER) -> int:
        return self.spend(key, now, window_seconds)[0]

    def spend(self, key: str, now: int, window_seconds: int) -> tuple[int, int]:
        with self._lock:
            used, end = self._counts.pop(key, (0, 0))
            if now >= end:
                used, end = 0, now + window_seconds
            self._counts[key] = used + 1, end
            if len(self._counts) > MAX_COUNTERS:
                self._counts.pop(next(iter(self._counts)))
            return used + 1, end

    def get(self, key: str) -> int:
        with self._lock:
            return self._counts.get(key, (0, 0))[0]

    def forget(self, prefix: str) -> None:
        with self._lock:
            for key in [key for key in self._counts if key.startswith(prefix)]:
                del self._counts[key]

    def forget_unscoped(self) -> None:
        with self._lock:
            self._counts = {key: found for key, found in self._counts.items() if key.startswith("~")}


_SPEND = """
INSERT INTO counts(key, used, ends) VALUES (:key, 1, :end)
ON CONFLICT(key) DO UPDATE SET used = iif(ends <= :now, 1, used + 1), ends = iif(ends <= :now, :end, ends)
RETURNING used, ends
"""


class _Shared:
    """The same counters in a file; losing it loses nothing but counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=OFF"):
                self._local.connection.execute(f"PRAGMA {pragma}")
            self._local.connection.execute(
                "CREATE TABLE IF NOT EXISTS counts(key TEXT PRIMARY KEY, used INTEGER, ends INTEGER) WITHOUT ROWID",
            )
        connection: sqlite3.Connection = self._local.connection
        return connection

    def count(self, key: str, now: int = 0, window_seconds: int = FOREVER) -> int:
        return self.spend(key, now, window_seconds)[0]

    def spend(self, key: str, now: int, window_seconds: int) -> tuple[int, int]:
        row = self._connection().execute(_SPEND, {"key": key, "end": now + window_seconds, "now": now}).fetchone()
        return int(row[0]), int(row[1])

    def get(self, key: str) -> int:
        row = self._connection().execute("SELECT used FROM counts WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def forget(self, prefix: str) -> None:
        last = f"{prefix}\U0010ffff"
        self._connection().execute("DELETE FROM counts WHERE key >= ? AND key < ?", (prefix, last))

    def forget_unscoped(self) -> None:
        self._connection().execute("DELETE FROM counts WHERE substr(key, 1, 1) <> '~'")
