"""The collections of a plain document: planned and made when they are first asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mock_server.contract import Operation
from mock_server.messages import NEVER_WRITTEN, FieldProblem, Version
from mock_server.plain.collections import SampledRecords, Scopes, SeenRecords
from mock_server.plain.contract import PlainContract
from mock_server.plain.envelopes import Kit
from mock_server.plain.given import check_given, give, take
from mock_server.plain.plans import PlannedCollection, plan_collection
from mock_server.plain.remembered import Remembered
from mock_server.state import FIRST, Changes

MAX_RECORDS = 10_000
"""The most records of a plain document's collection: they are kept in memory."""


class Sources(Mapping[str, SampledRecords]):
    """The collections of a plain document by name, each made when it is first asked; as mappings, without changes.

    `remembered` are answers about them.
    """

    def __init__(self, contract: PlainContract, kit: Kit, records: int | None, changes: Changes | None = None) -> None:
        self._contract, self._kit, self.changes = contract, kit, changes
        self.version: Version = changes.version if changes else NEVER_WRITTEN
        self.remembered = Remembered()
        self._records = records if records is None else min(records, MAX_RECORDS)
        self._planned: dict[str, PlannedCollection] = {}
        self._made: dict[str, SeenRecords] = {}
        self._lock = threading.RLock()

    def __getitem__(self, name: str) -> SampledRecords:
        """The records of a collection as nobody changed them; raises KeyError."""
        return self.get_seen(name).plain

    def by(self, name: str, session: str) -> SampledRecords:
        """The records of a collection as a session sees them; `session` is its scope. Raises KeyError."""
        return self.get_seen(name).by(session)

    def is_known(self, name: str, session: str) -> bool:
        """Whether what a session changed of a collection is at hand, without a look at a file."""
        return self.changes is None or self.changes.is_known(session, f"{self._contract.provider}/{name}")

    def get_seen(self, name: str) -> SeenRecords:
        """A collection by the sessions that look at it; raises KeyError."""
        if name not in self._made:
            with self._lock:
                scopes = Scopes(self._plan(name).plan, self._kit.sampler, self._find_keys)
                seen = SeenRecords(f"{self._contract.provider}/{name}", scopes, self.changes)
                self._made.setdefault(name, seen)
        return self._made[name]

    def check_given(self, name: str, record: Mapping[str, Any]) -> Sequence[FieldProblem]:
        """What is wrong in a record of a tester's own; nothing that it leaves out is. Raises KeyError."""
        return check_given(self._kit, self.get_seen(name), record)

    def give(
        self,
        name: str,
        session: str,
        record: Mapping[str, Any],
        place: str = FIRST,
        parents: Mapping[str, str] = MappingProxyType({}),
        key: str | None = None,
        is_new: bool = False,
    ) -> str:
        """Put in a record of a tester's own; its key as text. Raises: KeyError; Problem 409, 507."""
        return give(self.get_seen(name), session, record, place, parents, key, is_new)

    def take(self, name: str, session: str, key: str, parents: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Take a record away; whether there was one. Raises: KeyError; Problem 507."""
        return take(self.get_seen(name), session, key, parents)

    def __iter__(self) -> Iterator[str]:
        return iter(self._contract.collections)

    def __len__(self) -> int:
        return len(self._contract.collections)

    def find_view(self, operation: Operation) -> int:
        """The shape in which an operation shows records."""
        return self._plan(operation.collection).views.get(operation.pointer, 0) if operation.collection else 0

    def _plan(self, name: str) -> PlannedCollection:
        with self._lock:
            if name not in self._planned:
                if name not in self._contract.collections:
                    raise KeyError(name)
                self._planned[name] = plan_collection(self._contract, self._kit, name, self._records)
            return self._planned[name]

    def _find_keys(self, name: str) -> Sequence[Any]:
        return self[name].keys if name in self._contract.collections else ()
