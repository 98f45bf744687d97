"""The fields of a record as a contract annotates them: where each stands, and how its value follows from others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from contract_tests.findings import NOTE, Evidence
from contract_tests.transport import Exchange
from mock_server.contract import escape_pointer

MISSING = object()
"""Stands for a member that is not there."""


class Shown(NamedTuple):
    """A record as an answer showed it, with the value that identifies it."""

    record: Any
    key: Any
    exchange: Exchange


class Violation(NamedTuple):
    """Where a rule does not hold: the record, what stands there, and a place of its own (else the rule's)."""

    shown: Shown
    actual: str
    place: str = ""


class Field(NamedTuple):
    """A member of a record that is no object: its path from the record, and its schema."""

    path: tuple[str, ...]
    schema: Mapping[str, Any]

    @property
    def pointer(self) -> str:
        """Its JSON Pointer in the record."""
        return "".join(f"/{escape_pointer(step)}" for step in self.path)

    @property
    def name(self) -> str:
        """Its dotted path, as annotations write it."""
        return ".".join(self.path)

    @property
    def method(self) -> str:
        """The method that makes its value, `$` for one that is a sibling's, or nothing."""
        faker = self.schema.get("x-faker")
        if isinstance(faker, str):
            return "$" if faker.startswith("$") else faker
        return next(iter(faker), "") if isinstance(faker, Mapping) else ""

    @property
    def sibling(self) -> str:
        """The sibling whose value it is (`place.city`), or nothing."""
        faker = self.schema.get("x-faker")
        return faker[1:] if isinstance(faker, str) and faker.startswith("$") else ""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of its method."""
        faker = self.schema.get("x-faker")
        arguments: Any = next(iter(faker.values()), {}) if isinstance(faker, Mapping) else {}
        return arguments if isinstance(arguments, Mapping) else {}

    @property
    def evidence(self) -> Evidence:
        """The sentence that describes it."""
        return Evidence(str(self.schema.get("description", "")))

    def value(self, record: Any) -> Any:
        """Its value in a record, or MISSING."""
        for step in self.path:
            if not isinstance(record, Mapping) or step not in record:
                return MISSING
            record = record[step]
        return record

    def text(self, record: Any) -> str:
        """Its value in a record where that is a text, else nothing."""
        value = self.value(record)
        return value if isinstance(value, str) else ""

    def is_given(self, record: Any) -> bool:
        """Whether it says anything: it is there, and neither null nor an empty text."""
        return self.value(record) not in (MISSING, None, "")


class Rule(NamedTuple):
    """What must hold of the records of one contract: made from its annotations, so of every provider alike."""

    name: str
    place: str
    problem: str
    expected: str
    find: Callable[[Sequence[Shown]], Iterator[Violation]]
    evidence: Evidence = Evidence()
    grade: str = NOTE


def list_fields(schema: Any, path: tuple[str, ...] = ()) -> list[Field]:
    """The fields of a record, those of its objects included, in the order of the schema; lists are not entered."""
    fields: list[Field] = []
    for name, child in schema.get("properties", {}).items() if isinstance(schema, Mapping) else ():
        is_object = isinstance(child, Mapping) and bool(child.get("properties"))
        fields += list_fields(child, (*path, name)) if is_object else [Field((*path, name), child)]
    return fields


def each(holds: Callable[[Any], str]) -> Callable[[Sequence[Shown]], Iterator[Violation]]:
    """A rule's function from one that says, for a single record, what is wrong with it or nothing."""

    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        for shown in records:
            actual = holds(shown.record)
            if actual:
                yield Violation(shown, actual)

    return find
