"""From a document to conclusions: every operation is looked at once, in the order of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.inference.collections import Item, Records, find_collections
from mock_server.inference.conclusions import LIKELY, SURE, Conclusion, Inference
from mock_server.inference.credentials import find_plain_credentials, find_test_values
from mock_server.inference.errors import find_error_bodies, find_error_roles, find_error_shape
from mock_server.inference.filters import find_tests
from mock_server.inference.lists import ListView, Rows, find_rows, judge_list
from mock_server.inference.paging import Paging, find_paging
from mock_server.inference.schemas import Schemas
from mock_server.inference.targets import render_target
from mock_server.inference.views import OperationView, view_operation
from mock_server.inference.writes import ITEM_WRITES, Effect, find_create, find_item_write
from mock_server.openapi import Document

RECORDS = 50
"""How many records a collection has where nothing says it."""


def infer(document: Document) -> Inference:
    """What a plain document means, by rules; never fails, whatever the document says."""
    schemas = Schemas(document)
    views = [view_operation(document, operation) for operation in document.operations]
    bodies = list(find_error_bodies(document, views))
    shape = find_error_shape(bodies)
    conclusions = [
        *find_test_values(document),
        *_conclude_operations(schemas, views),
        *find_plain_credentials(document, views),
        *([shape] if shape else ()),
        *find_error_roles(document, schemas, bodies),
    ]
    return Inference(tuple(conclusions), tuple(each.name for each in views))


def _conclude_operations(schemas: Schemas, views: Sequence[OperationView]) -> Iterator[Conclusion]:
    pagings: dict[str, Paging] = {}
    lists = _find_lists(schemas, views, pagings)
    collections = find_collections(schemas, [each for each in views if each.name not in lists], lists)
    effects = _find_effects(schemas, views, lists, collections)
    for records in collections:
        yield _conclude_collection(records)
    for each in views:
        if effect := effects.get(each.name):
            yield Conclusion(
                effect.rule,
                each.name,
                each.target,
                {"x-effect": effect.effect},
                effect.because,
                effect.confidence,
            )
        if listed := lists.get(each.name):
            yield from _conclude_paging(each, pagings[each.name])
            yield from _conclude_filters(schemas, each, listed.rows, pagings[each.name])


def _find_lists(
    schemas: Schemas,
    views: Sequence[OperationView],
    pagings: dict[str, Paging],
) -> dict[str, ListView]:
    """Lists by name of the operation (L1), without those that show one of the list above them (L2)."""
    shapes = {each.shape for each in views}
    lists: dict[str, ListView] = {}
    for each in views:
        rows = _find_candidate(schemas, each)
        if rows is None:
            continue
        pagings[each.name] = paging = find_paging(schemas, each, rows)
        tells = bool(set(paging.body.values()) | set(paging.headers.values()))
        listed = judge_list(schemas, each, rows, bool(paging.parameters), tells, f"{each.shape}/{{}}" in shapes)
        if (listed.points >= 1 and schemas.is_object(rows.item)) or each.given is not None:
            lists[each.name] = listed
    by_shape = {listed.view.shape: listed for listed in lists.values()}
    return {
        name: each
        for name, each in lists.items()
        if each.view.given is not None or not _is_list_of_one(schemas, each, by_shape, shapes)
    }


def _find_candidate(schemas: Schemas, view: OperationView) -> Rows | None:
    given = view.given
    if isinstance(given, Mapping) and "list" in given:
        array = schemas.at(view.schema, str(given.get("at") or ""))
        item = schemas.at(schemas.items(array) or {}, str(given.get("record") or ""))
        return Rows(str(given.get("at") or ""), str(given.get("record") or ""), item, "one")
    if view.method != "GET" or given is not None:
        return None
    return find_rows(schemas, view.schema, view.word)


def _is_list_of_one(schemas: Schemas, listed: ListView, by_shape: Mapping[str, ListView], shapes: set[str]) -> bool:
    above = by_shape.get(listed.view.above) if listed.view.is_item else None
    if above is None or f"{listed.view.shape}/{{}}" in shapes:
        return False
    return schemas.likeness(listed.rows.item, above.rows.item) >= 1


def _find_effects(
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
    writes = {each.name: _answer() for each in views if each.method in ("POST", "PUT", "PATCH", "DELETE")}
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


def _conclude_collection(records: Records) -> Conclusion:
    parents = {
        name: {key: value for key, value in (("collection", each.collection), ("field", each.field)) if value}
        for name, each in records.parents.items()
    }
    made = {**({"key": records.key.name} if records.key else {}), "records": RECORDS}
    made |= {"parents": parents} if parents else {}
    path = records.home.view.operation.path
    because = f"the records that `{path}` lists; " + (
        records.key.because if records.key else "no property is their key"
    )
    rule = "I4" if parents else "I3"
    target = render_target(())
    return Conclusion(
        rule,
        "",
        target,
        {"x-collections": {records.name: made}},
        because,
        records.key.confidence if records.key else LIKELY,
    )


def _conclude_paging(view: OperationView, paging: Paging) -> Iterator[Conclusion]:
    given = paging.parameters
    if given:
        roles: dict[str, Any] = {"parameters": dict(given)}
        roles |= {"first": paging.first} if paging.first != 1 else {}
        roles |= {"cursor": paging.cursor} if paging.cursor else {}
        said = ", ".join(f"`{name}` is its {role}" for name, role in given.items())
        yield Conclusion("P1", view.name, view.target, {"x-paging": roles}, f"by their names: {said}", SURE)
    nexts = {at: fact for at, fact in paging.body.items() if fact.split("_")[0] in ("next", "prev", "has")}
    for rule, facts in (("P2", {at: fact for at, fact in paging.body.items() if at not in nexts}), ("P3", nexts)):
        if facts:
            said = ", ".join(f"`{at}` is {fact}" for at, fact in facts.items())
            is_top = rule == "P2" and all(at.count("/") == 1 for at in facts)
            confidence = SURE if is_top else LIKELY
            yield Conclusion(
                rule,
                view.name,
                view.target,
                {"x-paging": {"body": facts}},
                f"by their names: {said}",
                confidence,
            )
    if paging.headers:
        said = ", ".join(f"`{name}`" for name in paging.headers)
        because = f"the headers {said} are documented"
        yield Conclusion("P4", view.name, view.target, {"x-paging": {"headers": dict(paging.headers)}}, because, SURE)


def _conclude_filters(schemas: Schemas, view: OperationView, rows: Rows, paging: Paging) -> Iterator[Conclusion]:
    tests = find_tests(schemas, view, rows.item, paging.parameters)
    for rule, confidence in (("F1", SURE), ("F2", LIKELY), ("F3", SURE)):
        chosen = {name: each for name, each in tests.items() if each.rule == rule}
        if chosen:
            update = {"x-filters": {name: dict(each.test) for name, each in chosen.items()}}
            because = "; ".join(dict.fromkeys(each.because for each in chosen.values()))
            yield Conclusion(rule, view.name, view.target, update, because, confidence)
