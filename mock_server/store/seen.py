"""A stored collection by the sessions that look at it, and as they change it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import orjson

from mock_server.errors import Problem
from mock_server.state import NOTHING_WRITTEN, Changes, Written
from mock_server.store.changed import ChangedRecords, lay_over
from mock_server.store.changed_record import RecordShape, Values
from mock_server.store.reader import WHOLE, StoredRecords

MAX_SEEN = 100
"""Of so many sessions one process keeps a collection as they see it."""

MAX_DRAWN = 10_000
"""So many keys are drawn until one is new."""


class SeenRecords:
    """A collection by sessions; without changes they all see the stored records. `name` is what changes call it."""

    def __init__(self, name: str, stored: StoredRecords, changes: Changes | None) -> None:
        self.name, self.stored, self.changes = name, stored, changes
        self.shape = RecordShape(stored.recipe)
        self._unchanged = lay_over(stored, self.shape, ())
        self._seen: OrderedDict[str, tuple[Written, ChangedRecords]] = OrderedDict()
        self._lock = threading.Lock()

    def by(self, scope: str) -> StoredRecords | ChangedRecords:
        """The records as a session sees them."""
        changes = self.changes
        if changes is None or not changes.has_any(scope):
            return self.stored
        written = changes.find(scope, self.name)
        return self._lay_over(scope, written) if written else self.stored

    def is_known(self, scope: str) -> bool:
        """Whether that takes no look at a file."""
        return self.changes is None or self.changes.is_known(scope, self.name)

    @contextmanager
    def changing(self, scope: str) -> Iterator[ChangedRecords]:
        """The records as they are now, which nobody else changes meanwhile; `put` changes them."""
        changes = self.changes
        with changes.changing() if changes else nullcontext():
            yield self._lay_over(scope, changes.read(scope, self.name) if changes else NOTHING_WRITTEN)

    def put(
        self,
        scope: str,
        key: str,
        values: Mapping[str, Any] | None,
        is_new: bool = False,
        place: str = "",
    ) -> None:
        """Write a record as it is now; None: it is deleted. Inside `changing`. Raises: Problem 507."""
        if self.changes:
            text = None if values is None else orjson.dumps(values).decode()
            self.changes.put(scope, self.name, "", key, text, is_new, place)

    def _lay_over(self, scope: str, written: Written) -> ChangedRecords:
        if not written:
            return self._unchanged
        with self._lock:
            kept = self._seen.get(scope)
            if kept is None or kept[0] is not written:
                kept = self._seen[scope] = written, self._renew(kept, written)
            self._seen.move_to_end(scope)
            while len(self._seen) > MAX_SEEN:
                self._seen.popitem(last=False)
            return kept[1]

    def _renew(self, kept: tuple[Written, ChangedRecords] | None, written: Written) -> ChangedRecords:
        """What was known with what was written since; anew where something was taken back."""
        more = written.since(kept[0]) if kept else None
        if kept is None or more is None:
            return lay_over(self.stored, self.shape, written.all())
        return kept[1].with_changes(more)

    def read_key(self, text: str) -> Any:
        """A key as its field has it: a number where that is one."""
        kinds = self.stored.recipe.collection.schema.get("properties", {}).get(self.shape.key, {}).get("type", ())
        is_number = "integer" in kinds and "string" not in kinds
        return int(text) if is_number and WHOLE.fullmatch(text) else text

    def find_values(self, records: ChangedRecords, key: Any) -> Values | None:
        """All of the record with a key, hidden fields included; None where there is none."""
        changed = records.layout.by_key.get(str(key))
        if changed is not None:
            return changed.values if changed.is_there else None
        ordinal = self.stored.find_ordinal(key)
        return None if ordinal is None else self.shape.make(ordinal)

    def draw(self, records: ChangedRecords) -> tuple[int, Any]:
        """Ordinal and key of the record that comes next behind the last one; none ever had that key.

        Raises: Problem 507 where the collection's generator gives no other key.
        """
        first = records.layout.most[1]
        for ordinal in range(first, first + MAX_DRAWN):
            key = self.shape.make(ordinal)[self.shape.key]
            if str(key) not in records.layout.by_key and self.stored.find_ordinal(key) is None:
                return ordinal, key
        raise Problem(507, "Insufficient Storage", f"No key is left for another record of {self.name}.")
