"""Where records stand once some were changed: places in order, worked out anew for what was touched alone."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from mock_server.state import FIRST, Change
from mock_server.store.changed_record import ChangedRecord, RecordShape
from mock_server.store.matches import Ordinals, edit

FRONT = 2**31
"""Places from here on come before those of stored records, which are their ordinals; behind these come the others."""

FindOrdinal = Callable[[str], int | None]
"""From a key as text to the stored record that has it."""


class Layout(NamedTuple):
    """Changed records by key and by place, and places in order.

    `first` stand before all stored records, `last` behind them; `gone` are stored records that are no more, `special`
    those and the ones that are changed. `most` are the numbers that the next record in front and behind will have.
    """

    by_key: Mapping[str, ChangedRecord]
    by_place: Mapping[int, ChangedRecord]
    first: Ordinals
    special: Ordinals
    gone: Ordinals
    last: Ordinals
    most: tuple[int, int]


def begin_layout(total: int) -> Layout:
    """That of so many stored records while none is changed."""
    return Layout({}, {}, array("I"), array("I"), array("I"), array("I"), (FRONT, total))


class _Edits:
    """A layout in the making: which places come in, and which go."""

    def __init__(self, layout: Layout, shape: RecordShape, find_ordinal: FindOrdinal) -> None:
        self.by_key, self.by_place = dict(layout.by_key), dict(layout.by_place)
        self.first, self.last = dict[int, bool](), dict[int, bool]()
        self.special, self.gone = dict[int, bool](), dict[int, bool]()
        self._shape, self._find_ordinal = shape, find_ordinal
        self._front, self._back = layout.most
        self._total = shape.recipe.count

    @property
    def most(self) -> tuple[int, int]:
        return self._front, self._back

    def put(self, change: Change) -> None:
        """Work one change in."""
        known = self.by_key.get(change.key)
        ordinal = known.ordinal if known else self._find_ordinal(change.key)
        place = self._choose_place(change, known, ordinal)
        record = ChangedRecord(self._shape, change, ordinal, place)
        if known and known.place != place:
            self._set(known.place, False)
            self.by_place.pop(known.place, None)
        self.by_key[change.key] = self.by_place[place] = record
        self._set(place, record.is_there)
        if ordinal is not None:
            self.special[ordinal], self.gone[ordinal] = True, place != ordinal or not record.is_there

    def _choose_place(self, change: Change, known: ChangedRecord | None, ordinal: int | None) -> int:
        """The place of the stored record; of a new one, or of somebody's own, one behind or before the others."""
        if not change.place and not change.is_new and ordinal is not None:
            return ordinal
        if known and known.change.number == change.number and known.place != ordinal:
            return known.place
        if change.place == FIRST:
            self._front += 1
            return self._front - 1
        self._back += 1
        return self._back - 1

    def _set(self, place: int, is_there: bool) -> None:
        if place >= FRONT:
            self.first[place] = is_there
        elif place >= self._total:
            self.last[place] = is_there


def lay_out(
    layout: Layout,
    changes: Iterable[Change],
    shape: RecordShape,
    find_ordinal: FindOrdinal,
) -> tuple[Layout, list[int]]:
    """A layout with more changes in it, and the places that they touch."""
    edits = _Edits(layout, shape, find_ordinal)
    # What was written several times counts as it was last; numbers are the order of first writes.
    for change in sorted({change.key: change for change in changes if not change.parents}.values()):
        edits.put(change)
    wanted = (("first", edits.first), ("special", edits.special), ("gone", edits.gone), ("last", edits.last))
    edited = {name: edit(getattr(layout, name), sorted(its.items())) for name, its in wanted if its}
    made = layout._replace(by_key=edits.by_key, by_place=edits.by_place, most=edits.most, **edited)
    return made, [*edits.first, *edits.special, *edits.last]
