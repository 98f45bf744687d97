"""Pieces at rest: the JSON of the records of one view in a row, so that a page is one slice of a mapped file.

Beside the pieces (each followed by a byte that ends it) stands a file of offsets, one more than there are pieces.
A page of twenty costs less than a microsecond, the fifty-thousandth as much as the first, and worker
processes share the pages of memory.
"""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Iterable
from pathlib import Path

_OFFSET_BYTES = 8

JSON_END = b","
TEXT_END = b"\xfe"
"""What ends a piece: of JSON a comma, for pages are joined by it; of text a byte that UTF-8 never uses."""

Data = bytes | mmap.mmap


class Fragments:
    """The ready JSON of one view, for reading by any number of threads and processes."""

    def __init__(self, data: Data, offsets: Data) -> None:
        self._data = data
        self._at = memoryview(offsets).cast("Q")

    def one(self, ordinal: int) -> bytes:
        """The JSON of one record."""
        return self._data[self._at[ordinal] : self._at[ordinal + 1] - 1]

    def slice(self, start: int, end: int) -> bytes:
        """The JSON of the records from `start` up to `end`, joined by commas; `end` is the greater one."""
        return self._data[self._at[start] : self._at[end] - 1]


class FragmentWriter:
    """Writes the pieces of one view or column to part files; `finish` puts them in place.

    Every method raises OSError where the disk is full.
    """

    def __init__(self, path: Path, end: bytes) -> None:
        self._end = end
        self._targets = [path, path.with_name(f"{path.name}.at")]
        self._parts = [target.with_name(f"{target.name}.{os.getpid()}.part") for target in self._targets]
        self._data, self._at = (part.open("wb") for part in self._parts)
        self._size = 0
        self._at.write(bytes(_OFFSET_BYTES))

    def write(self, pieces: Iterable[bytes]) -> None:
        """Append the records' pieces, in order: in files of their own first, so that a reader sees whole ones only."""
        ends = array("Q")
        for piece in pieces:
            self._data.write(piece)
            self._data.write(self._end)
            self._size += len(piece) + 1
            ends.append(self._size)
        self._at.write(ends.tobytes())

    def finish(self) -> None:
        """Both files complete, on disk and under their names."""
        for file in (self._data, self._at):
            file.flush()
            os.fsync(file.fileno())
            file.close()
        for part, target in zip(self._parts, self._targets):
            part.replace(target)

    def discard(self) -> None:
        """Leave no part behind; after `finish` there is none."""
        for part in self._parts:
            part.unlink(missing_ok=True)
        for file in (self._data, self._at):
            try:
                file.close()
            except OSError:  # what is buffered has no room, and nobody misses it; the second call lets go of the file
                file.close()
