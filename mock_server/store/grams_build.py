"""Writing an index of grams: chunks of records become bits and lists, wherever they are made."""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mock_server.store.grams import SEPARATOR, find_grams, render_index


class ChunkGrams(NamedTuple):
    """The grams of some records in a row: bits of the frequent ones in one piece, places of the others in the chunk."""

    bits: bytes
    rare: dict[str, bytes]


def index_chunk(texts: Sequence[str], frequent: frozenset[str], order: Mapping[str, int]) -> ChunkGrams:
    """The grams of a chunk; `order` numbers the frequent ones."""
    held: dict[str, int] = {}
    bit = 1
    for text in texts:
        known: set[str] = set()
        for field in text.split(SEPARATOR):
            known.update(find_grams(field, frequent))
        for gram in known:
            held[gram] = held.get(gram, 0) | bit
        bit <<= 1
    # Who holds a gram holds its beginnings; longest first, so that each hands on what it was handed.
    for gram in sorted(held, key=len, reverse=True):
        bits, front = held[gram], gram[:-1]
        while front:
            known_bits = held.get(front, 0)
            if known_bits | bits == known_bits:
                break
            held[front] = known_bits | bits
            front = front[:-1]
    size = -(-len(texts) // 8)
    packed = bytearray(size * len(order))
    for gram, number in order.items():
        if gram in held:
            packed[number * size : (number + 1) * size] = held.pop(gram).to_bytes(size, "little")
    return ChunkGrams(bytes(packed), {gram: _places(bits) for gram, bits in held.items()})


def _places(bits: int) -> bytes:
    places = array("H")
    while bits:
        low = bits & -bits
        places.append(low.bit_length() - 1)
        bits ^= low
    return places.tobytes()


class GramWriter:
    """Writes the index of one column to a part file; `finish` puts it in place. Chunks come in order."""

    def __init__(self, path: Path, frequent: Iterable[str], total: int) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        self._order = {gram: number for number, gram in enumerate(sorted(frequent))}
        self._bitmap_bytes = -(-total // 8)
        self._file = self._part.open("w+b")
        self._file.truncate(max(1, self._bitmap_bytes * len(self._order)))
        self._map = mmap.mmap(self._file.fileno(), 0)
        self._rare: dict[str, array[int]] = {}

    def write(self, chunk: ChunkGrams, start: int) -> None:
        """Add a chunk whose first record is `start`, a multiple of eight."""
        size = len(chunk.bits) // max(1, len(self._order))
        first = start // 8
        for number in range(len(self._order)):
            at = number * self._bitmap_bytes + first
            self._map[at : at + size] = chunk.bits[number * size : (number + 1) * size]
        for gram, places in chunk.rare.items():
            local = array("H")
            local.frombytes(places)
            self._rare.setdefault(gram, array("I")).extend(start + place for place in local)

    def finish(self) -> None:
        """The file complete, on disk and under its name."""
        self._map.flush()
        self._map.close()
        size = self._bitmap_bytes * len(self._order)
        places = [(gram, number * self._bitmap_bytes, self._bitmap_bytes) for gram, number in self._order.items()]
        self._file.seek(size)
        for gram, ordinals in self._rare.items():
            data = ordinals.tobytes()
            places.append((gram, size, len(data)))
            size += self._file.write(data)
        self._file.write(render_index(self._order, places, size, self._bitmap_bytes))
        self._file.truncate()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Leave no part behind; after `finish` there is none."""
        if not self._map.closed:
            self._map.close()
        self._file.close()
        self._part.unlink(missing_ok=True)
