"""A record by its key against the same record in the list: which ones are asked for, and where the two differ."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from contract_tests.records.record_fields import MISSING
from mock_server.contract import escape_pointer


class Difference(NamedTuple):
    """Where two showings of a record differ: the place, and both values (MISSING for none)."""

    place: str
    listed: Any
    single: Any


def find_differences(listed: Any, single: Any, schema: Any, place: str = "") -> Iterator[Difference]:
    """Every place where two values differ, of members that their schema documents also where one is missing."""
    if isinstance(listed, Mapping) and isinstance(single, Mapping):
        properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
        required = schema.get("required", ()) if isinstance(schema, Mapping) else ()
        for name in sorted({*listed, *single}):
            ours, theirs = listed.get(name, MISSING), single.get(name, MISSING)
            below = f"{place}/{escape_pointer(name)}"
            # What is required and lacks is the schema's to tell, what nobody documents the audit's.
            if MISSING not in (ours, theirs):
                yield from find_differences(ours, theirs, properties.get(name), below)
            elif name in properties and name not in required:
                yield Difference(below, ours, theirs)
    elif isinstance(listed, list) and isinstance(single, list) and len(listed) == len(single):
        items = schema.get("items") if isinstance(schema, Mapping) else None
        for ours, theirs in zip(listed, single, strict=True):
            yield from find_differences(ours, theirs, items, f"{place}/*")
    elif not is_same(listed, single) and not _is_written_empty(listed, single, schema):
        yield Difference(place, listed, single)


def _is_written_empty(listed: Any, single: Any, schema: Any) -> bool:
    """Whether what is null in the list is an empty text here, where the document has texts alone."""
    return listed is None and single == "" and isinstance(schema, Mapping) and schema.get("type") == "string"


def is_same(ours: Any, theirs: Any) -> bool:
    """Whether two values are one value of JSON: `true` is not 1, and 1 is 1.0."""
    return isinstance(ours, bool) == isinstance(theirs, bool) and bool(ours == theirs)


def pick_records(records: Sequence[Any], key_of: Callable[[Any], Any]) -> list[Any]:
    """Records that tell most when they are fetched by key, the most telling first; each once."""
    if not records:
        return []
    ordered = sorted(records, key=lambda record: (str(type(key_of(record))), _comparable(key_of(record))))
    wanted = [
        records[0],
        records[-1],
        *[record for record in records if any(value is None for value in _values(record))][:1],
        *[record for record in records if any(_is_foreign(value) for value in _values(record))][:1],
        ordered[-1],
        records[len(records) // 2],
        *records[:: max(1, len(records) // 20)],
    ]
    return list({repr(key_of(record)): record for record in wanted}.values())


def _comparable(key: Any) -> Any:
    return key if isinstance(key, (int, float)) and not isinstance(key, bool) else str(key)


def _values(record: Any) -> Iterator[Any]:
    """Every value in a record that holds no others."""
    if isinstance(record, Mapping):
        for child in record.values():
            yield from _values(child)
    else:
        yield record


def _is_foreign(value: Any) -> bool:
    return isinstance(value, str) and not value.isascii()


def find_gaps(keys: Sequence[Any], count: int) -> list[int]:
    """Whole numbers between known keys that no record has, spread over them; those between two neighbours first."""
    known = sorted({key for key in keys if isinstance(key, int) and not isinstance(key, bool)})
    near = [low + 1 for low, high in itertools.pairwise(known) if high - low == 2]
    far = [low + 1 for low, high in itertools.pairwise(known) if high - low > 2]
    gaps = near + far
    return gaps[:: max(1, len(gaps) // max(1, count))][:count]


def find_prefixes(keys: Sequence[Any], count: int) -> list[Any]:
    """Beginnings of keys that are no keys themselves: what a comparison of texts would take for them."""
    known = {str(key) for key in keys}
    short = dict.fromkeys(str(key)[:-1] for key in keys if len(str(key)) > 1)
    kind = int if keys and isinstance(keys[0], int) else str
    return [kind(text) for text in short if text not in known and not text.endswith("-")][:count]
