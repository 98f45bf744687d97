"""Building a collection's files: once for each recipe, by one process at a time."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

from mock_server.errors import UsageError
from mock_server.sqlite import Connection
from mock_server.store.batches import Chunk, make_chunks
from mock_server.store.json_file import JSON_END, TEXT_END, FragmentWriter
from mock_server.store.manifest import DamagedError, file_path, manifest_path, read_files, write_manifest
from mock_server.store.reader import StoredRecords
from mock_server.store.recipe import Recipe

Progress = Callable[[int, int], None]
"""Told while records are built: how many are done, of how many."""

Report = Callable[[str], None]
"""Told in a sentence what was wrong and is mended."""


class StorageError(UsageError):
    """Records cannot be kept: the disk is full, or what stands in their place is not ours."""


def _print_report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def has_records(recipe: Recipe, folder: Path) -> bool:
    """Whether the folder has the records of a recipe, whole: then they are open in no time."""
    base = folder / recipe.name
    try:
        return bool(read_files(base, recipe.endings))
    except (DamagedError, OSError):
        return False


def _find_records(recipe: Recipe, base: Path) -> StoredRecords | None:
    try:
        return StoredRecords(recipe, base, read_files(base, recipe.endings))
    except (DamagedError, OSError, sqlite3.Error):
        return None  # not there, damaged, or being put in place by another process this moment


def open_records(
    recipe: Recipe,
    folder: Path,
    progress: Progress | None = None,
    report: Report = _print_report,
    processes: int | None = None,
) -> StoredRecords:
    """The records of a recipe, built when the cache folder does not have them yet.

    Two servers that start together build once. Files that are not as they were written are built anew, and one
    sentence says which and why. Where the folder cannot be written, a temporary one serves.

    Raises:
        StorageError: no folder can be written, the disk is full, or a folder stands where a file should.
    """
    # Looked at before anything is written: the folder may be a read-only one with everything in it.
    records = _find_records(recipe, folder / recipe.name)
    if records:
        return records
    base = find_writable(folder) / recipe.name
    try:
        _require_no_folder(base, recipe)
        with FileLock(_lock_path(base)):
            return _open_or_build(recipe, base, progress, report, processes)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"The {recipe} cannot be kept in {base.parent}: {_reason(error)}. "
            "Make room there, or choose another folder with --cache.",
        ) from error


def _open_or_build(
    recipe: Recipe,
    base: Path,
    progress: Progress | None,
    report: Report,
    processes: int | None,
) -> StoredRecords:
    try:
        return StoredRecords(recipe, base, read_files(base, recipe.endings))
    except DamagedError as damage:
        if _is_any_there(recipe, base):
            report(f"{damage}: the {recipe} are built anew.")
    _build(recipe, base, progress, processes)
    try:
        return StoredRecords(recipe, base, read_files(base, recipe.endings))
    except DamagedError as damage:
        raise StorageError(f"{damage}, although it was written just now: is the disk sound?") from damage


def _reason(error: OSError | sqlite3.Error) -> str:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{reason} ({error.filename})" if isinstance(error, OSError) and error.filename else reason


def _lock_path(base: Path) -> Path:
    return base.with_name(f"{base.name}.lock")


def _is_any_there(recipe: Recipe, base: Path) -> bool:
    """Whether there were records of this recipe, whole or not; without any there is nothing to say."""
    return any(os.path.lexists(path) for path in (manifest_path(base), *_paths(recipe, base)))


def _paths(recipe: Recipe, base: Path) -> list[Path]:
    return [file_path(base, ending) for ending in recipe.endings]


def _require_no_folder(base: Path, recipe: Recipe) -> None:
    """A folder is nobody's records: what is in it is not ours to delete, so a person has to."""
    for path in (_lock_path(base), manifest_path(base), *_paths(recipe, base)):
        if path.is_dir() and not path.is_symlink():
            raise StorageError(f"{path} is a folder where a file of records belongs: remove it, then start again.")
    lock = _lock_path(base)
    if os.path.lexists(lock) and not stat.S_ISREG(lock.lstat().st_mode):
        lock.unlink()  # a pipe or a link of that name would keep whoever opens it waiting


def find_writable(folder: Path) -> Path:
    """The folder, or a temporary one of this user where it cannot be written; raises StorageError."""
    spare = Path(tempfile.gettempdir()) / f"understudy-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
    for place in (folder, spare):
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=place):
                if place == folder or _is_ours(place):
                    return place
        except OSError:
            continue
    raise StorageError(f"Neither {folder} nor {spare} can be written: records need a place. Choose one with --cache.")


def _is_ours(place: Path) -> bool:
    """Whether nobody else made a folder in the temporary one: its files would be served."""
    return not hasattr(os, "getuid") or (place.stat().st_uid == os.getuid() and not place.is_symlink())


def _build(recipe: Recipe, base: Path, progress: Progress | None, processes: int | None) -> None:
    """Write all files under names of their own, then put them in place; the manifest comes last."""
    for left in base.parent.glob(f"{base.name}.*part"):  # of a builder that was killed; the lock is ours now
        left.unlink(missing_ok=True)
    half = file_path(base, f"sqlite.{os.getpid()}.part")
    writers: list[FragmentWriter] = []
    connection = sqlite3.connect(half, isolation_level=None, check_same_thread=False, factory=Connection)
    try:
        writers += [FragmentWriter(file_path(base, view), JSON_END) for view in recipe.views]
        writers += [FragmentWriter(file_path(base, text), TEXT_END) for text in recipe.texts]
        _create(connection, recipe)
        _insert(connection, writers, recipe, make_chunks(recipe, processes), progress)
        _finish(connection, recipe)
        connection.close()
        _sync(half)
        manifest_path(base).unlink(missing_ok=True)  # from here to the end the files are of two builds
        for writer in writers:
            writer.finish()
        half.replace(file_path(base, "sqlite"))
        write_manifest(base, recipe.endings)
    finally:
        connection.close()
        half.unlink(missing_ok=True)
        for writer in writers:
            writer.discard()


def _create(connection: sqlite3.Connection, recipe: Recipe) -> None:
    # Nobody reads the file before it is whole, and a crash throws it away: no journal, no waiting for the disk.
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
    names = ["ordinal INTEGER PRIMARY KEY", "key", *recipe.find_columns(searched=False)]
    connection.execute(f"CREATE TABLE records({', '.join(names)})")


def _insert(
    connection: sqlite3.Connection,
    writers: list[FragmentWriter],
    recipe: Recipe,
    chunks: Iterable[Chunk],
    progress: Progress | None,
) -> None:
    marks = ",".join("?" * (2 + len(recipe.find_columns(searched=False))))
    done = 0
    connection.execute("BEGIN")
    for chunk in chunks:
        for writer, pieces in zip(writers, chunk.pieces):
            writer.write(pieces)
        connection.executemany(f"INSERT INTO records VALUES ({marks})", chunk.rows)
        done += len(chunk.rows)
        if progress:
            progress(done, recipe.count)
    connection.execute("COMMIT")


def _finish(connection: sqlite3.Connection, recipe: Recipe) -> None:
    connection.execute("CREATE UNIQUE INDEX by_key ON records(key)")
    for name in recipe.find_columns(searched=False):
        connection.execute(f"CREATE INDEX by_{name} ON records({name})")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
