"""Which records hold a keyword: one scan of a column's texts, as they stand in a mapped file.

A text is what a search looks in: the values of the fields, folded, encoded as UTF-8 and joined by a byte that UTF-8
never uses. So a match of bytes is a match of text, and none runs from one field or record into the next.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right

from mock_server.store.json_file import TEXT_END, Data

FIELD_END = b"\xff"
"""Stands between the fields of a text: a byte that UTF-8 never uses."""

BLOCK = 4_096
"""Records that are looked through in one go, for about a millisecond."""

AT_ONCE = 20_000
"""So many records are looked through in a few milliseconds; more are not while a whole server waits."""

TURN_SECONDS = 0.00005
"""A long search rests so long before each block: whoever waits for the interpreter has it then. Without a rest the
search would keep it for five milliseconds at a time, and a request needs it several times."""

SPARSE = BLOCK // 16
"""Up to so many matches a block are looked up one by one; where there are more, its texts are taken apart."""


class Texts:
    """The texts of one searched column, for reading by any number of threads and processes."""

    def __init__(self, data: Data, offsets: Data, total: int) -> None:
        self._data, self._total = data, total
        self._at = memoryview(offsets).cast("Q")

    def find(self, keyword: bytes) -> array[int]:
        """The ordinals of the records that hold a keyword, in order; it is folded and encoded as the texts are."""
        if not keyword:  # every text holds it, and between any two bytes
            return array("I", range(self._total))
        ordinals = array("I")
        rests = self._total > AT_ONCE
        for first in range(0, self._total, BLOCK):
            if rests:
                time.sleep(TURN_SECONDS)
            end = min(first + BLOCK, self._total)
            block = self._data[self._at[first] : self._at[end]]
            matches = block.count(keyword)
            if matches > SPARSE:
                ordinals.extend(n for n, text in enumerate(block.split(TEXT_END), first) if keyword in text)
            elif matches:
                ordinals.extend(self._look_up(block, keyword, first, end))
        return ordinals

    def _look_up(self, block: bytes, keyword: bytes, first: int, end: int) -> array[int]:
        """The ordinals of few matches in a block, each by the offset it stands at."""
        ordinals, at = array("I"), self._at
        start = at[first]
        place = block.find(keyword)
        while place >= 0 and first < end:
            ordinal = bisect_right(at, start + place, first, end) - 1
            ordinals.append(ordinal)
            first = ordinal + 1
            place = block.find(keyword, at[first] - start)  # one match a record is enough
        return ordinals
