"""Which operations list records, and where in the answer these stand (rules L1 and L2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import (
    BOOLEANS,
    ENVELOPES,
    NO_RECORDS,
    NUMBERS,
    TEXTS,
    TOTALS,
    is_same_word,
    normalize,
    singular,
)


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


@dataclass(frozen=True)
class ListView:
    """An operation that lists: where its records are, how sure that is, and what says so."""

    view: OperationView
    rows: Rows
    points: float
    because: str


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
    rows = _make_rows(schemas, f"/{_escape(ranked[0])}", properties[ranked[0]], form)
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
                step = f"/{_escape(name)}"
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
            return f"/{_escape(name)}", inside
    return "", item


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


_LIST_ID = re.compile(
    r"^(get_?)?(list|search|find|browse|query|index|getall|all)|list$|[a-z_-](List|Index|GetAll|All|Search)($|[A-Z_])",
)
_LIST_TEXT = re.compile(
    r"^(lists? |search|find|browse|(get|retrieve|returns?|fetch|gets)( the| an?)? (all|list)|all |view all|show all)",
)


def judge_list(
    schemas: Schemas,
    view: OperationView,
    rows: Rows,
    is_paged: bool,
    tells: bool,
    has_item: bool,
) -> ListView:
    """A list with its points: what speaks for it and what against; from 2 on it is sure, from 1 on likely."""
    is_object = schemas.is_object(rows.item)
    name = rows.at.rpartition("/")[2]
    is_plural = not view.is_item and singular(normalize(view.word)) != normalize(view.word)
    siblings = _count_siblings(schemas, rows)
    evidence = [
        (1.0 if is_object else -1.0, True, ""),
        (1.0, is_paged, "paging parameters"),
        (1.0, tells, "the answer tells of its page"),
        (1.0, rows.form == "bare", "the answer is an array"),
        (1.0, bool(rows.at) and bool(rank_name(name, view.word)), f"the array is named `{name}`"),
        (1.0, _is_called_list(view), "it is called a list"),
        (1.0, has_item, "a path to one record below it"),
        (1.0, is_plural, f"`{view.word}` is a plural"),
    ]
    points = sum(weight for weight, holds, _ in evidence if holds)
    if rows.form == "bare" and is_object:
        points = max(points, 2.0)
    points -= (
        1.5 * view.is_item + (siblings > 3) + (siblings > 8) + (rows.form == "unclear") + 0.5 * (rows.form == "nested")
    )
    said = [text for _, holds, text in evidence if holds and text]
    where = f"the array `{rows.at}` of the answer" if rows.at else "the answer"
    return ListView(view, rows, points, f"{where} holds objects; {', '.join(said) or 'nothing speaks against it'}")


def _is_called_list(view: OperationView) -> bool:
    identifier = str(view.operation.node.get("operationId") or "")
    return bool(_LIST_ID.search(identifier) or _LIST_TEXT.match(view.say("summary")))


def _count_siblings(schemas: Schemas, rows: Rows) -> int:
    """How many scalars stand beside the array that are no facts of a page by their name."""
    names = (name for _, schema, on in rows.beside[:1] for name in _scalars(schemas, schema) if name != on)
    return sum(1 for name in names if not _is_fact(name))


def _scalars(schemas: Schemas, schema: Any) -> Iterator[str]:
    return (name for name, inside in schemas.properties(schema).items() if schemas.is_scalar(inside))


def _is_fact(name: str) -> bool:
    return any(normalize(name) in table for table in (TOTALS, NUMBERS, TEXTS, BOOLEANS, ("count",)))
