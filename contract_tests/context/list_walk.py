"""A walk over a list: the pages that were asked for, and what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from contract_tests.context.listing import Listing, ListPage
from contract_tests.transport import Exchange


class WalkStep(NamedTuple):
    """One page asked for, and what came: `number`, `size` and `offset` as asked (None: not asked), `page` None if none
    came. `via` is the role of the link that was followed, empty where none was."""

    exchange: Exchange
    page: ListPage | None
    number: int | None = None
    size: int | None = None
    offset: int | None = None
    via: str = ""

    @property
    def asked(self) -> str:
        """What was asked for, in words."""
        shown = [
            f"page {self.number}" if self.number else "",
            f"offset {self.offset}" if self.offset is not None else "",
        ]
        words = ", ".join(part for part in (*shown, f"size {self.size}" if self.size else "") if part)
        return words or "no parameters"

    @property
    def stated_size(self) -> int | None:
        """The size that the page tells, where it tells one."""
        return as_count(self.page.facts.get("size")) if self.page else None


def as_count(value: Any) -> int | None:
    """A number that a page tells, be it written as a text or as 57.0; None for anything else."""
    # Some APIs write their numbers as texts; that is the schema's concern.
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None


def read_step(listing: Listing, exchange: Exchange, via: str = "") -> WalkStep:
    """The step that an exchange is, by the page parameters in its URL and what came."""
    names = {name: role for role, p in listing.parameters.items() for name in (p.name, *p.aliases)}
    query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    asked = {names[name]: as_count(value) for name, value in query if name in names}
    number, size, offset = (asked.get(role) for role in ("number", "size", "offset"))
    return WalkStep(exchange, listing.read(exchange), number, size, offset, via)


@dataclass
class Walk:
    """The steps of one walk, in the order they were asked.

    `size` is that of the pages which together are the list; `default_size` what the first page held where no size was
    asked for; `limit` the largest size that the target was seen to serve. `repeats_keys` says that two records that
    differ have one key; `reported` are the departures that were yielded; `plans` are what a filter's name and fields
    lead to: the records, and the requests that were planned with them.
    """

    listing: Listing
    steps: list[WalkStep] = field(default_factory=list)
    size: int | None = None
    default_size: int | None = None
    limit: int | None = None
    repeats_keys: bool = False
    reported: set[tuple[str, str, str]] = field(default_factory=set)
    plans: dict[tuple[str, tuple[str, ...]], tuple[Sequence[Any], list[Any]]] = field(default_factory=dict)

    @property
    def first(self) -> WalkStep:
        """The first answer of all: the list as it comes where nothing is asked."""
        return self.steps[0]

    @property
    def asked_size(self) -> int | None:
        """The size of the walk's pages where one can be asked for."""
        return self.size if "size" in self.listing.parameters else None

    @property
    def total(self) -> int | None:
        """The total that the first page tells."""
        return next((total for step in self.steps if step.page and (total := self.total_of(step)) is not None), None)

    def total_of(self, step: WalkStep) -> int | None:
        """The total that a page tells."""
        total = step.page.total if step.page else None
        return None if isinstance(total, str) else as_count(total)

    def size_of(self, step: WalkStep) -> int | None:
        """The size of the page that a step asks for, as far as the target serves it."""
        size, stated = step.size or self.default_size, step.stated_size
        # A first page that was cut and says so is of the size that it says.
        is_first = (step.number or 1) == 1 and not step.offset
        if (
            step.page
            and is_first
            and stated == len(step.page.records)
            and stated < min(size or 0, self.total_of(step) or 0)
        ):
            return stated
        return min(size, self.limit) if size and self.limit else size

    def start_of(self, step: WalkStep) -> int | None:
        """The place of a page's first record in the list, or None where it is not known."""
        if step.offset is not None:
            return step.offset
        size, number = self.size_of(step), step.number or 1
        return None if number > 1 and size is None else (number - 1) * (size or 0)

    def number_of(self, step: WalkStep) -> int | None:
        """The number of a step's page, or None where an offset is no multiple of the size."""
        if step.offset is None:
            return step.number or 1
        size = self.size_of(step)
        return step.offset // size + 1 if size and step.offset % size == 0 else None

    def last_of(self, step: WalkStep) -> int | None:
        """The number of the last page by what a step's own page says, or None where nobody can say."""
        total, size = self.total_of(step), self.size_of(step)
        return max(1, -(-total // size)) if total is not None and size else None

    @property
    def pages(self) -> list[WalkStep]:
        """The pages that together are the list, each once, in its order."""
        steps: dict[int, WalkStep] = {}
        for step in self.steps:
            number = self.number_of(step)
            if number is not None and not step.via and self.size_of(step) == self.size and not self.is_past_end(step):
                steps.setdefault(number, step)
        return [steps[number] for number in sorted(steps)]

    def is_past_end(self, step: WalkStep) -> bool:
        """Whether a step asks for what is past the end of the list."""
        start = self.start_of(step)
        return bool(start and self.total is not None and start >= self.total)

    @property
    def beyond(self) -> list[WalkStep]:
        """The pages past the end of the list."""
        return [step for step in self.steps if self.is_past_end(step)]

    @property
    def whole(self) -> bool:
        """Whether `pages` are all the pages that the total tells."""
        if self.total is None or not self.size or not self.steps:
            return False
        return len(self.pages) == max(1, -(-self.total // self.size))

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

    def add(self, step: WalkStep) -> WalkStep:
        """Keep a step, and what it shows of the list as a whole."""
        self.steps.append(step)
        self.repeats_keys = self.repeats_keys or any(True for _ in find_shared_keys(self.listing, step))
        return step

    def placed(self, step: WalkStep) -> Iterator[tuple[int, str]]:
        """The place of each record of a step's page in the list, and what identifies the record."""
        start = self.start_of(step)
        for number, record in enumerate(step.page.records if step.page and start is not None else ()):
            yield (start or 0) + number, self.identify(record)

    def identify(self, record: Any) -> str:
        """What tells a record from the others: its key, as text; the whole record where keys are missing or repeat."""
        key = self.listing.key_of(record)
        return repr(record) if key is None or self.repeats_keys else repr(key)


def find_shared_keys(listing: Listing, step: WalkStep) -> Iterator[Any]:
    """Keys that two records of a page have which differ."""
    records: dict[str, Any] = {}
    for record in step.page.records if step.page else ():
        key = listing.key_of(record)
        if key is not None and records.setdefault(repr(key), record) != record:
            yield key
