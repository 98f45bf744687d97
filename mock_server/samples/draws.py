"""Numbers to draw from: each place of a sample has one of its own, made of its parent's and its name.

So a value depends on where it stands and on nothing beside it: the same record keeps its values in a schema that leaves
some of its properties out, and in whatever order they are made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Element = TypeVar("Element")

_MASK = (1 << 64) - 1


def start(seed: str, key: str) -> int:
    """The number of a whole sample, from 0 to 2**64 - 1."""
    digest = hashlib.blake2b(f"{seed}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def salt(name: str) -> int:
    """What a name adds to the number of its parent."""
    return start("", name)


def mix(number: int, salted: int) -> int:
    """The number of a part, by the number of the whole and the salt of the part (SplitMix64's finaliser)."""
    mixed = ((number ^ salted) + 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


def pick(number: int, count: int) -> int:
    """A whole number below `count`, by the high half of a number."""
    return ((number >> 32) * count) >> 32


def choose(number: int, elements: Sequence[Element]) -> Element:
    """One of the elements."""
    return elements[((number >> 32) * len(elements)) >> 32]


def between(number: int, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included, however far apart they are."""
    count = high - low + 1
    if count <= 1 << 32:
        return low + (((number >> 32) * count) >> 32)
    wide = (number << 64) | mix(number, 1)
    return low + ((wide * count) >> 128)


def is_within(number: int, share: float) -> bool:
    """True for that share of numbers, by their low half."""
    return (number & 0xFFFFFFFF) < share * 4294967296
