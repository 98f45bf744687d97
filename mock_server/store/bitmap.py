"""Sets of records by their ordinals, in order: counted, sliced and cut with each other."""

from __future__ import annotations

from array import array
from itertools import compress
from typing import TypeAlias

BLOCK_BYTES = 512


class Bits:
    """A set of ordinals, one bit each. A page of it costs the same wherever it lies."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        blocks = (data[at : at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES))
        self._counts = [int.from_bytes(block, "little").bit_count() for block in blocks]
        self._count = sum(self._counts)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, ordinal: int) -> bool:
        at = ordinal >> 3
        return at < len(self.data) and bool(self.data[at] >> (ordinal & 7) & 1)

    def __getitem__(self, wanted: slice) -> list[int]:
        start, stop, _ = wanted.indices(self._count)
        found: list[int] = []
        before = 0
        for number, count in enumerate(self._counts):
            if before >= stop:
                break
            if before + count > start:
                members = self._members(number)
                found += members[max(0, start - before) : stop - before]
            before += count
        return found

    def _members(self, number: int) -> list[int]:
        """The ordinals in one block."""
        first = number * BLOCK_BYTES
        block = int.from_bytes(self.data[first : first + BLOCK_BYTES], "little")
        bits = f"{block:b}"[::-1]
        return list(compress(range(first * 8, first * 8 + len(bits)), map("1".__eq__, bits)))


Ordinals: TypeAlias = "array[int] | range | Bits"
"""Ordinals in order: few of them, all of them, or many of them."""


def both(one: Ordinals, other: Ordinals) -> Ordinals:
    """The ordinals that are in both."""
    if isinstance(one, Bits) and isinstance(other, Bits):
        size = min(len(one.data), len(other.data))
        shared = int.from_bytes(one.data[:size], "little") & int.from_bytes(other.data[:size], "little")
        return Bits(shared.to_bytes(size, "little"))
    if isinstance(one, Bits):
        one, other = other, one
    members = other if isinstance(other, (Bits, range)) else set(other)
    return array("I", (ordinal for ordinal in one[:] if ordinal in members))
