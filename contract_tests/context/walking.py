"""Walking over a list in few calls: which pages are asked of a target so that its list can be judged."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.context.context import CheckContext
from contract_tests.context.list_walk import Walk, WalkStep, read_step
from contract_tests.transport import Exchange
from mock_server.contract import Operation

WANTED_PAGES, FEW_RECORDS = 5, 25
"""Pages that a list is divided into, and how many records are few: these are divided into three."""

MAX_WALK_PAGES = 10
"""Pages of a whole walk; a longer list is sampled."""

REFUSALS = (400, 404, 413, 416, 422)
"""How an API may refuse a size or a page that no document promises."""

SMALL_SIZES = (7, 9, 6, 5, 4, 3, 2)


def get_walk(context: CheckContext, operation: Operation) -> Walk:
    """The walk over a list operation, made once."""
    if operation.id not in context.walks:
        walk = context.walks[operation.id] = _begin(context, operation)
        # Kept before it is whole: where the budget ends it, what came is judged all the same.
        _walk(context, operation, walk)
    return context.walks[operation.id]


def ask_page(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    why: str,
    number: int | None = None,
    size: int | None = None,
    offset: int | None = None,
) -> WalkStep:
    """Ask for one page and keep it in the walk; a refusal of what is not promised is not taken for an error."""
    listing = walk.listing
    asked = {role: v for role, v in {"number": number, "size": size, "offset": offset}.items() if v is not None}
    if number is not None and listing.style == "offset":
        asked = {**asked, "offset": (number - 1) * (size or walk.default_size or 0)}
    query = listing.query(**{role: value for role, value in asked.items() if role in listing.parameters})
    exchange = send_tolerant(context, operation, "paging", query, why)
    step = walk.add(read_step(listing, exchange))
    limit = find_limit(walk, step)
    walk.limit = min(limit, walk.limit or limit) if limit is not None else walk.limit
    return step


def send_tolerant(context: CheckContext, operation: Operation, check: str, query: dict[str, int], why: str) -> Exchange:
    """Send a request that may be refused: a refusal is the rules' own concern, and no other judge's."""
    exchange = context.sender.send(operation, check, query=query, why=why)
    if exchange.answer.status not in REFUSALS:
        context.expected.append((exchange, operation.success))
    return exchange


def _begin(context: CheckContext, operation: Operation) -> Walk:
    """A walk that knows the list as it comes where nothing is asked."""
    listing = context.listings[operation.id]
    walk = Walk(listing)
    # The preflight has asked for the first page of a list already.
    exchange = context.take_preflight(operation) or context.send(operation, "paging", why="the list as it comes")
    walk.default_size = _observe_default(walk, walk.add(read_step(listing, exchange)))
    return walk


def _observe_default(walk: Walk, first: WalkStep) -> int | None:
    """Records of a page where no size is asked for: as many as came, if more are left."""
    count, total = len(first.page.records) if first.page else 0, walk.total_of(first)
    if count and total is not None and count < total:
        return count
    return first.stated_size or walk.listing.default_size or None


def _walk(context: CheckContext, operation: Operation, walk: Walk) -> None:
    if walk.first.page is None or not walk.listing.style:
        return
    # An API that states no total is walked as far as its first page goes.
    total = len(walk.first.page.records) if walk.total is None else walk.total
    _find_size(context, operation, walk, total)
    size = walk.size or 1
    for number in plan_pages(total, size):
        ask_page(context, operation, walk, "pages of one size are the whole list", number, walk.asked_size)
    for number, other, why in plan_others(walk, total):
        ask_page(context, operation, walk, why, number, other)
    for offset, other, why in plan_offsets(walk, total):
        ask_page(context, operation, walk, why, size=other, offset=offset)
    if total > 1:
        ask_page(context, operation, walk, "the first page again is the first page", 1, walk.asked_size)


def _find_size(context: CheckContext, operation: Operation, walk: Walk, total: int) -> None:
    """Choose the size of the walk's pages by asking for the first: it may be more than the target serves."""
    if "size" not in walk.listing.parameters:
        walk.size = walk.default_size or max(1, total)
        return
    walk.size = plan_size(total, walk.listing.max_size, walk.default_size)
    ask_page(context, operation, walk, "pages of one size are the whole list", 1, walk.size)
    if walk.limit is not None:
        walk.size = plan_size(total, walk.limit, walk.default_size)
        ask_page(context, operation, walk, "pages of a size that is served", 1, walk.size)


def find_limit(walk: Walk, step: WalkStep) -> int | None:
    """The largest size served, where a first page is refused or smaller than asked for and owns up to it."""
    if step.size is None or walk.start_of(step) != 0:
        return None
    if step.page is None:
        served = [walk.default_size or 1, *(each.size for each in walk.steps if each.page and each.size)]
        return max(served) if step.exchange.answer.status in REFUSALS else None
    count, total = len(step.page.records), walk.total_of(step)
    is_cut = total is not None and 0 < count < min(step.size, total)
    # A page that says it is as large as was asked for and is not is wrong, whatever the largest size is.
    return count if is_cut and step.stated_size in (None, count) else None


def plan_size(total: int, maximum: int, default: int | None = None) -> int:
    """A page size that walks `total` records in few pages, with a last page that is not full where that is possible."""
    wanted = WANTED_PAGES if total >= FEW_RECORDS else 3
    least = min(max(1, -(-total // wanted)), maximum)
    sizes = range(least, least + 6) if total <= maximum * wanted else range(maximum, 0, -1)
    # The last page is not full: pages that are all full hide an off-by-one at the end.
    fitting = [size for size in sizes if size <= maximum and total % size and size != default]
    return fitting[0] if fitting else least


def plan_pages(total: int, size: int) -> list[int]:
    """Numbers of the pages after the first that are asked for: all of them, or a sample of a long list."""
    last = max(1, -(-total // size))
    middle = last // 2
    sample = (2, 3, middle, middle + 1, last - 1, last)
    return list(range(2, last + 1)) if last <= MAX_WALK_PAGES else list(sample)


def plan_others(walk: Walk, total: int) -> Iterator[tuple[int, int | None, str]]:
    """Pages of other sizes: one full to the end and the one past it, one across a border of two pages, the largest."""
    if "size" not in walk.listing.parameters:
        yield max(1, -(-total // (walk.size or 1))) + 1, None, "past the end there is nothing"
        return
    largest, size = min(walk.listing.max_size, walk.limit or walk.listing.max_size), walk.size or 1
    full = plan_full(total, largest, walk)
    if full:
        yield total // full, full, "a last page that is exactly full is the end"
    yield -(-total // (full or size)) + 1 if total else 2, full or size, "past the end there is nothing"
    small = plan_small(total, size)
    if small:
        yield *small, "a page across the border of two others shows the same order"
    default = walk.default_size or total
    # Where there are links, the first page's is followed to the next.
    if total > default and walk.listing.style == "number" and "next_url" not in walk.listing.places:
        yield -(-total // default) // 2 + 1, None, "a page where no size is asked for"
    if largest not in (size, full):
        yield 1, largest, "the largest size is served"
    if total >= 4 and full != 1:
        yield 2, 1, "a page of one record is that record"


def plan_full(total: int, largest: int, walk: Walk) -> int | None:
    """A size that divides the total, so that the last page is exactly full: the default one if it does."""
    default = walk.default_size or 0
    if 0 < default < total and total % default == 0 and default <= largest and default != walk.size:
        return default
    sizes = (size for size in range(min(largest, total - 1), 0, -1) if total % size == 0 and size != walk.size)
    return next(sizes, None)


def plan_small(total: int, size: int) -> tuple[int, int] | None:
    """Number and size of a small page across the border of two pages in the middle of the walk."""
    last = -(-total // size)
    # Of a long list only the pages around its middle were asked for.
    known = range(1, last) if last <= MAX_WALK_PAGES else (last // 2,)
    borders = sorted(known, key=lambda page: abs(2 * page - last))
    fitting = (
        (border * size // small + 1, small)
        for border in borders
        for small in SMALL_SIZES
        if small < size and border * size % small
    )
    return next(fitting, None)


def plan_offsets(walk: Walk, total: int) -> Iterator[tuple[int, int | None, str]]:
    """Offsets: one that is no multiple of its size, and one that is the beginning of the second page."""
    size = walk.size or 1
    if "offset" not in walk.listing.parameters or total < 2:
        return
    is_sized = "size" in walk.listing.parameters
    small = next((each for each in SMALL_SIZES if is_sized and each < size), size)
    offset = size + 2 if (size + 2) % small else size + 3
    yield min(offset, total - 1), small if is_sized else None, "an offset that is no multiple of the size"
    if walk.listing.style == "number" and size < total:
        yield size, size if is_sized else None, "an offset at the beginning of the second page is the second page"
