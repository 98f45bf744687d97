"""Records at rest: their ready JSON in a mapped file, what they are found by in SQLite, what is searched in texts.

A page without conditions is a range of ordinals, so page 50,000 costs what page 1 costs. A page with
conditions is a slice of the matching ordinals, which are found once and kept for a while.
"""

from __future__ import annotations

import functools
import os
import re
import sqlite3
import threading
import weakref
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mock_server.messages import Condition
from mock_server.sqlite import Connection
from mock_server.store.conditions import MAX_INTEGER, find_keyword, is_searched, select
from mock_server.store.json_file import Data, Fragments
from mock_server.store.manifest import file_path
from mock_server.store.matches import MatchCache, Matches, Ordinals
from mock_server.store.recipe import Recipe
from mock_server.store.text_file import AT_ONCE, Texts

WHOLE = re.compile(r"0|-?[1-9]\d{0,18}", re.ASCII)
"""A whole number as text, in the only way to write it."""


def _forget_connections(reference: weakref.ref[StoredRecords]) -> None:
    """A forked process must not use its parent's connections. (Asking for the process id each time costs 4 µs.)"""
    records = reference()
    if records:
        records._local = threading.local()


class StoredRecords:
    """The records of one recipe, for reading by any number of threads.

    `contents` are the files by their endings: read where they are small, else mapped. SQLite works on the bytes that
    were read; a file that is mapped it opens by itself, at its path below `base`.
    """

    def __init__(self, recipe: Recipe, base: Path, contents: Mapping[str, Data]) -> None:
        self.total, self.recipe = recipe.count, recipe
        self._path, self._columns = str(file_path(base, "sqlite")), recipe.columns
        self._views = [Fragments(contents[view], contents[f"{view}.at"]) for view in recipe.views]
        self._texts = {name: Texts(contents[name], contents[f"{name}.at"], self.total) for name in recipe.texts}
        self._matches = MatchCache(self.total)
        self._searching = threading.Lock()
        self._local = threading.local()
        database = contents["sqlite"]
        self._image = database if isinstance(database, bytes) else None
        # Held open, so that records are found by their keys when the cache folder is gone as well.
        self._first = None if self._image else self._open_file()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=functools.partial(_forget_connections, weakref.ref(self)))

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, list[bytes]]:
        """How many records match, and the ready JSON of those from `offset` on, in order."""
        ordinals: Ordinals | range = self.find_matching(where) if where else range(self.total)
        one = self._views[view].one
        return len(ordinals), [one(ordinal) for ordinal in ordinals[offset : offset + max(0, size)]]

    def page_json(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """The same, the records joined by commas; without conditions one slice of the file."""
        total = self.total
        if where:
            total, records = self.page(where, offset, size, view)
            return total, b",".join(records)
        end = offset + size
        if end > total:
            end = total
        return total, self._views[view].slice(offset, end) if offset < end else b""

    def find(self, key: Any, view: int = 0) -> bytes | None:
        """The ready JSON of the record with that key, or None."""
        ordinal = self.find_ordinal(key)
        return None if ordinal is None else self._views[view].one(ordinal)

    def find_ordinal(self, key: Any) -> int | None:
        """Which record has that key, or None; a number is found by its text as well."""
        if isinstance(key, int) and abs(key) > MAX_INTEGER:
            return None
        row = self._connection().execute("SELECT ordinal FROM records WHERE key = ?", (key,)).fetchone()
        if row:
            return int(row[0])
        return self.find_ordinal(int(key)) if isinstance(key, str) and WHOLE.fullmatch(key) else None

    def get_json(self, start: int, end: int, view: int = 0) -> bytes:
        """The ready JSON of the records from `start` up to `end`, which is greater, joined by commas."""
        return self._views[view].slice(start, end)

    def is_quick(self, where: tuple[Condition, ...] | None = None) -> bool:
        """Whether a page with these conditions takes milliseconds at most; with None, whatever the conditions.

        It does where there are few records, no conditions, or their matches are kept.
        """
        return self.total <= AT_ONCE or (where is not None and (not where or self._matches.get(where) is not None))

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a forked process opens its own."""
        local = self._local
        if not hasattr(local, "connection"):
            local.connection = self._connect()
        connection: sqlite3.Connection = local.connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        # A small database is served from the very bytes that were checked, and needs no descriptor a thread.
        if self._image:
            connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Connection)
            connection.deserialize(self._image)
            return connection
        try:
            return self._open_file()
        except sqlite3.OperationalError:
            # The cache folder was removed. Nothing is ever written, so threads may share what is still open.
            if self._first is None:
                raise
            return self._first

    def _open_file(self) -> sqlite3.Connection:
        place = self._path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = sqlite3.connect(
            f"file:{place}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        # Pages of the mapped file are shared by all threads and workers; of its own SQLite keeps 16 MB a connection.
        connection.execute("PRAGMA mmap_size=4294967296")
        connection.execute("PRAGMA cache_size=-16000")
        return connection

    def find_matching(self, where: tuple[Condition, ...]) -> Ordinals:
        """The ordinals of the records that satisfy all conditions, in order; stored records never change: kept."""
        kept = self._matches.get(where)
        if kept is not None:
            return kept.ordinals
        if self.total <= AT_ONCE:
            return self._search(where)
        with self._searching:  # who asks for the same waits for it; two at once would only take turns
            kept = self._matches.get(where)
            return self._search(where) if kept is None else kept.ordinals

    def _search(self, where: tuple[Condition, ...]) -> Ordinals:
        searched = [condition for condition in where if is_searched(condition)]
        others = [condition for condition in where if not is_searched(condition)]
        matches = [self._texts[self._columns[c.test, c.fields]].find(find_keyword(c)) for c in searched]
        if others:
            matches.append(self._select(others))
        ordinals = functools.reduce(_intersect, matches)
        self._matches.put(where, Matches(ordinals))
        return ordinals

    def _select(self, where: list[Condition]) -> Ordinals:
        """The ordinals by the conditions that SQLite answers."""
        sql, values = select(where, lambda c: self._columns[c.test, c.fields])
        rows = self._connection().execute(f"SELECT ordinal FROM records WHERE {sql} ORDER BY ordinal", values)
        return array("I", (row[0] for row in rows))


def _intersect(one: Ordinals, other: Ordinals) -> Ordinals:
    members = set(other)
    return array("I", (ordinal for ordinal in one if ordinal in members))
