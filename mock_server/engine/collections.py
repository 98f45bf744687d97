"""The collections of an annotated contract: as they are stored, and as each session left them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mock_server.contract import Contract
from mock_server.engine.given import CheckGiven, compile_check_given
from mock_server.errors import refuse_taken
from mock_server.messages import NEVER_WRITTEN, FieldProblem, RecordSource, Version
from mock_server.state import FIRST, Changes
from mock_server.store import SeenRecords, StoredRecords

NO_PARENTS: Mapping[str, str] = MappingProxyType({})


class StoredCollections(Mapping[str, RecordSource]):
    """The collections of a contract (`messages.Collections`); as a mapping, as nobody changed them."""

    def __init__(
        self,
        contract: Contract,
        stored: Mapping[str, StoredRecords],
        changes: Changes | None = None,
    ) -> None:
        self.changes, self._stored, self._declared = changes, stored, contract.collections
        self.version: Version = changes.version if changes else NEVER_WRITTEN
        self._checks: dict[str, CheckGiven] = {}
        self._seen = {name: SeenRecords(f"{contract.provider}/{name}", each, changes) for name, each in stored.items()}

    def __getitem__(self, name: str) -> StoredRecords:
        """The records as nobody changed them; raises KeyError."""
        return self._stored[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def __len__(self) -> int:
        return len(self._seen)

    def by(self, name: str, session: str) -> RecordSource:
        """The records of a collection as a session sees them; `session` is its scope. Raises KeyError."""
        return self._seen[name].by(session) if self.version[0] else self._stored[name]

    def is_known(self, name: str, session: str) -> bool:
        """Whether what a session changed of a collection is at hand, without a look at a file; raises KeyError."""
        return not self.version[0] or self._seen[name].is_known(session)

    def get_seen(self, name: str) -> SeenRecords:
        """A collection by the sessions that look at it; raises KeyError."""
        return self._seen[name]

    def check_given(self, name: str, record: Mapping[str, Any]) -> Sequence[FieldProblem]:
        """What is wrong in a record of somebody's own; nothing it leaves out is. Raises KeyError."""
        if name not in self._checks:
            self._checks[name] = compile_check_given(self._declared[name])
        return self._checks[name](record)

    def give(
        self,
        name: str,
        session: str,
        record: Mapping[str, Any],
        place: str = FIRST,
        parents: Mapping[str, str] = NO_PARENTS,
        key: str | None = None,
        is_new: bool = False,
    ) -> str:
        """Put in a record of somebody's own; its key as text. What it leaves out is made as for any record.

        One without a key is given `key`, or the next one; one of a known key takes that one's place, unless it must be
        one that `is_new`. Records of annotated contracts lie below no parents. Raises: KeyError; Problem 409, 507.
        """
        seen, field = self._seen[name], self._declared[name].key
        with seen.changing(session) as records:
            own = record.get(field, None if key is None else seen.read_key(key))
            own = seen.draw(records)[1] if own is None else own
            if is_new and seen.find_values(records, own) is not None:
                raise refuse_taken(name, own)
            seen.put(session, str(own), {**record, field: own}, place=place)
        return str(own)

    def take(self, name: str, session: str, key: str, parents: Mapping[str, str] = NO_PARENTS) -> bool:
        """Take a record away, whoever made it; whether there was one. Raises KeyError."""
        seen = self._seen[name]
        with seen.changing(session) as records:
            known = seen.find_values(records, key) is not None
            if known:
                seen.put(session, key, None)
        return known
