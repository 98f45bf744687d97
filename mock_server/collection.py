"""What a record is: the frozen description of a collection, as the contract declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Collection:
    """A collection of records of one shape.

    `schema` is the item's JSON Schema with every `$ref` replaced by what it names; `hidden` maps names of
    fields that no response shows (but filters and other fields may use) to their schemas.
    `views` are the shapes in which responses show a record: each a tuple of pairs, the name that is shown and
    the field of `schema` or `hidden` whose value it has, in the order they are written; view 0 is the item
    schema's own.
    `columns` are the (test, fields) pairs that operations ask for, as in `messages.Condition`.
    `edges` are rows of `EDGES` that bend every record; `overrides` are fields that a changed contract gives a value:
    name, row of `OVERRIDES`, value.
    `digest` changes whenever anything in here that shapes records does.
    """

    provider: str
    name: str
    key: str
    records: int
    locale: str
    schema: Mapping[str, Any]
    hidden: Mapping[str, Any]
    views: tuple[tuple[tuple[str, str], ...], ...]
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    digest: str = ""
    edges: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str, Any], ...] = ()
