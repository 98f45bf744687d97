"""How much of a document was understood, counted from its annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.errors import count_of
from mock_server.openapi import Document, DocumentOperation

KINDS = ("list", "get", "create", "replace", "patch", "delete")
"""What an operation may do to a collection: exactly one of them is a key of its `x-effect`."""


class Counts(NamedTuple):
    """How many operations are what, how many conclusions wait for a person, how many filters change nothing."""

    operations: int
    lists: int
    paged: int
    gets: int
    writes: int
    answers: int
    guesses: int
    idle: int

    def __str__(self) -> str:
        lists = f"{count_of(self.lists, 'list')} ({self.paged} with pages), {self.gets} found by id"
        known = f"{lists}, {count_of(self.writes, 'write')}, {self.answers} from the schema only"
        guesses = "1 guess" if self.guesses == 1 else f"{self.guesses} guesses"
        unsure = f"{guesses}, {count_of(self.idle, 'filter')} without effect"
        return f"{count_of(self.operations, 'operation')}: {known}; {unsure}"


def count_annotations(document: Document, guesses: int) -> Counts:
    """The counts of an annotated document; `guesses` are the conclusions that were not applied."""
    kinds = Counter(find_kind(operation) for operation in document.operations)
    return Counts(
        operations=len(document.operations),
        lists=kinds["list"],
        paged=sum(_is_paged(operation) for operation in document.operations),
        gets=kinds["get"],
        writes=kinds["write"] + sum(kinds[kind] for kind in KINDS[2:]),
        answers=kinds["answer"],
        guesses=guesses,
        idle=sum("none" in test for operation in document.operations for test in _find_tests(operation)),
    )


def find_kind(operation: DocumentOperation) -> str:
    """What an annotated operation does: a word of `KINDS`, `singleton`, `write` (to a singleton), or `answer`."""
    effect = operation.node.get("x-effect")
    if effect == "singleton":
        return "singleton" if operation.method == "GET" else "write"
    return next((kind for kind in KINDS if isinstance(effect, Mapping) and kind in effect), "answer")


def _is_paged(operation: DocumentOperation) -> bool:
    paging = operation.node.get("x-paging")
    return find_kind(operation) == "list" and isinstance(paging, Mapping) and bool(paging.get("parameters"))


def _find_tests(operation: DocumentOperation) -> Iterator[Any]:
    tests = operation.node.get("x-filters")
    return (test for test in (tests.values() if isinstance(tests, Mapping) else ()) if isinstance(test, Mapping))
