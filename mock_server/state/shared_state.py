"""Everything that requests change while a server runs, as one value: what its worker processes share in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mock_server.state.changes import Changes
from mock_server.state.counters import Counts, open_counts
from mock_server.state.lags import Lags
from mock_server.state.mappings import Mappings
from mock_server.state.tokens import IssuedTokens


@dataclass(frozen=True)
class SharedState:
    """What requests and testers change; without `changes` and the like, as for who plays a document alone, no more."""

    counts: Counts
    changes: Changes | None = None
    tokens: IssuedTokens | None = None
    lags: Lags | None = None
    mappings: Mappings | None = None

    def forget_session(self, name: str) -> None:
        """Take back all that a session's requests changed; an empty name is the default session's."""
        if not name:
            self.counts.forget_unscoped()  # its counts have no scope, so that it can be plain, and quick, again
        else:
            self.counts.forget(f"~{name}/")
        for kept in (self.changes, self.tokens, self.lags, self.mappings):
            if kept:
                kept.forget(f"~{name}/" if name else "")


def open_state(folder: Path | None = None, counts_in_memory: bool = False) -> SharedState:
    """What rests in a folder, shared by all processes that open it; without one, counters in memory alone."""
    if folder is None:
        return SharedState(open_counts())
    # One process counts in memory: a file would only cost time.
    counts = open_counts(None if counts_in_memory else folder / "counts.sqlite")
    changes = Changes(folder)
    return SharedState(counts, changes, IssuedTokens(folder), Lags(changes), Mappings(folder))
