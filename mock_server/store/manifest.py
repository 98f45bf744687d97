"""What the files of a collection were when they were written, so that damage is noticed before a byte is served.

The manifest stands beside the files and is written last: length and CRC-32 of each. CRC-32 finds what a disk, a cut
write or a careless editor does to a file, and reads two gigabytes a second; a thousand records are checked in a
millisecond. Files above `TRUSTED_BYTES` are read through once: while inode, length and times of such a file are those
of the last check, nobody has written to it, and it is taken as it is (the change time cannot be set back).
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import stat
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mock_server.store.json_file import Data

SMALL_BYTES = 256 * 1024
"""Up to this size a file is read instead of mapped."""

TRUSTED_BYTES = 32 * 1024 * 1024
"""Above this size a file whose times are unchanged since it was checked is not read through again."""

SETTLED_NS = 2_000_000_000
"""A file that changed this shortly before its check may change again within the same tick of the file system's clock,
unseen; it is checked once more."""

MAX_MANIFEST_BYTES = 256 * 1024
_STEP = 1024 * 1024
_KIND = "understudy records"

Stamp = list[int]
"""Inode, length, and times of modification and change in nanoseconds: a file that was not written to keeps them."""


@dataclass
class DamagedError(Exception):
    """A file of records is not as it was written: which one, and what is wrong with it."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{self.path} {self.problem}"


def manifest_path(base: Path) -> Path:
    """Where the manifest of the files of a name stands."""
    return base.with_name(f"{base.name}.manifest")


def file_path(base: Path, ending: str) -> Path:
    """Where a file of that name stands."""
    return base.with_name(f"{base.name}.{ending}")


def write_manifest(base: Path, endings: Iterable[str]) -> None:
    """Write down what the files are now, under their last names (a new name is a change of a file's times).

    Raises:
        OSError: a file cannot be read, or the manifest not be written.
    """
    started_ns = time.time_ns()
    files = {}
    for ending in endings:
        with file_path(base, ending).open("rb") as file:
            files[ending] = {"crc32": _checksum(file), "stamp": _stamp(file)}
    _save(base, files, started_ns)


def _save(base: Path, files: Mapping[str, Any], checked_ns: int) -> None:
    path = manifest_path(base)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    content = {"kind": _KIND, "checked_ns": checked_ns, "files": files}
    # Whoever reads it at this moment sees the old one or the new one, whole.
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_files(base: Path, endings: Iterable[str]) -> dict[str, Data]:
    """The content of each file by its ending, read or mapped, checked against the manifest.

    Raises:
        DamagedError: a file is not as it was written; the first one that is not.
    """
    started_ns = time.time_ns()  # before anything is read: what is written meanwhile has a later time
    files, checked_ns = _read_manifest(base, endings)
    contents: dict[str, Data] = {}
    checked: dict[str, Any] = {}
    for ending, written in files.items():
        path = file_path(base, ending)
        with _open_regular(path) as file:
            stamp = _stamp(file)
            trusted = _is_trusted(stamp, written["stamp"], checked_ns)
            contents[ending] = _read(path, file, written, trusted)
        if stamp[1] > TRUSTED_BYTES and not trusted:
            checked[ending] = {**written, "stamp": stamp}
    if checked:
        _remember(base, {**files, **checked}, started_ns)
    return contents


def _read_manifest(base: Path, endings: Iterable[str]) -> tuple[dict[str, Any], int]:
    """What was written down of each file, and when; raises DamagedError."""
    path = manifest_path(base)
    with _open_regular(path) as file:
        text = file.read(MAX_MANIFEST_BYTES)
    try:
        content = json.loads(text)
        if content["kind"] != _KIND:
            raise DamagedError(path, "is of another kind")
        files = {ending: content["files"][ending] for ending in endings}
        numbers = [(each["crc32"], *each["stamp"]) for each in files.values()]
        if not all(len(each) == 5 and all(isinstance(number, int) for number in each) for each in numbers):
            raise DamagedError(path, "is damaged")
        return files, int(content["checked_ns"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise DamagedError(path, "is damaged") from None


def _open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; a folder, a pipe or a device of that name is not read, for it might never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise DamagedError(path, "is missing") from None
    except OSError as error:
        raise DamagedError(path, f"cannot be read ({error.strerror})") from None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise DamagedError(path, "is not a file")


def _stamp(file: BinaryIO) -> Stamp:
    status = os.fstat(file.fileno())
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _is_trusted(stamp: Stamp, written: Stamp, checked_ns: int) -> bool:
    """Whether a large file is the one that was checked, and was not written to since."""
    return stamp[1] > TRUSTED_BYTES and stamp == written and max(stamp[2:]) + SETTLED_NS < checked_ns


def _read(path: Path, file: BinaryIO, written: Mapping[str, Any], trusted: bool) -> Data:
    size, wanted = os.fstat(file.fileno()).st_size, written["stamp"][1]
    if size != wanted:
        raise DamagedError(path, f"is {size:,} bytes long instead of {wanted:,}")
    try:
        if size <= SMALL_BYTES:
            # A mapping would hold a descriptor, and there may be many small collections.
            content = file.read(size + 1)
            checksum = zlib.crc32(content)
        else:
            checksum = written["crc32"] if trusted else _checksum(file)
            content = b""
    except OSError as error:
        raise DamagedError(path, f"cannot be read ({error.strerror})") from None
    if checksum != written["crc32"]:
        raise DamagedError(path, "holds other bytes than were written")
    return content if size <= SMALL_BYTES else mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)


def _checksum(file: BinaryIO) -> int:
    """CRC-32 of a whole file, read in steps: a mapping would end the process where the file is cut meanwhile."""
    checksum = 0
    while step := file.read(_STEP):
        checksum = zlib.crc32(step, checksum)
    return checksum


def _remember(base: Path, files: Mapping[str, Any], checked_ns: int) -> None:
    """Write down that the files are whole, so that the next start need not read them through."""
    with contextlib.suppress(OSError):  # a cache that cannot be written is only checked again
        _save(base, files, checked_ns)
