"""Rate limits: how many requests an address or a credential has spent in the running window."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mock_server.contract import Limit

MAX_CALLERS = 10_000
"""How many callers' counts are kept; the oldest window goes first."""


class Spent(NamedTuple):
    """Where a caller stands: the limit, what remains, and when the window ends (epoch seconds)."""

    limit: int
    remaining: int
    reset_epoch: int
    now_epoch: int
    exceeded: bool

    @property
    def retry_after_seconds(self) -> int:
        """Whole seconds until the window ends, at least one."""
        return max(1, self.reset_epoch - self.now_epoch)


Clock = Callable[[], float]


class Limits:
    """Counts of one provider, in fixed windows that begin with a caller's first request.

    One process keeps them in memory; several share them through a small SQLite file.
    """

    def __init__(self, limit: Limit, provider: str, path: Path | None = None, clock: Clock = time.time) -> None:
        self.limit, self.provider, self._clock = limit, provider, clock
        self._count = _Shared(path).count if path else _InMemory().count

    def spend(self, caller: str) -> Spent:
        """Count one request of a caller and tell where that leaves it."""
        now = int(self._clock())
        used, end = self._count(f"{self.provider} {caller}", now, self.limit.window_seconds)
        allowed = self.limit.requests
        return Spent(allowed, max(0, allowed - used), end, now, used > allowed)


class _InMemory:
    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def count(self, caller: str, now: int, window_seconds: int) -> tuple[int, int]:
        with self._lock:
            used, end = self._counts.pop(caller, (0, 0))
            if now >= end:
                used, end = 0, now + window_seconds
            self._counts[caller] = used + 1, end
            if len(self._counts) > MAX_CALLERS:
                self._counts.pop(next(iter(self._counts)))
            return used + 1, end


_SPEND = """
INSERT INTO spent(caller, used, ends) VALUES (:caller, 1, :end)
ON CONFLICT(caller) DO UPDATE SET used = iif(ends <= :now, 1, used + 1), ends = iif(ends <= :now, :end, ends)
RETURNING used, ends
"""


class _Shared:
    """The same counts in a file that worker processes share; losing it loses nothing but counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=OFF"):
                self._local.connection.execute(f"PRAGMA {pragma}")
            self._local.connection.execute(
                "CREATE TABLE IF NOT EXISTS spent(caller TEXT PRIMARY KEY, used INTEGER, ends INTEGER)"
            )
        connection: sqlite3.Connection = self._local.connection
        return connection

    def count(self, caller: str, now: int, window_seconds: int) -> tuple[int, int]:
        row = self._connection().execute(_SPEND, {"caller": caller, "end": now + window_seconds, "now": now}).fetchone()
        return int(row[0]), int(row[1])
