"""Collections in motion: the records of a source as they are after something happened to them between two pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from mock_server.messages import Collections, Condition, FieldProblem, RecordSource

NO_PARENTS: Mapping[str, str] = MappingProxyType({})

Where = tuple[Condition, ...]
Pages = tuple[int, list[bytes]]


class Motion(NamedTuple):
    """What happens to a collection: how its pages are read after it, and how one record is."""

    page: Callable[[MovedSource, Where, int, int, int], Pages]
    find: Callable[[MovedSource, Any, int], bytes | None]


class Moving(NamedTuple):
    """A motion by name, and what it needs: the source with one more record, the key, the usual size of a page.

    `plain` is the source without that record, as no session has changed it.
    """

    name: str
    plain: RecordSource
    more: RecordSource
    key: str
    size: int


class MovedSource:
    """A source of records after a motion."""

    def __init__(self, source: RecordSource, moving: Moving) -> None:
        self.source, self.moving = source, moving
        self._motion = MOTIONS[moving.name]
        self.total = self.page((), 0, 0)[0]

    def over(self, source: RecordSource) -> MovedSource:
        """The same motion of the same records, as a session has changed them."""
        below = self.source.over(source) if isinstance(self.source, MovedSource) else source
        return self if below is self.source else MovedSource(below, self.moving)

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        """As a source's."""
        return self._motion.page(self, where, offset, size, view)

    def page_json(self, where: Where, offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """As a source's."""
        total, records = self.page(where, offset, size, view)
        return total, b",".join(records)

    def find(self, key: Any, view: int = 0) -> bytes | None:
        """As a source's."""
        return self._motion.find(self, key, view)

    def is_quick(self, where: Where | None = None) -> bool:
        """As a source's."""
        return self.source.is_quick(where) and self.moving.more.is_quick(where)


class Motions(NamedTuple):
    """What happens to collections, in order; `keys` are the fields that identify records, by collection."""

    names: tuple[str, ...]
    keys: Mapping[str, str]
    size: int


class MovedCollections(Mapping[str, RecordSource]):
    """Collections after motions (`messages.Collections`), for each session; `more` are they with one more record."""

    def __init__(self, collections: Collections, more: Collections, motions: Motions) -> None:
        self.collections, self.version = collections, collections.version
        self._moved = {name: _move(collections[name], more[name], name, motions) for name in collections}

    def __getitem__(self, name: str) -> MovedSource:
        """The records as nobody but the motions changed them; raises KeyError."""
        return self._moved[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._moved)

    def __len__(self) -> int:
        return len(self._moved)

    def by(self, name: str, session: str) -> RecordSource:
        """The records as a session sees them; raises KeyError."""
        return self._moved[name].over(self.collections.by(name, session))

    def is_known(self, name: str, session: str) -> bool:
        """As of the collections."""
        return self.collections.is_known(name, session)

    def check_given(self, name: str, record: Mapping[str, Any]) -> Sequence[FieldProblem]:
        """As of the collections."""
        return self.collections.check_given(name, record)

    def give(
        self,
        name: str,
        session: str,
        record: Mapping[str, Any],
        place: str = "first",
        parents: Mapping[str, str] = NO_PARENTS,
        key: str | None = None,
        is_new: bool = False,
    ) -> str:
        """As of the collections."""
        return self.collections.give(name, session, record, place, parents, key, is_new)

    def take(self, name: str, session: str, key: str, parents: Mapping[str, str] = NO_PARENTS) -> bool:
        """As of the collections."""
        return self.collections.take(name, session, key, parents)


def _move(source: RecordSource, more: RecordSource, name: str, motions: Motions) -> MovedSource:
    first, *others = (Moving(motion, source, more, motions.keys[name], motions.size) for motion in motions.names)
    moved = MovedSource(source, first)
    for moving in others:
        moved = MovedSource(moved, moving._replace(plain=moved))
    return moved


def _find(moved: MovedSource, key: Any, view: int) -> bytes | None:
    return moved.source.find(key, view)


def _find_with_inserted(moved: MovedSource, key: Any, view: int) -> bytes | None:
    if moved.source is moved.moving.plain:
        return moved.moving.more.find(key, view)
    listed = [moved.source.find(key, view), *_find_inserted(moved, (), view)]
    return next((each for each in listed if each and str(orjson.loads(each).get(moved.moving.key)) == str(key)), None)


def _find_without_first(moved: MovedSource, key: Any, view: int) -> bytes | None:
    _, first = moved.source.page((), 0, 1, 0)
    deleted = orjson.loads(first[0]).get(moved.moving.key) if first else None
    return None if key == deleted else moved.source.find(key, view)


def _page_with_inserted(moved: MovedSource, where: Where, offset: int, size: int, view: int) -> Pages:
    """One record more, and it comes first: what was on a page's end is on the next one's beginning."""
    inserted = _find_inserted(moved, where, view)
    if not inserted or size <= 0:
        total, records = moved.source.page(where, offset, size, view)
        return total + len(inserted), records
    total, records = moved.source.page(where, max(0, offset - 1), size - (not offset), view)
    return total + 1, records if offset else [*inserted, *records]


def _find_inserted(moved: MovedSource, where: Where, view: int) -> list[bytes]:
    """The record that is one more; none where a filter leaves it out."""
    plain, more = moved.moving.plain, moved.moving.more
    total, _ = plain.page(where, 0, 0, view)
    # It stands last in its source.
    last = more.page(where, total, 1, view)[1] if more.page(where, 0, 0, view)[0] > total else []
    return last if moved.source is plain else [_with_free_key(moved, each) for each in last]


def _with_free_key(moved: MovedSource, record: bytes) -> bytes:
    """A record under a key that no record of the session has: the next number, where keys are counted."""
    values, name = orjson.loads(record), moved.moving.key
    while isinstance(values.get(name), int) and moved.source.find(values[name]) is not None:
        values[name] += 1
    return orjson.dumps(values)


def _page_without_first(moved: MovedSource, where: Where, offset: int, size: int, view: int) -> Pages:
    """The first record is gone: what was first on the next page has slipped onto the one before."""
    total, records = moved.source.page(where, offset + 1, size, view)
    return max(0, total - 1), records


def _page_of_more(moved: MovedSource, where: Where, offset: int, size: int, view: int) -> Pages:
    """The total is one more than there are records."""
    total, records = moved.source.page(where, offset, size, view)
    return total + 1, records


def _page_reversed(moved: MovedSource, where: Where, offset: int, size: int, view: int) -> Pages:
    """The same records in the opposite order."""
    total, _ = moved.source.page(where, 0, 0, view)
    end = max(0, total - offset)
    start = max(0, end - max(0, size))
    return total, moved.source.page(where, start, end - start, view)[1][::-1]


def _page_without_last(moved: MovedSource, where: Where, offset: int, size: int, view: int) -> Pages:
    """The records of the last page are gone, and the total says so."""
    total, _ = moved.source.page(where, 0, 0, view)
    # Asked for the total alone, what a page is must be known from elsewhere.
    page = size or moved.moving.size
    left = max(0, (total - 1) // page * page)
    return left, moved.source.page(where, offset, max(0, min(size, left - offset)), view)[1]


MOTIONS: Mapping[str, Motion] = {
    "RECORD_INSERTED": Motion(_page_with_inserted, _find_with_inserted),
    "RECORD_DELETED": Motion(_page_without_first, _find_without_first),
    "TOTAL_DRIFTS": Motion(_page_of_more, _find),
    "ORDER_CHANGES": Motion(_page_reversed, _find),
    "LAST_PAGE_VANISHES": Motion(_page_without_last, _find),
}
"""What happens to a collection, by the name a scenario gives it."""
