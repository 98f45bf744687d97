"""One value sent with a filter, and what a fault makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from contract_tests.filters.filter_oracle import select
from mock_server.contract import FilterRule

SPECIAL = "+'&#%_\\\"-./@;, ()"
"""Characters that URLs, SQL, patterns and word searches treat in a way of their own."""

Record = Any


class Case(NamedTuple):
    """A value sent with a filter, all records seen, and those of them that it should select."""

    rule: FilterRule
    value: Any
    records: Sequence[Record]
    matched: Sequence[Record]

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
