"""Where the body of an answer about one record has that record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mock_server.inference.schemas import Schemas
from mock_server.inference.words import ENVELOPES, is_same_word, normalize

LIKE = 0.25
"""From this likeness to the item of its list on, an answer shows the same record."""


@dataclass(frozen=True)
class RecordPlace:
    """The pointer of a record in a body, whether an array of one stands there, and how like the list's item it is."""

    at: str
    is_list: bool
    likeness: float


def find_record(schemas: Schemas, schema: Any, item: Any, word: str) -> RecordPlace | None:
    """Where a body has a record like `item`: itself, one property deep, or as the only entry of an array."""
    if schema is None:
        return None
    places = list(_places(schemas, schema, item, word))
    best = max(places, key=lambda place: place.likeness, default=None)
    if best and best.likeness >= LIKE:
        return best
    # Nothing to compare by: an item, or an answer, of which no property is known.
    is_blank = not schemas.properties(item) or not schemas.properties(schema)
    return RecordPlace("", False, 0.0) if is_blank and schemas.kind(schema) in ("object", "") else None


_ASIDE = re.compile(r"^(meta.*|links?|errors?|pag.*|included|warnings?)$")


def _places(schemas: Schemas, schema: Any, item: Any, word: str) -> Iterator[RecordPlace]:
    if schemas.kind(schema) == "array":
        yield RecordPlace("", True, schemas.likeness(schemas.items(schema), item))
        return
    properties = schemas.properties(schema)
    yield RecordPlace("", False, schemas.likeness(schema, item))
    for name, inside in properties.items():
        if _ASIDE.match(normalize(name)):
            continue
        # A record may well embed another of its kind; a wrapper holds little else, or is called one.
        is_wrapper = len(properties) == 1 or normalize(name) in ENVELOPES or is_same_word(name, word)
        is_wrapper = is_wrapper or normalize(name) in ("item", "object", "record", "resource", "entity", "body")
        if not is_wrapper or (len(properties) > 6 and not schemas.is_same(inside, item)):
            continue
        at = f"/{name.replace('~', '~0').replace('/', '~1')}"
        if schemas.kind(inside) == "array":
            yield RecordPlace(at, True, schemas.likeness(schemas.items(inside), item))
        elif schemas.is_object(inside):
            yield RecordPlace(at, False, schemas.likeness(inside, item))
