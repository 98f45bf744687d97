"""Pages of a plain document's list: planned from every style of paging, and the facts an answer says of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote_plus, unquote_plus

from mock_server.contract import Parameter
from mock_server.errors import ApiError
from mock_server.messages import Request
from mock_server.plain.annotations import Paging
from mock_server.plain.tokens import MAX_OFFSET

MAX_PAGE_SIZE = 10_000
DEFAULT_SIZE = 20


class PagePlan(NamedTuple):
    """What to fetch: `size` records from `offset` on; `number` as the client counts pages."""

    offset: int
    size: int
    number: int


class PageRoles(NamedTuple):
    """The parameters of a list by their roles, and how it counts."""

    number: Parameter | None
    size: Parameter | None
    offset: Parameter | None
    cursor: Parameter | None
    before: Parameter | None
    first: int
    is_key: bool
    default_size: int | None
    first_offset: int

    @property
    def turning(self) -> tuple[Parameter, ...]:
        """The parameters that choose a page; links replace them."""
        return tuple(p for p in (self.number, self.offset, self.cursor, self.before) if p)


PAGE_NUMBER = Parameter("page", "query", False, {"type": "integer"})
"""What links turn pages with where a document has links but no parameter for them."""


def find_roles(paging: Paging, parameters: Sequence[Parameter], limit: int) -> PageRoles:
    """The roles of a list's parameters. `limit` is the most records that its answer may hold."""
    by_role = {p.page.role: p for p in reversed(parameters) if p.page}
    facts = {*paging.body.values(), *paging.headers.values()}
    turns = any(role in by_role for role in ("number", "offset", "cursor"))
    if not turns and facts & {"next_url", "links", "last", "next_number"}:
        by_role["number"] = PAGE_NUMBER
        turns = True
    size = by_role.get("size")
    offset = by_role.get("offset")
    return PageRoles(
        by_role.get("number"),
        size,
        offset,
        by_role.get("cursor"),
        by_role.get("before"),
        paging.first,
        paging.cursor == "key",
        _default_size(size, limit) if turns or size else None,
        1 if offset and 1 in (offset.schema.get("minimum"), offset.schema.get("default")) else 0,
    )


def _default_size(size: Parameter | None, limit: int) -> int:
    schema = size.schema if size else {}
    default, most = schema.get("default"), schema.get("maximum")
    wanted = default if isinstance(default, int) and default > 0 else DEFAULT_SIZE
    return max(1, min(wanted, int(most) if isinstance(most, int | float) and most >= 1 else wanted, limit))


def plan_page(
    roles: PageRoles,
    asked: Mapping[str, Any],
    limit: int,
    read_token: Callable[[str], int | None],
    find_keys: Callable[[], Sequence[str]],
) -> PagePlan:
    """The page that a request asks for; `find_keys` gives the keys of all that match, where a cursor is one.

    Raises: ApiError `invalid` for a token or key that leads nowhere.
    """
    size = _read_size(roles, asked, limit)
    for parameter, is_before in ((roles.cursor, False), (roles.before, True)):
        text = _text(asked, parameter) if parameter else ""
        if parameter and text:
            place = _find_place(roles, parameter, text, read_token, find_keys)
            if is_before:
                return PagePlan(max(0, place - size), min(size, place), roles.first)
            place += roles.is_key
            return PagePlan(place, size, place // size + roles.first)
    number = _whole(asked.get(roles.number.name)) if roles.number else None
    offset = _whole(asked.get(roles.offset.name)) if roles.offset else None
    # A default of the offset says nothing where a page is asked for by its number.
    if offset is not None and (number is None or offset > roles.first_offset):
        offset = max(0, min(offset - roles.first_offset, MAX_OFFSET))
        return PagePlan(offset, size, offset // size + roles.first)
    number = roles.first if number is None else max(roles.first, min(number, MAX_OFFSET))
    return PagePlan((number - roles.first) * size, size, number)


def _read_size(roles: PageRoles, asked: Mapping[str, Any], limit: int) -> int:
    size = _whole(asked.get(roles.size.name)) if roles.size else None
    if size is None or size <= 0:
        size = roles.default_size if roles.default_size is not None else MAX_PAGE_SIZE
    return min(size, limit, MAX_PAGE_SIZE)


def _text(asked: Mapping[str, Any], parameter: Parameter) -> str:
    """A cursor as it was sent; the documented default (`*`) is where lists begin."""
    value = asked.get(parameter.name)
    return "" if value is None or value == parameter.schema.get("default") else str(value)


def _whole(value: Any) -> int | None:
    """A whole number, also of text: one parameter in seven that counts is documented as text."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _find_place(
    roles: PageRoles,
    parameter: Parameter,
    text: str,
    read_token: Callable[[str], int | None],
    find_keys: Callable[[], Sequence[str]],
) -> int:
    """The offset that a token stands for, or that of the record whose key a cursor is."""
    if roles.is_key:
        keys = find_keys()
        place = keys.index(text) if text in keys else None
    else:
        place = read_token(text)
    if place is None:
        raise ApiError("invalid", f"{parameter.name}: is no cursor of this list", parameter.name)
    return place


def _read_name(piece: str) -> str:
    """The name of a parameter in one piece of a query."""
    name = piece.partition("=")[0]
    return unquote_plus(name) if "%" in name or "+" in name else name


class FetchedPage(NamedTuple):
    """A page as fetched: what its facts are made of. `keys` gives the keys of its records, first to last."""

    plan: PagePlan
    total: int
    shown: int
    request: Request
    roles: PageRoles
    make_token: Callable[[int], str | int]
    keys: Callable[[], Sequence[str]]

    @property
    def end(self) -> int:
        """The offset behind its last record."""
        return self.plan.offset + self.plan.size

    @property
    def has_more(self) -> bool:
        """Whether records follow."""
        return self.end < self.total

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, -(-self.total // max(1, self.plan.size))) - 1 + self.roles.first

    @property
    def url(self) -> str:
        """The list's own address."""
        return self.request.base + self.request.mount + self.request.path

    def link(self, offset: int) -> str:
        """The address of the page that begins at an offset: the request's own, turned."""
        turning, query = [p.name for p in self.roles.turning], self.request.query
        # What stays is kept as it was sent: reading and writing it again took longer than all the rest.
        pieces = [p for p in query.split("&") if _read_name(p) not in turning] if query else []
        turned = "&".join([*pieces, *self._turned(offset)])
        return f"{self.url}?{turned}" if turned else self.url

    def _turned(self, offset: int) -> Iterator[str]:
        roles = self.roles
        if roles.number:
            yield f"{quote_plus(roles.number.name)}={offset // max(1, self.plan.size) + roles.first}"
        elif roles.offset:
            yield f"{quote_plus(roles.offset.name)}={offset + roles.first_offset}"
        elif roles.cursor and offset:
            yield f"{quote_plus(roles.cursor.name)}={quote_plus(str(self.token(offset)))}"

    def token(self, offset: int) -> str | int:
        """The cursor of the page that begins at an offset; where keys are cursors, this page's last one."""
        if self.roles.is_key:
            keys = self.keys()
            return keys[-1] if keys else ""
        return self.make_token(offset)

    @property
    def before(self) -> int | None:
        """The offset of the page before, or None."""
        return max(0, self.plan.offset - self.plan.size) if self.plan.offset else None


def _if_more(make: Callable[[FetchedPage], Any]) -> Callable[[FetchedPage], Any]:
    return lambda page: make(page) if page.has_more else None


def _if_before(make: Callable[[FetchedPage, int], Any]) -> Callable[[FetchedPage], Any]:
    return lambda page: None if page.before is None else make(page, page.before)


PAGE_FACTS: Mapping[str, Callable[[FetchedPage], Any]] = {
    "total": lambda page: page.total,
    "last": lambda page: page.last,
    "pages": lambda page: page.last - page.roles.first + 1,
    "number": lambda page: page.plan.number,
    "size": lambda page: page.plan.size if page.roles.default_size is not None else page.shown,
    "offset": lambda page: page.plan.offset + page.roles.first_offset,
    "count": lambda page: page.shown,
    "url": lambda page: page.link(page.plan.offset) if page.request.query else page.url,
    "next_url": _if_more(lambda page: page.link(page.end)),
    "prev_url": _if_before(lambda page, offset: page.link(offset)),
    "first_url": lambda page: page.link(0),
    "last_url": lambda page: page.link((page.last - page.roles.first) * page.plan.size),
    "next_token": _if_more(lambda page: page.token(page.end)),
    "prev_token": _if_before(lambda page, offset: page.make_token(offset)),
    "has_more": lambda page: page.has_more,
    "next_number": _if_more(lambda page: page.plan.number + 1),
    "prev_number": _if_before(lambda page, offset: page.plan.number - 1),
    "next_offset": _if_more(lambda page: page.end + page.roles.first_offset),
    "prev_offset": _if_before(lambda page, offset: offset + page.roles.first_offset),
    "first_key": lambda page: next(iter(page.keys()), None),
    "last_key": lambda page: next(reversed(page.keys()), None),
}
"""What an answer may say of a page, by the fact's name in `x-paging`; None where there is no such page."""


def render_links(page: FetchedPage) -> str:
    """The `Link` header (RFC 8288): the pages around this one."""
    links = {"next": "next_url", "prev": "prev_url", "first": "first_url", "last": "last_url"}
    pairs = ((relation, PAGE_FACTS[fact](page)) for relation, fact in links.items())
    known = [(relation, url) for relation, url in pairs if url]
    usable = (
        known if page.roles.number or page.roles.offset else [pair for pair in known if pair[0] in ("next", "first")]
    )
    return ", ".join(f'<{url}>; rel="{relation}"' for relation, url in usable)
