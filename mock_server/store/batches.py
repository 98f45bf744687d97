"""Records made in chunks, in order, by all cores: rows for SQLite, ready JSON, searched texts and their grams."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import orjson

from mock_server.contract import Collection
from mock_server.errors import UsageError
from mock_server.generation import Maker, bend_maker, compile_maker
from mock_server.store.grams import SCANNED, SEPARATOR, find_frequent
from mock_server.store.grams_build import ChunkGrams, index_chunk
from mock_server.store.reader import SEARCHED, Columns, column_form, fold

CHUNK = 2_000
MANY = 10_000
"""From this many records on, all cores make them."""

SAMPLED = 3_000
"""Records from all over a collection that tell which parts of its texts are frequent."""


def find_distinct(columns: Columns, text: bool = False) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each column once: its name, its form and its fields; SQLite's, or those that are searched."""
    found = {name: (column_form(test), fields) for (test, fields), name in columns.items()}
    return {name: found[name] for name in sorted(found) if (found[name][0] in SEARCHED) == text}


def find_common(
    collection: Collection,
    columns: Columns,
    seed: str,
    count: int,
    now: datetime,
) -> dict[str, frozenset[str]]:
    """The frequent grams of each searched column that needs an index, by records from all over the collection."""
    searched = find_distinct(columns, text=True)
    if count <= SCANNED or not searched:
        return {}
    maker = bend_maker(collection, compile_maker(collection, seed, now))
    sample = [maker(number * count // SAMPLED) for number in range(SAMPLED)]
    readers = {name: _compile_column(form, fields) for name, (form, fields) in searched.items()}
    return {name: find_frequent([read(record) for record in sample]) for name, read in readers.items()}


Chunk = tuple[list[tuple[Any, ...]], list[list[bytes]], list[ChunkGrams]]
"""Rows for SQLite (ordinal, key, columns); the ready JSON of the same records, a list for each view, and their
searched texts, a list for each column; the grams of those columns that have an index."""

ChunkMaker = Callable[[tuple[int, int]], Chunk]


class Work(NamedTuple):
    """What is made: everything a worker process needs to know."""

    collection: Collection
    columns: Columns
    seed: str
    now: datetime
    frequent: Mapping[str, frozenset[str]]


def _compile_chunk(work: Work, maker: Maker) -> ChunkMaker:
    """From a range of ordinals to their rows, fragments and grams."""
    readers = [_compile_column(form, fields) for form, fields in find_distinct(work.columns).values()]
    searched = {n: _compile_column(*column) for n, column in find_distinct(work.columns, text=True).items()}
    orders = {n: {gram: at for at, gram in enumerate(sorted(known))} for n, known in work.frequent.items()}
    views, key = work.collection.views, work.collection.key
    dumps = orjson.dumps

    def make(bounds: tuple[int, int]) -> Chunk:
        records = [maker(ordinal) for ordinal in range(*bounds)]
        fragments = [[dumps({n: record[f] for n, f in view if f in record}) for record in records] for view in views]
        rows = [(bounds[0] + n, r[key], *(read(r) for read in readers)) for n, r in enumerate(records)]
        texts = {name: [read(record) for record in records] for name, read in searched.items()}
        fragments += [[text.encode() for text in each] for each in texts.values()]
        grams = [index_chunk(texts[name], work.frequent[name], order) for name, order in orders.items()]
        return rows, fragments, grams

    return make


def _compile_column(form: str, fields: tuple[str, ...]) -> Callable[[dict[str, Any]], Any]:
    paths = [field.split(".") for field in fields]
    if form in SEARCHED:
        mark = SEARCHED[form]
        return lambda record: SEPARATOR.join(
            f"{mark}{fold(value)}" for path in paths if (value := _look(record, path)) is not None
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


def _compile(work: Work) -> ChunkMaker:
    maker = compile_maker(work.collection, work.seed, work.now)
    return _compile_chunk(work, bend_maker(work.collection, maker))


def _run_worker(work: Work, bounds: Sequence[tuple[int, int]], pipe: Connection) -> None:
    """Make every chunk of a worker process and send it, as fast as it is taken; what goes wrong is sent as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work
    try:
        make = _compile(work)
        for each in bounds:
            pipe.send(make(each))
    except OSError:  # the parent is gone, and nobody waits for more
        pass
    except Exception as error:
        pipe.send(error)


def _start_workers(work: Work, bounds: Sequence[tuple[int, int]], count: int) -> list[tuple[BaseProcess, Connection]]:
    """Worker n makes chunks n, n + count, n + 2 count, and so on; each has a pipe of its own."""
    context = multiprocessing.get_context("spawn")
    started: list[tuple[BaseProcess, Connection]] = []
    for number in range(count):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_run_worker, args=(work, bounds[number::count], sender), daemon=True)
        process.start()
        sender.close()  # the worker's end alone stays open, so that its death is the end of the pipe
        started.append((process, receiver))
    return started


def _receive(pipe: Connection) -> Chunk:
    try:
        received = pipe.recv()
    except (EOFError, OSError):  # an end, or an end in the middle of a chunk
        raise UsageError("A process that made records was killed; is there enough memory? Try again.") from None
    if isinstance(received, Exception):
        raise received
    chunk: Chunk = received
    return chunk


def make_chunks(work: Work, count: int, processes: int | None) -> Iterator[Chunk]:
    """Chunks of records in order, made here or by as many processes as there are cores.

    Raises UsageError when one of those processes is killed.
    """
    bounds = [(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    wanted = processes if processes is not None else (os.cpu_count() or 1)
    make = _compile(work)  # also condenses the tables that workers then share
    if count < MANY or wanted < 2:
        yield from map(make, bounds)
        return
    workers = _start_workers(work, bounds, wanted)
    try:
        for number in range(len(bounds)):
            yield _receive(workers[number % wanted][1])
    finally:
        for process, pipe in workers:
            process.terminate()
            process.join()
            pipe.close()
