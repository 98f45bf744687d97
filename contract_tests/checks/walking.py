"""Walking over a list in few calls: which pages are asked of a target so that its list can be judged."""

from __future__ import annotations

from typing import Any

from contract_tests.checks.context import CheckContext
from contract_tests.checks.list_walk import Walk, WalkStep
from contract_tests.checks.listing import Listing
from mock_server.contract import Operation

MAX_WALK_PAGES = 5
"""Pages of a whole walk; a longer list is sampled: its first two pages and its last."""


def plan_size(total: int, maximum: int) -> int:
    """A page size that walks `total` records in few pages, with a last page that is not full where that is possible."""
    least = min(max(1, -(-total // 3)), maximum)
    sizes = range(least, max(least, min(maximum, total)) + 1) if total > maximum * 3 else range(least, least + 3)
    # Three pages or so, the last one not full: pages that are all full hide an off-by-one at the end.
    fitting = [size for size in sizes if size <= maximum]
    if total > maximum * MAX_WALK_PAGES:
        fitting = fitting[::-1]
    return next((size for size in fitting if total % size), fitting[0])


def get_walk(context: CheckContext, operation: Operation, again: bool = False) -> Walk:
    """The walk over a list operation, made once; `again` makes another one."""
    if again or operation.id not in context.walks:
        context.walks[operation.id] = _walk(context, operation, context.listings[operation.id])
    return context.walks[operation.id]


def _walk(context: CheckContext, operation: Operation, listing: Listing) -> Walk:
    def step(check: str, number: int | None = None, size: int | None = None, offset: int | None = None) -> WalkStep:
        sizes = {"size": size} if "size" in listing.parameters else {}
        exchange = context.send(operation, check, query=listing.query(number=number, offset=offset, **sizes))
        return WalkStep(exchange, listing.read(exchange), number, size if sizes else listing.default_size, offset)

    # The preflight has asked for the first page of a list already; a second walk asks for its own.
    first = context.take_preflight(operation)
    first_step = WalkStep(first, listing.read(first)) if first else step("paging")
    walk = Walk(listing, first_step._replace(size=listing.default_size))
    total = walk.total
    if walk.first.page is None or not listing.style:
        return walk
    if total is None:  # an API that states no total is walked as far as its first page goes
        total = len(walk.first.page.records)
    size = plan_size(total, listing.max_size) if "size" in listing.parameters else listing.default_size or 20
    last = max(1, -(-total // size))
    walk.whole = last <= MAX_WALK_PAGES and walk.total is not None
    numbers = range(1, last + 1) if last <= MAX_WALK_PAGES else (1, 2, last)
    walk.pages = [_page(step, listing, number, size) for number in numbers]
    walk.beyond = _page(step, listing, last + 1, size)
    walk.others = _others(step, listing, total, size)
    return walk


def _page(step: Any, listing: Listing, number: int, size: int) -> WalkStep:
    if listing.style == "number":
        return step("paging", number, size)  # type: ignore[no-any-return]
    taken: WalkStep = step("paging", None, size, (number - 1) * size)
    return taken._replace(number=number)


def _others(step: Any, listing: Listing, total: int, size: int) -> list[WalkStep]:
    """Other sizes and ways to ask: one record a page, the largest page, an uneven offset."""
    steps = []
    if "size" in listing.parameters:
        if total >= 2:
            steps.append(_page(step, listing, 2, 1))
        if size != listing.max_size:
            steps.append(_page(step, listing, 1, listing.max_size))
    if "offset" in listing.parameters and listing.style == "number" and total > 1:
        steps.append(step("paging", None, 3 if "size" in listing.parameters else None, size // 2 + 1))
    return steps
