"""What operations that write do to collections, and what they answer (rules W1 to W4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.inference.collections import Records
from mock_server.inference.conclusions import GUESS, LIKELY, SURE
from mock_server.inference.items import Item
from mock_server.inference.parents import Family
from mock_server.inference.records import RecordPlace, find_record
from mock_server.inference.rows import find_rows
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import normalize

ITEM_WRITES: Mapping[str, str] = {"PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
"""What a method does to one record."""

SAME = 0.75
"""From this likeness on, a body is a record."""

FEW_FIELDS = 0.5
"""A POST on an item of whose fields fewer than this share are the record's does something else."""


@dataclass(frozen=True)
class Effect:
    """The effect of one operation, the rule that says so, its evidence and how sure it is."""

    rule: str
    effect: Any
    because: str
    confidence: str


def find_create(schemas: Schemas, view: OperationView, records: Records, family: Family) -> Effect | None:
    """A POST on a list makes a record; one whose answer is a list searches."""
    place = _find_place(schemas, view, records)
    rows = find_rows(schemas, view.schema, view.word)
    if rows and schemas.is_object(rows.item) and (place is None or place.is_list):
        is_search = not (place and place.at == rows.at) or schemas.kind(view.schema) == "array" or bool(rows.beside)
        is_made = view.success is not None and view.success.status == "201" and place is not None and not rows.beside
        if is_search and not is_made and schemas.likeness(rows.item, records.item) >= 1:
            return None
    answered = _find_answered(schemas, view, records, place)
    effect = {"create": records.name, **family.annotate(view.name), **answered}
    return Effect("W1", effect, f"a POST on `{view.operation.path}` makes one of `{records.name}`", SURE)


def find_item_write(schemas: Schemas, view: OperationView, records: Records, family: Family, item: Item) -> Effect:
    """PUT replaces, PATCH changes, DELETE removes the record that the path names."""
    answered = _find_answered(schemas, view, records, _find_place(schemas, view, records))
    effect = {
        ITEM_WRITES[view.method]: records.name,
        "key": view.slots[-1],
        **family.annotate(view.name),
        **answered,
    }
    if item.get:
        return Effect("W1", effect, f"{view.method} on a path whose GET shows one of `{records.name}`", item.confidence)
    # Nothing shows the record, so whether the parameter is its key rests on names alone.
    named = f"names `{records.key.name}`" if records.key else "names no property of the record"
    return Effect("W2", effect, f"{item.because}; `{view.slots[-1]}` {named}", LIKELY if records.key else GUESS)


def find_item_post(
    schemas: Schemas,
    view: OperationView,
    records: Records,
    family: Family,
    item: Item,
) -> Effect | None:
    """A POST on an item changes it where what it takes is made of the record's fields; any other is an action."""
    sent = {name for body in schemas.bodies(view.operation) for name in schemas.properties(body)} | set(view.query)
    shown = schemas.properties(schemas.at(item.get.schema, item.place.at)) if item.get and item.place else {}
    if item.place and item.place.is_list:
        shown = schemas.properties(records.item)
    common = [name for name in sent if name in shown]
    if not item.get or not common or len(common) < FEW_FIELDS * len(sent):
        return None
    answered = _find_answered(schemas, view, records, _find_place(schemas, view, records))
    if answered["answers"] not in ("record", "nothing"):
        return None
    effect = {"patch": records.name, "key": view.slots[-1], **family.annotate(view.name), **answered}
    because = f"a POST on a path whose GET shows one of `{records.name}` takes {len(common)} of its fields"
    return Effect("W4", effect, because, LIKELY)


def find_write_by_body(schemas: Schemas, view: OperationView, records: Records, family: Family) -> Effect | None:
    """A PUT or PATCH above the records whose body bears the key writes that record: `PUT /pet`."""
    key = records.key.name if records.key else ""
    bodies = schemas.bodies(view.operation)
    bears = any(key in schemas.properties(body) and schemas.likeness(body, records.item) >= SAME for body in bodies)
    if not key or not bears or view.method not in ("PUT", "PATCH"):
        return None
    # A PATCH whose body need not bear it changes many records at once, or those that its query names.
    if view.method == "PATCH" and not all(key in (schemas.resolve(body).get("required") or ()) for body in bodies):
        return None
    answered = _find_answered(schemas, view, records, _find_place(schemas, view, records))
    effect = {ITEM_WRITES[view.method]: records.name, **family.annotate(view.name), **answered}
    because = f"{view.method} on `{view.operation.path}` takes one of `{records.name}` with its key `{key}`"
    return Effect("W4", effect, because, LIKELY)


def _find_place(schemas: Schemas, view: OperationView, records: Records) -> RecordPlace | None:
    return find_record(schemas, view.schema, records.item, (view.word, records.array))


def _find_answered(
    schemas: Schemas,
    view: OperationView,
    records: Records,
    place: RecordPlace | None,
) -> dict[str, Any]:
    """What a write answers (`answers`), and `at` which pointer: the record, or the value of its key."""
    if view.schema is None:
        return {"answers": "nothing"}
    properties = schemas.properties(view.schema)
    shown = schemas.at(view.schema, place.at) if place else {}
    shown = schemas.properties(schemas.items(shown) if place and place.is_list else shown)
    called = _find_key_names(records)
    keys = sorted((name for name in properties if normalize(name) in called), key=lambda n: called.index(normalize(n)))
    # A record that has hardly more than its key is shown as a whole all the same.
    if keys and len(shown) <= 2 and len(shown) < max(2, len(schemas.properties(records.item))):
        return {"answers": "key", "at": f"/{escape_pointer(keys[0])}"}
    if _is_key(schemas, view.schema, records):
        return {"answers": "key"}
    is_open = not properties and schemas.is_object(view.schema) and view.method != "DELETE"
    if place and (shown or is_open):
        is_list = {"is_list": True} if place.is_list else {}
        return {"answers": "record", **({"at": place.at} if place.at else {}), **is_list}
    return {"answers": "other"}


def _find_key_names(records: Records) -> list[str]:
    """What an answer may call the key: as the record does, else as the parameter of a path that names it."""
    slots = [item.first.slots[-1] for item in records.items if item.first.slots]
    return [normalize(name) for name in ([records.key.name] if records.key else []) + slots]


def _is_key(schemas: Schemas, schema: Any, records: Records) -> bool:
    """Whether an answer is nothing but a key: a bare text or number, as keys are."""
    known = schemas.properties(records.item).get(records.key.name) if records.key else None
    return known is not None and schemas.is_scalar(schema) and schemas.kind(schema) == schemas.kind(known)
