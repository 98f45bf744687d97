"""The records of a plain document's collection, sampled when they are first asked for and kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.messages import Condition
from mock_server.plain.scopes import PARENT, CollectionPlan, FindParentKeys, Scope
from mock_server.samples import Sampler

MAX_SCOPES = 200
"""For so many parents the records of a nested collection are kept; those of the least recently asked are made anew."""


class SampledRecords:
    """A source of records (`messages.RecordSource`) that are sampled from schemas.

    A record depends on seed, collection, parents and its key alone.
    """

    def __init__(self, plan: CollectionPlan, sampler: Sampler, find_parent_keys: FindParentKeys) -> None:
        self.plan, self._sampler, self._find_parent_keys = plan, sampler, find_parent_keys
        self._scopes: OrderedDict[tuple[tuple[str, str], ...], Scope] = OrderedDict()
        self._lock = threading.RLock()
        self._whole: Scope | None = None
        # Of a nested collection, below each parent.
        self.total = plan.records

    @property
    def keys(self) -> Sequence[Any]:
        """The keys of all records, in order; those of a nested collection lie below parents and are none of these."""
        return self._get_scope(()).keys

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, list[bytes]]:
        """How many records satisfy all conditions, and the JSON of those from `offset` on, in order."""
        scope, rest = self._choose(where)
        return scope.page(rest, offset, size, view)

    def page_json(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """The same, the records joined by commas."""
        total, records = self.page(where, offset, size, view)
        return total, b",".join(records)

    def find(self, key: Any, view: int = 0) -> bytes | None:
        """The JSON of the record with that key, or None."""
        return self.find_in((), key, view)

    def find_in(self, where: tuple[Condition, ...], key: Any, view: int = 0) -> bytes | None:
        """The JSON of the record with that key below the parents that the conditions name, or None.

        Where nobody can know the keys, there is a record for any of them: they stand in no property, nothing lists the
        records, or they lie below parents that are not named.
        """
        scope, rest = self._choose(where)
        if not self.plan.key or not self.plan.is_listed or (self.plan.is_nested and not scope.parents):
            return scope.render_any(key, view)
        ordinal = scope.by_key.get(str(key))
        return None if ordinal is None or ordinal not in scope.find_matching(rest) else scope.render(ordinal, view)

    def get_record(self, where: tuple[Condition, ...], key: Any) -> Mapping[str, Any] | None:
        """The values of a record by name, or None."""
        scope, _ = self._choose(where)
        ordinal = scope.by_key.get(str(key))
        return None if ordinal is None else scope.records[ordinal]

    def find_keys(self, where: tuple[Condition, ...]) -> list[str]:
        """The keys of the records that satisfy the conditions, as text, in order."""
        scope, rest = self._choose(where)
        return [str(scope.keys[ordinal]) for ordinal in scope.find_matching(rest)]

    def make_record(self, where: tuple[Condition, ...], key: Any, sent: Mapping[str, Any], view: int) -> dict[str, Any]:
        """A record as it would be made of what was sent, with a key of its own; it is not kept."""
        scope, _ = self._choose(where)
        return scope.make(key, 0, sent)[view]

    def draw_new_key(self, where: tuple[Condition, ...], mark: str) -> Any:
        """A key that no record has; `mark` decides which."""
        scope, _ = self._choose(where)
        return scope.draw_new_key(mark)

    def is_quick(self, where: tuple[Condition, ...] | None = None) -> bool:
        """Few records, all in memory."""
        return True

    def _choose(self, where: tuple[Condition, ...]) -> tuple[Scope, tuple[Condition, ...]]:
        """The scope that conditions on parents name, and the other conditions."""
        if not (self.plan.is_nested or not self.plan.is_listed) or not where:
            return self._get_scope(()), where
        named = tuple(sorted((c.fields[0], str(c.value)) for c in where if c.test == PARENT))
        return self._get_scope(named), tuple(c for c in where if c.test != PARENT)

    def _get_scope(self, parents: tuple[tuple[str, str], ...]) -> Scope:
        if not parents and self._whole:
            return self._whole
        with self._lock:
            scope = self._scopes.get(parents) or Scope(self.plan, self._sampler, parents, self._find_parent_keys)
            if not parents:
                self._whole = self._whole or scope
                return self._whole
            self._scopes[parents] = scope
            self._scopes.move_to_end(parents)
            while len(self._scopes) > MAX_SCOPES:
                self._scopes.popitem(last=False)
            return scope
