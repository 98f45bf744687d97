"""Which records hold a text: an index of their parts that answers any keyword, rare or common, in milliseconds.

A *gram* is a part of a text, of any length. Those that many records hold are *frequent*; with a gram, all its own
parts are frequent. The index knows exactly which records hold each frequent gram (one bit a record), and each gram
whose two largest parts are both frequent (the *border*: a list of ordinals, for those are rare). So for a keyword:

- a frequent one, or one of the border, is looked up;
- any other has a part in the border. Few records hold that, and these are read.

Texts are folded before they come here; the separator between fields is part of no keyword.
"""

from __future__ import annotations

import json
import mmap
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mock_server.store.bitmap import Bits, Ordinals
from mock_server.store.json_file import Fragments

SEPARATOR = "\x1f"
"""Stands between the fields that a search looks in, so that no match runs from one into the next."""

FREQUENT_SHARE = 1 / 16
"""A gram is frequent when so many of the records hold it: what is read for a rare keyword is a sixteenth at most."""

MAX_GRAM = 32
SCANNED = 50_000
"""Up to so many records are read through, and need no index."""

_LENGTH_BYTES = 8


def find_frequent(texts: Sequence[str]) -> frozenset[str]:
    """The frequent grams of a sample, level by level: a gram is looked at only where its shorter part is frequent."""
    least = max(2, int(len(texts) * FREQUENT_SHARE))
    places = [[(field, range(len(field))) for field in text.split(SEPARATOR)] for text in texts]
    found: set[str] = set()
    for size in range(1, MAX_GRAM + 1):
        held = Counter(gram for fields in places for gram in _distinct(fields, size))
        level = {gram for gram, count in held.items() if count >= least}
        if not level:
            break
        found |= level
        places = [
            [(field, [at for at in starts if field[at : at + size] in level]) for field, starts in fields]  # type: ignore[misc]
            for fields in places
        ]
    return frozenset(found)


def _distinct(fields: Iterable[tuple[str, Iterable[int]]], size: int) -> set[str]:
    return {field[at : at + size] for field, starts in fields for at in starts if at + size <= len(field)}


def find_grams(field: str, frequent: frozenset[str]) -> Iterator[str]:
    """For each place of a field, the longest gram there that the index knows: in the border, or the field's end.

    `end` runs along with the longest frequent gram at each place; a gram is known when both its largest parts are
    frequent, thus it may reach one further than the longest frequent one, but not further than its neighbour does.
    """
    end = before = 0
    length = len(field)
    for at in range(length):
        if end <= at:
            end = at + 1
        while end < length and field[at : end + 1] in frequent:
            end += 1
        if at:
            yield field[at - 1 : before + 1 if before < end else end]
        before = end
    if length:
        yield field[length - 1 :]


class Grams:
    """The index of one searched column, for reading by any number of threads and processes.

    Without `path` there is none, and the texts are read through.
    """

    def __init__(self, texts: Fragments, total: int, path: Path | None) -> None:
        self._texts, self._total = texts, total
        self._places: dict[str, tuple[int, int]] = {}
        self._frequent: frozenset[str] = frozenset()
        if path:
            self._open(path)

    def _open(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        told = read_index(self._data)
        self._places = {gram: (start, size) for gram, start, size in told["grams"]}
        self._frequent = frozenset(told["frequent"])
        self._bitmap_bytes = int(told["bitmap_bytes"])

    def find(self, keyword: str) -> Ordinals:
        """The ordinals of the records that hold a keyword, folded as the texts are."""
        if SEPARATOR in keyword:
            return array("I")
        if not keyword:
            return range(self._total)
        if not self._frequent:
            return self._read(keyword, range(self._total))
        grams = self._parts(keyword)
        if grams == [keyword]:
            return self._get(keyword)
        held = [self._get(gram) for gram in grams if gram not in self._frequent]
        fewest = min(held, key=len)
        return self._read(keyword, fewest[:])

    def _parts(self, keyword: str) -> list[str]:
        """The known grams of a keyword; the keyword alone where it is one itself."""
        grams = list(dict.fromkeys(find_grams(keyword, self._frequent)))
        return [keyword] if keyword in self._frequent or grams[0] == keyword else grams

    def _get(self, gram: str) -> Ordinals:
        """The records that hold a known gram."""
        place = self._places.get(gram)
        if place is None:
            return array("I")
        start, size = place
        data = self._data[start : start + size]
        if gram in self._frequent:
            return Bits(data)
        found = array("I")
        found.frombytes(data)
        return found

    def _read(self, keyword: str, ordinals: Iterable[int]) -> array[int]:
        wanted, one = keyword.encode(), self._texts.one
        return array("I", (ordinal for ordinal in ordinals if wanted in one(ordinal)))


def read_index(data: Any) -> dict[str, Any]:
    """What stands at the end of an index file: where each gram's records are; raises ValueError for another file."""
    length = int.from_bytes(data[-_LENGTH_BYTES:], "little")
    if not 0 < length <= len(data) - _LENGTH_BYTES:
        raise ValueError("no index of grams")
    told: dict[str, Any] = json.loads(data[-_LENGTH_BYTES - length : -_LENGTH_BYTES])
    if told["size"] != len(data) - _LENGTH_BYTES - length:
        raise ValueError("an index of grams that is cut short")
    return told


def is_whole(path: Path) -> bool:
    """Whether an index file is complete."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            read_index(data)
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False


def render_index(
    frequent: Iterable[str],
    places: Iterable[tuple[str, int, int]],
    size: int,
    bitmap_bytes: int,
) -> bytes:
    """The end of an index file whose grams' records take `size` bytes."""
    told = {"frequent": sorted(frequent), "grams": list(places), "size": size, "bitmap_bytes": bitmap_bytes}
    text = json.dumps(told, ensure_ascii=True).encode()
    return text + len(text).to_bytes(_LENGTH_BYTES, "little")
