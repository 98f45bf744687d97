"""What each operation does to collections, or to one object of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.inference.collections import Records
from mock_server.inference.conclusions import LIKELY, SURE
from mock_server.inference.items import Item
from mock_server.inference.lists import ListView
from mock_server.inference.parents import Family
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.writes import (
    ITEM_WRITES,
    Effect,
    find_create,
    find_item_post,
    find_item_write,
    find_write_by_body,
)

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def find_effects(
    schemas: Schemas,
    views: Sequence[OperationView],
    collections: Sequence[Records],
    families: Mapping[str, Family],
) -> dict[str, Effect]:
    """The effect of each operation that has one of its own, and of each write that has none."""
    effects: dict[str, Effect] = {}
    for records in collections:
        family = families[records.name]
        effects |= {each.view.name: _make_list_effect(records, family, each) for each in records.views}
        for item in records.items:
            effects |= dict(_find_item_effects(schemas, records, family, item))
    for name, effect in (
        *_find_creates(schemas, views, collections, families),
        *_find_singletons(schemas, views, effects),
    ):
        effects.setdefault(name, effect)
    answer = Effect("W3", "answer", "it belongs to no collection that is known, so nothing is kept", SURE)
    known = {**{each.name: answer for each in views if each.method in WRITES}, **effects}
    return {each.name: known[each.name] for each in views if each.name in known and each.given is None}


def _make_list_effect(records: Records, family: Family, listed: ListView) -> Effect:
    name, rows = listed.view.name, listed.rows
    effect: dict[str, Any] = {"list": records.name}
    effect |= {key: value for key, value in (("at", rows.at), ("record", rows.record)) if value}
    effect |= family.annotate(name)
    because = "; ".join(filter(None, (listed.because, records.why.get(name, ""))))
    return Effect("L1", effect, because, SURE if listed.points >= 2 else LIKELY)


def _find_item_effects(schemas: Schemas, records: Records, family: Family, item: Item) -> Iterator[tuple[str, Effect]]:
    for view in item.views:
        if view is item.get:
            yield view.name, _make_get_effect(records, family, item, view)
        elif view.method in ITEM_WRITES:
            yield view.name, find_item_write(schemas, view, records, family, item)
        elif view.method == "POST" and (effect := find_item_post(schemas, view, records, family, item)):
            yield view.name, effect


def _make_get_effect(records: Records, family: Family, item: Item, view: OperationView) -> Effect:
    at, is_list = (item.place.at, item.place.is_list) if item.place else ("", False)
    effect: dict[str, Any] = {"get": records.name, **({"at": at} if at else {}), "key": view.slots[-1]}
    effect |= ({"is_list": True} if is_list else {}) | family.annotate(view.name)
    because = f"{item.because}; {records.key.because if records.key else 'no property of the record is its key'}"
    return Effect("L2" if is_list else "I1", effect, because, item.confidence)


ABOVE = {"POST": find_create, "PUT": find_write_by_body, "PATCH": find_write_by_body}
"""What a method does to the records whose list, or whose items, its path leads to."""


def _find_creates(
    schemas: Schemas,
    views: Sequence[OperationView],
    collections: Sequence[Records],
    families: Mapping[str, Family],
) -> Iterator[tuple[str, Effect]]:
    """POSTs on the path of a list, or above the path of an item; PUTs and PATCHes there that bear a key."""
    owners = {item.shape.removesuffix("/{}"): each for each in reversed(collections) for item in each.items}
    owners |= {listed.view.shape: each for each in reversed(collections) for listed in each.views}
    for view in views:
        owner, find = owners.get(view.shape), ABOVE.get(view.method)
        if owner and find and (effect := find(schemas, view, owner, families[owner.name])):
            yield view.name, effect


def _find_singletons(
    schemas: Schemas,
    views: Sequence[OperationView],
    effects: Mapping[str, Effect],
) -> Iterator[tuple[str, Effect]]:
    """Paths with one record of their own: a GET that shows an object, and a write beside it."""
    by_shape: dict[str, list[OperationView]] = {}
    for each in views:
        by_shape.setdefault(each.shape, []).append(each)
    for shared in by_shape.values():
        get = next((each for each in shared if each.method == "GET" and each.name not in effects), None)
        writes = [each for each in shared if each.method in ITEM_WRITES]
        if get and writes and schemas.is_object(get.schema) and not get.is_item:
            because = f"`{get.operation.path}` shows one object, and is written to"
            yield from ((each.name, Effect("W1", "singleton", because, LIKELY)) for each in (get, *writes))
