"""Records in a row: which of them satisfy conditions, in which order, and the JSON of a page of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.messages import Condition
from mock_server.plain.annotations import Parent
from mock_server.plain.conditions import TESTS, find_values, sort_key

MAX_KEPT = 500
"""So many answers to conditions, and so many pages, are kept of a table."""

MAX_TOUCHED = 1_000
"""After so many changes what matched before is looked for anew."""

MAX_ASKED = 500
"""The longest conditions, in characters, whose answers are kept."""

PARENT = "parent"
"""The test of a condition that says below which parent records lie; it selects the scope, or a field's value."""

ORDER = "order"
"""The test of a condition that selects nothing: by which fields records are ordered, `value` says which fall."""

SPREAD = 5
"""So many parents share the records of a collection that is listed without its parents as well."""

Page = tuple[int, list[bytes]]

FindParentKeys = Callable[[str], Sequence[Any]]
"""From a collection's name to the keys of its records."""


Where = tuple[Condition, ...]

Earlier = tuple[Sequence[int], frozenset[int]]
"""The places that matched before some records changed, and the places of those."""


@dataclass(frozen=True)
class Rows:
    """What a table is of: `keys` by place, the values of a record by its place, and its JSON in one of its shapes.

    Where records were added and taken away, `find_order` gives the places in order, `by_key` leads from keys as text
    to places, and `find_unchanged` tells which of the records that nobody changed satisfy conditions: only the others,
    `changed`, are looked at then. `dropped` are the keys of records that are gone, `highest` is the highest whole
    number that is or was a key. `earlier` is what matched conditions before some records changed: of the others nobody
    need look again.
    """

    keys: Sequence[Any]
    get_record: Callable[[int], Mapping[str, Any]]
    render: Callable[[int, int], bytes]
    parents: Mapping[str, Parent] = field(default_factory=dict)
    find_parent_keys: FindParentKeys = lambda name: ()
    find_order: Callable[[], Sequence[int]] | None = None
    by_key: Mapping[str, int] | None = None
    find_unchanged: Callable[[Where], Sequence[int]] | None = None
    changed: Collection[int] = ()
    dropped: Collection[str] = ()
    highest: int | None = None
    earlier: Mapping[Where, Earlier] = field(default_factory=dict)


class Table:
    """Records that do not change; what was asked of them is kept."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._matches: dict[Where, Sequence[int]] = {}
        self._pages: dict[tuple[Where, int, int, int], Page] = {}

    @functools.cached_property
    def by_key(self) -> Mapping[str, int]:
        """Keys as text to places."""
        if self.rows.by_key is not None:
            return self.rows.by_key
        return {str(key): place for place, key in enumerate(self.rows.keys)}

    @functools.cached_property
    def order(self) -> Sequence[int]:
        """The places of the records, in order."""
        return self.rows.find_order() if self.rows.find_order else range(len(self.rows.keys))

    @property
    def keys(self) -> list[Any]:
        """The keys, in order."""
        return [self.rows.keys[place] for place in self.order]

    @functools.cached_property
    def highest(self) -> int:
        """The highest whole number that is or was a key; 0 where none is."""
        if self.rows.highest is not None:
            return self.rows.highest
        return max((key for key in self.rows.keys if isinstance(key, int)), default=0)

    def is_used(self, key: Any) -> bool:
        """Whether a record has a key, or had it."""
        return str(key) in self.by_key or str(key) in self.rows.dropped

    def page(self, where: Where, offset: int, size: int, view: int) -> Page:
        """How many records match, and the JSON of those from `offset` on; a page that was asked for is kept."""
        asked = where, offset, size, view
        page = self._pages.get(asked)
        if page is None:
            places = self.find_matching(where)
            page = len(places), [self.rows.render(n, view) for n in places[offset : offset + max(0, size)]]
            _keep(self._pages, asked, page, where)
        return page

    def find(self, where: Where, key: Any) -> int | None:
        """The place of the record with a key that satisfies the conditions, or None."""
        place = self.by_key.get(str(key))
        return None if place is None or not self._satisfies(place, where) else place

    def find_keys(self, where: Where) -> list[str]:
        """The keys of the records that satisfy the conditions, as text, in order."""
        return [str(self.rows.keys[place]) for place in self.find_matching(where)]

    def find_matching(self, where: Where) -> Sequence[int]:
        """The places of the records that satisfy all conditions, in the order that one of them may ask for."""
        if not where:
            return self.order
        places = self._matches.get(where)
        if places is None:
            places = self._search(where)
            _keep(self._matches, where, places, where)
        return places

    def list_matches(self, touched: frozenset[int]) -> dict[Where, Earlier]:
        """What is known to match, for who goes on from here: these records will have changed by then."""
        known = {where: (places, changed | touched) for where, (places, changed) in self.rows.earlier.items()}
        # Another thread may keep one more meanwhile.
        known |= {where: (places, touched) for where, places in list(self._matches.items())}
        known = {where: each for where, each in known.items() if len(each[1]) <= MAX_TOUCHED}
        return {where: each for where, each in known.items() if all(c.test != ORDER for c in where)}

    def _find_among(self, where: Where) -> list[int]:
        """The places of the records that satisfy the conditions, in order; as far as it is known without a look."""
        rows, earlier = self.rows, self.rows.earlier.get(where)
        if earlier:
            places, touched = earlier
            by_order = isinstance(self.order, range)
            alive = [n for n in touched if n in self.order] if by_order else touched.intersection(self.order)
            found = [n for n in places if n not in touched] + [n for n in alive if self._satisfies(n, where)]
            return sorted(found) if by_order else _choose(self.order, set(found))
        if rows.find_unchanged and where:
            unchanged = set(rows.find_unchanged(where))
            return [n for n in self.order if (self._satisfies(n, where) if n in rows.changed else n in unchanged)]
        return [n for n in self.order if self._satisfies(n, where)]

    def _search(self, where: Where) -> Sequence[int]:
        rows, conditions = self.rows, tuple(c for c in where if c.test != ORDER)
        if conditions == where:
            return self._find_among(where)
        places = list(self.find_matching(conditions))
        for condition in (c for c in where if c.test == ORDER):
            for name, falls in reversed(list(zip(condition.fields, condition.value))):
                places.sort(key=lambda n: sort_key(find_values(rows.get_record(n), (name,))), reverse=falls)
        return places

    def _satisfies(self, place: int, where: Where) -> bool:
        return all(self._satisfies_one(place, each) for each in where if each.test != ORDER)

    def _satisfies_one(self, place: int, condition: Condition) -> bool:
        if condition.test == PARENT:
            return self._lies_below(place, condition)
        return TESTS[condition.test](find_values(self.rows.get_record(place), condition.fields), condition.value)

    def _lies_below(self, place: int, condition: Condition) -> bool:
        """Whether a record that is listed without its parents as well lies below a parent."""
        parent = self.rows.parents.get(condition.fields[0], Parent())
        if parent.field and (values := list(find_values(self.rows.get_record(place), (parent.field,)))):
            return str(condition.value) in map(str, values)
        keys = self.rows.find_parent_keys(parent.collection) if parent.collection else ()
        return not keys or str(share(keys, place)) == str(condition.value)


def _choose(order: Sequence[int], chosen: set[int]) -> list[int]:
    return [place for place in order if place in chosen]


def _keep(kept: dict[Any, Any], asked: Any, answer: Any, where: Where) -> None:
    """Keep an answer, of so many at most; not what is asked by long texts, which callers choose."""
    if sum(len(str(each.value)) for each in where) <= MAX_ASKED:
        if len(kept) >= MAX_KEPT:
            kept.clear()
        kept[asked] = answer


def share(keys: Sequence[Any], ordinal: int) -> Any:
    """The parent of a record: the first few parents take turns."""
    return keys[ordinal % min(SPREAD, len(keys))]
