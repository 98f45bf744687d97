"""One record as a client left it, shaped as the builder shapes records: JSON for views, columns for conditions."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from mock_server.generation import Completer, Maker, alter_maker, compile_completer, compile_maker
from mock_server.messages import Condition
from mock_server.state import Change
from mock_server.store.columns import ReadColumn, compile_columns
from mock_server.store.conditions import satisfies
from mock_server.store.recipe import Recipe

Values = dict[str, Any]

OWN_ORDINALS = 1_000_000
"""Records of somebody's own are made with ordinals behind the last one, this many different ones."""


class RecordShape:
    """What is made of a record's values, and what makes them; each part is compiled when it is first asked."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.views, self.key = recipe, recipe.collection.views, recipe.collection.key

    @functools.cached_property
    def columns(self) -> Mapping[str, ReadColumn]:
        """Each column that conditions ask, by name."""
        return {**compile_columns(self.recipe, False), **compile_columns(self.recipe, True)}

    @functools.cached_property
    def make(self) -> Maker:
        """The maker of the records that nobody changed, hidden fields included."""
        recipe = self.recipe
        return alter_maker(recipe.collection, compile_maker(recipe.collection, recipe.seed, recipe.now))

    @functools.cached_property
    def _complete(self) -> Completer:
        return compile_completer(self.recipe.collection, self.recipe.seed, self.recipe.now)

    def complete(self, key: str, given: Mapping[str, Any], ordinal: int | None = None) -> Values:
        """A record of what is given; what that leaves out is made as for any record, from the key.

        `ordinal` is its place where it takes the place of another record.
        """
        if ordinal is None:
            digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            ordinal = self.recipe.count + int.from_bytes(digest, "big") % OWN_ORDINALS
        return self._complete(key, given, ordinal)

    def alter(self, values: Values, ordinal: int) -> Values:
        """A record as a changed contract has it: what that gives a value has that."""
        collection = self.recipe.collection
        if not collection.overrides:
            return values
        return alter_maker(replace(collection, edges=()), lambda _: values)(ordinal)

    def render(self, values: Mapping[str, Any], view: int) -> bytes:
        """The JSON of a record in one of its views."""
        return orjson.dumps({name: values[field] for name, field in self.views[view] if field in values})


class ChangedRecord:
    """A record as a client left it; `ordinal` is that of the record whose key it has, `place` where it stands.

    What is asked of it is worked out once.
    """

    def __init__(self, shape: RecordShape, change: Change, ordinal: int | None, place: int) -> None:
        self.change, self.ordinal, self.place = change, ordinal, place
        self._shape = shape
        self._views: dict[int, bytes] = {}
        self._held: dict[str, Any] = {}

    @property
    def is_there(self) -> bool:
        """Whether there is such a record, which was not deleted."""
        return self.change.values is not None

    @functools.cached_property
    def values(self) -> Values:
        """All of it, hidden fields included; what somebody's own record leaves out is made."""
        values: Values = orjson.loads(self.change.values or b"{}")
        if self.change.is_given:
            values = self._shape.complete(self.change.key, values, self.ordinal)
        return self._shape.alter(values, self.ordinal or 0)

    def render(self, view: int) -> bytes:
        """Its JSON in a view."""
        if view not in self._views:
            self._views[view] = self._shape.render(self.values, view)
        return self._views[view]

    def satisfies(self, where: Iterable[Condition]) -> bool:
        """Whether it is there and satisfies all conditions."""
        return self.is_there and all(satisfies(c, self._hold(c)) for c in where)

    def _hold(self, condition: Condition) -> Any:
        """What the column of a condition holds of it."""
        name = self._shape.recipe.columns[condition.test, condition.fields]
        if name not in self._held:
            self._held[name] = self._shape.columns[name](self.values)
        return self._held[name]
