"""The journal as a reader asks for it: of living sessions, each from the moment its journal begins."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from mock_server.state.journal import Entry, Journal
from mock_server.state.session_store import Sessions


class SessionJournal:
    """The entries of one session, or of all (an empty name); nothing where no journal is written (None)."""

    def __init__(self, journal: Journal | None, sessions: Sessions) -> None:
        self._journal, self._sessions = journal, sessions

    def newest_first(self, session: str = "", since_ns: int = 0) -> Iterator[Entry]:
        """Entries since a moment, each decoded when it is asked for: the ring may hold more than there is memory."""
        return self._journal.newest_first(self._moments(session, since_ns)) if self._journal else iter(())

    def newest(self, session: str = "", most: int = 1_000) -> list[Entry]:
        """The newest entries, oldest first."""
        return list(itertools.islice(self.newest_first(session), most))[::-1]

    def count(self, session: str = "", since_ns: int = 0) -> int:
        """How many entries there are since a moment; none is decoded."""
        return self._journal.count(self._moments(session, since_ns)) if self._journal else 0

    def totals(self, session: str = "") -> dict[str, int]:
        """How many were ever `written`, in all sessions, and how many of them `overwritten`.

        `overwritten` is 0 where all that were are older than these sessions' journals: then nothing of theirs is gone.
        """
        if self._journal is None:
            return {"written": 0, "overwritten": 0}
        since_ns = min(self._moments(session).values(), default=0)
        return {"written": self._journal.written, "overwritten": self._journal.overwritten(since_ns)}

    def _moments(self, session: str, since_ns: int = 0) -> dict[str, int]:
        living = self._sessions.all()
        return {each.name: max(since_ns, each.since_ns) for each in living if session in ("", each.name)}
