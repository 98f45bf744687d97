"""The folder of a server whose state lasts: one server's at a time, of a form that this one reads, sound."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mock_server import __version__
from mock_server.contract import Contract
from mock_server.errors import UsageError
from mock_server.server.temporary_folder import HAS_LOCKS, take_lock
from mock_server.server.worker_pool import KILL_SECONDS
from mock_server.state import KEPT, Changes, find_damage

FORM = 2
"""The form of the files; another number whenever a table of them changes, for there is no reading the old ones then."""

LOCK = "in-use"
"""The file that is locked as long as a process of the server lives; it says which one started the others."""

POLL_SECONDS = 0.05

_ADVICE = "Nothing in it was changed; name another folder, or move this one away."


@contextlib.contextmanager
def kept_folder(folder: Path) -> Iterator[Path]:
    """A folder in which what workers share outlives them, made where there is none.

    Raises: UsageError where another server has it, where it is not ours, of another form, or damaged.
    """
    _make(folder)
    with (folder / LOCK).open("a+b") as lock:
        _require_free(folder, lock.fileno())
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        lock.flush()
        _require_readable(folder, load_notes(folder))
        _require_sound(folder)
        _renew_versions(folder)
        write_notes(folder, {**load_notes(folder), "form": FORM, "understudy": __version__})
        yield folder.resolve()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_strange = any(folder.iterdir()) and not any((folder / name).exists() for name in (KEPT, LOCK))
    except OSError as error:
        raise UsageError(f"--keep {folder}: {error.strerror}.") from None
    if is_strange:
        raise UsageError(f"--keep {folder}: there are files in it, and none of Understudy's; name an empty folder.")


def _require_free(folder: Path, descriptor: int) -> None:
    """Take the folder's lock; where the server that had it was killed, its workers end in a moment."""
    end = time.monotonic() + KILL_SECONDS + 1
    while HAS_LOCKS and not take_lock(descriptor):
        owner = (folder / LOCK).read_text(encoding="utf-8", errors="replace")
        if _is_running(owner) or time.monotonic() > end:
            raise UsageError(
                f"--keep {folder}: another server (process {owner}) uses it; stop that one, or name another folder.",
            )
        time.sleep(POLL_SECONDS)


def _is_running(process: str) -> bool:
    """Whether a process lives; one that has written nothing yet does."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except (PermissionError, ValueError):
        pass
    return True


def load_notes(folder: Path) -> dict[str, Any]:
    """What stands in a kept folder about itself; nothing in one that is new. Raises: UsageError."""
    try:
        notes = json.loads((folder / KEPT).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        notes = None
    if not isinstance(notes, dict) or not isinstance(notes.get("form"), int):
        raise UsageError(f"--keep {folder}: its file {KEPT} is damaged. {_ADVICE}")
    return notes


def write_notes(folder: Path, notes: Mapping[str, Any]) -> None:
    """Write down what a kept folder says of itself: whole, or not at all, also where several workers do at once."""
    unnamed = folder / f"{KEPT}.{os.getpid()}.new"
    with unnamed.open("w", encoding="utf-8") as file:
        json.dump(notes, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unnamed.replace(folder / KEPT)


def _require_readable(folder: Path, notes: Mapping[str, Any]) -> None:
    if notes and notes["form"] != FORM:
        writer = notes.get("understudy", "another version")
        raise UsageError(
            f"--keep {folder}: Understudy {writer} wrote it in form {notes['form']}, and {__version__} reads form "
            f"{FORM}. {_ADVICE}",
        )


def _require_sound(folder: Path) -> None:
    """Look through each file of SQLite; nothing is repaired, for that would lose what cannot be read."""
    for path in sorted(folder.glob("*.sqlite")):
        if damage := find_damage(path):
            raise UsageError(f"--keep {folder}: {path.name} is damaged ({damage}). {_ADVICE}")


def _renew_versions(folder: Path) -> None:
    """Beside each file of SQLite the moment of its last change is mapped: nothing says that it reached the disk."""
    for path in folder.glob("*.sqlite"):
        version = path.with_suffix(".version")
        version.write_bytes(time.time_ns().to_bytes(8, "little"))


def is_noted(folder: Path, name: str, value: str) -> bool:
    """Whether a folder that is kept says this of itself; one that is not says nothing."""
    return bool(load_notes(folder).get(name, "") == value)


def note(folder: Path, name: str, value: str) -> None:
    """Have a folder say this of itself, where it is kept."""
    if (folder / KEPT).exists():
        write_notes(folder, {**load_notes(folder), name: value})


def require_same_keys(folder: Path, contracts: Mapping[str, Contract]) -> None:
    """Note by which fields the records of these contracts are found.

    Raises: UsageError where records that were changed in this folder are not found by them any more.
    """
    notes = load_notes(folder)
    noted = notes.get("keys", {})
    keys = {f"{name}/{each}": c.key for name, of in contracts.items() for each, c in of.collections.items()}
    for name in Changes(folder).list_collections():
        if name.partition("/")[0] in contracts and name in noted and keys.get(name) != noted[name]:
            now = f"is now `{keys[name]}`" if name in keys else "is documented no more"
            raise UsageError(
                f"--keep {folder}: it holds changed records of {name}, whose key was `{noted[name]}` and {now}. "
                f"Play the document that they were written to. {_ADVICE}",
            )
    write_notes(folder, {**notes, "keys": {**noted, **keys}})
