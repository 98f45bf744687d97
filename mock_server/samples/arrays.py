"""Makers of lists: so many items as are allowed and fit the depth, each unlike the others where that is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mock_server.samples.draws import mix, pick, salt
from mock_server.samples.makers import NOTHING, Maker, Run

_LENGTH = salt("length")

USUAL = (3, 3, 2, 2, 1, 1)
"""How many items a list has at most by itself, by depth; deeper none."""

MAX_ITEMS = 1_000
"""A list that must be longer is made as long and no longer."""

_RETRIES = 24
_MISSES = 2
"""So often an item unlike all others is looked for, and so many may be missed before the list ends."""


def make_list(
    find_item: Callable[[int], Maker],
    least: int,
    most: int | None,
    is_unique: bool,
    is_inner: bool,
) -> Maker:
    """A maker of lists; `find_item` gives the maker of the item at an index."""
    least = min(least, MAX_ITEMS)

    def make(number: int, owner: int, run: Run) -> list[Any]:
        given = run.take_given()
        held = given if isinstance(given, list) else []
        count = _find_count(number, run, least, most, is_inner)
        count = max(count, min(len(held), MAX_ITEMS if most is None else most))
        made: list[Any] = []
        known: set[str] = set()
        missed = 0
        run.depth += 1
        for index in range(count):
            for attempt in range(_RETRIES if is_unique else 1):
                run.given = held[index] if index < len(held) and not attempt else NOTHING
                run.left -= 1
                item = find_item(index)(mix(number, index + 1 + attempt * 4096), number, run)
                run.given = NOTHING
                if not is_unique or (text := _text(item)) not in known:
                    known.add(text if is_unique else "")
                    made.append(item)
                    break
            else:
                missed += 1
            if missed >= _MISSES:
                break
        run.depth -= 1
        return made

    return make


def _find_count(number: int, run: Run, least: int, most: int | None, is_inner: bool) -> int:
    usual = USUAL[run.depth] if run.depth < len(USUAL) else 0
    if run.left < 100 or run.lean or (is_inner and run.left < 400):
        usual = 0
    wanted = 1 + pick(mix(number, _LENGTH), usual) if usual else 0
    return max(least, min(wanted, most if most is not None else wanted))


def _text(item: Any) -> str:
    """A text that is the same for equal items; 1 and 1.0 are equal in JSON."""
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    return json.dumps(item, sort_keys=True, default=str)
