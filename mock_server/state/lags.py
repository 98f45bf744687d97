"""Reads that lag behind the writes: a session's changes as they were some reads, or some seconds, ago.

Seconds are those of the session's clock: who puts it forward need not wait.
What a lagging session writes waits in a queue; what is due moves from there to a scope of its own, which reads look
at. Before anybody lags there is neither queue nor trigger: who does not lag pays nothing.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from mock_server.state.changes import Changes

MAX_WAITING = 10_000
"""So many writes of a session wait at most; of more than that, all are shown at once."""

SHOWN = "=shown"
"""What the scope of the changes that are shown has behind the session's."""


class Lags:
    """The lagging sessions of a server; `scope` is a session's, as `Changes` have it."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._query = changes, changes.query
        self._is_made = False
        self._lock = threading.Lock()

    def begin(self, scope: str, clock_seconds: float = 0.0) -> None:
        """From now on what a session writes waits until it is due; what it wrote before is shown.

        `clock_seconds` is how far off the session's clock is.
        """
        self._make()
        if not self._query(_IS_ON, (scope,)):
            self._show_all(scope)
        self._query(_SET_CLOCK, (clock_seconds, scope))

    def show(self, scope: str, calls: int, seconds: float, clock_seconds: float = 0.0) -> str:
        """Count a read; the scope of the changes that it sees: those that so many reads, or seconds, passed by.

        Raises: Problem 507 as any write.
        """
        self.begin(scope, clock_seconds)
        counted = self._query("UPDATE lags SET reads = reads + 1 WHERE scope = ? RETURNING reads", (scope,))
        for (reads,) in counted:  # none where the session was reset this moment
            due = (scope, reads - calls, time.time() + clock_seconds - seconds)
            if self._query(_LAST_DUE, due)[0][0] is not None:
                with self._changes.changing():
                    self._move(scope, self._query(_LAST_DUE, due)[0][0])
        return scope + SHOWN

    def forget(self, prefix: str) -> None:
        """Nothing waits any more in sessions whose scopes begin so; of an empty prefix, in the default session."""
        if self._is_made or self._query("SELECT 1 FROM sqlite_master WHERE name = 'lags'"):
            for table in ("lags", "waiting"):
                self._query(
                    f"DELETE FROM {table} WHERE scope = ?1 OR (?1 <> '' AND substr(scope, 1, length(?1)) = ?1)",
                    (prefix,),
                )
            if not prefix:
                self._changes.forget(SHOWN)

    def _make(self) -> None:
        """The queue and what fills it, once somebody lags."""
        with self._lock:
            if not self._is_made:
                for statement in _TABLES:
                    self._query(statement)
                self._is_made = True

    def _show_all(self, scope: str) -> None:
        shown = scope + SHOWN
        with self._changes.changing():
            if self._query(_IS_ON, (scope,)):
                return  # another worker was first
            for statement, values in (
                ("DELETE FROM waiting WHERE scope = ?", (scope,)),
                ("INSERT OR REPLACE INTO lags VALUES (?, 0, 0, 0)", (scope,)),
                ("DELETE FROM changes WHERE scope = ?", (shown,)),
                ("DELETE FROM sizes WHERE scope = ?", (shown,)),
                (_COPY, (self._changes.tick(), shown, scope)),
            ):
                self._query(statement, values)

    def _move(self, scope: str, last: int | None) -> None:
        """Show what waited, in its order, up to a number; another worker may have done so meanwhile."""
        rows: list[Any] = self._query(_WAITING, (scope, last or 0))
        for collection, parents, key, values, is_new, place in rows:
            self._changes.put(scope + SHOWN, collection, parents, key, values, bool(is_new), place)
        self._query("DELETE FROM waiting WHERE scope = ? AND number <= ?", (scope, last or 0))
        self._query("UPDATE lags SET waiting = waiting - ? WHERE scope = ?", (len(rows), scope))


_ADD = """
INSERT INTO waiting(scope, reads, moment, collection, parents, key, record, is_new, place)
SELECT scope, reads, (julianday('now') - 2440587.5) * 86400 + clock,
new.collection, new.parents, new.key, new.record, {is_new}
FROM lags WHERE scope = new.scope;
UPDATE lags SET waiting = waiting + 1 WHERE scope = new.scope;
"""
_AGAIN = "0, ''"
_IF = f"WHEN new.scope IN (SELECT scope FROM lags WHERE waiting < {MAX_WAITING})"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS lags(scope TEXT PRIMARY KEY, reads INTEGER, waiting INTEGER, clock REAL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS waiting(number INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT, reads INTEGER, "
    "moment REAL, collection TEXT, parents TEXT, key TEXT, record TEXT, is_new INTEGER, place TEXT)",
    "CREATE INDEX IF NOT EXISTS by_scope ON waiting(scope, number)",
    f"CREATE TRIGGER IF NOT EXISTS wait_new AFTER INSERT ON changes {_IF} BEGIN "
    f"{_ADD.format(is_new='new.is_new, new.place')} END",
    # What is written again stays in its place.
    f"CREATE TRIGGER IF NOT EXISTS wait_changed AFTER UPDATE ON changes {_IF} BEGIN {_ADD.format(is_new=_AGAIN)} END",
)
_COPY = (
    "INSERT INTO changes(written, scope, collection, parents, key, record, is_new, place, is_given) "
    "SELECT ?, ?, collection, parents, key, record, is_new, place, is_given FROM changes "
    "WHERE scope = ? ORDER BY number"
)
_IS_ON = f"SELECT 1 FROM lags WHERE scope = ? AND waiting < {MAX_WAITING}"
_SET_CLOCK = "UPDATE lags SET clock = ?1 WHERE scope = ?2 AND clock <> ?1"
_LAST_DUE = "SELECT max(number) FROM waiting WHERE scope = ? AND reads < ? AND moment <= ?"
_WAITING = (
    "SELECT collection, parents, key, record, is_new, place FROM waiting "
    "WHERE scope = ? AND number <= ? ORDER BY number"
)
