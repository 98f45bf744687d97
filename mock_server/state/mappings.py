"""Mappings that testers made, and the states of their scenarios: by session, for all worker processes.

A session without any pays one look at a number in a mapped file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mock_server.errors import Problem
from mock_server.state.database import Database
from mock_server.state.mapped_file import open_mapped

MAX_MAPPINGS = 10_000
"""So many mappings a session may have."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""So long they may be together, as they were written."""

MAX_KEPT = 64
"""Of so many sessions one process keeps the mappings it read."""


class MappingRow(NamedTuple):
    """One mapping of a session; `number` counts first writes.

    `content` is its JSON, None where a mapping that everyone begins with was taken away.
    """

    number: int
    id: str
    content: str | None
    is_persistent: int


class Mappings:
    """The mappings of all sessions; `scope` is the session's, and so are the states of its scenarios."""

    def __init__(self, folder: Path, most: int = MAX_MAPPINGS) -> None:
        self._database, self._most = Database(folder / "mappings.sqlite", _TABLES), most
        self._query = self._database.query
        self._version = memoryview(open_mapped(folder / "mappings.version", 8)).cast("q")
        self._kept: dict[str, tuple[int, tuple[MappingRow, ...]]] = {}

    @property
    def are_there(self) -> bool:
        """Whether anybody has made any since the server started."""
        return bool(self._version[0])

    def find(self, scope: str) -> tuple[MappingRow, ...]:
        """The mappings of a session by first writes; the same value until there are others."""
        version = self._version[0]
        if not version:
            return ()
        kept = self._kept.get(scope)
        if kept is None or kept[0] != version:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            rows = tuple(MappingRow._make(row) for row in self._query(_SELECT, (scope,)))
            # Whoever was given the same rows before need not read them again.
            kept = self._kept[scope] = version, kept[1] if kept and kept[1] == rows else rows
        return kept[1]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is written inside is written whole or not at all; every worker looks again once it is."""
        with self._database.transaction():
            yield
        # Not a count, for two workers that count at once would write the same number.
        self._version[0] = time.time_ns()

    def put(self, scope: str, identifier: str, content: str | None, is_persistent: bool = False) -> None:
        """Write a mapping, or with None that it is taken away; inside `changing`. Raises: Problem 507 for too many."""
        self._query(_PUT, (scope, identifier, content, is_persistent))
        ((count, length),) = self._query(_SIZE, (scope,))
        if count > self._most or length > MAX_CHARACTERS:
            detail = f"A session keeps {self._most:,} mappings of {MAX_CHARACTERS:,} characters together at most."
            raise Problem(507, "Insufficient Storage", detail)

    def take(self, scope: str, identifier: str) -> None:
        """Forget a mapping, or that one was taken away; inside `changing`."""
        self._query("DELETE FROM mappings WHERE scope = ? AND id = ?", (scope, identifier))

    def take_all(self, scope: str, keeps_persistent: bool = False) -> None:
        """Forget a session's mappings, but for the persistent ones where those are kept; inside `changing`."""
        self._query("DELETE FROM mappings WHERE scope = ? AND NOT (persistent AND ?)", (scope, keeps_persistent))

    def make_persistent(self, scope: str) -> None:
        """All that a session has are persistent; inside `changing`."""
        self._query("UPDATE mappings SET persistent = 1 WHERE scope = ? AND content IS NOT NULL", (scope,))

    def forget(self, prefix: str) -> None:
        """Take back all of sessions whose scopes begin so; of an empty prefix, of the default session."""
        if self._version[0]:
            with self.changing():
                for statement in _FORGET:
                    self._query(statement, (prefix, prefix) if prefix else ("", None))

    # the states of scenarios

    def find_states(self, scope: str) -> dict[str, str]:
        """The scenarios of a session that have left their first state, and where they are."""
        return dict(self._query("SELECT scenario, state FROM states WHERE scope = ?", (scope,)))

    def put_state(self, scope: str, scenario: str, state: str) -> None:
        """Write down the state of a scenario."""
        self._version[0] = self._version[0] or time.time_ns()  # there is something to forget
        self._query("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", (scope, scenario, state))

    def step(self, scope: str, scenario: str, required: str, following: str, started: str) -> bool:
        """Go on to the following state if the scenario is still in the required one (empty: in any); whether it was.

        One that was never written down is in the state `started`.
        """
        with self._database.transaction():
            if required and self.find_states(scope).get(scenario, started) != required:
                return False
            self.put_state(scope, scenario, following)
        return True

    def forget_states(self, scope: str) -> None:
        """Every scenario of a session is in its first state again."""
        self._query("DELETE FROM states WHERE scope = ?", (scope,))


_TABLES = (
    "CREATE TABLE IF NOT EXISTS mappings(number INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT, id TEXT, content TEXT, "
    "persistent INTEGER, UNIQUE(scope, id))",
    "CREATE TABLE IF NOT EXISTS states(scope TEXT, scenario TEXT, state TEXT, PRIMARY KEY(scope, scenario)) "
    "WITHOUT ROWID",
)
_SELECT = "SELECT number, id, content, persistent FROM mappings WHERE scope = ? ORDER BY number"
_SIZE = "SELECT count(*), coalesce(sum(length(content)), 0) FROM mappings WHERE scope = ?"
_PUT = (
    "INSERT INTO mappings(scope, id, content, persistent) VALUES (?, ?, ?, ?) ON CONFLICT(scope, id) "
    "DO UPDATE SET content = excluded.content, persistent = excluded.persistent"
)
_FORGET = tuple(
    f"DELETE FROM {table} WHERE scope = ? OR substr(scope, 1, length(?2)) = ?2" for table in ("mappings", "states")
)
"""Of a scope itself, and of those that begin so; with null for the second, of the scope alone."""
