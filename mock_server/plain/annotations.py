"""What the annotations of a plain document say of its operations and collections, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.openapi import Document, DocumentOperation

EFFECTS = ("list", "get", "create", "replace", "patch", "delete")
"""What an operation may do to a collection; `singleton` and `answer` have none."""

CONDITIONS: Mapping[str, str] = {
    "equals": "equals",
    "one_of": "one_of",
    "contains": "contains",
    "starts": "starts",
    "search": "search",
    "from": "at_least",
    "to": "at_most",
    "above": "above",
    "below": "below",
}
"""What a filter is called in a document, and the test of `messages.Condition` it stands for."""


@dataclass(frozen=True)
class Effect:
    """What an operation does, and where in its success body what it shows stands (JSON Pointers).

    `parents` maps path parameters to the parents of the collection that they name. One that hands out tokens names the
    `scheme` that they work for, the `facts` that its body tells of them, and how many seconds they are good for.
    """

    name: str = "answer"
    collection: str = ""
    at: str = ""
    record: str = ""
    key: str = ""
    is_list: bool = False
    parents: Mapping[str, str] = field(default_factory=dict)
    answers: str = "record"
    scheme: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    lifetime: int = 0


@dataclass(frozen=True)
class Paging:
    """How a list is paged: parameters to roles, where the answer says which fact; `first` numbers the first page."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    first: int = 1
    cursor: str = "token"
    body: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Filter:
    """What a parameter does to a list: `test` is a row of `CONDITIONS`, or `sort`, `direction`, `fields`, `none`."""

    test: str
    fields: tuple[str, ...] = ()
    ignore_case: bool = False


@dataclass(frozen=True)
class Parent:
    """A parent of the records of a collection: its collection, and the field that holds its key, where known."""

    collection: str = ""
    field: str = ""


@dataclass(frozen=True)
class CollectionNotes:
    """What a document says of a collection; without a `key` no property of its records is one.

    No two records share a value of a field that is `unique`.
    """

    key: str = ""
    records: int | None = None
    parents: Mapping[str, Parent] = field(default_factory=dict)
    unique: tuple[str, ...] = ()


def read_effect(operation: DocumentOperation) -> Effect:
    """What an operation does; `answer` where nothing is said."""
    said = operation.node.get("x-effect")
    if isinstance(said, str):
        return Effect(said)
    if not isinstance(said, Mapping):
        return Effect()
    if "token" in said:
        facts, lifetime = _mapping(said.get("body")), said.get("lifetime", 0)
        return Effect("token", scheme=str(said["token"]), facts=facts, lifetime=lifetime)
    name = next((name for name in EFFECTS if name in said), "answer")
    return Effect(
        name,
        str(said.get(name, "")),
        said.get("at", ""),
        said.get("record", ""),
        said.get("key", ""),
        bool(said.get("is_list")),
        said.get("parents", {}),
        said.get("answers", "record"),
    )


def read_paging(operation: DocumentOperation) -> Paging:
    """How an operation pages; without an annotation nothing is."""
    said = _mapping(operation.node.get("x-paging"))
    return Paging(
        _mapping(said.get("parameters")),
        said.get("first", 1),
        said.get("cursor", "token"),
        _mapping(said.get("body")),
        {name.lower(): fact for name, fact in _mapping(said.get("headers")).items()},
    )


def read_filters(operation: DocumentOperation) -> dict[str, Filter]:
    """What each parameter with a filter does."""
    return {name: _filter(rule) for name, rule in _mapping(operation.node.get("x-filters")).items()}


def _filter(rule: Mapping[str, Any]) -> Filter:
    test = next(name for name in rule if name != "ignore_case")
    fields = rule[test]
    listed = [fields] if isinstance(fields, str) else fields if isinstance(fields, list) else []
    return Filter(test, tuple(map(str, listed)), bool(rule.get("ignore_case")))


def read_collections(document: Document) -> dict[str, CollectionNotes]:
    """The collections that a document names."""
    said = _mapping(document.root.get("x-collections"))
    return {name: _collection(_mapping(node)) for name, node in said.items()}


def _collection(node: Mapping[str, Any]) -> CollectionNotes:
    parents = {
        name: Parent(_mapping(parent).get("collection", ""), _mapping(parent).get("field", ""))
        for name, parent in _mapping(node.get("parents")).items()
    }
    return CollectionNotes(node.get("key") or "", node.get("records"), parents, tuple(node.get("unique", ())))


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
