"""Parents of nested collections: what stands for each path parameter above a list (I4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.inference.collections import Records
from mock_server.inference.keys import find_foreign, find_key
from mock_server.inference.naming import Names
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import normalize, singular


@dataclass(frozen=True)
class Parent:
    """A parent of a collection's records: its collection and their property, empty where none is known."""

    name: str
    collection: str
    field: str

    @property
    def annotation(self) -> dict[str, str]:
        """As `x-collections` has it."""
        return {key: value for key, value in (("collection", self.collection), ("field", self.field)) if value}

    def describe(self) -> str:
        """One clause: where it comes from, and where a record shows it."""
        source = f"one of `{self.collection}`" if self.collection else "of no known collection"
        return f"the parent `{self.name}` is {source}, " + (f"shown as `{self.field}`" if self.field else "hidden")


@dataclass
class Family:
    """The parents of one collection by name, and which path parameter of an operation names which of them."""

    parents: dict[str, Parent] = field(default_factory=dict)
    slots: dict[str, dict[str, str]] = field(default_factory=dict)
    by_prefix: dict[str, str] = field(default_factory=dict)
    by_meaning: dict[tuple[str, str], Parent] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def annotate(self, operation: str) -> dict[str, Any]:
        """The `parents` of an effect: path parameter to parent, where the operation has any."""
        slots = self.slots.get(operation)
        return {"parents": slots} if slots else {}


def find_families(
    schemas: Schemas,
    views: Sequence[OperationView],
    collections: Sequence[Records],
) -> dict[str, Family]:
    """The parents of each collection, by its name."""
    owners = {f"{each.view.shape}/{{}}": records for records in reversed(collections) for each in records.views}
    owners |= {item.shape: records for records in collections for item in records.items}
    posts = {view.shape: view for view in views if view.method == "POST"}
    families: dict[str, Family] = {}
    for records in collections:
        family = families[records.name] = Family()
        listed = {each.view.name for each in records.views}
        for view, count in _nested(records, posts):
            is_listed = view.name in listed or not listed
            named = (
                (slot, _add_parent(schemas, records, family, view, n, owners, is_listed))
                for n, slot in enumerate(view.slots[:count])
            )
            family.slots[view.name] = {slot: name for slot, name in named if name}
    return families


def _nested(records: Records, posts: Mapping[str, OperationView]) -> Iterator[tuple[OperationView, int]]:
    """The operations of a collection, and how many of their path parameters stand above the record."""
    yield from ((each.view, len(each.view.slots)) for each in records.views)
    yield from ((view, len(view.slots) - 1) for item in records.items for view in item.views)
    shapes = [*(each.view.shape for each in records.views), *(item.shape.removesuffix("/{}") for item in records.items)]
    yield from ((posts[shape], len(posts[shape].slots)) for shape in shapes if shape in posts)


def _add_parent(
    schemas: Schemas,
    records: Records,
    family: Family,
    view: OperationView,
    n: int,
    owners: Mapping[str, Records],
    is_listed: bool,
) -> str:
    """The name of the parent that a path parameter stands for, or an empty text where it selects nothing."""
    prefix = "{}".join(view.shape.split("{}")[: n + 1]) + "{}"
    if prefix not in family.by_prefix:
        parent = _make_parent(schemas, records, view.slots[n], prefix, owners)
        if not is_listed and not parent.field:
            return ""  # no list is below it, and no record shows it: whoever asks for a record may name anything
        parent = _tell_apart(parent, family, prefix)
        family.parents.setdefault(parent.name, parent)
        family.by_prefix[prefix] = parent.name
    return family.by_prefix[prefix]


def _make_parent(schemas: Schemas, records: Records, slot: str, prefix: str, owners: Mapping[str, Records]) -> Parent:
    owner = owners.get(prefix)
    named = find_key(schemas, slot, _find_word(prefix), owner.item) if owner else None
    if owner and owner.key and named and named.name != owner.key.name:
        owner = None  # such as the name of what is listed by an id: nothing is known of it
    key = records.key.name if records.key else ""
    shown = find_foreign(schemas, slot, _find_word(prefix), records.item, key)
    return Parent(slot, owner.name if owner and owner is not records else "", shown)


def _find_word(prefix: str) -> str:
    """The word before the parameter that a prefix ends in."""
    return next((part for part in reversed(prefix.split("/")) if part and "{}" not in part), "")


def _tell_apart(parent: Parent, family: Family, prefix: str) -> Parent:
    """Of several parents, `id` of users and `id` of shops are two; a parent that another path names is one."""
    meaning = (parent.collection, parent.field)
    if parent.collection and meaning in family.by_meaning:
        return family.by_meaning[meaning]
    word = singular(normalize(_find_word(prefix))) or "parent"
    name = family.names.take((parent.name, f"{word}_{parent.name}"))
    named = Parent(name, parent.collection, parent.field)
    return family.by_meaning.setdefault(meaning, named) if parent.collection else named
