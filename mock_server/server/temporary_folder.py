"""The temporary folder of one running server, and those that killed ones left behind."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "understudy-"
ALIVE = "alive"
"""The file that is locked as long as a process of the server lives; the lock is passed on by fork, and ends with it."""

HAS_LOCKS = importlib.util.find_spec("fcntl") is not None
"""Whether this system has locks that fork passes on."""


@contextlib.contextmanager
def runtime_folder() -> Iterator[Path]:
    """A folder for what workers share, removed at the end.

    A server that is killed cannot remove its own: the next one does, where nobody holds the lock any more.
    """
    _remove_abandoned(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        unnamed = folder / f"{ALIVE}.new"
        with unnamed.open("wb") as file:
            take_lock(file.fileno())
            # Locked first and named then, so that nobody finds it unlocked in between.
            unnamed.replace(folder / ALIVE)
            yield folder


def _remove_abandoned(parent: Path) -> None:
    for path in parent.glob(f"{PREFIX}*/{ALIVE}"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            if take_lock(file.fileno()):
                shutil.rmtree(path.parent, ignore_errors=True)


def take_lock(descriptor: int) -> bool:
    """Lock a file for this process and those it forks; False where another one has, or where there are no locks."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
