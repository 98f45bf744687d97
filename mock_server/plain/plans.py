"""The collections of a plain document: in which shapes operations show their records, and what these are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.openapi import Document, Located
from mock_server.plain.annotations import CollectionNotes, Effect
from mock_server.plain.contract import PlainContract, PlainOperation, choose_json
from mock_server.plain.envelopes import Kit
from mock_server.plain.keys import find_key_kinds, find_key_schema
from mock_server.plain.places import find_at, find_items, find_schema_at
from mock_server.plain.scopes import CollectionPlan

MAX_SHAPES = 12

RANKS = ("get", "create", "replace", "patch", "list", "delete")
"""Whose shape of a record is the fullest: a get tells more than a list."""


class ShownRecord(NamedTuple):
    """Where an operation's success body shows records: the schema of the body, and of one record in it."""

    body: Located
    media_type: str
    record: Any


class PlannedCollection(NamedTuple):
    """A collection, and which of its shapes each operation shows, by the operation's pointer."""

    plan: CollectionPlan
    views: Mapping[str, int]


def find_shown(document: Document, plain: PlainOperation, status: str) -> ShownRecord | None:
    """Where the response of a status shows records; None where it has no body."""
    response = document.find_responses(plain.documented).get(status)
    media_type, body = choose_json(document, response) if response else ("", None)
    if body is None:
        return None
    return ShownRecord(body, media_type, find_record_schema(document, plain.effect, body.node))


def find_record_schema(document: Document, effect: Effect, schema: Any) -> Any:
    """The schema of one record in a body."""
    inside = find_schema_at(document, schema, effect.at)
    if effect.name == "list" or effect.is_list:
        items = find_items(document, inside)
        inside = find_schema_at(document, {} if items is None else items, effect.record)
    return inside


def plan_collection(contract: PlainContract, kit: Kit, name: str, records: int | None) -> PlannedCollection:
    """What the records of a collection are made of; `records` of None means the document's own count."""
    shown = sorted(_find_operations(contract, name), key=lambda each: RANKS.index(each[1].effect.name))
    shapes: list[Any] = []
    views: dict[str, int] = {}
    for pointer, _, place in shown:
        if place is None:
            continue
        known = next((n for n, shape in enumerate(shapes) if shape == place.record), None)
        if known is None and len(shapes) < MAX_SHAPES:
            shapes.append(place.record)
            known = len(shapes) - 1
        views[pointer] = known or 0
    notes = contract.notes.get(name, CollectionNotes())
    listing = [plain for _, plain, _ in shown if plain.effect.name == "list"]
    lists = [plain.effect for plain in listing]
    plan = CollectionPlan(
        name=name,
        key=notes.key,
        key_schema=find_key_schema(kit.document, notes.key, shapes, [plain for _, plain, _ in shown]),
        shapes=tuple(shapes or [{}]),
        records=contract.collections[name].records if records is None else records,
        key_kinds=find_key_kinds(kit.document, notes.key, shapes),
        parents=notes.parents,
        is_nested=bool(lists) and all(effect.parents for effect in lists),
        is_listed=bool(lists),
        is_valid=kit.validators.is_valid,
        fresh={field: value for plain in listing for field, value in _find_shown_alone(kit.document, plain)},
        examples=lambda: [each for _, plain, place in shown for each in _find_examples(kit, plain, place, shapes)],
    )
    return PlannedCollection(plan, views)


def _find_shown_alone(document: Document, plain: PlainOperation) -> Iterator[tuple[str, Any]]:
    """What records are that a list shows where a client asks for none in particular: a default of its filters."""
    for located in plain.documented.parameters:
        rule, schema = plain.filters.get(located.node["name"]), document.resolve(located.node.get("schema", {}))
        if rule and rule.test == "equals" and isinstance(schema, Mapping) and schema.get("default") is not None:
            yield rule.fields[0], schema["default"]


def _find_operations(
    contract: PlainContract,
    name: str,
) -> Iterator[tuple[str, PlainOperation, ShownRecord | None]]:
    for operation in contract.operations:
        if operation.collection == name:
            plain = contract.plain[operation.pointer]
            status = operation.success.pointer.rpartition("/")[2]
            yield operation.pointer, plain, find_shown(contract.source, plain, status)


def find_examples(document: Document, response: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    """The documented bodies of a response in a media type, by name; a single one is called `example`."""
    media = response.get("content", {}).get(media_type)
    media = media if isinstance(media, Mapping) else {}
    listed = media.get("examples")
    named = {
        str(name): document.resolve(each).get("value")
        for name, each in (listed.items() if isinstance(listed, Mapping) else ())
        if isinstance(document.resolve(each), Mapping) and "value" in document.resolve(each)
    }
    if "example" in media:
        named = {"example": media["example"], **named}
    schema = document.resolve(media.get("schema", {}))
    if not named and isinstance(schema, Mapping):
        named |= {"example": schema["example"]} if "example" in schema else {}
    return named


def _find_examples(
    kit: Kit,
    plain: PlainOperation,
    place: ShownRecord | None,
    shapes: Sequence[Any],
) -> Iterator[Mapping[str, Any]]:
    """Documented records that an operation shows and that obey their schema, the item schema's own included."""
    if place is None or plain.effect.name not in ("list", "get"):
        return
    for body in _bodies(kit.document, plain, place):
        listed = find_at(body, plain.effect.at)
        entries = listed if isinstance(listed, list) else [listed]
        for entry in entries:
            record = find_at(entry, plain.effect.record)
            if isinstance(record, Mapping) and kit.validators.is_valid(place.record, record):
                yield record


def _bodies(document: Document, plain: PlainOperation, place: ShownRecord) -> Iterator[Any]:
    for response in document.find_responses(plain.documented).values():
        if place.media_type in document.find_content(response):
            yield from find_examples(document, response.node, place.media_type).values()
            return
