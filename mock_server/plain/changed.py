"""What a session wrote, laid over the records of a collection: changed ones in their places, new ones at the end.

A later write makes another value of an earlier one: what did not change is not made again.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mock_server.messages import Condition
from mock_server.plain.scopes import Scope, merge_shapes
from mock_server.plain.tables import Earlier, Rows, Table, Where
from mock_server.state import FIRST, Change

MAX_DIGITS = 19
"""Keys of more digits are names, and no counts."""


class _Record:
    """A record that was written; its shapes are made when they are first shown."""

    def __init__(self, scope: Scope, ordinal: int, change: Change) -> None:
        self._scope, self.ordinal, self.change = scope, ordinal, change
        self._rendered: dict[int, bytes] = {}
        self._values: Mapping[str, Any] = orjson.loads(change.values or "{}")
        # A key is the text of a path until a record says that it is a number.
        self.key = self._values.get(scope.plan.key, change.key)

    @functools.cached_property
    def shapes(self) -> tuple[dict[str, Any], ...]:
        """The record in each of its shapes."""
        if self.change.is_given:
            return self._scope.make_given(self.key, self.ordinal, self._values)
        return self._scope.reshape(self.key, self._values)

    @functools.cached_property
    def values(self) -> Mapping[str, Any]:
        """What was written, and where that leaves out what is made for it, that too."""
        return merge_shapes(self.shapes) if self.change.is_given else self._values

    def render(self, view: int) -> bytes:
        """Its JSON in one of its shapes."""
        if view not in self._rendered:
            self._rendered[view] = orjson.dumps(self.shapes[view])
        return self._rendered[view]


@dataclass(frozen=True)
class Overlay:
    """The records of a scope with changes: those that nobody changed keep their ordinals as places, new ones follow.

    `keys` are by place, `by_key` leads to the places of those that are there. `written` are records that clients or
    testers wrote, `gone` the places of records that are no more, `dropped` the keys that are nobody's now;
    `highest` is the highest whole number that is or was a key.
    """

    scope: Scope
    keys: Sequence[Any]
    by_key: Mapping[str, int]
    written: Mapping[int, _Record]
    highest: int
    gone: frozenset[int] = frozenset()
    dropped: frozenset[str] = frozenset()
    earlier: Mapping[Where, Earlier] = field(default_factory=dict)

    def change(self, changes: Iterable[Change]) -> Overlay:
        """The same with later changes."""
        keys, by_key, written = list(self.keys), dict(self.by_key), dict(self.written)
        gone, dropped, highest = set(self.gone), set(self.dropped), self.highest
        touched = set[int]()
        for change in changes:
            place = by_key.get(change.key)
            touched |= set() if place is None else {place}
            if place is not None and (change.values is None or self._stands_elsewhere(change, written.get(place))):
                gone.add(by_key.pop(change.key))
                written.pop(place, None)
                place = None
            if change.values is None:
                dropped.add(change.key)
                highest = max(highest, _as_number(change.key))
                continue
            record = _Record(self.scope, len(keys) if place is None else place, change)
            if place is None:
                place = by_key[change.key] = len(keys)
                keys.append(record.key)
                dropped.discard(change.key)
            written[place] = record
            touched.add(place)
            highest = max(highest, _as_number(change.key))
        earlier = self.table.list_matches(frozenset(touched))
        return Overlay(self.scope, keys, by_key, written, highest, frozenset(gone), frozenset(dropped), earlier)

    @staticmethod
    def _stands_elsewhere(change: Change, known: _Record | None) -> bool:
        """Whether a change is another record under a key that was there, and not the same one as it is now."""
        if known:
            return known.change.number != change.number
        return change.is_new or bool(change.place)

    @functools.cached_property
    def order(self) -> Sequence[int]:
        """The places of the records that are there, in order: a tester's own first ones before all others."""
        first = [place for place, record in self.written.items() if record.change.place == FIRST]
        if not first and not self.gone:
            return range(len(self.keys))
        first.sort(key=lambda place: self.written[place].change.number)
        elsewhere = self.gone.union(first)
        return [*first, *(place for place in range(len(self.keys)) if place not in elsewhere)]

    @functools.cached_property
    def table(self) -> Table:
        """The records in a row."""
        scope = self.scope
        return Table(
            Rows(
                self.keys,
                self._get_record,
                self._render,
                scope.plan.parents,
                scope.find_parent_keys,
                find_order=lambda: self.order,
                by_key=self.by_key,
                find_unchanged=self._find_unchanged,
                changed=self.written,
                dropped=self.dropped,
                highest=self.highest,
                earlier=self.earlier,
            ),
        )

    def _get_record(self, place: int) -> Mapping[str, Any]:
        record = self.written.get(place)
        return self.scope.get_record(place) if record is None else record.values

    def _render(self, place: int, view: int) -> bytes:
        record = self.written.get(place)
        return self.scope.render(place, view) if record is None else record.render(view)

    def _find_unchanged(self, where: tuple[Condition, ...]) -> Sequence[int]:
        return self.scope.table.find_matching(where)


def _as_number(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() and len(key) < MAX_DIGITS else 0


def lay_over(scope: Scope, changes: Iterable[Change]) -> Overlay:
    """The records of a scope with its changes: replaced ones in place, deleted ones gone, created ones at the end."""
    table = scope.table
    return Overlay(scope, table.rows.keys, table.by_key, {}, table.highest).change(changes)
