"""Connections to SQLite that end with whoever holds them."""

from __future__ import annotations

import contextlib
import sqlite3


class Connection(sqlite3.Connection):
    """A connection that closes itself when nobody holds it any more.

    Ours belong to threads and end with them; Python 3.13 calls what nobody closes a resource left open. Open it with
    `check_same_thread=False`: the thread that lets go last need not be the one that opened it.
    """

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.ProgrammingError):  # it never came to be: there was no such file
            self.close()
