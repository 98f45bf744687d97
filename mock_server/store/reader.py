"""Records at rest: their ready JSON in a mapped file, what they are found by in SQLite, what is searched in texts.

A page without conditions is a range of ordinals, so page 50,000 costs what page 1 costs. A page with
conditions is a slice of the matching ordinals, which are found once and kept for a while.
"""

from __future__ import annotations

import functools
import os
import sqlite3
import threading
import weakref
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from mock_server.messages import Condition
from mock_server.sqlite import Connection
from mock_server.store.json_file import Data, Fragments
from mock_server.store.manifest import file_path
from mock_server.store.matches import MatchCache, Ordinals
from mock_server.store.recipe import SEARCHED, Recipe, column_form, fold
from mock_server.store.text_file import AT_ONCE, Texts

MAX_INTEGER = 2**63 - 1
"""The largest integer of SQLite: beyond it nothing is equal, and everything is less."""

Sql = tuple[str, list[Any]]
"""A condition, and the values of its question marks."""

NOTHING: Sql = ("0", [])


def _equals(column: str, value: Any) -> Sql:
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return NOTHING
    return f"{column} = ?", [value]


def _one_of(column: str, values: Any) -> Sql:
    possible = [value for value in values if not (isinstance(value, int) and abs(value) > MAX_INTEGER)]
    # One JSON text instead of a parameter a value: thousands of values are one statement.
    return f"{column} IN (SELECT value FROM json_each(?))", [orjson.dumps(possible).decode()]


def _compare(sign: str) -> Callable[[str, Any], Sql]:
    def compare(column: str, value: Any) -> Sql:
        value = max(-MAX_INTEGER, min(MAX_INTEGER, value)) if isinstance(value, int) else value
        return f"{column} {sign} ?", [value]

    return compare


TESTS: Mapping[str, Callable[[str, Any], Sql]] = {
    "equals": _equals,
    "equals_fold": lambda column, value: _equals(column, fold(value)),
    "one_of": _one_of,
    "at_least": _compare(">="),
    "at_most": _compare("<="),
}
"""The test of a condition, and the SQL that selects by it; searched columns are answered by their texts."""


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
        self.total = recipe.count
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
        ordinals: Ordinals | range = self._find_matching(where) if where else range(self.total)
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
        if isinstance(key, int) and abs(key) > MAX_INTEGER:
            return None
        row = self._connection().execute("SELECT ordinal FROM records WHERE key = ?", (key,)).fetchone()
        return self._views[view].one(row[0]) if row else None

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

    def _find_matching(self, where: tuple[Condition, ...]) -> Ordinals:
        """The ordinals of the records that satisfy all conditions; records never change, so they are kept."""
        ordinals = self._matches.get(where)
        if ordinals is not None:
            return ordinals
        if self.total <= AT_ONCE:
            return self._search(where)
        with self._searching:  # who asks for the same waits for it; two at once would only take turns
            ordinals = self._matches.get(where)
            return self._search(where) if ordinals is None else ordinals

    def _search(self, where: tuple[Condition, ...]) -> Ordinals:
        searched = [condition for condition in where if column_form(condition.test) in SEARCHED]
        others = [condition for condition in where if column_form(condition.test) not in SEARCHED]
        matches = [self._texts[self._columns[c.test, c.fields]].find(_keyword(c)) for c in searched]
        if others:
            matches.append(self._select(others))
        ordinals = functools.reduce(_intersect, matches)
        self._matches.put(where, ordinals)
        return ordinals

    def _select(self, where: list[Condition]) -> Ordinals:
        """The ordinals by the conditions that SQLite answers."""
        pieces = [TESTS[c.test](self._columns[c.test, c.fields], c.value) for c in where]
        sql = "SELECT ordinal FROM records WHERE " + " AND ".join(sql for sql, _ in pieces) + " ORDER BY ordinal"
        values = [value for _, its_values in pieces for value in its_values]
        return array("I", (row[0] for row in self._connection().execute(sql, values)))


def _intersect(one: Ordinals, other: Ordinals) -> Ordinals:
    members = set(other)
    return array("I", (ordinal for ordinal in one if ordinal in members))


def _keyword(condition: Condition) -> bytes:
    """What is looked for in a text. Half a surrogate stands in no text, and is nothing that could not be looked for."""
    return SEARCHED[column_form(condition.test)] + str(fold(str(condition.value))).encode("utf-8", "surrogatepass")
