"""Records made in chunks, in order, by all cores: rows for SQLite, ready JSON and searched texts."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mock_server.errors import UsageError
from mock_server.generation import Maker, alter_maker, compile_maker
from mock_server.store.columns import compile_columns
from mock_server.store.recipe import Recipe

if TYPE_CHECKING:  # what only types need costs each start ten milliseconds
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

CHUNK = 2_000
MANY = 10_000
"""From this many records on, all cores make them: a process starts in a quarter of a second."""

NICENESS = 10
"""Processes that make records give way: while they work, a server answers on the same cores."""


class Chunk(NamedTuple):
    """Some records in a row.

    `rows` are SQLite's (ordinal, key, columns); `pieces` hold the ready JSON of the same records, a list for each
    view, then their searched texts, a list for each column.
    """

    rows: list[tuple[Any, ...]]
    pieces: list[list[bytes]]


ChunkMaker = Callable[[tuple[int, int]], Chunk]


def _compile(recipe: Recipe) -> ChunkMaker:
    """From a range of ordinals to their records."""
    collection = recipe.collection
    maker = compile_maker(collection, recipe.seed, recipe.now)
    return _compile_chunk(recipe, alter_maker(collection, maker))


def _compile_chunk(recipe: Recipe, maker: Maker) -> ChunkMaker:
    plain, searched = (list(compile_columns(recipe, is_searched).values()) for is_searched in (False, True))
    views, key = recipe.collection.views, recipe.collection.key
    dumps = orjson.dumps

    def make(bounds: tuple[int, int]) -> Chunk:
        records = [maker(ordinal) for ordinal in range(*bounds)]
        pieces = [[dumps({n: record[f] for n, f in view if f in record}) for record in records] for view in views]
        pieces += [[read(record) for record in records] for read in searched]
        rows = [(bounds[0] + n, r[key], *(read(r) for read in plain)) for n, r in enumerate(records)]
        return Chunk(rows, pieces)

    return make


def _run_worker(recipe: Recipe, bounds: Sequence[tuple[int, int]], pipe: Connection) -> None:
    """Make every chunk of a worker process and send it, as fast as it is taken; what goes wrong is sent as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the work
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        make = _compile(recipe)
        for each in bounds:
            pipe.send(make(each))
    except OSError:  # the parent is gone, and nobody waits for more
        pass
    except Exception as error:
        pipe.send(error)


def _start_workers(
    recipe: Recipe,
    bounds: Sequence[tuple[int, int]],
    count: int,
) -> list[tuple[BaseProcess, Connection]]:
    """Worker n makes chunks n, n + count, n + 2 count, and so on; each has a pipe of its own."""
    context = multiprocessing.get_context("spawn")  # a fork would copy the server's threads, locks and sockets
    started: list[tuple[BaseProcess, Connection]] = []
    for number in range(count):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_run_worker, args=(recipe, bounds[number::count], sender), daemon=True)
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


def make_chunks(recipe: Recipe, processes: int | None) -> Iterator[Chunk]:
    """Chunks of records in order, made here or by as many processes as there are cores.

    Raises:
        UsageError: one of those processes was killed.
    """
    count = recipe.count
    bounds = [(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    wanted = processes if processes is not None else (os.cpu_count() or 1)
    make = _compile(recipe)
    if count < MANY or wanted < 2:
        yield from map(make, bounds)
        return
    workers = _start_workers(recipe, bounds, wanted)
    # A worker that is ahead waits with one finished chunk in hand, for its pipe holds less: memory stays bounded.
    try:
        for number in range(len(bounds)):
            yield _receive(workers[number % wanted][1])
    finally:
        for process, pipe in workers:
            process.terminate()
            process.join()
            pipe.close()
