"""A ring buffer in a mapped file: what one process writes outlives it, and others read along.

The file is a header and a row of segments. The header holds where the oldest record and where the next one stands, both
counted from the beginning of time, how many were ever written, and the number of the first record of each segment. A
record is its length, its time and its key, then its bytes; none crosses from one segment into the next, so making room
is forgetting a whole segment. Writing one costs half a microsecond, SQLite some twenty. One process writes, any number
read: a reader copies, then looks whether the segment was reused meanwhile.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mock_server.state.mapped_file import open_mapped

SEGMENTS = 32
"""How many parts a ring has; one of them is given up when it is full."""

_OLDEST, _END, _WRITTEN, _FIRSTS = 0, 1, 2, 3
"""Where the words of the header stand; from the last on, one a segment."""

_HEADER_BYTES = 512
_HEAD = struct.Struct("<IQQ")
_HEAD_BYTES = _HEAD.size
_CLOSED = 0xFFFFFFFF
"""In place of a length: the rest of the segment is empty."""

NEVER = 2**64


class Record(NamedTuple):
    """One record: where it stands, when and under which key it was written, and its bytes."""

    place: int
    time_ns: int
    key: int
    data: bytes


class _Head(NamedTuple):
    place: int
    time_ns: int
    key: int
    length: int


class RingBuffer:
    """The records of one file; `size_bytes` bounds them. Raises UsageError where there is no room for the file."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._segment = size_bytes // SEGMENTS
        self._size = self._segment * SEGMENTS
        self._map = open_mapped(path, _HEADER_BYTES + self._size)
        self._lock = threading.Lock()  # threads answer what has no quick answer, and each writes
        self._words = memoryview(self._map)[:_HEADER_BYTES].cast("Q")
        self._turn_to(self._words[_END])  # a worker that takes a dead one's place goes on where it stopped
        # Counted and not read: the dead one may have been killed between its two last steps.
        start = self._next // self._segment * self._segment
        self._count = self._first_of(start) + sum(1 for _ in self._heads(start, self._next))

    def _turn_to(self, place: int) -> None:
        """Be ready to write there: `_shift` leads from places to offsets of the file; `_limit` ends the segment."""
        self._next = place
        self._shift = _HEADER_BYTES - place // self._size * self._size
        self._limit = (place // self._segment + 1) * self._segment

    def _first_of(self, place: int) -> int:
        """How many records were written before the first one of a place's segment."""
        return self._words[_FIRSTS + place // self._segment % SEGMENTS]

    @property
    def largest_bytes(self) -> int:
        """The largest record that there is room for."""
        return self._segment - _HEAD_BYTES - 1

    @property
    def written(self) -> int:
        """How many records were ever written."""
        return self._words[_WRITTEN]

    def overwritten(self, since_ns: int = 0) -> int:
        """How many were overwritten, or 0 where all that were are older than a moment."""
        # All that was overwritten is older than the oldest that is left; its own time is known, theirs are gone.
        oldest = self._words[_OLDEST]
        head = next(self._heads(oldest, self._words[_END]), None)
        return self._first_of(oldest) if head and head.time_ns > since_ns else 0

    def append(self, time_ns: int, key: int, data: bytes, more: bytes = b"") -> None:
        """Write one record, over the oldest segment where the ring is full; raises ValueError for one too large."""
        with self._lock:
            length = len(data) + len(more)
            place = self._next
            end = place + _HEAD_BYTES + length
            if end >= self._limit:  # a segment is never quite full, so that a place says which one it belongs to
                if length > self.largest_bytes:
                    raise ValueError(f"a record of {length} bytes is larger than {self.largest_bytes}")
                place = self._make_room()
                end = place + _HEAD_BYTES + length
            at = place + self._shift
            self._map[at : end + self._shift] = _HEAD.pack(length, time_ns, key) + data + more
            self._next = end
            # The end comes last: a reader, or a successor after a crash, sees the record whole or not at all.
            self._count += 1
            self._words[_WRITTEN] = self._count
            self._words[_END] = end

    def _make_room(self) -> int:
        """Go on in the next segment; whatever stood there is forgotten first."""
        at = self._next + self._shift
        if self._next + 4 <= self._limit:
            self._map[at : at + 4] = _CLOSED.to_bytes(4, "little")
        oldest = self._limit + self._segment - self._size
        if self._words[_OLDEST] < oldest:
            self._words[_OLDEST] = oldest
        self._turn_to(self._limit)
        self._words[_FIRSTS + self._next // self._segment % SEGMENTS] = self._count
        return self._next

    def count(self, since_ns: Mapping[int, int]) -> int:
        """How many records are of these keys, each since its moment; none is decoded."""
        heads = self._heads(self._words[_OLDEST], self._words[_END])
        return sum(1 for head in heads if head.time_ns >= since_ns.get(head.key, NEVER))

    def newest_first(self, since_ns: Mapping[int, int]) -> Iterator[Record]:
        """The records of these keys, each since its moment; as far back as one cares to read."""
        end = self._words[_END]
        for start in range((end - 1) // self._segment * self._segment, -1, -self._segment):
            if start < self._words[_OLDEST]:
                return
            heads = [
                head
                for head in self._heads(start, min(end, start + self._segment))
                if head.time_ns >= since_ns.get(head.key, NEVER)
            ]
            for head in reversed(heads):
                data = self._copy(head)
                if start < self._words[_OLDEST]:  # it was overwritten while it was copied, and the older ones before
                    return
                yield Record(head.place, head.time_ns, head.key, data)

    def read(self, since: int, most: int) -> tuple[int, list[Record]]:
        """Some records from a place on, oldest first, and where the next read goes on."""
        records = []
        for head in self._heads(max(self._words[_OLDEST], since), self._words[_END]):
            records.append(Record(head.place, head.time_ns, head.key, self._copy(head)))
            since = head.place + _HEAD_BYTES + head.length
            if len(records) == most:
                break
        oldest = self._words[_OLDEST]  # what was reused while it was read is no record any more
        return since, [record for record in records if record.place >= oldest]

    @property
    def end(self) -> int:
        """Where the next record will stand."""
        return self._words[_END]

    def find(self, place: int) -> Record | None:
        """The record that stands at a place, or None when it is gone or never was."""
        start = place // self._segment * self._segment
        heads = self._heads(start, min(self._words[_END], start + self._segment))
        head = next((head for head in heads if head.place == place), None)
        data = self._copy(head) if head else b""
        return Record(place, head.time_ns, head.key, data) if head and start >= self._words[_OLDEST] else None

    def _heads(self, place: int, end: int) -> Iterator[_Head]:
        """The heads of the records between two places; what is overwritten meanwhile may be no head at all."""
        while place < end:
            at = _HEADER_BYTES + place % self._size
            limit = (place // self._segment + 1) * self._segment
            if place + _HEAD_BYTES > limit:
                place = limit
                continue
            length, time_ns, key = _HEAD.unpack_from(self._map, at)
            if place + _HEAD_BYTES + length > limit:  # the mark of a segment's end, or bytes in the middle of a record
                place = limit
                continue
            yield _Head(place, time_ns, key, length)
            place += _HEAD_BYTES + length

    def _copy(self, head: _Head) -> bytes:
        at = _HEADER_BYTES + head.place % self._size + _HEAD_BYTES
        return self._map[at : at + head.length]
