"""What was sent, and what is shown of it: equal as JSON has it, or as servers like to write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

ABSENT = object()
"""Stands for a member that is not there."""


def is_shown(sent: Any, shown: Any) -> bool:
    """Whether what is shown is what was sent, a server's own additions to it and its way of writing aside."""
    if sent is None:
        return shown is None or shown is ABSENT
    if isinstance(sent, Mapping):
        return isinstance(shown, Mapping) and all(
            is_shown(value, shown[name]) for name, value in sent.items() if name in shown
        )
    if isinstance(sent, list):
        return isinstance(shown, list) and len(sent) == len(shown) and all(map(is_shown, sent, shown))
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    return bool(sent == shown) or is_alike(sent, shown)


def is_alike(sent: Any, shown: Any) -> bool:
    """Whether two scalars are one value written in two ways: a number, a moment, a text with blanks or capitals."""
    if shown is ABSENT or shown is None or isinstance(shown, (Mapping, list)):
        return False
    return any(make(sent) is not None and make(sent) == make(shown) for make in (_as_number, _as_moment, _as_text))


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (ValueError, TypeError):
        return None


def _as_moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value)) if len(str(value)) > 9 else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _as_text(value: Any) -> str | None:
    return " ".join(str(value).split()).casefold() if isinstance(value, str) else None


def find_lost(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Members whose value is not the one that was sent: name, what was sent, what is shown."""
    for name, value in sent.items():
        seen = shown.get(name, ABSENT)
        if not is_shown(value, seen):
            yield name, value, seen


def describe(value: Any) -> str:
    """A value as a finding shows it."""
    return "absent" if value is ABSENT else repr(value)
