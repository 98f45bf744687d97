"""Which records conditions matched, kept for the pages that follow: bounded by bytes, not by entries."""

from __future__ import annotations

import sys
import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from mock_server.messages import Condition

Ordinals: TypeAlias = "array[int]"
"""Records by their numbers, in order."""

MIN_BYTES = 1024 * 1024
MAX_BYTES = 64 * 1024 * 1024
BYTES_A_RECORD = 32
"""How much is kept: what eight searches that match all records take, within these bounds."""

_ENTRY_BYTES = 300
"""What an entry takes beside its contents: the tuples, and its place in the dictionary."""


class Matches(NamedTuple):
    """The records that satisfy conditions, after so many changes; `first` are those that stand before all others."""

    ordinals: Ordinals
    first: tuple[int, ...] = ()
    changes: int = 0


class MatchCache:
    """The matches of the conditions that were asked for last, of one collection; from any thread."""

    def __init__(self, total: int) -> None:
        self.most_bytes, self.bytes = min(MAX_BYTES, MIN_BYTES + BYTES_A_RECORD * total), 0
        self._matches: OrderedDict[tuple[Condition, ...], Matches] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, where: tuple[Condition, ...]) -> Matches | None:
        """What these conditions matched, or None where it is not kept."""
        with self._lock:
            if where not in self._matches:
                return None
            self._matches.move_to_end(where)
            return self._matches[where]

    def put(self, where: tuple[Condition, ...], matches: Matches) -> None:
        """Keep what these conditions matched, unless it is larger than all that may be kept, or older than what is."""
        size = _size(where, matches)
        with self._lock:
            kept = self._matches.get(where)
            if size > self.most_bytes or (kept and kept.changes >= matches.changes):
                return
            self.bytes += size - (_size(where, kept) if kept else 0)
            self._matches[where] = matches
            while self.bytes > self.most_bytes:  # the least recently used goes first
                self.bytes -= _size(*self._matches.popitem(last=False))


def _size(where: tuple[Condition, ...], matches: Matches) -> int:
    """How many bytes an entry takes. A keyword of 60,000 characters counts as such, not as one entry."""
    values = [value for condition in where for value in _each(condition.value)]
    numbers = matches.ordinals.itemsize * len(matches.ordinals) + sys.getsizeof(matches.first)
    return _ENTRY_BYTES * len(where) + sum(map(sys.getsizeof, values)) + numbers


def _each(value: Any) -> tuple[Any, ...]:
    return (value, *value) if isinstance(value, tuple) else (value,)


def edit(ordinals: Ordinals, edits: Iterable[tuple[int, bool]]) -> Ordinals:
    """Numbers in order with some of them in, or out, of it; `edits` are in order as well."""
    edited, start, end = array("I"), 0, len(ordinals)
    for number, is_in in edits:
        at = bisect_left(ordinals, number, start)
        edited += ordinals[start:at]
        if is_in:
            edited.append(number)
        start = at + (at < end and ordinals[at] == number)
    edited += ordinals[start:]
    return edited
