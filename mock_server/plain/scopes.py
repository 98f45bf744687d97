"""The records of one collection below given parents: their keys, and the records themselves, made when asked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mock_server.plain.annotations import Parent
from mock_server.plain.tables import FindParentKeys, Rows, Table, share
from mock_server.samples import Sampler

MAX_KEY = 2**31 - 1

DRAWS = 20
"""How often a key is drawn for a new record before another way is tried."""


@dataclass(frozen=True)
class CollectionPlan:
    """What the records of a collection are made of.

    `key_schema` has no reference on top. `shapes` are the schemas in which operations show a record, the fullest first:
    a record is made of it, and what other shapes show agrees. Without a `key` the record's key stands in none of its
    properties. `is_nested` says that it is only listed below its parents, `is_listed` that it is listed at all.
    `key_kinds` are the key's schemas in each shape, where they differ: a number in one is its text in another.
    `fresh` is what a new record is where nobody says it: what a list shows by itself. `examples` gives documented
    records, which come first.
    """

    name: str
    key: str
    key_schema: Any
    shapes: tuple[Any, ...]
    records: int
    key_kinds: tuple[Any, ...] = ()
    parents: Mapping[str, Parent] = field(default_factory=dict)
    is_nested: bool = False
    is_listed: bool = True
    fresh: Mapping[str, Any] = field(default_factory=dict)
    examples: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    is_valid: Callable[[Any, Any], bool] = lambda schema, value: True


Parents = tuple[tuple[str, str], ...]
"""The parents of a scope: their names, and the keys that records lie below, as text."""


class Scope:
    """The records of a collection below given parents, or all of one that is not nested."""

    def __init__(
        self,
        plan: CollectionPlan,
        sampler: Sampler,
        parents: Parents,
        find_parent_keys: FindParentKeys,
    ) -> None:
        self.plan, self._sampler, self.parents = plan, sampler, parents
        self.find_parent_keys = find_parent_keys
        self._name = "/".join([plan.name, *(value for _, value in parents)])
        # What a record shows depends on its key alone: it is the same by a path that names no parents.
        self._record_name = plan.name
        self._made: dict[int, tuple[dict[str, Any], ...]] = {}
        self._records: dict[int, dict[str, Any]] = {}
        self._rendered: dict[tuple[int, int], bytes] = {}

    @functools.cached_property
    def table(self) -> Table:
        """The records in a row."""
        rows = Rows(self.keys, self.get_record, self.render, self.plan.parents, self.find_parent_keys)
        return Table(rows)

    @functools.cached_property
    def _examples(self) -> dict[str, Mapping[str, Any]]:
        """Documented records by their keys as text; they lie below no parent in particular."""
        listed = () if self.parents or not self.plan.key else self.plan.examples()
        keyed = {str(each[self.plan.key]): each for each in listed if each.get(self.plan.key) is not None}
        return dict(list(keyed.items())[: self.plan.records])

    @functools.cached_property
    def keys(self) -> list[Any]:
        """The keys, in order. They depend on no record, so that collections may be each other's parents."""
        keys = {text: example[self.plan.key] for text, example in self._examples.items()}
        for key in self._draw_keys():
            if len(keys) >= self.plan.records:
                break
            keys.setdefault(str(key), key)
        return list(keys.values())

    def _get_shapes(self, ordinal: int) -> tuple[dict[str, Any], ...]:
        """A record in each of its shapes, made when it is first asked for."""
        if ordinal not in self._made:
            key = self.keys[ordinal]
            self._made[ordinal] = self.make(key, ordinal, self._examples.get(str(key), {}))
        return self._made[ordinal]

    def get_record(self, ordinal: int) -> dict[str, Any]:
        """A record with what all of its shapes show."""
        if ordinal not in self._records:
            self._records[ordinal] = merge_shapes(self._get_shapes(ordinal))
        return self._records[ordinal]

    def render(self, ordinal: int, view: int) -> bytes:
        """The JSON of a record in one of its shapes."""
        place = ordinal, view
        if place not in self._rendered:
            self._rendered[place] = orjson.dumps(self._get_shapes(ordinal)[view])
        return self._rendered[place]

    def render_any(self, key: Any, view: int) -> bytes:
        """The JSON of the record that a key would have."""
        return orjson.dumps(self.make(key, 0, {})[view])

    def make_given(self, key: Any, ordinal: int, values: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """A record that somebody says in each of its shapes: what is given is taken, what is missing is made."""
        return self._make({**dict(self._find_parent_values(ordinal)), **values, **self._keyed(key)}, key)

    def make_any(self, key: Any) -> dict[str, Any]:
        """That record with what all of its shapes show."""
        return merge_shapes(self.make(key, 0, {}))

    def reshape(self, key: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """Values that were written in each of the shapes; what they leave out stays out where the shape allows it."""
        given = {**values, **self._keyed(key)}
        shapes = enumerate(self.plan.shapes)
        return tuple(self._reshape(schema, key, self._fit_key(n, given)) for n, schema in shapes)

    def _reshape(self, schema: Any, key: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        shape = self._sampler.sample(schema, f"{self._record_name}/{key}", name=self.plan.name, given=given)
        if not isinstance(shape, dict):
            return {}
        written = {name: value for name, value in shape.items() if name in given}
        return written if self.plan.is_valid(schema, written) else self._leave_out(schema, shape, given)

    def _leave_out(self, schema: Any, shape: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """A shape without what was not given and need not be there."""
        for name in [name for name in shape if name not in given]:
            without = {each: value for each, value in shape.items() if each != name}
            shape = without if self.plan.is_valid(schema, without) else shape
        return shape

    def merge(self, key: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a new record: what was sent, and what a server would add."""
        return {**merge_shapes(self.make_given(key, len(self.keys), {**self.plan.fresh, **sent})), **self._keyed(key)}

    def complete(self, key: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a changed record in all of its shapes, with what these must have."""
        return merge_shapes(self.reshape(key, values))

    def _fit_key(self, number: int, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is given with the key as one shape has it: documents say a number here and a text there."""
        if not self.plan.key_kinds or self.plan.key not in given or self.plan.key_kinds[number] is None:
            return given
        key, kind = given[self.plan.key], self.plan.key_kinds[number]
        others = (key, str(key), as_key(None, key))
        return {**given, self.plan.key: next((each for each in others if self.plan.is_valid(kind, each)), key)}

    def _keyed(self, key: Any) -> dict[str, Any]:
        return {self.plan.key: key} if self.plan.key else {}

    def type_key(self, text: str) -> Any:
        """A key that came as text, as the key's schema has it."""
        key = as_key(None, text)
        return key if self.plan.is_valid(self.plan.key_schema, key) else text

    def _draw_keys(self) -> Iterator[Any]:
        """Keys by the key's schema, some more than are needed for some may be the same."""
        schema, name = self.plan.key_schema, self.plan.key or "id"
        if _is_counted(schema) and not self.parents:
            first = max(1, _whole(schema.get("minimum"), 1))
            yield from range(first, min(first + self.plan.records, _whole(schema.get("maximum"), MAX_KEY) + 1))
            return
        for number in range(self.plan.records * 3 + 20):
            yield self._sampler.sample(schema, f"{self._name}/key/{number}", name=name)

    def draw_new_key(self, mark: str, taken: Table) -> Any:
        """A key that no record has, or had: the next number, else what the schema and the mark give."""
        schema = self.plan.key_schema
        if _is_counted(schema) and not self.parents:
            return taken.highest + 1
        drawn = [self._sampler.sample(schema, f"{self._name}/new/{mark}/{n}", name=self.plan.key) for n in range(DRAWS)]
        # A documented example may be all that is ever drawn of a text: a number behind it makes another one.
        used = len(taken.by_key) + len(taken.rows.dropped)
        numbered = (f"{drawn[0]}{used + n}" for n in range(1, DRAWS) if isinstance(drawn[0], str))
        fitting = (key for key in numbered if self.plan.is_valid(schema, key))
        return next((key for key in (*drawn, *fitting) if not taken.is_used(key)), drawn[0])

    def make(self, key: Any, ordinal: int, example: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """A record in each of its shapes; what one shows, the next ones show as well."""
        return self._make({**example, **dict(self._find_parent_values(ordinal)), **self._keyed(key)}, key)

    def _make(self, given: Mapping[str, Any], key: Any) -> tuple[dict[str, Any], ...]:
        shapes = self._sample_shapes(given, key)
        narrower = _find_narrower(shapes, given)
        return self._sample_shapes({**narrower, **given}, key) if narrower else shapes

    def _sample_shapes(self, given: Mapping[str, Any], key: Any) -> tuple[dict[str, Any], ...]:
        shapes: list[dict[str, Any]] = []
        for number, schema in enumerate(self.plan.shapes):
            shape = self._sampler.sample(
                schema,
                f"{self._record_name}/{key}",
                name=self.plan.name,
                given=self._fit_key(number, given),
            )
            shapes.append(shape if isinstance(shape, dict) else {})
            given = {**shapes[-1], **given}
        return tuple(shapes)

    def _find_parent_values(self, ordinal: int) -> Iterator[tuple[str, Any]]:
        named = dict(self.parents)
        for name, parent in self.plan.parents.items():
            if not parent.field:
                continue
            if name in named:
                yield parent.field, as_key(None, named[name])
            elif parent.collection and (keys := self.find_parent_keys(parent.collection)):
                yield parent.field, share(keys, ordinal)


def _find_narrower(shapes: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Values that a later shape shows in place of an earlier one's, which it does not allow: `type` as one word of few.

    An earlier shape is likely to allow them, and then the record is the same in all.
    """
    first: dict[str, Any] = {}
    narrower: dict[str, Any] = {}
    for shape in shapes:
        plain = {name: value for name, value in shape.items() if isinstance(value, str | int | float)}
        narrower |= {
            name: value for name, value in plain.items() if name not in given and first.get(name, value) != value
        }
        first = {**plain, **first}
    return narrower


def _is_counted(schema: Any) -> bool:
    """Whether keys are plain whole numbers: those are counted, as people expect of a fresh database."""
    return isinstance(schema, Mapping) and schema.get("type") == "integer" and not {"enum", "multipleOf"} & set(schema)


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) else otherwise


def as_key(known: Any, text: Any) -> Any:
    """A key that came as text: as it is known, else a number where it is one."""
    if known is not None:
        return known
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else text


def merge_shapes(shapes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What all shapes of a record show; of what several show, what the first of them does."""
    merged: dict[str, Any] = {}
    for shape in shapes:
        merged = {**shape, **merged}
    return merged
