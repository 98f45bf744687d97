"""Collections in motion: the records of a source as they are after something happened to them between two pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from mock_server.messages import Condition, RecordSource

Where = tuple[Condition, ...]
Pages = tuple[int, list[bytes]]


class _Moved:
    """A source whose pages a motion changes. `more` is the same collection with one more record."""

    def __init__(self, source: RecordSource, more: RecordSource, key: str, size: int) -> None:
        self.source, self.more, self.key, self.size = source, more, key, size
        self.total = self._count(())

    def page_json(self, where: Where, offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """As a source's."""
        total, records = self.page(where, offset, size, view)
        return total, b",".join(records)

    def find(self, key: Any, view: int = 0) -> bytes | None:
        """As a source's."""
        return self.source.find(key, view)

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        """As a source's."""
        return self.source.page(where, offset, size, view)

    def is_quick(self, where: Where | None = None) -> bool:
        """As a source's."""
        return self.source.is_quick(where) and self.more.is_quick(where)

    def _count(self, where: Where) -> int:
        return self.page(where, 0, 0)[0]


class _Inserted(_Moved):
    """One record more, and it comes first: what was on a page's end is on the next one's beginning."""

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        total, _ = self.source.page(where, 0, 0, view)
        with_it, last = self.more.page(where, total, 1, view)
        if with_it == total or size <= 0:
            return (with_it, self.source.page(where, offset, size, view)[1])
        records = self.source.page(where, max(0, offset - 1), size - (not offset), view)[1]
        return with_it, records if offset else [*last, *records]

    def find(self, key: Any, view: int = 0) -> bytes | None:
        return self.more.find(key, view)


class _Deleted(_Moved):
    """The first record is gone: what was first on the next page has slipped onto the one before."""

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        total, records = self.source.page(where, offset + 1, size, view)
        return max(0, total - 1), records

    def find(self, key: Any, view: int = 0) -> bytes | None:
        _, first = self.source.page((), 0, 1, 0)
        gone = orjson.loads(first[0]).get(self.key) if first else None
        return None if key == gone else self.source.find(key, view)


class _Drifting(_Moved):
    """The total tells one record more than there are."""

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        total, records = self.source.page(where, offset, size, view)
        return total + 1, records


class _Turned(_Moved):
    """The same records in the opposite order."""

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        total, _ = self.source.page(where, 0, 0, view)
        end = max(0, total - offset)
        start = max(0, end - max(0, size))
        return total, self.source.page(where, start, end - start, view)[1][::-1]


class _Shortened(_Moved):
    """The records of the last page are gone, and the total says so."""

    def page(self, where: Where, offset: int, size: int, view: int = 0) -> Pages:
        total, _ = self.source.page(where, 0, 0, view)
        page = size or self.size
        left = max(0, (total - 1) // page * page)
        return left, self.source.page(where, offset, max(0, min(size, left - offset)), view)[1]


MOTIONS: Mapping[str, Callable[[RecordSource, RecordSource, str, int], _Moved]] = {
    "RECORD_INSERTED": _Inserted,
    "RECORD_DELETED": _Deleted,
    "TOTAL_DRIFTS": _Drifting,
    "ORDER_CHANGES": _Turned,
    "LAST_PAGE_VANISHES": _Shortened,
}
"""What happens to a collection, by the name a scenario gives it."""


class Moving(NamedTuple):
    """A motion and what it needs: the source with one more record, the key's name, the usual size of a page."""

    name: str
    more: RecordSource
    key: str
    size: int


def move(source: RecordSource, moving: Moving) -> RecordSource:
    """The source after the motion."""
    return MOTIONS[moving.name](source, moving.more, moving.key, moving.size)
