"""A small SQLite file that threads and worker processes share; a full disk is a Problem."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mock_server.errors import Problem
from mock_server.sqlite import Connection

Values = tuple[Any, ...] | Mapping[str, Any]

_PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF")
"""Nothing in here outlives the server: what a power cut would take is gone with it anyway."""

_WAIT_SECONDS = 10


class Database:
    """One file, a connection a thread; `tables` are the statements that make it. Whatever fails raises Problem."""

    def __init__(self, path: Path, tables: tuple[str, ...]) -> None:
        self._path, self._tables = path, tables
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        for statement in (*_PRAGMAS, *self._tables):
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
    def _problems(self) -> Iterator[None]:
        """An error of SQLite as a Problem: 507 for a full disk, else 503; both name the folder."""
        try:
            yield
        except sqlite3.OperationalError as error:
            # The lowest byte is the kind of error; the others say where inside SQLite it happened.
            is_full = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
            status, title = (507, "Insufficient Storage") if is_full else (503, "Service Unavailable")
            said = "is full" if is_full else f"cannot be used ({error})"
            detail = f"The folder {self._path.parent}, where sessions and counters rest, {said}."
            raise Problem(status, title, detail) from None
