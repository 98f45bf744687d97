"""What clients wrote: records that were created, changed or deleted, by session, for all worker processes.

A session without changes pays one look at a number in a mapped file. What is written is on disk when it is confirmed:
SQLite's file outlives a killed process.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mock_server.errors import Problem
from mock_server.state.database import Database
from mock_server.state.mapped_file import open_mapped

MAX_CHANGES = 100_000
"""So many records of a session may be changed; more are refused, and none is lost."""

MAX_KEPT = 1_000
"""Of so many collections of sessions one process keeps the changes it read."""


class Change(NamedTuple):
    """A record as a client left it: its values as JSON, or None where it was deleted.

    One that `is_new` was created, be it under a key that another one had before it was deleted.
    `parents` are the parents that it lies below, as text; `number` counts first writes: its place among them.
    """

    number: int
    parents: str
    key: str
    values: str | None
    is_new: bool = False


class Changes:
    """The changes of all sessions; `scope` is the session's, `collection` the provider's and the collection's name."""

    def __init__(self, folder: Path, most: int = MAX_CHANGES) -> None:
        self._database, self._most = Database(folder / "changes.sqlite", _TABLES), most
        self._version = memoryview(open_mapped(folder / "changes.version", 8)).cast("q")
        self._kept: OrderedDict[tuple[str, str], tuple[int, tuple[Change, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def are_there(self) -> bool:
        """Whether anybody has written anything since the server started."""
        return bool(self._version[0])

    def find(self, scope: str, collection: str) -> tuple[Change, ...]:
        """The changes of a collection in a session, by their first writes; the same value until there are others."""
        version = self._version[0]
        if not version:
            return ()
        with self._lock:
            kept = self._kept.get((scope, collection))
        if kept and kept[0] == version:
            return kept[1]
        changes = self.read(scope, collection)
        # What did not change stays the value it was: who made something of it need not make it again.
        changes = kept[1] if kept and kept[1] == changes else changes
        with self._lock:
            self._kept[scope, collection] = version, changes
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return changes

    def read(self, scope: str, collection: str) -> tuple[Change, ...]:
        """The same from the file itself: inside `changing`, what was written there too."""
        rows = self._database.query(_SELECT, (scope, collection))
        return tuple(Change(number, below, key, values, bool(is_new)) for number, below, key, values, is_new in rows)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is read and written inside is nobody else's meanwhile, in any worker; others see it when it is whole."""
        with self._database.transaction():
            yield
        self._renew()

    def put(
        self,
        scope: str,
        collection: str,
        parents: str,
        key: str,
        values: str | None,
        is_new: bool = False,
    ) -> None:
        """Write a record as it is now, that it `is_new`, or that it is deleted; inside `changing`.

        Raises: Problem 507 where a session has as many changes as there may be.
        """
        ((count,),) = self._database.query(_COUNT, (scope,))
        if count >= self._most:
            detail = f"A session keeps {self._most:,} changed records at most; reset it to go on."
            raise Problem(507, "Insufficient Storage", detail)
        if is_new:  # one that was deleted does not come back to its place
            self._database.query(_DROP, (scope, collection, parents, key))
        self._database.query(_PUT, (scope, collection, parents, key, values, is_new))

    def forget(self, prefix: str) -> None:
        """Take back the changes of sessions whose scopes begin so; of an empty prefix, those of the default session."""
        if self._version[0]:
            self._database.query(_FORGET, (prefix, prefix) if prefix else ("", None))
            self._renew()

    def _renew(self) -> None:
        """Another version: not a count, for two workers that count at once would write the same number."""
        self._version[0] = time.time_ns()


_TABLES = (
    "CREATE TABLE IF NOT EXISTS changes(number INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT, collection TEXT, "
    "parents TEXT, key TEXT, record TEXT, is_new INTEGER, UNIQUE(scope, collection, parents, key))",
)
_SELECT = "SELECT number, parents, key, record, is_new FROM changes WHERE scope = ? AND collection = ? ORDER BY number"
_COUNT = "SELECT count(*) FROM changes WHERE scope = ?"
_PUT = (
    "INSERT INTO changes(scope, collection, parents, key, record, is_new) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(scope, collection, parents, key) DO UPDATE SET record = excluded.record"
)
_DROP = "DELETE FROM changes WHERE scope = ? AND collection = ? AND parents = ? AND key = ?"
_FORGET = "DELETE FROM changes WHERE scope = ? OR substr(scope, 1, length(?2)) = ?2"
"""Of a scope itself, and of those that begin so; with null for the second, of the scope alone."""
