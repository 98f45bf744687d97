"""Samples that are not valid, without the parts that are wrong where those need not be there."""

from __future__ import annotations

import copy
from typing import Any

from mock_server.openapi import Direction, Validators
from mock_server.samples.makers import NOTHING

ROUNDS = 12


def repair(validators: Validators, schema: Any, value: Any, direction: Direction) -> Any:
    """A valid copy of a value with parts left out, or `NOTHING`."""
    if not isinstance(value, (dict, list)):
        return NOTHING
    try:
        repaired = copy.deepcopy(value)
    except RecursionError:
        return NOTHING
    for _ in range(ROUNDS):
        problems = validators.find_problems(schema, repaired, direction)
        if not problems:
            return repaired
        places = [_find_path(repaired, pointer) for pointer, _ in problems]
        # The deepest first; one that must be there is missed in the next round, and takes its parent with it.
        longest = max(places, key=len)
        if not longest or not _remove(repaired, longest):
            return NOTHING
    return NOTHING


def _find_path(value: Any, pointer: str) -> list[str | int]:
    """The steps to a place; to what should hold it where it is missing there."""
    path: list[str | int] = []
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            path.append(int(step))
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            path.append(step)
            value = value[step]
        else:
            break
    return path


def _remove(value: Any, path: list[str | int]) -> bool:
    for step in path[:-1]:
        value = value[step]
    del value[path[-1]]
    return True
