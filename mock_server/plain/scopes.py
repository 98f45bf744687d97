"""The records of one collection below given parents: their keys, the records themselves, and which of them match."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mock_server.messages import Condition
from mock_server.plain.annotations import Parent
from mock_server.plain.conditions import TESTS, find_values, sort_key
from mock_server.samples import Sampler

MAX_MATCHES = 500
"""So many answers to conditions are kept a scope."""

PARENT = "parent"
"""The test of a condition that says below which parent records lie; it selects the scope, or a field's value."""

ORDER = "order"
"""The test of a condition that selects nothing: by which fields records are ordered, `value` says which fall."""

MAX_KEY = 2**31 - 1

SPREAD = 5
"""So many parents share the records of a collection that is listed without its parents as well."""


@dataclass(frozen=True)
class CollectionPlan:
    """What the records of a collection are made of.

    `key_schema` has no reference on top. `shapes` are the schemas in which operations show a record, the fullest first:
    a record is made of it, and what other shapes show agrees. Without a `key` the record's key stands in none of its
    properties. `is_nested` says that it is only listed below its parents, `is_listed` that it is listed at all.
    `examples` gives documented records, which come first.
    """

    name: str
    key: str
    key_schema: Any
    shapes: tuple[Any, ...]
    records: int
    parents: Mapping[str, Parent] = field(default_factory=dict)
    is_nested: bool = False
    is_listed: bool = True
    examples: Callable[[], Sequence[Mapping[str, Any]]] = tuple


Page = tuple[int, list[bytes]]

FindParentKeys = Callable[[str], Sequence[Any]]
"""From a collection's name to the keys of its records."""


class Scope:
    """The records of a collection below given parents, or all of one that is not nested."""

    def __init__(
        self,
        plan: CollectionPlan,
        sampler: Sampler,
        parents: tuple[tuple[str, str], ...],
        find_parent_keys: FindParentKeys,
    ) -> None:
        self._plan, self._sampler, self.parents = plan, sampler, parents
        self._find_parent_keys = find_parent_keys
        self._name = "/".join([plan.name, *(value for _, value in parents)])
        self._matches: dict[tuple[Condition, ...], Sequence[int]] = {}
        self._made: dict[int, tuple[dict[str, Any], ...]] = {}
        self._rendered: dict[tuple[int, int], bytes] = {}
        self._pages: dict[tuple[tuple[Condition, ...], int, int, int], Page] = {}

    @functools.cached_property
    def _examples(self) -> dict[str, Mapping[str, Any]]:
        """Documented records by their keys as text; they lie below no parent in particular."""
        listed = () if self.parents or not self._plan.key else self._plan.examples()
        keyed = {str(each[self._plan.key]): each for each in listed if each.get(self._plan.key) is not None}
        return dict(list(keyed.items())[: self._plan.records])

    @functools.cached_property
    def keys(self) -> list[Any]:
        """The keys, in order. They depend on no record, so that collections may be each other's parents."""
        keys = {text: example[self._plan.key] for text, example in self._examples.items()}
        for key in self._draw_keys():
            if len(keys) >= self._plan.records:
                break
            keys.setdefault(str(key), key)
        return list(keys.values())

    def _get_shapes(self, ordinal: int) -> tuple[dict[str, Any], ...]:
        """A record in each of its shapes, made when it is first asked for."""
        if ordinal not in self._made:
            key = self.keys[ordinal]
            self._made[ordinal] = self.make(key, ordinal, self._examples.get(str(key), {}))
        return self._made[ordinal]

    @functools.cached_property
    def by_key(self) -> dict[str, int]:
        """Keys as text to ordinals."""
        return {str(key): ordinal for ordinal, key in enumerate(self.keys)}

    @functools.cached_property
    def records(self) -> list[dict[str, Any]]:
        """The records with what all of their shapes show, for conditions."""
        return [_merge(self._get_shapes(n)) for n in range(len(self.keys))]

    def render(self, ordinal: int, view: int) -> bytes:
        """The JSON of a record in one of its shapes."""
        place = ordinal, view
        if place not in self._rendered:
            self._rendered[place] = orjson.dumps(self._get_shapes(ordinal)[view])
        return self._rendered[place]

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int) -> Page:
        """How many records match, and the JSON of those from `offset` on; a page that was asked for is kept."""
        place = where, offset, size, view
        page = self._pages.get(place)
        if page is None:
            ordinals = self.find_matching(where)
            page = len(ordinals), [self.render(n, view) for n in ordinals[offset : offset + max(0, size)]]
            if len(self._pages) >= MAX_MATCHES:
                self._pages.clear()
            self._pages[place] = page
        return page

    def render_any(self, key: Any, view: int) -> bytes:
        """The JSON of the record that a key would have."""
        return orjson.dumps(self.make(key, 0, {})[view])

    def find_matching(self, where: tuple[Condition, ...]) -> Sequence[int]:
        """The ordinals of the records that satisfy all conditions, in the order that one of them may ask for."""
        if not where:
            return range(len(self.keys))
        if where not in self._matches:
            if len(self._matches) >= MAX_MATCHES:
                self._matches.clear()
            self._matches[where] = self._search(where)
        return self._matches[where]

    def _search(self, where: tuple[Condition, ...]) -> Sequence[int]:
        conditions = [c for c in where if c.test not in (ORDER, PARENT)]
        below = [c for c in where if c.test == PARENT]
        records = self.records
        ordinals = [
            n
            for n, record in enumerate(records)
            if all(TESTS[c.test](find_values(record, c.fields), c.value) for c in conditions)
            and all(self._lies_below(n, record, c) for c in below)
        ]
        for condition in (c for c in where if c.test == ORDER):
            for name, falls in reversed(list(zip(condition.fields, condition.value))):
                ordinals.sort(key=lambda n: sort_key(find_values(records[n], (name,))), reverse=falls)
        return ordinals

    def _lies_below(self, ordinal: int, record: Mapping[str, Any], condition: Condition) -> bool:
        """Whether a record that is listed without its parents as well lies below a parent."""
        parent = self._plan.parents.get(condition.fields[0], Parent())
        if parent.field and (values := list(find_values(record, (parent.field,)))):
            return str(condition.value) in map(str, values)
        keys = self._find_parent_keys(parent.collection) if parent.collection else ()
        return not keys or str(_share(keys, ordinal)) == str(condition.value)

    def _draw_keys(self) -> Iterator[Any]:
        """Keys by the key's schema, some more than are needed for some may be the same."""
        schema, name = self._plan.key_schema, self._plan.key or "id"
        if _is_counted(schema) and not self.parents:
            first = max(1, _whole(schema.get("minimum"), 1))
            yield from range(first, min(first + self._plan.records, _whole(schema.get("maximum"), MAX_KEY) + 1))
            return
        for number in range(self._plan.records * 3 + 20):
            yield self._sampler.sample(schema, f"{self._name}/key/{number}", name=name)

    def draw_new_key(self, mark: str) -> Any:
        """A key that no record has: the next number, else what the schema and the mark give."""
        schema = self._plan.key_schema
        if _is_counted(schema) and not self.parents:
            return max((key for key in self.keys if isinstance(key, int)), default=0) + 1
        drawn = (self._sampler.sample(schema, f"{self._name}/new/{mark}/{n}", name=self._plan.key) for n in range(20))
        return next((key for key in drawn if str(key) not in self.by_key), self.keys[0] if self.keys else 1)

    def make(self, key: Any, ordinal: int, example: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """A record in each of its shapes; what one shows, the next ones show as well."""
        given = {
            **example,
            **dict(self._find_parent_values(ordinal)),
            **({self._plan.key: key} if self._plan.key else {}),
        }
        shapes: list[dict[str, Any]] = []
        for schema in self._plan.shapes:
            shape = self._sampler.sample(schema, f"{self._name}/{key}", name=self._plan.name, given=given)
            shapes.append(shape if isinstance(shape, dict) else {})
            given = {**shapes[-1], **given}
        return tuple(shapes)

    def _find_parent_values(self, ordinal: int) -> Iterator[tuple[str, Any]]:
        named = dict(self.parents)
        for name, parent in self._plan.parents.items():
            if not parent.field:
                continue
            if name in named:
                yield parent.field, _number_or_text(named[name])
            elif parent.collection and (keys := self._find_parent_keys(parent.collection)):
                yield parent.field, _share(keys, ordinal)


def _is_counted(schema: Any) -> bool:
    """Whether keys are plain whole numbers: those are counted, as people expect of a fresh database."""
    return isinstance(schema, Mapping) and schema.get("type") == "integer" and not {"enum", "multipleOf"} & set(schema)


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) else otherwise


def _share(keys: Sequence[Any], ordinal: int) -> Any:
    return keys[ordinal % min(SPREAD, len(keys))]


def _number_or_text(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def _merge(shapes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for shape in shapes:
        merged = {**shape, **merged}
    return merged
