"""The changes of one collection in a session, as values: what they were at one moment, and what came since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

LOG_SHARE, MIN_LOG = 2, 1_000
"""A log longer than so many times its changes, of so many at least, is begun anew: it would hold every write."""

FIRST, LAST = "first", "last"
"""Where a record of a tester's own stands: before all others, or behind them."""

Place = tuple[str, str]
"""What tells a changed record of a collection: the parents that it lies below, and its key, both as text."""


class Change(NamedTuple):
    """A record as a client left it: its values as JSON, or None where it was deleted.

    One that `is_new` was created, be it under a key that another one had before it was deleted.
    `parents` are the parents that it lies below, as text; `number` counts first writes: its place among them.
    With `place` (`FIRST` or `LAST`) it began as a record of a tester's own, which stands there in place of one of the
    same key. While it `is_given`, what its values leave out is made as for any record; a client that replaces it says
    all of it.
    """

    number: int
    parents: str
    key: str
    values: str | None
    is_new: bool = False
    place: str = ""
    is_given: bool = False


class _Log:
    """The changes of one collection in the order of their writes; it only grows, and others start anew from it."""

    def __init__(self) -> None:
        self.changes: list[Change] = []


class Written:
    """The changes of a collection in a session as they were at one moment: a value that stays as it is.

    What is not `committed` may be undone yet, and is nothing to be kept.
    """

    def __init__(self, log: _Log, changes: Mapping[Place, Change], committed: bool = True) -> None:
        self._log, self._length, self._changes, self.committed = log, len(log.changes), changes, committed

    def __len__(self) -> int:
        """How many records are changed."""
        return len(self._changes)

    def find(self, parents: str, key: str) -> Change | None:
        """The change of one record."""
        return self._changes.get((parents, key))

    def all(self) -> tuple[Change, ...]:
        """Every change, by first writes."""
        return tuple(sorted(self._changes.values()))

    def since(self, earlier: Written) -> tuple[Change, ...] | None:
        """What was written after an earlier value of the same; None where this one does not go on from that one."""
        return tuple(self._log.changes[earlier._length : self._length]) if self._log is earlier._log else None

    def begin(self) -> Written:
        """One without changes, which others go on from."""
        return Written(_Log(), {})

    def with_more(self, more: Iterable[Change]) -> Written:
        """The same with later writes; what stood in a place before is replaced."""
        changes, log = dict(self._changes), self._log
        for change in more:
            changes[change.parents, change.key] = change
            log.changes.append(change)
        if len(log.changes) > LOG_SHARE * (len(changes) + MIN_LOG):
            log = _Log()
            log.changes.extend(changes.values())
        return Written(log, changes)


NOTHING_WRITTEN = Written(_Log(), {})
