"""Records made in chunks, in order, by all cores: rows for SQLite, ready JSON, searched texts and their grams."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from mock_server.contract import Collection
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
    folder: Path,
) -> dict[str, frozenset[str]]:
    """The frequent grams of each searched column that needs an index, by records from all over the collection."""
    searched = find_distinct(columns, text=True)
    if count <= SCANNED or not searched:
        return {}
    maker = bend_maker(collection, compile_maker(collection, seed, now, folder))
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
    folder: Path
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


_make: ChunkMaker


def _compile(work: Work) -> ChunkMaker:
    maker = compile_maker(work.collection, work.seed, work.now, work.folder)
    return _compile_chunk(work, bend_maker(work.collection, maker))


def _start_worker(work: Work) -> None:
    global _make
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work
    _make = _compile(work)


def _make_chunk(bounds: tuple[int, int]) -> Chunk:
    return _make(bounds)


def make_chunks(work: Work, count: int, processes: int | None) -> Iterator[Chunk]:
    """Chunks of records in order, made here or by as many processes as there are cores."""
    bounds = [(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    workers = processes if processes is not None else (os.cpu_count() or 1)
    make = _compile(work)  # also condenses the tables that workers then share
    if count < MANY or workers < 2:
        yield from map(make, bounds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _start_worker, (work,)) as pool:
        yield from pool.imap(_make_chunk, bounds)
