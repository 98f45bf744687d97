"""Pages of a collection: planned from what the client asked, and what a response says of the fetched one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.contract import PageRule

MAX_PAGE_SIZE = 10_000
"""The most records one answer holds, also where a provider would send every record."""

DEFAULT_SIZE = 20


class PagePlan(NamedTuple):
    """What to fetch: `size` records from `offset` on, as page `number`. A size of None means all records."""

    offset: int
    size: int | None
    number: int


class FetchedPage(NamedTuple):
    """A page as fetched, with what its links need: `url` without query and the page parameter's name.

    `total` counts what matches, `everything` the whole collection; `query` is what links keep of the request's query,
    without what names a page.
    """

    number: int
    size: int
    total: int
    offset: int
    url: str
    parameter: str
    everything: int
    query: str = ""

    @property
    def last(self) -> int:
        """The number of the last page; an empty collection still has one page."""
        return max(1, -(-self.total // self.size)) if self.size else 1


def _link(page: FetchedPage, number: int) -> str:
    return f"{page.url}?{page.query}{page.parameter}={number}"


def _next_url(page: FetchedPage) -> str | None:
    return _link(page, page.number + 1) if page.offset + page.size < page.total else None


def _prev_url(page: FetchedPage) -> str | None:
    return _link(page, page.number - 1) if page.number > 1 else None


PAGE_FACTS: Mapping[str, Callable[[FetchedPage], Any]] = {
    "total": lambda page: page.total,
    "unfiltered_total": lambda page: page.everything,
    "number": lambda page: page.number,
    "size": lambda page: page.size,
    "last": lambda page: page.last,
    "next_url": _next_url,
    "prev_url": _prev_url,
    "first_url": lambda page: _link(page, 1),
    "last_url": lambda page: _link(page, page.last),
    "url": lambda page: page.url,
}
"""What a response property with `x-page` says, by its role (`items` are the records themselves)."""


def _by_number(asked: Mapping[str, Any], size: int | None) -> PagePlan:
    # All records are one page: whichever is asked for begins at the first record.
    number = asked.get("number") or 1
    return PagePlan((number - 1) * (size or 0), size, number)


def _by_offset(asked: Mapping[str, Any], size: int | None) -> PagePlan:
    offset = asked["offset"]
    return PagePlan(offset, size, offset // size + 1 if size else 1)


PAGE_STYLES: Mapping[str, Callable[[Mapping[str, Any], int | None], PagePlan]] = {
    "offset": _by_offset,
    "number": _by_number,
}
"""How a page is planned, by the first of these roles that the client asked with; offset before number."""


def plan_page(asked: Mapping[str, Any]) -> PagePlan:
    """The plan for what was asked: roles (`number`, `size`, `offset`) to whole numbers, size also `all`."""
    size = asked.get("size", DEFAULT_SIZE)
    style = "offset" if asked.get("offset") is not None else "number"
    return PAGE_STYLES[style](asked, None if size == "all" else size)


def fit(rule: PageRule, value: Any, default: Any) -> Any:
    """An accepted value as the provider serves it: clamped, replaced, or as it is.

    `value` is a whole number, or text where the contract accepts text.
    """
    if not isinstance(value, int):
        return _served(rule.text, default)
    if value == 0 and rule.zero is not None:
        return _served(rule.zero, default)
    if value < 0 and rule.negative is not None:
        return _served(rule.negative, default)
    # A maximum that the schema states is refused above; one that the page rule states is clamped to without a word.
    ceiling = rule.maximum if rule.role == "size" else None
    return min(value, ceiling or (MAX_PAGE_SIZE if rule.role == "size" else value))


def _served(how: str | int | None, default: Any) -> Any:
    return default if how in (None, "default") else how
