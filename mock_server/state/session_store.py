"""Sessions: each tester's own settings, in an embedded store that worker processes share."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mock_server.errors import Problem
from mock_server.state.database import Database
from mock_server.state.mapped_file import open_mapped
from mock_server.state.shared_state import SharedState

DEFAULT = "default"
MAX_SESSIONS = 256
"""How many there are at a time, unless the server is started with another number."""

TOUCH_SECONDS = 2.0
"""How often it is written down that a session is in use: each time would make every request a write."""

MAX_NOTICES = 500
"""How many notices are held for those who watch; the oldest go first."""

MAX_CLOCK_MOVES = 100
"""So many moves of a session's clock are known, the last ones."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Session(NamedTuple):
    """One tester's view: what it changes of the server's own settings. `scope` begins the names of its counts.

    `since_ns` is where its journal begins. `clock_moves` are the moments at which its clock was moved, and the seconds
    that it was off from then on.
    """

    name: str
    seed: str | None = None
    records: int | None = None
    readings: tuple[tuple[str, str, str], ...] = ()
    scenarios: tuple[str, ...] = ()
    clock_seconds: float = 0
    limits: str | None = None
    scope: str = ""
    since_ns: int = 0
    touched: float = 0
    clock_moves: tuple[tuple[int, float], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the server's own settings hold, no scenario plays and nothing is counted apart."""
        return self._replace(name=DEFAULT, since_ns=0, touched=0, clock_moves=()) == Session(DEFAULT)

    def note_clock(self) -> Session:
        """The same, knowing since when its clock is as it is."""
        return self._replace(
            clock_moves=(*self.clock_moves[1 - MAX_CLOCK_MOVES :], (time.time_ns(), self.clock_seconds)),
        )

    def find_clock(self, time_ns: int) -> float:
        """How many seconds its clock was off at a moment."""
        return next((seconds for since_ns, seconds in reversed(self.clock_moves) if since_ns <= time_ns), 0.0)


class Notice(NamedTuple):
    """Something that happened to a session, for those who watch."""

    number: int
    time: float
    text: str


def _session(row: tuple[str, str, str, int, float]) -> Session:
    name, text, scope, since_ns, touched = row
    settings = json.loads(text)
    readings = tuple((provider, key, value) for provider, key, value in settings.pop("readings", []))
    scenarios = tuple(settings.pop("scenarios", []))
    clock_moves = tuple((since, seconds) for since, seconds in settings.pop("clock_moves", []))
    return Session(
        name,
        **settings,
        readings=readings,
        scenarios=scenarios,
        scope=scope,
        since_ns=since_ns,
        touched=touched,
        clock_moves=clock_moves,
    )


def _text(session: Session) -> str:
    settings = session._asdict()
    names = ("seed", "records", "readings", "scenarios", "clock_seconds", "limits", "clock_moves")
    return json.dumps({name: settings[name] for name in names if settings[name] not in (None, ())})


class Sessions:
    """The sessions of one server, bounded in number: the least recently used one ends, with a notice.

    `changes` is when anything last changed, in a mapped file, so that asking whether it did costs next to nothing.
    `state` is what they change; `scenarios` are what the default session plays from the start, and after a reset.
    """

    def __init__(
        self,
        folder: Path,
        state: SharedState,
        most: int = MAX_SESSIONS,
        scenarios: tuple[str, ...] = (),
    ) -> None:
        self._state, self._most, self.started = state, most, time.time()
        self._default = Session(DEFAULT, scenarios=scenarios)
        self._database = Database(folder / "sessions.sqlite", _TABLES)
        self._query = self._database.query
        self._cached: dict[str, Session] = {}
        self._read_at = -1
        self._lock = threading.RLock()
        self.changes = memoryview(open_mapped(folder / "changes", 8)).cast("Q")
        self.get()  # the database is made now, so that it can be read when the disk is full

    def get(self, name: str = DEFAULT) -> Session:
        """The session of that name, made on its first use; raises Problem for what is no name."""
        if self._read_at != self.changes[0]:
            with self._lock:
                self._read_at = self.changes[0]
                self._cached.clear()
        session = self._cached.get(name) or self._fetch(name)
        now = time.time()
        if name != DEFAULT and now - session.touched > TOUCH_SECONDS:
            session = session._replace(touched=now)
            self._query("UPDATE sessions SET touched = ? WHERE name = ?", (now, name))
        self._cached[name] = session
        return session

    def find(self, name: str) -> Session | None:
        """The session, or None where nobody has used that name."""
        rows = self._query(f"{_SELECT} WHERE name = ?", (name,))
        return _session(rows[0]) if rows else self._default if name == DEFAULT else None

    def peek(self, name: str) -> Session | None:
        """The session without using it: that somebody looks at it does not keep it alive."""
        return (self._cached.get(name) if self._read_at == self.changes[0] else None) or self.find(name)

    def _fetch(self, name: str) -> Session:
        return self.find(name) or self._create(_fresh(check_name(name)))

    def _create(self, session: Session) -> Session:
        """Write a new session down; of several that are made at once under one name, the first one is everybody's."""
        with self._writing():
            self._query("INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?, ?)", _row(session))
            ended = self._end_oldest()
            created = self.find(session.name)
        self._forget(ended)
        return created or session

    def save(self, session: Session, notice: str = "") -> Session:
        """Write a session down; every worker sees it with its next request."""
        with self._writing():
            self._query("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)", _row(session))
            ended = self._end_oldest()
            self._notice(notice)
        self._forget(ended)
        return session

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction of one writer; every worker looks again once it is written."""
        with self._lock:
            with self._database.transaction():
                yield
            # Only now, or another worker would look, read the old rows and believe them; and a moment instead of a
            # count, for two workers that count up at once would leave the number as one of them did.
            self.changes[0] = time.time_ns()

    def _forget(self, ended: list[str]) -> None:
        for name in ended:
            self._state.forget_session(name)

    def _end_oldest(self) -> list[str]:
        rows = self._query(_LEAST_RECENTLY_USED, (DEFAULT, self._most))
        for (name,) in rows:
            self._query("DELETE FROM sessions WHERE name = ?", (name,))
            self._notice(f"Session {name} ended: it was the least recently used one.")
        return [name for (name,) in rows]

    def _notice(self, text: str) -> None:
        if text:
            self._query("INSERT INTO notices(time, text) VALUES (?, ?)", (time.time(), text))
            self._query("DELETE FROM notices WHERE number <= last_insert_rowid() - ?", (MAX_NOTICES,))

    def announce(self, notice: str) -> None:
        """Tell those who watch; every worker looks again at what a session plays with its next request."""
        with self._writing():
            self._notice(notice)

    def reset(self, name: str) -> Session:
        """The session as on its first use: the scenarios of the start, no counts, no changes, an empty journal."""
        self._state.forget_session("" if name == DEFAULT else name)
        scenarios = self._default.scenarios if name == DEFAULT else ()
        return self.save(_fresh(name)._replace(scenarios=scenarios), f"Session {name} was reset.")

    def delete(self, name: str) -> bool:
        """End a session; whether there was one."""
        with self._writing():
            existed = bool(self._query("DELETE FROM sessions WHERE name = ? RETURNING name", (name,)))
            self._notice(f"Session {name} ended." if existed else "")
        self._forget([name])
        return existed

    def all(self) -> list[Session]:
        """Every session, the default one first, then those used last."""
        sessions = [_session(row) for row in self._query(f"{_SELECT} ORDER BY touched DESC")]
        default = next((session for session in sessions if session.name == DEFAULT), self._default)
        return [default, *(session for session in sessions if session.name != DEFAULT)]

    def notices(self, after: int = 0) -> list[Notice]:
        """What happened, oldest first, behind a number."""
        rows = self._query("SELECT number, time, text FROM notices WHERE number > ?", (after,))
        return [Notice(*row) for row in rows]


def _fresh(name: str) -> Session:
    now = time.time_ns()
    return Session(name, scope="" if name == DEFAULT else f"~{name}/{now}/", since_ns=now, touched=now / 1e9)


def _row(session: Session) -> tuple[str, str, str, int, float]:
    return session.name, _text(session), session.scope, session.since_ns, time.time()


def check_name(name: str) -> str:
    """The name, or a Problem that says what a name may be."""
    if not _NAME.fullmatch(name):
        detail = "A session's name is 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first."
        raise Problem(400, "Not a session name", detail)
    return name


_SELECT = "SELECT name, settings, scope, since_ns, touched FROM sessions"
_LEAST_RECENTLY_USED = "SELECT name FROM sessions WHERE name <> ? ORDER BY touched DESC LIMIT -1 OFFSET ?"
"""Whatever there is beyond the most."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS sessions("
    "name TEXT PRIMARY KEY, settings TEXT, scope TEXT, since_ns INTEGER, touched REAL)",
    "CREATE TABLE IF NOT EXISTS notices(number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL, text TEXT)",
)
