"""More pages of a list, from what a budget has left: values at borders, pages in the middle, other sizes."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.checks.boundaries import ask_edges, plan_edges
from contract_tests.checks.context import CheckContext
from contract_tests.checks.departures import report
from contract_tests.checks.list_walk import Walk
from contract_tests.checks.paging import FIRST_EDGES, judge_walk
from contract_tests.checks.walking import ask_page, get_walk
from contract_tests.findings import Finding
from contract_tests.transport import Stopped, Unreachable
from mock_server.contract import Operation

MAX_MORE = 60
"""Pages that are asked for beside the walk and its borders, however large the budget."""

SIZES = (10, 25, 15, 50, 3, 20, 100, 99, 30, 51, 2, 64)
"""Sizes that servers have as defaults, steps or limits."""


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


def plan_more(walk: Walk) -> Iterator[tuple[int, int | None]]:
    """Number and size of pages that were not asked for: by the default size, then others, from all over the list."""
    total = walk.total or 0
    asked = {(step.number, step.size) for step in walk.steps}
    most = min(walk.listing.max_size, walk.limit or walk.listing.max_size)
    default = walk.default_size or 1
    sizes = [default, *SIZES] if "size" in walk.listing.parameters else []
    plans = [_spread(total, default, None), *(_spread(total, size, size) for size in dict.fromkeys(sizes))]
    # One page of each size in turn: the more is left, the more of each is asked for.
    longest = max((len(plan) for plan in plans), default=0)
    for turn in range(longest):
        for plan in plans:
            if turn < len(plan) and plan[turn] not in asked and (plan[turn][1] or 1) <= most:
                yield plan[turn]


def _spread(total: int, size: int, asked: int | None) -> list[tuple[int, int | None]]:
    """The pages of one size, from the middle outwards and alternately: the second, the last, one in the middle, …"""
    last = max(1, -(-total // size))
    middle = last // 2 + 1
    first = [2, last, middle, 3, last - 1]
    rest = sorted(range(1, min(last, 1_000) + 1), key=lambda number: number * 7919 % 1_009)
    numbers = [number for number in dict.fromkeys([*first, *rest]) if 1 <= number <= last]
    return [(number, asked) for number in numbers[:40]]
