"""Records at rest: their ready JSON in a mapped file, what they are found by in SQLite and in indexes of grams.

A page without conditions is a range of ordinals, so page 50,000 costs what page 1 costs. A page with
conditions is a slice of the matching ordinals, which are found once and kept for a while.
"""

from __future__ import annotations

import functools
import os
import sqlite3
import sys
import threading
import weakref
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mock_server.messages import Condition
from mock_server.store.bitmap import Bits, Ordinals, both
from mock_server.store.grams import SCANNED, Grams
from mock_server.store.json_file import Fragments

MAX_KEPT_ORDINALS = 16_000_000
MAX_INTEGER = 2**63 - 1

Columns = Mapping[tuple[str, tuple[str, ...]], str]
"""(test, fields) to the column that serves it: one of SQLite's, or a text column with files of its own."""

SEARCHED = {"text": "", "starts": "\x02"}
"""Forms of columns that are searched (their texts stand in a file of their own), and what stands before each value:
a value that starts with a keyword holds the mark and the keyword."""

Sql = tuple[str, list[Any]]


def view_path(path: Path, view: int) -> Path:
    """Where the fragments of a view stand, beside the SQLite file."""
    return path.with_suffix(f".view{view}")


def text_path(path: Path, column: str) -> Path:
    """Where the texts of a searched column stand, beside the SQLite file."""
    return path.with_suffix(f".{column}")


def grams_path(path: Path, column: str) -> Path:
    """Where the index of a searched column stands."""
    return path.with_suffix(f".{column}.grams")


def column_form(test: str) -> str:
    """What a column holds for a test: values as they are, casefolded, or casefolded and joined."""
    return {"equals_fold": "folded", "contains": "text", "search": "text", "starts": "starts"}.get(test, "plain")


def fold(value: Any) -> Any:
    """Text without regard to case; everything else as it is."""
    return value.casefold() if isinstance(value, str) else value


NOTHING: Sql = ("0", [])


def _equals(column: str, value: Any) -> Sql:
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return NOTHING
    return f"{column} = ?", [value]


def _one_of(column: str, values: Any) -> Sql:
    known = [value for value in values if not (isinstance(value, int) and abs(value) > MAX_INTEGER)]
    # One JSON text instead of a parameter a value: thousands of values are one statement.
    return f"{column} IN (SELECT value FROM json_each(?))", [_json(known)]


def _json(values: list[Any]) -> str:
    import orjson

    return orjson.dumps(values).decode()


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
"""The test of a condition, and the SQL that selects by it; searched columns are answered by `grams`."""


def _forget(records: weakref.ref[StoredRecords]) -> None:
    """A forked process must not use its parent's connections. (Asking for the process id each time costs 4 µs.)"""
    found = records()
    if found:
        found._local = threading.local()


class StoredRecords:
    """The records of one collection, for reading by any number of threads."""

    def __init__(self, path: Path, total: int, views: int, columns: Columns) -> None:
        self.total = total
        self._path, self._columns = str(path), columns
        self._views = [Fragments(view_path(path, number)) for number in range(views)]
        self._texts = {column: _open_texts(path, column, total) for column in find_texts(columns)}
        self._local = threading.local()
        self._kept: OrderedDict[tuple[Condition, ...], Ordinals] = OrderedDict()
        self._kept_size = 0
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=functools.partial(_forget, weakref.ref(self)))

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a forked process opens its own."""
        local = self._local
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(
                f"file:{self._path.replace('?', '%3f').replace('#', '%23')}?mode=ro&immutable=1",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            local.connection.execute("PRAGMA mmap_size=4294967296")
            local.connection.execute("PRAGMA cache_size=-16000")
        connection: sqlite3.Connection = local.connection
        return connection

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, list[bytes]]:
        """How many records match, and the ready JSON of those from `offset` on, in order."""
        ordinals: Ordinals = self._matching(where) if where else range(self.total)
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

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._local, "connection"):
            self._local.connection.close()
            del self._local.connection

    def _matching(self, where: tuple[Condition, ...]) -> Ordinals:
        """The ordinals of the records that satisfy all conditions; records never change, so they are kept."""
        with self._lock:
            if where in self._kept:
                self._kept.move_to_end(where)
                return self._kept[where]
        texts = [c for c in where if column_form(c.test) in SEARCHED]
        others = [c for c in where if column_form(c.test) not in SEARCHED]
        found = [self._texts[self._columns[c.test, c.fields]].find(_keyword(c)) for c in texts]
        if others:
            found.append(self._select(others))
        ordinals = functools.reduce(both, found)
        self._keep(where, ordinals)
        return ordinals

    def _select(self, where: list[Condition]) -> Ordinals:
        """The ordinals by the conditions that SQLite answers."""
        pieces = [TESTS[c.test](self._columns[c.test, c.fields], c.value) for c in where]
        sql = "SELECT ordinal FROM records WHERE " + " AND ".join(sql for sql, _ in pieces) + " ORDER BY ordinal"
        values = [value for _, found in pieces for value in found]
        return array("I", (row[0] for row in self._connection().execute(sql, values)))

    def _keep(self, where: tuple[Condition, ...], ordinals: Ordinals) -> None:
        size = _weight(where, ordinals)
        with self._lock:
            if where in self._kept or size > MAX_KEPT_ORDINALS:
                return
            self._kept[where] = ordinals
            self._kept_size += size
            while self._kept_size > MAX_KEPT_ORDINALS or len(self._kept) > 4096:
                gone, dropped = self._kept.popitem(last=False)
                self._kept_size -= _weight(gone, dropped)


def _weight(where: tuple[Condition, ...], ordinals: Ordinals) -> int:
    """How much memory kept ordinals take, counted in ordinals of four bytes."""
    held = len(ordinals.data) // 4 if isinstance(ordinals, Bits) else len(ordinals)
    return held + sys.getsizeof(where) // 4 + 64


def _keyword(condition: Condition) -> str:
    return SEARCHED[column_form(condition.test)] + str(fold(str(condition.value)))


def find_texts(columns: Columns) -> list[str]:
    """The names of the columns that are searched."""
    return sorted({name for (test, _), name in columns.items() if column_form(test) in SEARCHED})


def _open_texts(path: Path, column: str, total: int) -> Grams:
    return Grams(Fragments(text_path(path, column)), total, grams_path(path, column) if total > SCANNED else None)
