"""Makers of what an author asks Faker for: `x-faker: company`, `x-faker: {random_int: {min: 1, max: 9}}`."""

from __future__ import annotations

import datetime
import decimal
import functools
import itertools
import re
from collections.abc import Mapping
from typing import Any, Protocol

from mock_server.generation import FakerTables
from mock_server.samples.draws import mix
from mock_server.samples.makers import Check, Maker, Run, make_again
from mock_server.samples.shapes import Shape

_TRIES = 4
_PAGE = 5_000
_SIZES = re.compile(r"length|chars|nb_|num|size|rows|count|digits|elements")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Checks(Protocol):
    """What makes checks of schemas."""

    def check(self, node: Any) -> Check: ...


@functools.cache
def _load() -> FakerTables:
    return FakerTables("en_US")


def find_faker(shape: Shape, checks: Checks) -> Maker | None:
    """The maker that `x-faker` asks for, or None where it asks for nothing that Faker has."""
    method, arguments = _read(shape.get("x-faker"))
    if not method or not _load().has(method) or not _is_small(arguments):
        return None
    places = itertools.count()
    try:
        draw = _load().compile(method, arguments, lambda: next(places))
        numbers = next(places)
        draw((1,) * numbers)
    except Exception:
        # Faker's methods raise whatever they like for arguments that an author got wrong: the name decides then.
        return None

    def make(number: int, owner: int, run: Run) -> Any:
        return _plain(draw(tuple([mix(number, place) >> 32 for place in range(numbers)])))

    keys = ("type", "enum", "minLength", "maxLength", "minimum", "maximum")
    return make_again(make, checks.check({key: shape[key] for key in keys if key in shape}), _TRIES)


def _is_small(arguments: Mapping[str, Any]) -> bool:
    """Whether no argument asks for more than a page: a document's author is not ours."""
    sizes = [value for name, value in arguments.items() if _SIZES.search(str(name)) and isinstance(value, (int, float))]
    return all(value <= _PAGE for value in sizes)


def _read(written: Any) -> tuple[str, Mapping[str, Any]]:
    """The method in Faker's spelling (`name.firstName` is `first_name`), and its arguments."""
    if isinstance(written, Mapping) and len(written) == 1:
        name, arguments = next(iter(written.items()))
        return _HUMP.sub("_", str(name).rpartition(".")[2]).lower(), arguments if isinstance(arguments, Mapping) else {}
    if isinstance(written, str):
        return _HUMP.sub("_", written.rpartition(".")[2]).lower(), {}
    return "", {}


def _plain(value: Any) -> Any:
    """A value of JSON."""
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (tuple, set, list)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
