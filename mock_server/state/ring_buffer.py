"""A ring of bytes in a mapped file: what one process writes outlives it, and others read along.

The file is a head and a row of segments. The head holds where the oldest record and where the next one stands,
counted from the beginning of time, and how many were skipped. A record is its length and its bytes, and none
crosses from one segment into the next, so making room is forgetting a whole segment. Writing one costs half a
microsecond, SQLite some twenty. One process writes, any number read: a reader copies, then looks whether the segment
was reused meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from mock_server.state.mapped_file import open_mapped

_HEAD = 64
SEGMENTS = 32
"""How many parts a ring has; one of them is given up when it is full."""


class Ring:
    """The records of one file, oldest first; `size_bytes` bounds them."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._segment = size_bytes // SEGMENTS
        self._size = self._segment * SEGMENTS
        self._map = open_mapped(path, _HEAD + self._size)
        self._lock = threading.Lock()  # threads answer what has no quick answer, and each writes
        self._marks = memoryview(self._map)[:_HEAD].cast("Q")
        self._turn_to(self._marks[1])  # a worker that takes a dead one's place goes on where it stopped

    def _turn_to(self, place: int) -> None:
        """Be ready to write there: `_shift` leads from places to offsets of the file; `_limit` ends the segment."""
        self._next = place
        self._shift = _HEAD - place // self._size * self._size
        self._limit = (place // self._segment + 1) * self._segment

    @property
    def skipped(self) -> int:
        """How many records were not written for there were too many; kept in the file beside the marks."""
        return self._marks[2]

    def skip(self, count: int) -> None:
        """Count what is not written."""
        self._marks[2] += count

    def append(self, head: bytes, tail: bytes = b"") -> None:
        """Write one record, over the oldest segment where the ring is full; one larger than a segment is left out."""
        with self._lock:
            self._append(head, tail)

    def _append(self, head: bytes, tail: bytes) -> None:
        cut = len(head) + 4
        length = cut - 4 + len(tail)
        place = self._next
        end = place + length + 4
        if end + 4 > self._limit:
            if length + 8 > self._segment:
                return
            place = self._make_room()
            end = place + length + 4
        at = place + self._shift
        self._map[at : at + cut] = length.to_bytes(4, "little") + head
        self._map[at + cut : at + length + 4] = tail
        self._next = self._marks[1] = end

    def _make_room(self) -> int:
        """Go on in the next segment; whatever stood there is forgotten first."""
        at = self._next + self._shift
        if self._next + 4 <= self._limit:
            self._map[at : at + 4] = b"\xff\xff\xff\xff"
        oldest = self._limit + self._segment - self._size
        if self._marks[0] < oldest:
            self._marks[0] = oldest
        self._turn_to(self._limit)
        return self._next

    def read(self, since: int = 0) -> tuple[int, list[tuple[int, bytes]]]:
        """Where the next read goes on, and the records from a place on: each with its place."""
        end = self._marks[1]
        found = list(self._walk(max(self._marks[0], since), end))
        oldest = self._marks[0]  # what was reused while it was read is no record any more
        return end, [(place, data) for place, data in found if place >= oldest]

    def read_back(self) -> Iterator[tuple[int, bytes]]:
        """The records, newest first; as far back as one cares to read."""
        end = self._marks[1]
        for start in range((end - 1) // self._segment * self._segment, -1, -self._segment):
            found = list(self._walk(start, min(end, start + self._segment)))
            if start < self._marks[0]:
                return
            yield from reversed(found)

    def _walk(self, place: int, end: int) -> Iterator[tuple[int, bytes]]:
        while place < end:
            at = _HEAD + place % self._size
            limit = (place // self._segment + 1) * self._segment
            length = int.from_bytes(self._map[at : at + 4], "little")
            if place + 4 + length > limit:  # the mark of a segment's end, or what is being overwritten
                place = limit
                continue
            yield place, self._map[at + 4 : at + 4 + length]
            place += 4 + length

    def find(self, place: int) -> bytes | None:
        """The record that stands at a place, or None when it is gone or never was."""
        start = place // self._segment * self._segment
        found = list(self._walk(start, min(self._marks[1], start + self._segment)))
        return next((data for at, data in found if at == place), None) if start >= self._marks[0] else None
