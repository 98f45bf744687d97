"""What operations that write do to collections, and what they answer (rules W1 to W3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.collections import Item, Records
from mock_server.inference.conclusions import GUESS, LIKELY, SURE
from mock_server.inference.records import find_record
from mock_server.inference.rows import find_rows
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import normalize

ITEM_WRITES: Mapping[str, str] = {"PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
"""What a method does to one record."""


@dataclass(frozen=True)
class Effect:
    """The effect of one operation, the rule that says so, its evidence and how sure it is."""

    rule: str
    effect: Any
    because: str
    confidence: str


def find_answered(schemas: Schemas, view: OperationView, item: Any, key: str) -> dict[str, str]:
    """What a write answers (`answers`), and `at` which pointer: the record, or the value of its key."""
    properties = schemas.properties(view.schema)
    if view.schema is None:
        return {"answers": "nothing"}
    place = find_record(schemas, view.schema, item, view.word)
    alike = max(1, min(2, len(schemas.properties(item))))
    shown = schemas.properties(schemas.at(view.schema, place.at)) if place else {}
    if place and not place.is_list and len(shown) > alike:
        return {"answers": "record", **({"at": place.at} if place.at else {})}
    keys = [name for name in properties if normalize(name) == normalize(key)] if key else []
    return {"answers": "key", "at": f"/{keys[0]}"} if keys else {"answers": "other"}


def find_create(schemas: Schemas, view: OperationView, records: Records) -> Effect | None:
    """A POST on a list makes a record; one whose answer is a list searches."""
    item = records.home.rows.item
    rows = find_rows(schemas, view.schema, view.word) if view.schema is not None else None
    if (
        rows
        and schemas.is_object(rows.item)
        and schemas.likeness(rows.item, item) >= 1
        and not _is_one(schemas, view, item)
    ):
        return None
    key = records.key.name if records.key else ""
    effect = {"create": records.name, **_parents(records, view), **find_answered(schemas, view, item, key)}
    return Effect("W1", effect, f"a POST on the list `{view.operation.path}` makes a record", SURE)


def _is_one(schemas: Schemas, view: OperationView, item: Any) -> bool:
    place = find_record(schemas, view.schema, item, view.word)
    return place is not None and not place.is_list and place.likeness > 0


def _parents(records: Records, view: OperationView) -> dict[str, Any]:
    """The parents of a write: those that the list at the same path has."""
    slots = records.slots.get(view.name) or next(
        (records.slots[each.view.name] for each in records.views if each.view.shape == view.shape),
        {},
    )
    names = dict(zip(view.slots, slots.values(), strict=False))
    return {"parents": names} if names else {}


def find_item_write(schemas: Schemas, view: OperationView, records: Records, item: Item) -> Effect:
    """PUT replaces, PATCH changes, DELETE removes the record that the path names."""
    kind, key = ITEM_WRITES[view.method], records.key.name if records.key else ""
    answered = find_answered(schemas, view, records.home.rows.item, key)
    effect = {kind: records.name, "key": view.slots[-1], **_parents(records, view), **answered}
    if item.get:
        return Effect("W1", effect, f"{view.method} on a path whose GET shows one of `{records.name}`", item.confidence)
    # Nothing shows the record, so whether the parameter is its key rests on names alone.
    confidence = LIKELY if key else GUESS
    named = f"names `{key}`" if key else "names no property of the record"
    return Effect("W2", effect, f"{item.because}; `{view.slots[-1]}` {named}", confidence)
