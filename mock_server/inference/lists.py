"""Which operations list records, and where in the answer these stand (rules L1 and L2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mock_server.inference.paging import Paging
from mock_server.inference.rows import Rows, rank_name
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import (
    BOOLEANS,
    NUMBERS,
    TEXTS,
    TOTALS,
    normalize,
    singular,
)


@dataclass(frozen=True)
class ListView:
    """An operation that lists: where its records are, how sure that is, and what says so."""

    view: OperationView
    rows: Rows
    paging: Paging
    has_item: bool
    points: float
    because: str


_LIST_ID = re.compile(
    r"^(get_?)?(list|search|find|browse|query|index|getall|all)|list$|[a-z_-](List|Index|GetAll|All|Search)($|[A-Z_])",
)
_LIST_TEXT = re.compile(
    r"^(lists? |search|find|browse|(get|retrieve|returns?|fetch|gets)( the| an?)? (all|list)|all |view all|show all)",
)


def judge_list(schemas: Schemas, view: OperationView, rows: Rows, paging: Paging, has_item: bool) -> ListView:
    """A list with its points: what speaks for it and what against; from 2 on it is sure, from 1 on likely."""
    is_object = schemas.is_object(rows.item)
    name = rows.at.rpartition("/")[2]
    is_plural = not view.is_item and singular(normalize(view.word)) != normalize(view.word)
    siblings = _count_siblings(schemas, rows)
    evidence = [
        (1.0 if is_object else -1.0, True, ""),
        (1.0, bool(paging.parameters), "paging parameters"),
        (1.0, bool(paging.body or paging.headers), "the answer tells of its page"),
        (1.0, rows.form == "bare", "the answer is an array"),
        (1.0, bool(rows.at) and bool(rank_name(name, view.word)), f"the array is named `{name}`"),
        (1.0, _is_called_list(view), "it is called a list"),
        (1.0, has_item, "a path to one record below it"),
        (1.0, is_plural, f"`{view.word}` is a plural"),
    ]
    points = sum(weight for weight, holds, _ in evidence if holds)
    if rows.form == "bare" and is_object:
        points = max(points, 2.0)
    is_record = _has_key(schemas, rows) and not (paging.parameters or paging.body)
    points -= 1.5 * view.is_item + 0.5 * (siblings > 0) + (siblings > 3) + (siblings > 8) + is_record
    points -= {"unclear": 1.0, "nested": 0.5}.get(rows.form, 0.0)
    said = [text for _, holds, text in evidence if holds and text]
    where = f"the array `{rows.at}` of the answer" if rows.at else "the answer"
    return ListView(
        view,
        rows,
        paging,
        has_item,
        points,
        f"{where} holds objects; {', '.join(said) or 'nothing speaks against it'}",
    )


def _is_called_list(view: OperationView) -> bool:
    identifier = str(view.operation.node.get("operationId") or "")
    return bool(_LIST_ID.search(identifier) or _LIST_TEXT.match(view.say("summary")))


def _has_key(schemas: Schemas, rows: Rows) -> bool:
    """Whether what holds the array has an identity of its own, so that it is a record with a list in it."""
    return any(
        normalize(name) in ("id", "uuid") for _, schema, _ in rows.beside[:1] for name in schemas.properties(schema)
    )


def _count_siblings(schemas: Schemas, rows: Rows) -> int:
    """How many scalars stand beside the array that are no facts of a page by their name."""
    names = (name for _, schema, on in rows.beside[:1] for name in _scalars(schemas, schema) if name != on)
    return sum(1 for name in names if not _is_fact(name))


def _scalars(schemas: Schemas, schema: Any) -> Iterator[str]:
    return (name for name, inside in schemas.properties(schema).items() if schemas.is_scalar(inside))


def _is_fact(name: str) -> bool:
    return any(normalize(name) in table for table in (TOTALS, NUMBERS, TEXTS, BOOLEANS, ("count",)))
