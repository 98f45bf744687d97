"""The records of a plain document's collection, as a session sees them: sampled from schemas, and what it wrote."""

from __future__ import annotations

import functools
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.messages import Condition
from mock_server.plain.changed import Overlay, lay_over
from mock_server.plain.scopes import CollectionPlan, Parents, Scope
from mock_server.plain.tables import PARENT, FindParentKeys, Table
from mock_server.samples import Sampler
from mock_server.state import NOTHING_WRITTEN, Change, Changes, Written

MAX_SCOPES = 200
"""For so many parents the records of a nested collection are kept; those of the least recently asked are made anew."""

MAX_SEEN = 100
"""Of so many sessions one process keeps a collection as they see it."""


class Scopes:
    """The records of a collection as nobody changed them, below each of its parents; made when they are asked for."""

    def __init__(self, plan: CollectionPlan, sampler: Sampler, find_parent_keys: FindParentKeys) -> None:
        self.plan, self._sampler, self._find_parent_keys = plan, sampler, find_parent_keys
        self._scopes: OrderedDict[Parents, Scope] = OrderedDict()
        self._lock = threading.RLock()
        self._whole: Scope | None = None

    def choose(self, where: tuple[Condition, ...]) -> tuple[Scope, tuple[Condition, ...]]:
        """The scope that conditions on parents name, and the other conditions."""
        if not (self.plan.is_nested or not self.plan.is_listed) or not where:
            return self.get(()), where
        named = tuple(sorted((c.fields[0], str(c.value)) for c in where if c.test == PARENT))
        return self.get(named), tuple(c for c in where if c.test != PARENT)

    def get(self, parents: Parents) -> Scope:
        """The records below these parents; without any, of the whole collection."""
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


class SampledRecords:
    """A source of records (`messages.RecordSource`) that are sampled from schemas, with the changes of a session.

    A record depends on seed, collection, parents and its key alone.
    """

    def __init__(
        self,
        scopes: Scopes,
        changes: Written = NOTHING_WRITTEN,
        earlier: SampledRecords | None = None,
    ) -> None:
        self.scopes, self.plan, self._changes = scopes, scopes.plan, changes
        more = changes.since(earlier._changes) if earlier else None
        self._overlays: dict[Parents, Overlay | None] = {}
        if earlier and more is not None:
            self._overlays |= _go_on(scopes, list(earlier._overlays.items()), more)
        # Of a nested collection, below each parent.
        self.total = scopes.plan.records

    @property
    def keys(self) -> Sequence[Any]:
        """The keys of all records, in order; those of a nested collection lie below parents and are none of these."""
        return self.get_table(self.scopes.get(())).keys

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, list[bytes]]:
        """How many records satisfy all conditions, and the JSON of those from `offset` on, in order."""
        scope, rest = self.scopes.choose(where)
        return self.get_table(scope).page(rest, offset, size, view)

    def page_json(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """The same, the records joined by commas."""
        total, records = self.page(where, offset, size, view)
        return total, b",".join(records)

    def choose(self, where: tuple[Condition, ...], key: Any) -> tuple[Scope, tuple[Condition, ...]]:
        """The scope in which a key is looked for, and the conditions that are left.

        Where no parent is named of a record that lies below one, what was written under the key last says which it is.
        """
        scope, rest = self.scopes.choose(where)
        if self._changes and self.plan.is_nested and not scope.parents:
            parents = self._parents_by_key.get(str(key), "")
            return self.scopes.get(read_parents(parents)), rest
        return scope, rest

    @functools.cached_property
    def _parents_by_key(self) -> Mapping[str, str]:
        """The parents of what was written, by keys."""
        return {change.key: change.parents for change in self._changes.all()}

    def find(self, key: Any, view: int = 0) -> bytes | None:
        """The JSON of the record with that key, or None."""
        return self.find_in((), key, view)

    def find_in(self, where: tuple[Condition, ...], key: Any, view: int = 0) -> bytes | None:
        """The JSON of the record with that key below the parents that the conditions name, or None.

        Where nobody can know the keys, there is a record for any of them: they stand in no property, nothing lists the
        records, or they lie below parents that are not named. A key that was deleted there is gone all the same.
        """
        scope, rest = self.choose(where, key)
        table = self.get_table(scope)
        place = table.find(rest, key)
        if place is not None:
            return table.rows.render(place, view)
        is_open = not self.plan.key or not self.plan.is_listed or (self.plan.is_nested and not scope.parents)
        return scope.render_any(key, view) if is_open and str(key) not in table.rows.dropped else None

    def find_record(self, where: tuple[Condition, ...], key: Any) -> Mapping[str, Any] | None:
        """The values of a record in all its shapes, or None."""
        scope, rest = self.choose(where, key)
        table = self.get_table(scope)
        place = table.find(rest, key)
        if place is not None:
            return table.rows.get_record(place)
        return None if self.find_in(where, key) is None else scope.make_any(key)

    def find_keys(self, where: tuple[Condition, ...]) -> list[str]:
        """The keys of the records that satisfy the conditions, as text, in order."""
        scope, rest = self.scopes.choose(where)
        return self.get_table(scope).find_keys(rest)

    def is_quick(self, where: tuple[Condition, ...] | None = None) -> bool:
        """Few records, all in memory."""
        return True

    def get_table(self, scope: Scope) -> Table:
        """The records below some parents, with the changes of the session among them."""
        if not self._changes:
            return scope.table
        if scope.parents not in self._overlays:
            own = find_own(scope, self._changes.all())
            self._overlays[scope.parents] = lay_over(scope, own) if own else None
        overlay = self._overlays[scope.parents]
        return overlay.table if overlay else scope.table


def find_own(scope: Scope, changes: Iterable[Change]) -> list[Change]:
    """The changes of records below some parents, by whichever path: one without parents names them by their keys."""
    parents, nested = write_parents(scope.parents), scope.plan.is_nested
    return [c for c in changes if c.parents == parents or (nested and not c.parents and c.key in scope.table.by_key)]


def _go_on(
    scopes: Scopes,
    overlays: Iterable[tuple[Parents, Overlay | None]],
    more: Iterable[Change],
) -> Iterator[tuple[Parents, Overlay | None]]:
    """The records below parents with later changes; of those that had none before, none that have some now."""
    for parents, overlay in overlays:
        own = find_own(scopes.get(parents), more)
        if overlay or not own:
            yield parents, overlay.change(own) if overlay and own else overlay


def write_parents(parents: Parents) -> str:
    """The parents of a scope as changes name them."""
    return json.dumps(parents) if parents else ""


def read_parents(text: str) -> Parents:
    """The parents that changes name."""
    return tuple((name, key) for name, key in json.loads(text)) if text else ()


class SeenRecords:
    """A collection by the sessions that look at it. Without changes they all see the same."""

    def __init__(self, name: str, scopes: Scopes, changes: Changes | None) -> None:
        self.name, self.scopes, self.changes = name, scopes, changes
        self.plain = SampledRecords(scopes)
        self._seen: OrderedDict[str, tuple[Written, SampledRecords]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, session: str) -> SampledRecords:
        """The records as a session sees them, its changes read anew: for who is about to change them."""
        return self._see(session, self.changes.read(session, self.name) if self.changes else NOTHING_WRITTEN)

    def by(self, session: str) -> SampledRecords:
        """The records as a session sees them; `session` is its scope."""
        changes = self.changes.find(session, self.name) if self.changes else NOTHING_WRITTEN
        return self._see(session, changes)

    def _see(self, session: str, changes: Written) -> SampledRecords:
        if not changes:
            return self.plain
        with self._lock:
            kept = self._seen.get(session)
            if kept and kept[0] is changes:
                return kept[1]
            records = SampledRecords(self.scopes, changes, kept[1] if kept else None)
            if changes.committed:
                self._seen[session] = changes, records
                self._seen.move_to_end(session)
            while len(self._seen) > MAX_SEEN:
                self._seen.popitem(last=False)
            return records
