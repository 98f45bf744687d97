"""More pages of a list, from what a budget has left: values at borders, pages in the middle, other sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from contract_tests.context import CheckContext, Walk, ask_page, get_walk, report
from contract_tests.findings import Finding
from contract_tests.pages.boundaries import ask_edges, plan_edges
from contract_tests.pages.paging import FIRST_EDGES, judge_walk
from contract_tests.transport import Stopped, Unreachable
from mock_server.contract import Operation

MAX_MORE = 60
"""Pages that are asked for beside the walk and its borders, however large the budget."""

SIZES = (10, 25, 15, 50, 3, 20, 100, 99, 30, 51, 2, 64)
"""Sizes that servers have as defaults, steps or limits."""

MAX_SPREAD = 40
"""Pages of one size that are asked for."""

Page = tuple[int, int | None]
"""Number and size of a page; None where no size is asked for."""


def check_more_pages(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Values at the borders of what may be asked, and pages in the middle of the list by other sizes."""
    if operation.id not in context.listings:
        return
    walk = get_walk(context, operation)
    if walk.first.page is None or not walk.listing.style:
        return
    edges = list(plan_edges(walk))[FIRST_EDGES:]
    for departure in ask_edges(context, operation, walk, edges[: _share(context)]):
        yield report(context, operation, departure)
    try:
        for number, size in list(plan_more(walk))[: _share(context)]:
            ask_page(context, operation, walk, "pages in the middle, by other sizes", number, size)
    except (Stopped, Unreachable):
        yield from judge_walk(context, operation, walk)
        raise
    yield from judge_walk(context, operation, walk)


def _share(context: CheckContext) -> int:
    """Half of the calls that are left: the rest is for other checks, and for asking again."""
    return MAX_MORE if context.remaining is None else min(MAX_MORE, context.remaining // 2)


def plan_more(walk: Walk) -> Iterator[Page]:
    """Number and size of pages that were not asked for: by the default size, then others, from all over the list."""
    total = walk.total or 0
    asked = {(step.number, step.size) for step in walk.steps}
    most = min(walk.listing.max_size, walk.limit or walk.listing.max_size)
    default = walk.default_size or 1
    sizes = [size for size in SIZES if "size" in walk.listing.parameters and size <= most and size != walk.size]
    usual, *others = plans = [_spread(total, default, None), *(_spread(total, size, size) for size in sizes)]
    # Two pages of each size, then the whole list as most clients walk it, then more of each size.
    turns = [_in_turn(plans, 0, 2), usual, _in_turn(others, 2, MAX_SPREAD)]
    yield from (page for page in dict.fromkeys(itertools.chain(*turns)) if page not in asked)


def _in_turn(plans: list[list[Page]], first: int, last: int) -> Iterator[Page]:
    for turn in range(first, last):
        yield from (plan[turn] for plan in plans if turn < len(plan))


def _spread(total: int, size: int, asked: int | None) -> list[Page]:
    """The pages of one size, from the middle outwards and alternately: the second, the last, one in the middle, …"""
    last = max(1, -(-total // size))
    middle = last // 2 + 1
    first = [2, last, middle, 3, last - 1]
    rest = sorted(range(1, min(last, 1_000) + 1), key=lambda number: number * 7919 % 1_009)
    numbers = [number for number in dict.fromkeys([*first, *rest]) if 1 <= number <= last]
    return [(number, asked) for number in numbers[:MAX_SPREAD]]
