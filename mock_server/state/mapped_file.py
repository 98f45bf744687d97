"""Mapped files in the server's temporary folder: their space is reserved, so that a full disk is a sentence at start.

What is written through a mapping has no way to fail but SIGBUS, which ends the process; a sparse file invites it.
"""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path

from mock_server.errors import UsageError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where no more can be written: the disk, the user's share of it, the process's largest file."""


def open_mapped(path: Path, size_bytes: int) -> mmap.mmap:
    """A file of that size, mapped, its space reserved; raises UsageError where there is no room for it."""
    try:
        with path.open("a+b") as file:
            if file.seek(0, 2) < size_bytes:
                _reserve(file.fileno(), size_bytes)
            return mmap.mmap(file.fileno(), size_bytes)
    except OSError as error:
        if error.errno not in FULL:
            raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
        raise UsageError(
            f"There is no room in {path.parent}: {size_bytes / 2**20:,.1f} MiB are needed for {path.name}. "
            "Free some, or name another folder with the environment variable TMPDIR.",
        ) from None


def _reserve(descriptor: int, size_bytes: int) -> None:
    """Have the file system set the space aside; where it cannot (macOS), write it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size_bytes)
        return
    os.ftruncate(descriptor, 0)  # it was opened for appending: what is written now is written from the start
    for start in range(0, size_bytes, 2**20):
        os.write(descriptor, bytes(min(2**20, size_bytes - start)))
