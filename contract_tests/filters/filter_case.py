"""One value sent with a filter, and what a fault makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from contract_tests.filters.filter_oracle import find_value, select
from mock_server.contract import FilterRule

SPECIAL = "+'&#%_\\\"-./@;, ()"
"""Characters that URLs, SQL, patterns and word searches treat in a way of their own."""

Record = Any


Prepare = Callable[[str], str]
"""What a text becomes before it is compared."""


class Texts:
    """What the fields of all records hold, as texts prepared to be compared: the same for every value that is sent."""

    def __init__(self, rule: FilterRule, records: Sequence[Record]) -> None:
        self._own = [
            (record, [str(value) for field in rule.fields if (value := find_value(record, field)) is not None])
            for record in records
        ]
        self._prepared: dict[Prepare, list[tuple[Record, list[str]]]] = {str: self._own}

    def under(self, prepare: Prepare) -> list[tuple[Record, list[str]]]:
        """Each record with the texts of its fields, those that it has."""
        if prepare not in self._prepared:
            self._prepared[prepare] = [(record, [prepare(text) for text in own]) for record, own in self._own]
        return self._prepared[prepare]


class Case(NamedTuple):
    """A value sent with a filter, all records seen with their texts, and those of them that it should select."""

    rule: FilterRule
    value: Any
    records: Sequence[Record]
    matched: Sequence[Record]
    texts: Texts

    def select(self, value: Any) -> list[Record]:
        """The records that another value selects."""
        return select(self.rule, value, self.records)


Selection = Callable[[Case], Sequence[Record]]
"""The records that a value selects: `case.matched` itself where the fault makes no difference."""


class WrongFilter(NamedTuple):
    """A fault of a filter, as words that follow "as if"; `is_sensible`: nothing documented says it is wrong."""

    name: str
    select: Selection
    is_sensible: bool = False
