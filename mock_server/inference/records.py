"""Where the body of an answer about one record has that record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.contract import escape_pointer
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


def find_record(schemas: Schemas, schema: Any, item: Any, words: Collection[str]) -> RecordPlace | None:
    """Where a body has a record like `item`: itself, one or two properties deep, or the only entry of an array.

    `words` are what such a property may be called beside the usual names.
    """
    if schema is None:
        return None
    best = max(_find_places(schemas, schema, item, words), key=lambda place: place.likeness, default=None)
    if best and best.likeness >= LIKE:
        return best
    # Nothing to compare by: an item, or an answer, of which no property is known.
    is_blank = not schemas.properties(item) or not schemas.properties(schema)
    return RecordPlace("", False, 0.0) if is_blank and schemas.kind(schema) in ("object", "") else None


_ASIDE = re.compile(r"^(meta.*|links?|errors?|pag.*|included|warnings?)$")
_WRAPPERS = frozenset((*ENVELOPES, "item", "object", "record", "resource", "entity", "body"))

MAX_WRAPPER = 6
"""An object with more properties than this is no wrapper of another, whatever these are called."""


def _find_places(
    schemas: Schemas,
    schema: Any,
    item: Any,
    words: Collection[str],
    depth: int = 0,
) -> Iterator[RecordPlace]:
    if schemas.kind(schema) == "array":
        yield RecordPlace("", True, schemas.likeness(schemas.items(schema), item))
        return
    properties, itself = schemas.properties(schema), schemas.likeness(schema, item)
    yield RecordPlace("", False, itself)
    for name, inside in properties.items():
        is_array = schemas.kind(inside) == "array"
        held = schemas.items(inside) if is_array else inside
        # A record may well embed another of its kind, so a wrapper is called one, or holds little else.
        is_called = is_wrapper(name, properties, words) and len(properties) <= MAX_WRAPPER
        if (is_called or (itself < LIKE and not is_array)) and not _ASIDE.match(normalize(name)):
            likeness = schemas.likeness(held, item) if is_called else float(schemas.is_same(held, item))
            step = f"/{escape_pointer(name)}"
            yield RecordPlace(step, is_array, likeness if is_array or schemas.is_object(held) else 0.0)
            deeper = _find_places(schemas, inside, item, words, depth + 1) if depth == 0 and likeness < LIKE else ()
            yield from (RecordPlace(step + inner.at, inner.is_list, inner.likeness) for inner in deeper)


def is_wrapper(name: str, properties: Mapping[str, Any], words: Collection[str]) -> bool:
    """Whether a property is called as one that holds a record, or is the only one."""
    is_named = normalize(name) in _WRAPPERS or any(is_same_word(name, word) for word in words if word)
    return len(properties) == 1 or is_named
