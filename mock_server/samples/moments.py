"""Moments of one thing in the order their names say: created, started, updated, ended, due."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from mock_server.samples.draws import choose, mix, pick, salt

_DAY = 86_400
_FIRST = 1_672_531_200
_LAST = 1_751_328_000
"""Things are made from 2023 to the middle of 2025: what happens to them afterwards may lie in the future."""

_SPANS = (_DAY // 4, _DAY, 3 * _DAY, 9 * _DAY)
"""How long one step of a thing's life takes."""

_THING = salt("moment")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STEPS: tuple[tuple[str, int], ...] = (
    ("birth birthday birthdate dob born founded", -1),
    ("created creation create opened registered registration joined hired hire issued issue ordered added placed", 0),
    ("signed insert inserted signup upload uploaded since requested", 0),
    ("start starts started starting begin begins from effective published publish release released sent submitted", 1),
    ("paid shipped scheduled received processed first departure checkin pickup activated", 1),
    ("end ends ended ending until to completed finished closed resolved delivered fulfilled stop arrival checkout", 3),
    (
        "due expires expire expiry expiration expired deleted archived cancelled canceled removed terminated "
        "next renewal",
        4,
    ),
)
_RANKS: Mapping[str, int] = {word: rank for words, rank in _STEPS for word in words.split()}
_MIDDLE = 2
"""Where a moment stands whose name says nothing, and all that is the last change: updated, modified, seen."""


def make_moment(name: str) -> Callable[[int], int]:
    """A function from the number of a thing to one of its moments, in seconds since 1970; `name` in words."""
    words = name.split()
    known = (
        next((word for word in words if word in _RANKS), "") if not {"updated", "modified", "last"} & {*words} else ""
    )
    rank, salted = _RANKS.get(known, _MIDDLE), salt(known)
    if rank < 0:
        return lambda owner: _EPOCH_OF_ADULTS - pick(mix(owner, salted), 50 * 365) * _DAY

    def moment(owner: int) -> int:
        base = mix(owner, _THING)
        span = choose(base, _SPANS)
        return _FIRST + pick(mix(base, 1), _LAST - _FIRST) + rank * span + pick(mix(base, salted), span)

    return moment


_EPOCH_OF_ADULTS = 1_104_537_600
"""The first day of 2005: who was born by then is of age."""


def render_moment(seconds: int, layout: str) -> str:
    """A moment as `strftime` writes it, for any year."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime(layout)


DATE_TIME = "%Y-%m-%dT%H:%M:%SZ"

LAYOUTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), layout)
    for pattern, layout in (
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", DATE_TIME),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "%Y-%m-%dT%H:%M:%S.000Z"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,9}Z", "%Y-%m-%dT%H:%M:%S.%fZ"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d\d:\d\d", "%Y-%m-%dT%H:%M:%S.000+00:00"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", "%Y-%m-%dT%H:%M:%S+00:00"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", "%Y-%m-%dT%H:%M:%S+0000"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "%Y-%m-%dT%H:%M:%S"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\dZ?", "%Y-%m-%dT%H:%M"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d", "%Y-%m-%d %H:%M"),
        (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
        (r"\d{4}/\d\d/\d\d", "%Y/%m/%d"),
        (r"\d\d/\d\d/\d{4}", "%m/%d/%Y"),
        (r"\d\d\.\d\d\.\d{4}", "%d.%m.%Y"),
        (r"\d\d:\d\d:\d\dZ", "%H:%M:%SZ"),
        (r"\d\d:\d\d:\d\d", "%H:%M:%S"),
        (r"\d\d:\d\d", "%H:%M"),
        (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000", "%a, %d %b %Y %H:%M:%S +0000"),
        (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "%a, %d %b %Y %H:%M:%S GMT"),
    )
)


def find_layout(example: str) -> str:
    """How a moment is written, by an example of it; nothing for what is no moment."""
    return next((layout for pattern, layout in LAYOUTS if pattern.fullmatch(example)), "")
