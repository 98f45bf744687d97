"""Which records conditions matched, kept for the pages that follow: bounded by bytes, not by entries."""

from __future__ import annotations

import sys
import threading
from array import array
from collections import OrderedDict
from typing import Any, TypeAlias

from mock_server.messages import Condition

Ordinals: TypeAlias = "array[int]"
"""Records by their numbers, in order."""

MIN_BYTES = 1024 * 1024
MAX_BYTES = 64 * 1024 * 1024
BYTES_A_RECORD = 32
"""How much is kept: what eight searches that match all records take, within these bounds."""

_ENTRY_BYTES = 300
"""What an entry takes beside its contents: the tuples, and its place in the dictionary."""


class MatchCache:
    """The matches of the conditions that were asked for last, of one collection; from any thread."""

    def __init__(self, total: int) -> None:
        self.most_bytes, self.bytes = min(MAX_BYTES, MIN_BYTES + BYTES_A_RECORD * total), 0
        self._matches: OrderedDict[tuple[Condition, ...], Ordinals] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, where: tuple[Condition, ...]) -> Ordinals | None:
        """What these conditions matched, or None where it is not kept."""
        with self._lock:
            if where not in self._matches:
                return None
            self._matches.move_to_end(where)
            return self._matches[where]

    def put(self, where: tuple[Condition, ...], ordinals: Ordinals) -> None:
        """Keep what these conditions matched, unless it is larger than all that may be kept."""
        size = _size(where, ordinals)
        with self._lock:
            if where in self._matches or size > self.most_bytes:
                return
            self._matches[where] = ordinals
            self.bytes += size
            while self.bytes > self.most_bytes:  # the least recently used goes first
                self.bytes -= _size(*self._matches.popitem(last=False))


def _size(where: tuple[Condition, ...], ordinals: Ordinals) -> int:
    """How many bytes an entry takes. A keyword of 60,000 characters counts as such, not as one entry."""
    values = [value for condition in where for value in _each(condition.value)]
    return _ENTRY_BYTES * len(where) + sum(map(sys.getsizeof, values)) + ordinals.itemsize * len(ordinals)


def _each(value: Any) -> tuple[Any, ...]:
    return (value, *value) if isinstance(value, tuple) else (value,)
