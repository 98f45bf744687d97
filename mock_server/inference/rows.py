"""Where the body of an answer has its records: the array, and the record in each entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.inference.schemas import Schemas
from mock_server.inference.words import ENVELOPES, NO_RECORDS, is_same_word, normalize


@dataclass(frozen=True)
class Rows:
    """Where an answer has its records: the pointer of the array, and of the record in each entry.

    `item` is the schema of a record; `beside` the schemas of the objects on the way to the array, by pointer, each with
    the name of the property that leads on. `form` is bare, one, many, unclear or nested.
    """

    at: str
    record: str
    item: Any
    form: str
    beside: tuple[tuple[str, Any, str], ...] = ()


def find_rows(schemas: Schemas, schema: Any, word: str, depth: int = 0) -> Rows | None:
    """The array of records in a body: the body itself, a property, or a property of a wrapper, one or two deep."""
    if schema is None:
        return None
    if schemas.kind(schema) == "array":
        return _make_rows(schemas, "", schema, "bare")
    properties = schemas.properties(schema)
    arrays = [name for name in properties if _may_hold_records(schemas, name, properties[name])]
    objects = [name for name in arrays if schemas.is_object(schemas.items(properties[name]))]
    inner = None if objects else _find_wrapped(schemas, properties, word, depth, schema)
    if inner or not arrays:
        return inner
    ranked = sorted(objects or arrays, key=lambda name: -rank_name(name, word))
    form = "one" if len(ranked) == 1 else "many" if rank_name(ranked[0], word) else "unclear"
    rows = _make_rows(schemas, f"/{escape_pointer(ranked[0])}", properties[ranked[0]], form)
    return Rows(rows.at, rows.record, rows.item, form, (("", schema, ranked[0]),))


def _may_hold_records(schemas: Schemas, name: str, schema: Any) -> bool:
    return schemas.kind(schema) == "array" and normalize(name) not in NO_RECORDS


def rank_name(name: str, word: str) -> int:
    """How much the name of a property says that it holds the records."""
    return 3 * is_same_word(name, word) + 2 * (normalize(name) in ENVELOPES)


def _find_wrapped(schemas: Schemas, properties: Mapping[str, Any], word: str, depth: int, above: Any) -> Rows | None:
    for name, inside in properties.items() if depth < 2 else ():
        if rank_name(name, word) and schemas.kind(inside) == "object":
            rows = find_rows(schemas, inside, word, depth + 1)
            if rows and rows.form != "unclear" and schemas.is_object(rows.item):
                step = f"/{escape_pointer(name)}"
                beside = tuple((step + pointer, schema, on) for pointer, schema, on in rows.beside)
                return Rows(step + rows.at, rows.record, rows.item, "nested", (("", above, name), *beside))
    return None


def _make_rows(schemas: Schemas, at: str, array: Any, form: str) -> Rows:
    item = schemas.items(array)
    record, inside = _find_record(schemas, item)
    return Rows(at, record, {} if inside is None else inside, form)


def _find_record(schemas: Schemas, item: Any) -> tuple[str, Any]:
    """The record of an entry: the entry, or what its only property holds: `{"pet": {…}}`."""
    properties = schemas.properties(item)
    if len(properties) == 1:
        name, inside = next(iter(properties.items()))
        if schemas.is_object(inside) and len(schemas.properties(inside)) > 1:
            return f"/{escape_pointer(name)}", inside
    return "", item
