"""The moments that a server writes down by itself: when a record was made, and when it was last changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

CREATED = frozenset(
    (
        *("created", "createdat", "createdon", "createddate", "createddatetime", "createdtime", "createdtimestamp"),
        *("createdate", "createtime", "createat", "createdatutc", "creationdate", "creationtime", "creationdatetime"),
        *("creationtimestamp", "datecreated", "timecreated", "insertedat", "dateadded", "addedat", "timestampcreated"),
    ),
)
"""What the moment of creation is called, without signs and in lower case."""

UPDATED = frozenset(
    (
        *("updated", "updatedat", "updatedon", "updateddate", "updateddatetime", "updatedtime", "updatedtimestamp"),
        *("updatedate", "updatetime", "updateat", "updatedatutc", "dateupdated", "timeupdated", "lastupdated"),
        *("lastupdatedat", "lastupdatedon", "lastupdatedate", "lastupdateddate", "lastupdatetime", "lastupdatedtime"),
        *("lastupdate", "modified", "modifiedat", "modifiedon", "modifieddate", "modifieddatetime", "modifiedtime"),
        *("datemodified", "modificationdate", "modificationtime", "lastmodified", "lastmodifiedat", "lastmodifiedon"),
        *("lastmodifieddate", "lastmodifieddatetime", "lastmodifiedtime", "lastmodificationdate", "changedat"),
        *("lastchanged", "lastchangedat", "lastedited", "lasteditedtime", "editedat"),
    ),
)
"""What the moment of the last change is called."""

AROUND = frozenset(("meta", "metadata", "attributes", "fields", "audit", "system", "sys", "timestamps"))
"""What parts of a record are called that hold moments of the record itself."""

FIRST_SECOND, FIRST_MILLISECOND = 10**8, 10**11
"""From these numbers on a whole number may be epoch seconds, or milliseconds."""

LAST_SECOND = 253402300799
"""The last one of the year 9999."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?(Z|z|[+-]\d\d:?\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SIGNS = re.compile(r"[^a-z0-9]")

MADE, CHANGED = CREATED | UPDATED, UPDATED
"""Which moments are now when a record is made, and when it is changed."""


def is_moment(name: str) -> bool:
    """Whether a field is called as the moment when a record was made or changed."""
    return _SIGNS.sub("", name.lower()) in MADE


def is_changed(name: str) -> bool:
    """Whether a field is called as the moment when a record was last changed."""
    return _SIGNS.sub("", name.lower()) in CHANGED


def stamp(
    record: Mapping[str, Any],
    names: frozenset[str],
    now: float,
    is_sent: Callable[[str], bool] = lambda name: False,
) -> dict[str, Any]:
    """A record whose moments of these names say `now` (epoch seconds), but for what `is_sent`, each in its own form."""
    return {name: value if is_sent(name) else _stamp(name, value, names, now) for name, value in record.items()}


def _stamp(name: str, value: Any, names: Iterable[str], now: float) -> Any:
    word = _SIGNS.sub("", name.lower())
    if word in names:
        return write_moment(value, now)
    if word in AROUND and isinstance(value, Mapping):
        return {inner: each if inner in AROUND else _stamp(inner, each, names, now) for inner, each in value.items()}
    return value


def write_moment(example: Any, now: float) -> Any:
    """A moment in the form of another one; what is none stays as it is."""
    if isinstance(example, str):
        return _write_text(example, now)
    if isinstance(example, bool) or not isinstance(example, int | float) or example < FIRST_SECOND:
        return example
    return type(example)(now * 1000 if example >= FIRST_MILLISECOND else now)


def _write_text(example: str, now: float) -> str:
    moment = datetime.fromtimestamp(min(max(now, 0), LAST_SECOND), UTC)
    if _DATE.fullmatch(example):
        return moment.strftime("%Y-%m-%d")
    form = _MOMENT.fullmatch(example)
    if not form:
        return example
    separator, fraction, zone = form.groups()
    digits = f".{moment.microsecond:06d}000000"[: len(fraction)] if fraction else ""
    offset = "" if not zone else zone if zone in "Zz" else "+00:00" if ":" in zone else "+0000"
    return f"{moment:%Y-%m-%d}{separator}{moment:%H:%M:%S}{digits}{offset}"
