"""A small SQLite file that threads and worker processes share; a full disk is a Problem."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mock_server.errors import Problem
from mock_server.sqlite import Connection

Values = tuple[Any, ...] | Mapping[str, Any]

KEPT = "kept.json"
"""The file of a folder whose state outlives the server."""

_OFF, _NORMAL, _FULL = "OFF", "NORMAL", "FULL"
"""How sure a write is. What ends with the server needs no disk: a power cut ends it as well. In a kept folder a write
is on the disk before it is confirmed, or, where it is not vital, never half of it."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_WAIT_SECONDS, _RETRY_SECONDS = 10, 0.002


class Database:
    """One file, a connection a thread; `tables` are the statements that make it. Whatever fails raises Problem.

    `is_vital`: in a kept folder not even a power cut takes what was confirmed; each write waits for the disk.
    """

    def __init__(self, path: Path, tables: tuple[str, ...], is_vital: bool = True) -> None:
        self._path, self._tables = path, tables
        is_kept = (path.parent / KEPT).exists()
        self._synchronous = (_FULL if is_vital else _NORMAL) if is_kept else _OFF
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        _choose_log(connection)
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        for statement in self._tables:
            connection.execute(statement)
        self._local.connection = connection
        return connection

    def query(self, statement: str, values: Values = ()) -> list[Any]:
        """The rows that a statement gives, on its own or in the transaction of this thread."""
        with self._problems():
            connection: sqlite3.Connection = getattr(self._local, "connection", None) or self._connect()
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What this thread writes inside is written whole or not at all."""
        self.query("BEGIN IMMEDIATE")
        try:
            yield
            self.query("COMMIT")
        except BaseException:
            if self._local.connection.in_transaction:  # where the disk is full, SQLite has rolled back by itself
                self.query("ROLLBACK")
            raise

    @contextmanager
    def loading(self) -> Iterator[None]:
        """What this thread writes inside waits for the disk once, at the end."""
        if self._synchronous != _FULL:
            yield
            return
        self.query(f"PRAGMA synchronous={_NORMAL}")
        try:
            yield
        finally:
            self.query(f"PRAGMA synchronous={_FULL}")
            self.query("PRAGMA wal_checkpoint(FULL)")

    @contextmanager
    def _problems(self) -> Iterator[None]:
        """An error of SQLite as a Problem: 507 for a full disk, else 503; both name the folder."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            # The lowest byte is the kind of error; the others say where inside SQLite it happened.
            kind = error.sqlite_errorcode & 0xFF
            if kind not in _DAMAGED and not isinstance(error, sqlite3.OperationalError):
                raise
            is_full = kind == sqlite3.SQLITE_FULL
            status, title = (507, "Insufficient Storage") if is_full else (503, "Service Unavailable")
            said = "is full" if is_full else f"cannot be used ({error})"
            detail = f"The folder {self._path.parent}, where sessions and counters rest, {said}."
            raise Problem(status, title, detail) from None


def _choose_log(connection: sqlite3.Connection) -> None:
    """Write ahead, as all do. Of several that open a new file at once all but one are refused without a wait."""
    give_up = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(_RETRY_SECONDS)


def find_damage(path: Path) -> str:
    """What is wrong with a file of SQLite, in its own words; nothing is repaired, for that would lose what is wrong."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            ((said,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        said = str(error)
    return "" if said == "ok" else " ".join(str(said).split())
