"""The records of a collection as a session left them: what it wrote, laid over the stored records.

Replaced records stand in their places, deleted ones are gone, created ones come behind all others and records of a
tester's own before or behind. One more change is worked into what is known; nothing is worked out twice.
"""

from __future__ import annotations

import functools
import itertools
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from mock_server.messages import Condition
from mock_server.state import Change
from mock_server.store.changed_record import RecordShape
from mock_server.store.layout import FRONT, Layout, begin_layout, lay_out
from mock_server.store.matches import MatchCache, Matches, edit
from mock_server.store.reader import StoredRecords

AT_ONCE = 2_000
"""So many changed records are looked through for a condition in a few milliseconds."""

MIN_TOUCHED, TOUCHED_SHARE = 1_000, 2
"""A list of touched places that is longer, and so many times as long as there are changes, is begun anew."""


class _Lineage:
    """What values that go on from each other share: every place that was touched, in order, and the matches kept."""

    def __init__(self, total: int) -> None:
        self.touched: list[int] = []
        self.matches = MatchCache(total)


class ChangedRecords:
    """A source of records (`messages.RecordSource`): those that are stored, as changes left them; it stays as it is."""

    def __init__(self, stored: StoredRecords, shape: RecordShape, layout: Layout, lineage: _Lineage) -> None:
        self.stored, self.shape, self.layout = stored, shape, layout
        self._lineage, self._age = lineage, len(lineage.touched)
        self._before = len(layout.first)
        self._behind = self._before + stored.total - len(layout.gone)
        self.total = self._behind + len(layout.last)

    def with_changes(self, changes: Iterable[Change]) -> ChangedRecords:
        """The same with later changes. Of one value, one thread at a time goes on."""
        layout, touched = lay_out(self.layout, changes, self.shape, self.stored.find_ordinal)
        lineage = self._lineage
        if len(lineage.touched) > TOUCHED_SHARE * len(layout.by_key) + MIN_TOUCHED:
            lineage = _Lineage(self.stored.total)
        lineage.touched += touched
        return ChangedRecords(self.stored, self.shape, layout, lineage)

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, list[bytes]]:
        """How many records satisfy all conditions, and the ready JSON of those from `offset` on, in order."""
        if where:
            matches = self._find_matching(where)
            total, places = len(matches.first) + len(matches.ordinals), self._pick(matches, offset, size)
        else:
            total, end = self.total, min(offset + max(0, size), self.total)
            places = map(self._find_place, range(offset, end))
        return total, [self._render(place, view) for place in places]

    def page_json(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """The same, the records joined by commas; without conditions a few slices of the file."""
        if where:
            total, records = self.page(where, offset, size, view)
            return total, b",".join(records)
        end = min(offset + size, self.total)
        return self.total, b",".join(self._cut(offset, end, view)) if offset < end else b""

    def find(self, key: Any, view: int = 0) -> bytes | None:
        """The ready JSON of the record with that key, or None."""
        record = self.layout.by_key.get(str(key))
        if record is None:
            return self.stored.find(key, view)
        return record.render(view) if record.is_there else None

    def is_quick(self, where: tuple[Condition, ...] | None = None) -> bool:
        """Whether a page with these conditions takes milliseconds at most; with None, whatever the conditions."""
        is_kept = where is not None and (not where or self._lineage.matches.get(where) is not None)
        return is_kept or (len(self.layout.by_key) <= AT_ONCE and self.stored.is_quick(where))

    @functools.cached_property
    def _shifts(self) -> list[int]:
        """Of each record that is gone, how many stored records that are left stand before it."""
        return [ordinal - number for number, ordinal in enumerate(self.layout.gone)]

    def _find_place(self, position: int) -> int:
        """Which record stands at a position among all of them."""
        if position < self._before:
            return self.layout.first[position]
        if position >= self._behind:
            return self.layout.last[position - self._behind]
        position -= self._before
        return position + bisect_right(self._shifts, position)

    def _render(self, place: int, view: int) -> bytes:
        record = self.layout.by_place.get(place)
        return record.render(view) if record else self.stored.get_json(place, place + 1, view)

    def _cut(self, position: int, end: int, view: int) -> Iterator[bytes]:
        """The JSON of the records from a position up to another: those that nobody changed in slices."""
        special = self.layout.special
        while position < end:
            place = self._find_place(position)
            is_stored = self._before <= position < self._behind
            at = bisect_left(special, place) if is_stored else 0
            if not is_stored or (at < len(special) and special[at] == place):
                yield self._render(place, view)
                position += 1
                continue
            stop = special[at] if at < len(special) else self.stored.total
            length = min(stop - place, min(end, self._behind) - position)
            yield self.stored.get_json(place, place + length, view)
            position += length

    def _pick(self, matches: Matches, offset: int, size: int) -> Iterable[int]:
        end, before = offset + max(0, size), len(matches.first)
        return itertools.chain(
            matches.first[offset:end],
            matches.ordinals[max(0, offset - before) : max(0, end - before)],
        )

    def _find_matching(self, where: tuple[Condition, ...]) -> Matches:
        """The places of the records that satisfy all conditions; of those kept, only what was touched is looked at."""
        matches = self._lineage.matches.get(where)
        if matches is None or matches.changes > self._age:
            # Nothing that is kept, or nothing but what a later value found: from the stored records on.
            touched: Iterable[int] = itertools.chain(self.layout.by_place, self.layout.gone)
            matches = Matches(self.stored.find_matching(where))
        elif matches.changes == self._age:
            return matches
        else:
            touched = self._lineage.touched[matches.changes : self._age]
        return self._match(where, matches, set(touched))

    def _match(self, where: tuple[Condition, ...], matches: Matches, touched: set[int]) -> Matches:
        by_place = self.layout.by_place
        edits = [(n, (record := by_place.get(n)) is not None and record.satisfies(where)) for n in sorted(touched)]
        middle = bisect_left(edits, (FRONT,))
        first = edit(array("I", matches.first), edits[middle:])
        made = Matches(edit(matches.ordinals, edits[:middle]), tuple(first), self._age)
        self._lineage.matches.put(where, made)
        return made


def lay_over(stored: StoredRecords, shape: RecordShape, changes: Iterable[Change]) -> ChangedRecords:
    """The stored records with changes; of each key the last one."""
    layout, touched = lay_out(begin_layout(stored.total), changes, shape, stored.find_ordinal)
    lineage = _Lineage(stored.total)
    lineage.touched += touched
    return ChangedRecords(stored, shape, layout, lineage)
