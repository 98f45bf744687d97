"""What clients wrote, and records of a tester's own: by session, for all worker processes.

A session without changes pays one look at a number in a mapped file. What is written is on disk when it is confirmed:
SQLite's file outlives a killed process. A worker reads what was written since it last looked, and no more.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.errors import Problem
from mock_server.state.database import Database
from mock_server.state.kept_answers import TABLES, KeptAnswers
from mock_server.state.mapped_file import open_mapped
from mock_server.state.written import NOTHING_WRITTEN, Change, Place, Written

MAX_CHANGES = 100_000
"""So many records of a session may be changed; more are refused, and none is lost."""

MAX_KEPT = 1_000
"""Of so many collections of sessions one process keeps the changes it read."""

EVERYONE = "="
"""The scope of records that every session begins with: those of files."""

Row = tuple[Any, ...]


class _Kept(NamedTuple):
    """What a process read of a collection: at which version of the file, since when its layers stand, up to where."""

    version: int
    origins: tuple[int, ...]
    upto: int
    written: Written


class Changes:
    """The changes of all sessions; `scope` is the session's, `collection` the provider's and the collection's name.

    `version` holds one number, of all worker processes: 0 until somebody writes, and another one after every write.
    """

    def __init__(self, folder: Path, most: int = MAX_CHANGES) -> None:
        self._database, self._most = Database(folder / "changes.sqlite", (*_TABLES, *TABLES)), most
        self.answers = KeptAnswers(self._database)
        self.query = self._database.query  # for who keeps more of the changes in their file
        self.version = memoryview(open_mapped(folder / "changes.version", 8)).cast("q")
        self._kept: OrderedDict[Place, _Kept] = OrderedDict()
        self._have: dict[str, tuple[int, bool]] = {}
        self._writing = threading.local()
        self._lock = threading.Lock()

    def has_any(self, scope: str) -> bool:
        """Whether a session has changes, or there are records that every session begins with."""
        version = self.version[0]
        if not version:
            return False
        known = self._have.get(scope)
        if known is None or known[0] != version:
            if len(self._have) >= MAX_KEPT:
                self._have.clear()
            known = self._have[scope] = version, bool(self._find_origins(scope))
        return known[1]

    def is_known(self, scope: str, collection: str) -> bool:
        """Whether the changes of a collection in a session are found without a look at the file."""
        kept = self._kept.get((scope, collection))
        return (kept is not None and kept.version == self.version[0]) or not self.has_any(scope)

    def find(self, scope: str, collection: str) -> Written:
        """The changes of a collection in a session; the same value until there are others."""
        version = self.version[0]
        if not version:
            return NOTHING_WRITTEN
        kept = self._kept.get((scope, collection))
        if kept and kept.version == version:
            return kept.written
        return self._read(scope, collection, version)

    def read(self, scope: str, collection: str) -> Written:
        """The same from the file itself: inside `changing`, what was written there too."""
        return self._read(scope, collection, 0)

    def _read(self, scope: str, collection: str, version: int) -> Written:
        place = scope, collection
        with self._lock:
            kept = self._kept.get(place)
            is_sure = not getattr(self._writing, "unsure", False)  # what this thread has yet to commit may be undone
            kept = self._renewed(place, kept if is_sure else None)._replace(version=version)
            if is_sure:
                self._kept[place] = kept
                self._kept.move_to_end(place)
                while len(self._kept) > MAX_KEPT:
                    self._kept.popitem(last=False)
            else:
                kept.written.committed = False
        return kept.written

    def _renewed(self, place: Place, kept: _Kept | None) -> _Kept:
        """What is kept of a collection with what was written since; anew where something was taken back."""
        origins = self._find_origins(place[0])
        if kept is None or kept.origins != origins:
            kept = _Kept(0, origins, 0, NOTHING_WRITTEN.begin())
        rows = self._query_changes(place, kept.upto) if origins else []
        if kept.upto and place[0] != EVERYONE and any(row[1] == EVERYONE for row in rows):  # below what it changed
            kept = kept._replace(upto=0, written=NOTHING_WRITTEN.begin())
            rows = self._query_changes(place, 0)
        if not rows:
            return kept
        written = kept.written.with_more(_lay_over(kept.written, rows))
        return kept._replace(upto=max(row[0] for row in rows), written=written)

    def _find_origins(self, scope: str) -> tuple[int, ...]:
        """Since when there are changes of everyone and of a session: other numbers once they were taken back."""
        return tuple(since for (since,) in self._database.query(_ORIGINS, (EVERYONE, scope)))

    def _query_changes(self, place: Place, after: int) -> list[Row]:
        return self._database.query(_SELECT, (EVERYONE, *place, after))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is read and written inside is nobody else's meanwhile, in any worker; others see it when it is whole."""
        if getattr(self._writing, "is_on", False):  # inside another one it is part of that
            yield
            return
        self._writing.is_on = True
        try:
            with self._database.transaction():
                yield
        finally:
            self._writing.unsure = self._writing.is_on = False
        self._renew()

    def loading(self) -> AbstractContextManager[None]:
        """What is written inside waits for the disk once, at the end: what could be written again."""
        return self._database.loading()

    def put(
        self,
        scope: str,
        collection: str,
        parents: str,
        key: str,
        values: str | None,
        is_new: bool = False,
        place: str = "",
    ) -> None:
        """Write a record as it is now, that it `is_new`, or that it is deleted; inside `changing`.

        With `place` it is a record of a tester's own; without, one that has a place keeps it.

        Raises: Problem 507 where a session has as many changes as there may be.
        """
        self._writing.unsure = True
        sizes, what = self._database.query(_SIZE, (scope,)), (scope, collection, parents, key)
        if sizes and sizes[0][0] >= self._most and not self._database.query(_FIND, what):
            detail = f"A session keeps {self._most:,} changed records at most; reset it to go on."
            raise Problem(507, "Insufficient Storage", detail)
        if is_new or place:  # one that was deleted does not come back to its place
            self._database.query(_DROP, what)
        self._database.query(_PUT, (self.tick(), *what, values, is_new, place, bool(place)))

    def tick(self) -> int:
        """A number that no write has yet; inside `changing`."""
        return int(self._database.query(_TICK)[0][0])

    def list_collections(self) -> list[str]:
        """The names of the collections that have changes, in any session."""
        return [name for (name,) in self._database.query("SELECT DISTINCT collection FROM changes")]

    def forget(self, prefix: str) -> None:
        """Take back the changes of sessions whose scopes begin so; of an empty prefix, those of the default session."""
        if self.version[0]:
            with self.changing():
                for statement in _FORGET:
                    self._database.query(statement, (prefix, prefix) if prefix else ("", None))

    def _renew(self) -> None:
        """Another version: not a count, for two workers that count at once would write the same number."""
        self.version[0] = time.time_ns()


def _lay_over(written: Written, rows: Iterable[Row]) -> Iterator[Change]:
    """Rows as changes: what a session makes of a record that everyone begins with stays in that one's place."""
    below: dict[Place, Change] = {}
    for _, scope, number, parents, key, values, is_new, place, is_given in rows:
        change = Change(number, parents, key, values, bool(is_new), place, bool(is_given))
        known = below.get((parents, key)) or written.find(parents, key)
        if scope != EVERYONE and known and known.place and not is_new and not place:
            change = change._replace(number=known.number, place=known.place)
        below[parents, key] = change
        yield change


_TABLES = (
    "CREATE TABLE IF NOT EXISTS changes(number INTEGER PRIMARY KEY AUTOINCREMENT, written INTEGER, scope TEXT, "
    "collection TEXT, parents TEXT, key TEXT, record TEXT, is_new INTEGER, place TEXT, is_given INTEGER, "
    "UNIQUE(scope, collection, parents, key))",
    "CREATE INDEX IF NOT EXISTS by_time ON changes(scope, collection, written)",
    # How many records a session changed, and since when it does: another number after they were taken back.
    "CREATE TABLE IF NOT EXISTS sizes(scope TEXT PRIMARY KEY, size INTEGER, since INTEGER) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS ticks(one INTEGER PRIMARY KEY, now INTEGER)",
    "CREATE TRIGGER IF NOT EXISTS more AFTER INSERT ON changes BEGIN "
    "INSERT INTO sizes VALUES (new.scope, 1, new.written) ON CONFLICT(scope) DO UPDATE SET size = size + 1; END",
    "CREATE TRIGGER IF NOT EXISTS fewer AFTER DELETE ON changes BEGIN "
    "UPDATE sizes SET size = size - 1 WHERE scope = old.scope; END",
)
_SELECT = (
    "SELECT written, scope, number, parents, key, record, is_new, place, is_given FROM changes "
    "WHERE scope IN (?1, ?2) AND collection = ?3 AND written > ?4 ORDER BY scope <> ?1, written"
)
_ORIGINS = "SELECT since FROM sizes WHERE scope IN (?, ?) ORDER BY scope"
_SIZE = "SELECT size FROM sizes WHERE scope = ?"
_FIND = "SELECT 1 FROM changes WHERE scope = ? AND collection = ? AND parents = ? AND key = ?"
_TICK = "INSERT INTO ticks VALUES (1, 1) ON CONFLICT(one) DO UPDATE SET now = now + 1 RETURNING now"
_PUT = (
    "INSERT INTO changes(written, scope, collection, parents, key, record, is_new, place, is_given) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(scope, collection, parents, key) "
    "DO UPDATE SET record = excluded.record, written = excluded.written, is_given = excluded.is_given"
)
_DROP = "DELETE FROM changes WHERE scope = ? AND collection = ? AND parents = ? AND key = ?"
_FORGET = tuple(
    f"DELETE FROM {table} WHERE scope = ? OR substr(scope, 1, length(?2)) = ?2"
    for table in ("changes", "sizes", "answers")
)
"""Of a scope itself, and of those that begin so; with null for the second, of the scope alone."""
