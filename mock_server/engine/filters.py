"""How the values of filters are read: words for numbers, dates in several forms, lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_server.contract import FilterRule
from mock_server.messages import Condition

_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*([Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_US_TIME = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}) (\d\d?):(\d\d)", re.ASCII)
_US_DATE = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)


def _read_date_time(text: str) -> datetime | None:
    """RFC 3339 and its common loose forms; a leap second is the second after it."""
    parts = _DATE_TIME.fullmatch(text)
    if not parts:
        return None
    year, month, day, hour, minute, second, fraction, zone = parts.groups()
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=UTC)
    shift = timedelta(seconds=min(int(second or 0), 60), microseconds=micros) - _zone(zone)
    if int(second or 0) > 60:
        return None
    try:
        return moment + shift
    except OverflowError:  # an offset that leads before year 1 or past 9999
        return moment


def _zone(text: str | None) -> timedelta:
    if not text or text in "Zz":
        return timedelta(0)
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -size if text[0] == "-" else size


def _read_date(text: str) -> datetime | None:
    parts = _DATE.fullmatch(text)
    return datetime(*map(int, parts.groups()), tzinfo=UTC) if parts else None  # type: ignore[misc,arg-type]


def _read_us(pattern: re.Pattern[str]) -> Callable[[str], datetime | None]:
    def read(text: str) -> datetime | None:
        parts = pattern.fullmatch(text)
        if not parts:
            return None
        month, day, year, *time = map(int, parts.groups())
        return datetime(year, month, day, *time, tzinfo=UTC)  # type: ignore[misc,arg-type]

    return read


DATE_FORMS: Mapping[str, Callable[[str], datetime | None]] = {
    "date-time": _read_date_time,
    "date": _read_date,
    "mm/dd/yyyy hh:mm": _read_us(_US_TIME),
    "mm/dd/yyyy": _read_us(_US_DATE),
}
"""The date forms that a contract may list for a filter; each gives None for text of another form."""


def read_moment(text: str, forms: tuple[str, ...]) -> str | None:
    """A date as the text that records hold (ISO 8601, UTC), or None when it has none of the forms."""
    for form in forms:
        try:
            moment = DATE_FORMS[form](text)
        except ValueError:  # a thirteenth month, a 30 February
            continue
        if moment:
            return moment.replace(tzinfo=None).isoformat()
    return None


def find_condition(rule: FilterRule, value: Any) -> Condition | None:
    """The condition that a parameter's value sets, or None when it sets none (`-1` for all, empty text)."""
    if value is None or value == "" or value == []:
        return None
    if rule.test == "one_of":
        value = tuple(value) if isinstance(value, list) else (value,)
    return Condition(rule.test, rule.fields, value)
