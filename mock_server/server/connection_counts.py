"""How many connections each worker has open, in memory that all of them share."""

from __future__ import annotations

import mmap

ABSENT = -1


class ConnectionCounts:
    """A number for each worker; made before they are forked. Writing four aligned bytes needs no lock."""

    def __init__(self, workers: int) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * workers)).cast("i")
        for slot in range(workers):
            self._counts[slot] = ABSENT

    def set(self, slot: int, count: int) -> None:
        """Say how many connections a worker has, or that it is `ABSENT`."""
        self._counts[slot] = count

    def least(self) -> int:
        """The fewest connections that a worker has which is there."""
        return min((count for count in self._counts if count != ABSENT), default=0)
