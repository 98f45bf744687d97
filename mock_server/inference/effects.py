"""What each operation does to collections, or to one object of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.inference.collections import Item, Records
from mock_server.inference.conclusions import LIKELY, SURE
from mock_server.inference.lists import ListView
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.writes import ITEM_WRITES, Effect, find_create, find_item_write

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def find_effects(
    schemas: Schemas,
    views: Sequence[OperationView],
    lists: Mapping[str, ListView],
    collections: Sequence[Records],
) -> dict[str, Effect]:
    """The effect of each operation that has one of its own, and of each write that has none."""
    effects: dict[str, Effect] = {}
    creators = {each.view.shape: records for records in reversed(collections) for each in records.views}
    for records in collections:
        for each in records.views:
            effects[each.view.name] = _make_list_effect(records, each)
        for item in records.items:
            creators.setdefault(item.shape.removesuffix("/{}"), records)
            for view in item.views:
                if view.name not in lists and (effect := _find_item_effect(schemas, view, records, item)):
                    effects[view.name] = effect
    for view in views:
        is_new = view.method == "POST" and view.shape in creators and view.name not in effects
        if is_new and (effect := find_create(schemas, view, creators[view.shape])):
            effects[view.name] = effect
    effects |= {name: each for name, each in _find_singletons(schemas, views, effects) if name not in effects}
    writes = {each.name: _answer() for each in views if each.method in WRITES}
    known = {**writes, **effects}
    return {each.name: known[each.name] for each in views if each.name in known and each.given is None}


def _answer() -> Effect:
    return Effect("W3", "answer", "it belongs to no collection that is known, so nothing is kept", SURE)


def _make_list_effect(records: Records, listed: ListView) -> Effect:
    rows, parents = listed.rows, records.slots.get(listed.view.name, {})
    effect: dict[str, Any] = {
        "list": records.name,
        **({"at": rows.at} if rows.at else {}),
        **({"record": rows.record} if rows.record else {}),
    }
    because = "; ".join(filter(None, (listed.because, records.why.get(listed.view.name, ""))))
    effect |= {"parents": parents} if parents else {}
    return Effect("L1", effect, because, SURE if listed.points >= 2 else LIKELY)


def _find_item_effect(schemas: Schemas, view: OperationView, records: Records, item: Item) -> Effect | None:
    if view is item.get and item.place:
        at, parents = item.place.at, records.slots.get(view.name, {})
        effect: dict[str, Any] = {"get": records.name, **({"at": at} if at else {}), "key": view.slots[-1]}
        effect |= {"is_list": True} if item.place.is_list else {}
        effect |= {"parents": parents} if parents else {}
        because = f"{item.because}; {records.key.because if records.key else 'no property of the record is its key'}"
        return Effect("L2" if item.place.is_list else "I1", effect, because, item.confidence)
    return find_item_write(schemas, view, records, item) if view.method in ITEM_WRITES else None


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
        if get is None or not writes or not schemas.is_object(get.schema) or get.is_item:
            continue
        for each in (get, *writes):
            yield (
                each.name,
                Effect("W1", "singleton", f"`{get.operation.path}` shows one object and is written to", LIKELY),
            )
