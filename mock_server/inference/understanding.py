"""Everything the rules look at, of one document: its operations, lists, pages, collections and effects."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mock_server.inference.collections import Records, find_collections
from mock_server.inference.effects import find_effects
from mock_server.inference.errors import ErrorBody, find_error_bodies
from mock_server.inference.filters import Test, find_tests
from mock_server.inference.lists import ListView, judge_list
from mock_server.inference.logins import find_logins
from mock_server.inference.paging import find_paging
from mock_server.inference.parents import Family, find_families
from mock_server.inference.rows import Rows, find_rows
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView, view_operation
from mock_server.inference.writes import Effect
from mock_server.openapi import Document


@dataclass(frozen=True)
class Understanding:
    """One document as far as it was understood; each part is worked out when a rule first asks for it."""

    document: Document
    schemas: Schemas

    @functools.cached_property
    def views(self) -> Sequence[OperationView]:
        """Its operations, in document order."""
        return [view_operation(self.document, operation) for operation in self.document.operations]

    @functools.cached_property
    def candidates(self) -> Mapping[str, ListView]:
        """Reads whose answer has an array, by name of the operation, with what speaks for a list."""
        shapes = {each.shape for each in self.views}
        return {each.name: listed for each in self.views if (listed := self._judge(each, shapes))}

    def _judge(self, view: OperationView, shapes: set[str]) -> ListView | None:
        rows = self._find_rows(view)
        if rows is None:
            return None
        paging = find_paging(self.schemas, view, rows)
        return judge_list(self.schemas, view, rows, paging, f"{view.shape}/{{}}" in shapes)

    def _find_rows(self, view: OperationView) -> Rows | None:
        given = view.given
        if isinstance(given, Mapping) and "list" in given:
            at, record = str(given.get("at") or ""), str(given.get("record") or "")
            item = self.schemas.at(self.schemas.items(self.schemas.at(view.schema, at)), record)
            return Rows(at, record, item, "one")
        if view.method != "GET" or given is not None:
            return None
        return find_rows(self.schemas, view.schema, view.word)

    @functools.cached_property
    def lists(self) -> Mapping[str, ListView]:
        """Lists by name of the operation (L1), without those that show one record of the list above them (L2)."""
        lists = {name: each for name, each in self.candidates.items() if self._is_list(each)}
        by_shape = {each.view.shape: each for each in lists.values()}
        ones = {name for name, each in lists.items() if self._is_list_of_one(each, by_shape)}
        return {name: each for name, each in lists.items() if name not in ones}

    def _is_list(self, listed: ListView) -> bool:
        return listed.view.given is not None or (listed.points >= 1 and self.schemas.is_object(listed.rows.item))

    def _is_list_of_one(self, listed: ListView, by_shape: Mapping[str, ListView]) -> bool:
        above = by_shape.get(listed.view.above) if listed.view.is_item else None
        if above is None or listed.has_item or listed.view.given is not None:
            return False
        return self.schemas.likeness(listed.rows.item, above.rows.item) >= 1

    @functools.cached_property
    def collections(self) -> Sequence[Records]:
        """Its collections (I1 to I4)."""
        return find_collections(self.schemas, self.views, self.lists)

    @functools.cached_property
    def families(self) -> Mapping[str, Family]:
        """The parents of each collection, by its name (I4)."""
        return find_families(self.schemas, self.views, self.collections)

    @functools.cached_property
    def effects(self) -> Mapping[str, Effect]:
        """The effect of each operation that has one, by its name."""
        effects = find_effects(self.schemas, self.views, self.collections, self.families)
        logins = find_logins(self.document, self.schemas, self.views)
        named = {name for name, effect in effects.items() if effect.effect == "answer"}
        # What belongs to no collection may hand out credentials; a record that is made may hold one as well.
        return {**effects, **{name: each for name, each in logins if name in named}}

    @functools.cached_property
    def tests(self) -> Mapping[str, Mapping[str, Test]]:
        """What the parameters of each list select by, by name of the operation and of the parameter."""
        keys = {
            listed.view.name: records.key.name
            for records in self.collections
            for listed in records.views
            if records.key
        }
        return {name: find_tests(self.schemas, each, keys.get(name, "")) for name, each in self.lists.items()}

    @functools.cached_property
    def error_bodies(self) -> Sequence[ErrorBody]:
        """The JSON body of every documented error, once for each operation that documents it."""
        return list(find_error_bodies(self.document, self.views))
