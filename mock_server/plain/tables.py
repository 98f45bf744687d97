"""Records in a row: which of them satisfy conditions, in which order, and the JSON of a page of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.messages import Condition
from mock_server.plain.annotations import Parent
from mock_server.plain.conditions import TESTS, find_values, sort_key

MAX_KEPT = 500
"""So many answers to conditions, and so many pages, are kept of a table."""

PARENT = "parent"
"""The test of a condition that says below which parent records lie; it selects the scope, or a field's value."""

ORDER = "order"
"""The test of a condition that selects nothing: by which fields records are ordered, `value` says which fall."""

SPREAD = 5
"""So many parents share the records of a collection that is listed without its parents as well."""

Page = tuple[int, list[bytes]]

FindParentKeys = Callable[[str], Sequence[Any]]
"""From a collection's name to the keys of its records."""


@dataclass(frozen=True)
class Rows:
    """What a table is of: `keys` in order, the values of a record by its place, and its JSON in one of its shapes.

    `ordinals` are the places that records had before any was added or removed; empty where none was.
    """

    keys: Sequence[Any]
    get_record: Callable[[int], Mapping[str, Any]]
    render: Callable[[int, int], bytes]
    parents: Mapping[str, Parent] = field(default_factory=dict)
    find_parent_keys: FindParentKeys = lambda name: ()
    ordinals: Sequence[int] = ()


class Table:
    """Records that do not change; what was asked of them is kept."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._matches: dict[tuple[Condition, ...], Sequence[int]] = {}
        self._pages: dict[tuple[tuple[Condition, ...], int, int, int], Page] = {}

    @functools.cached_property
    def by_key(self) -> dict[str, int]:
        """Keys as text to places."""
        return {str(key): place for place, key in enumerate(self.rows.keys)}

    @functools.cached_property
    def records(self) -> list[Mapping[str, Any]]:
        """The records with what all of their shapes show, for conditions."""
        return [self.rows.get_record(n) for n in range(len(self.rows.keys))]

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int) -> Page:
        """How many records match, and the JSON of those from `offset` on; a page that was asked for is kept."""
        asked = where, offset, size, view
        page = self._pages.get(asked)
        if page is None:
            places = self.find_matching(where)
            page = len(places), [self.rows.render(n, view) for n in places[offset : offset + max(0, size)]]
            if len(self._pages) >= MAX_KEPT:
                self._pages.clear()
            self._pages[asked] = page
        return page

    def find(self, where: tuple[Condition, ...], key: Any) -> int | None:
        """The place of the record with a key that satisfies the conditions, or None."""
        place = self.by_key.get(str(key))
        return None if place is None or place not in self.find_matching(where) else place

    def find_keys(self, where: tuple[Condition, ...]) -> list[str]:
        """The keys of the records that satisfy the conditions, as text, in order."""
        return [str(self.rows.keys[place]) for place in self.find_matching(where)]

    def find_matching(self, where: tuple[Condition, ...]) -> Sequence[int]:
        """The places of the records that satisfy all conditions, in the order that one of them may ask for."""
        if not where:
            return range(len(self.rows.keys))
        if where not in self._matches:
            if len(self._matches) >= MAX_KEPT:
                self._matches.clear()
            self._matches[where] = self._search(where)
        return self._matches[where]

    def _search(self, where: tuple[Condition, ...]) -> Sequence[int]:
        conditions = [c for c in where if c.test not in (ORDER, PARENT)]
        below = [c for c in where if c.test == PARENT]
        records = self.records
        places = [
            n
            for n, record in enumerate(records)
            if all(TESTS[c.test](find_values(record, c.fields), c.value) for c in conditions)
            and all(self._lies_below(n, record, c) for c in below)
        ]
        for condition in (c for c in where if c.test == ORDER):
            for name, falls in reversed(list(zip(condition.fields, condition.value))):
                places.sort(key=lambda n: sort_key(find_values(records[n], (name,))), reverse=falls)
        return places

    def _lies_below(self, place: int, record: Mapping[str, Any], condition: Condition) -> bool:
        """Whether a record that is listed without its parents as well lies below a parent."""
        parent = self.rows.parents.get(condition.fields[0], Parent())
        if parent.field and (values := list(find_values(record, (parent.field,)))):
            return str(condition.value) in map(str, values)
        keys = self.rows.find_parent_keys(parent.collection) if parent.collection else ()
        ordinal = self.rows.ordinals[place] if self.rows.ordinals else place
        return not keys or str(share(keys, ordinal)) == str(condition.value)


def share(keys: Sequence[Any], ordinal: int) -> Any:
    """The parent of a record: the first few parents take turns."""
    return keys[ordinal % min(SPREAD, len(keys))]
