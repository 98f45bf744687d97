"""Ready JSON at rest: the records of one view in a row, so that a page is one slice of a mapped file.

Beside the fragments (each followed by a comma) stands a file of offsets, one more than there are records.
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

SMALL_BYTES = 256 * 1024
"""Up to this size a file is read instead of mapped."""


class Fragments:
    """The fragments of one view, for reading by any number of threads and processes."""

    def __init__(self, path: Path) -> None:
        self._data = _map(path)
        self._at = memoryview(_map(_offsets_path(path))).cast("Q")

    def one(self, ordinal: int) -> bytes:
        """The JSON of one record."""
        return self._data[self._at[ordinal] : self._at[ordinal + 1] - 1]

    def slice(self, start: int, end: int) -> bytes:
        """The JSON of the records from `start` up to `end`, joined by commas; `end` is the greater one."""
        return self._data[self._at[start] : self._at[end] - 1]


def _map(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= SMALL_BYTES:
            return file.read()  # a mapping would hold a descriptor, and there may be many small collections
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)


def _offsets_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.at")


def is_whole(path: Path, count: int) -> bool:
    """Whether both files are there and as long as `count` records make them."""
    try:
        with _offsets_path(path).open("rb") as file:
            file.seek(count * _OFFSET_BYTES)
            last = file.read()
        return len(last) == _OFFSET_BYTES and int.from_bytes(last, "little") == path.stat().st_size
    except OSError:
        return False


class FragmentWriter:
    """Writes the fragments of one view to part files; `finish` puts them in place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = [target.with_name(f"{target.name}.{os.getpid()}.part") for target in self._targets()]
        self._data, self._at = (part.open("wb") for part in self._files)
        self._end = 0
        self._at.write(bytes(_OFFSET_BYTES))

    def _targets(self) -> list[Path]:
        return [self._path, _offsets_path(self._path)]

    def write(self, fragments: Iterable[bytes]) -> None:
        """Append the records' JSON, in order."""
        ends = array("Q")
        for fragment in fragments:
            self._data.write(fragment)
            self._data.write(b",")
            self._end += len(fragment) + 1
            ends.append(self._end)
        self._at.write(ends.tobytes())

    def finish(self) -> None:
        """Both files complete, on disk and under their names."""
        for file in (self._data, self._at):
            file.flush()
            os.fsync(file.fileno())
            file.close()
        for part, target in zip(self._files, self._targets()):
            part.replace(target)

    def discard(self) -> None:
        """Leave no part behind; after `finish` there is none."""
        for file, part in zip((self._data, self._at), self._files):
            file.close()
            part.unlink(missing_ok=True)
