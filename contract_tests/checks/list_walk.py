"""A walk over a list: the pages that were asked for, and what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contract_tests.checks.listing import Listing, ListPage
from contract_tests.transport import Exchange


class WalkStep(NamedTuple):
    """One page asked for, and what came: `number` and `size` as asked (None: not asked), `page` None if none came."""

    exchange: Exchange
    page: ListPage | None
    number: int | None = None
    size: int | None = None
    offset: int | None = None


@dataclass
class Walk:
    """The pages of one walk. `pages` are in order; `whole` says that they are all pages the total tells."""

    listing: Listing
    first: WalkStep
    pages: list[WalkStep] = field(default_factory=list)
    whole: bool = False
    beyond: WalkStep | None = None
    others: list[WalkStep] = field(default_factory=list)

    @property
    def total(self) -> int | None:
        """The total that the first page tells."""
        total = self.first.page.total if self.first.page else None
        return total if isinstance(total, int) and not isinstance(total, bool) else None

    @property
    def steps(self) -> list[WalkStep]:
        """Everything asked, in order."""
        beyond = [self.beyond] if self.beyond else []
        return [self.first, *self.pages, *beyond, *self.others]

    @property
    def records(self) -> list[Any]:
        """The records of the walk's pages, in order."""
        return [record for step in self.pages if step.page for record in step.page.records]

    @property
    def seen(self) -> list[Any]:
        """Every record that any step showed, each key once."""
        records: dict[str, Any] = {}
        for step in self.steps:
            for record in step.page.records if step.page else ():
                records.setdefault(repr(self.listing.key_of(record)), record)
        return list(records.values())
