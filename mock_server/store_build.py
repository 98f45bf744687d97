"""Building a collection's file: once for each (collection, seed, count), by one process at a time."""

from __future__ import annotations

import hashlib
import importlib.metadata
import multiprocessing
import os
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock

from mock_server.collection import Collection
from mock_server.dataset import Maker, compile_maker
from mock_server.errors import UsageError
from mock_server.fragments import FragmentWriter, is_whole
from mock_server.store import SEPARATOR, Columns, Shelf, column_form, fold, text_index, view_path

FORMAT = 2
"""Changes whenever the same arguments would give another file."""

APPLICATION_ID = 0x55535459
CHUNK = 2_000
MANY = 10_000
"""From this many records on, all cores make them."""

Progress = Callable[[int, int], None]


def open_shelf(
    folder: Path,
    collection: Collection,
    seed: str,
    count: int,
    now: datetime,
    progress: Progress | None = None,
    processes: int | None = None,
) -> Shelf:
    """The records of a collection, built when the cache folder does not have them yet.

    Two servers that start together build once. A file that is cut short or is something else is built
    anew. Where the folder cannot be written, a temporary one serves.
    """
    columns = _columns(collection)
    path = _writable(folder) / f"{_name(collection, seed, count, now)}.sqlite"
    views = len(collection.views)
    if not _is_whole(path, count, views):
        with FileLock(f"{path}.lock"):
            if not _is_whole(path, count, views):
                _build(path, collection, columns, seed, count, now, progress, processes)
    return Shelf(path, count, views, columns)


def _name(collection: Collection, seed: str, count: int, now: datetime) -> str:
    material = [collection.digest, seed, count, now.isoformat(), importlib.metadata.version("faker"), FORMAT]
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


def _is_whole(path: Path, count: int, views: int) -> bool:
    """Whether the files are ours, complete, and of as many bytes as they say themselves."""
    if not all(is_whole(view_path(path, view), count) for view in range(views)):
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
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        _create(connection, columns)
        rows = _make_rows(collection, columns, seed, count, now, path.parent, processes)
        _insert(connection, writers, columns, rows, count, progress)
        _finish(connection, columns, count)
        connection.close()
        _sync(half)
        for writer in writers:
            writer.finish()
        half.replace(path)
    except sqlite3.Error as error:
        raise UsageError(f"Cannot build {path}: {error}.") from error
    finally:
        connection.close()
        half.unlink(missing_ok=True)
        for writer in writers:
            writer.discard()


def _distinct(columns: Columns) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each column once: its name, its form and its fields."""
    return {name: (column_form(test), fields) for (test, fields), name in columns.items()}


def _create(connection: sqlite3.Connection, columns: Columns) -> None:
    names = ["ordinal INTEGER PRIMARY KEY", "key", *_distinct(columns)]
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"CREATE TABLE records({', '.join(names)})")
    connection.execute("CREATE TABLE built(count INTEGER)")
    for name, (form, _) in _distinct(columns).items():
        if form == "text":
            options = "content='', columnsize=0, tokenize='trigram case_sensitive 1'"
            connection.execute(f"CREATE VIRTUAL TABLE {text_index(name)} USING fts5(text, {options})")


def _insert(
    connection: sqlite3.Connection,
    writers: list[FragmentWriter],
    columns: Columns,
    chunks: Iterable[Chunk],
    count: int,
    progress: Progress | None,
) -> None:
    distinct = _distinct(columns)
    marks = ",".join("?" * (2 + len(distinct)))
    texts = [(text_index(n), 2 + at) for at, (n, (form, _)) in enumerate(distinct.items()) if form == "text"]
    done = 0
    connection.execute("BEGIN")
    for rows, views in chunks:
        for writer, fragments in zip(writers, views):
            writer.write(fragments)
        connection.executemany(f"INSERT INTO records VALUES ({marks})", rows)
        for index, at in texts:
            connection.executemany(f"INSERT INTO {index}(rowid, text) VALUES (?, ?)", [(r[0], r[at]) for r in rows])
        done += len(rows)
        if progress:
            progress(done, count)
    connection.execute("COMMIT")


def _finish(connection: sqlite3.Connection, columns: Columns, count: int) -> None:
    connection.execute("CREATE UNIQUE INDEX by_key ON records(key)")
    for name, (form, _) in _distinct(columns).items():
        if form != "text":
            connection.execute(f"CREATE INDEX by_{name} ON records({name})")
    connection.execute("INSERT INTO built VALUES (?)", (count,))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


Chunk = tuple[list[tuple[Any, ...]], list[list[bytes]]]
"""Rows for SQLite (ordinal, key, columns), and the ready JSON of the same records, a list for each view."""

ChunkMaker = Callable[[tuple[int, int]], Chunk]


def _compile_chunk(maker: Maker, collection: Collection, columns: Columns) -> ChunkMaker:
    """From a range of ordinals to their rows and fragments."""
    readers = [_compile_column(form, fields) for form, fields in _distinct(columns).values()]
    views, key = collection.views, collection.key
    dumps = orjson.dumps

    def make(bounds: tuple[int, int]) -> Chunk:
        records = [maker(ordinal) for ordinal in range(*bounds)]
        fragments = [[dumps({n: record[f] for n, f in view if f in record}) for record in records] for view in views]
        rows = [(bounds[0] + n, r[key], *(read(r) for read in readers)) for n, r in enumerate(records)]
        return rows, fragments

    return make


def _compile_column(form: str, fields: tuple[str, ...]) -> Callable[[dict[str, Any]], Any]:
    paths = [field.split(".") for field in fields]
    if form == "text":
        return lambda record: SEPARATOR.join(
            str(fold(value)) for path in paths if (value := _look(record, path)) is not None
        )
    if form == "folded":
        return lambda record: fold(_look(record, paths[0]))
    if len(paths[0]) == 1:
        name = paths[0][0]
        return lambda record: record.get(name)
    return lambda record: _look(record, paths[0])


def _look(record: Any, path: list[str]) -> Any:
    for part in path:
        record = record.get(part) if isinstance(record, dict) else None
    return record


_make: ChunkMaker


def _start_worker(collection: Collection, columns: Columns, seed: str, now: datetime, folder: Path) -> None:
    global _make
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work
    _make = _compile_chunk(compile_maker(collection, seed, now, folder), collection, columns)


def _make_chunk(bounds: tuple[int, int]) -> Chunk:
    return _make(bounds)


def _make_rows(
    collection: Collection,
    columns: Columns,
    seed: str,
    count: int,
    now: datetime,
    folder: Path,
    processes: int | None,
) -> Iterator[Chunk]:
    """Chunks of records in order, made here or by as many processes as there are cores."""
    bounds = [(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    workers = processes if processes is not None else (os.cpu_count() or 1)
    maker = compile_maker(collection, seed, now, folder)  # also condenses the tables that workers then share
    if count < MANY or workers < 2:
        yield from map(_compile_chunk(maker, collection, columns), bounds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _start_worker, (collection, columns, seed, now, folder)) as pool:
        yield from pool.imap(_make_chunk, bounds)
