"""What records are made of: the same recipe gives the same bytes, in every process and on every day."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_server import __version__
from mock_server.contract import Collection

FORMAT = 5
"""Changes whenever the same recipe would give other files."""

Columns = Mapping[tuple[str, tuple[str, ...]], str]
"""(test, fields) to the column that serves it: one of SQLite's, or a text column with files of its own."""

SEARCHED = {"text": b"", "starts": b"\xfd"}
"""Forms of columns that are searched (their texts stand in files of their own), and what stands before each value:
a value that starts with a keyword holds the mark and the keyword. The mark is a byte that UTF-8 never uses, so no
value and no keyword can hold it."""

FORMS = {"equals_fold": "folded", "contains": "text", "search": "text", "starts": "starts"}
"""What a column holds for a test, where that is not the value as it is."""


def column_form(test: str) -> str:
    """What a column holds for a test: values as they are (`plain`), casefolded, or casefolded and searched."""
    return FORMS.get(test, "plain")


def fold(value: Any) -> Any:
    """Text without regard to case; everything else as it is."""
    return value.casefold() if isinstance(value, str) else value


@dataclass(frozen=True)
class Recipe:
    """A collection's records: grown from a seed, `count` of them, at a moment (and not by the clock)."""

    collection: Collection
    seed: str
    count: int
    now: datetime

    @functools.cached_property
    def name(self) -> str:
        """What the files of these records are called; another recipe gives another name."""
        collection = self.collection
        # What makes the same values of the same contract: Faker's version, and ours.
        makers = [importlib.metadata.version("faker"), __version__, FORMAT]
        material = [collection.digest, *collection.edges, self.seed, self.count, self.now.isoformat(), *makers]
        digest = hashlib.blake2b(repr(material).encode(), digest_size=10).hexdigest()
        return f"{collection.name}-{digest}"

    @functools.cached_property
    def columns(self) -> Columns:
        """Tests and fields to columns; tests that need the same form of the same fields share one."""
        names: dict[tuple[str, tuple[str, ...]], str] = {}
        columns: dict[tuple[str, tuple[str, ...]], str] = {}
        for test, fields in self.collection.columns:
            form = (column_form(test), fields)
            columns[test, fields] = names.setdefault(form, f"c{len(names)}")
        return columns

    def find_columns(self, searched: bool) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Each column once, by name, with its form and fields: those that are searched, or those of SQLite."""
        forms = {name: (column_form(test), fields) for (test, fields), name in self.columns.items()}
        return {name: forms[name] for name in sorted(forms) if (forms[name][0] in SEARCHED) == searched}

    @property
    def views(self) -> list[str]:
        """The endings of the files of ready JSON, one a view."""
        return [f"view{number}" for number in range(len(self.collection.views))]

    @property
    def texts(self) -> list[str]:
        """The endings of the files of searched text, one a column."""
        return list(self.find_columns(searched=True))

    @property
    def endings(self) -> list[str]:
        """The endings of all files of these records: SQLite's, and two a view and a searched column."""
        return ["sqlite", *(ending for each in (*self.views, *self.texts) for ending in (each, f"{each}.at"))]

    def __str__(self) -> str:
        return f"{self.count:,} records of {self.collection.provider}/{self.collection.name}"
