"""Building a collection's file: once for each (collection, seed, count), by one process at a time."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from mock_server.contract import Collection
from mock_server.errors import UsageError
from mock_server.store.batches import Chunk, Work, find_common, find_distinct, make_chunks
from mock_server.store.grams import SCANNED
from mock_server.store.grams import is_whole as is_whole_index
from mock_server.store.grams_build import GramWriter
from mock_server.store.json_file import FragmentWriter, is_whole
from mock_server.store.reader import Columns, StoredRecords, column_form, find_texts, grams_path, text_path, view_path

FORMAT = 3
"""Changes whenever the same arguments would give another file."""

APPLICATION_ID = 0x55535459
Progress = Callable[[int, int], None]


def open_records(
    folder: Path,
    collection: Collection,
    seed: str,
    count: int,
    now: datetime,
    progress: Progress | None = None,
    processes: int | None = None,
) -> StoredRecords:
    """The records of a collection, built when the cache folder does not have them yet.

    Two servers that start together build once. A file that is cut short or is something else is built
    anew. Where the folder cannot be written, a temporary one serves.
    """
    columns = _columns(collection)
    path = _writable(folder) / f"{_name(collection, seed, count, now)}.sqlite"
    views = len(collection.views)
    if not _is_whole(path, count, views, columns):
        with FileLock(f"{path}.lock"):
            if not _is_whole(path, count, views, columns):
                _build(path, collection, columns, seed, count, now, progress, processes)
    return StoredRecords(path, count, views, columns)


def _name(collection: Collection, seed: str, count: int, now: datetime) -> str:
    material = [
        collection.digest,
        *collection.edges,
        seed,
        count,
        now.isoformat(),
        importlib.metadata.version("faker"),
        FORMAT,
    ]
    digest = hashlib.blake2b(repr(material).encode(), digest_size=10).hexdigest()
    return f"{collection.name}-{digest}"


def _writable(folder: Path) -> Path:
    """The folder, or a temporary one of this user where it cannot be written."""
    spare = Path(tempfile.gettempdir()) / f"understudy-{os.getuid() if hasattr(os, 'getuid') else 'cache'}"
    for place in (folder, spare):
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=place):
                return place
        except OSError:
            continue
    raise UsageError(f"Neither {folder} nor {spare} can be written: records need a place. Choose one with --cache.")


def _columns(collection: Collection) -> Columns:
    """Tests and fields to columns; tests that need the same form of the same fields share one."""
    names: dict[tuple[str, tuple[str, ...]], str] = {}
    columns: dict[tuple[str, tuple[str, ...]], str] = {}
    for test, fields in collection.columns:
        form = (column_form(test), fields)
        columns[test, fields] = names.setdefault(form, f"c{len(names)}")
    return columns


def _is_whole(path: Path, count: int, views: int, columns: Columns) -> bool:
    """Whether the files are ours, complete, and of as many bytes as they say themselves."""
    texts = find_texts(columns)
    fragments = [*(view_path(path, view) for view in range(views)), *(text_path(path, column) for column in texts)]
    if not all(is_whole(each, count) for each in fragments):
        return False
    if count > SCANNED and not all(is_whole_index(grams_path(path, column)) for column in texts):
        return False
    try:
        size = path.stat().st_size
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            (mark,) = connection.execute("PRAGMA application_id").fetchone()
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (page_size,) = connection.execute("PRAGMA page_size").fetchone()
            (found,) = connection.execute("SELECT count FROM built").fetchone()
            return bool(mark == APPLICATION_ID and pages * page_size == size and found == count)
        finally:
            connection.close()
    except (OSError, sqlite3.Error, TypeError):
        return False


def _build(
    path: Path,
    collection: Collection,
    columns: Columns,
    seed: str,
    count: int,
    now: datetime,
    progress: Progress | None,
    processes: int | None,
) -> None:
    half = path.with_suffix(f".{os.getpid()}.part")
    for left in path.parent.glob(f"{path.stem}.*part"):  # of a builder that was killed; the lock is ours now
        left.unlink(missing_ok=True)
    connection = sqlite3.connect(half, isolation_level=None)
    writers = [FragmentWriter(view_path(path, view)) for view in range(len(collection.views))]
    writers += [FragmentWriter(text_path(path, column)) for column in find_texts(columns)]
    parts: list[FragmentWriter | GramWriter] = [*writers]
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        _create(connection, columns)
        frequent = find_common(collection, columns, seed, count, now)
        grams = [GramWriter(grams_path(path, column), known, count) for column, known in frequent.items()]
        parts += grams
        rows = make_chunks(Work(collection, columns, seed, now, frequent), count, processes)
        _insert(connection, writers, grams, columns, rows, count, progress)
        _finish(connection, columns, count)
        connection.close()
        _sync(half)
        for part in parts:
            part.finish()
        half.replace(path)
    except sqlite3.Error as error:
        raise UsageError(f"Cannot build {path}: {error}.") from error
    finally:
        connection.close()
        half.unlink(missing_ok=True)
        for part in parts:
            part.discard()


def _create(connection: sqlite3.Connection, columns: Columns) -> None:
    names = ["ordinal INTEGER PRIMARY KEY", "key", *find_distinct(columns)]
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"CREATE TABLE records({', '.join(names)})")
    connection.execute("CREATE TABLE built(count INTEGER)")


def _insert(
    connection: sqlite3.Connection,
    writers: list[FragmentWriter],
    grams: list[GramWriter],
    columns: Columns,
    chunks: Iterable[Chunk],
    count: int,
    progress: Progress | None,
) -> None:
    marks = ",".join("?" * (2 + len(find_distinct(columns))))
    done = 0
    connection.execute("BEGIN")
    for rows, fragments, indexed in chunks:
        for writer, each in zip(writers, fragments):
            writer.write(each)
        for gram_writer, chunk in zip(grams, indexed):
            gram_writer.write(chunk, done)
        connection.executemany(f"INSERT INTO records VALUES ({marks})", rows)
        done += len(rows)
        if progress:
            progress(done, count)
    connection.execute("COMMIT")


def _finish(connection: sqlite3.Connection, columns: Columns, count: int) -> None:
    connection.execute("CREATE UNIQUE INDEX by_key ON records(key)")
    for name in find_distinct(columns):
        connection.execute(f"CREATE INDEX by_{name} ON records({name})")
    connection.execute("INSERT INTO built VALUES (?)", (count,))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
