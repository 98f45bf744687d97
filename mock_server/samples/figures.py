"""What numbers are, by the kind that their name asks for, and within any bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from mock_server.openapi import is_of_type
from mock_server.samples.draws import between
from mock_server.samples.kinds import NUMBER_KINDS
from mock_server.samples.labels import Label, find_kind, list_words
from mock_server.samples.moments import make_moment
from mock_server.samples.regions import CENTRES, find_region

Figure = Callable[[int, int], int | float]


_LARGEST = 10**15
"""An example beyond it shows no size that others should have."""


class Range(NamedTuple):
    """Where numbers of a kind lie, and how many decimals they have where they are no whole numbers."""

    low: int
    high: int
    decimals: int = 0


_RANGES: Mapping[str, Range] = {
    "id": Range(1000, 9_999_999),
    "amount": Range(5, 500, 2),
    "count": Range(0, 200),
    "page": Range(1, 10),
    "page_size": Range(10, 100),
    "index": Range(0, 20),
    "percentage": Range(0, 100, 1),
    "ratio": Range(0, 1, 3),
    "rating": Range(1, 5, 1),
    "score": Range(0, 100, 1),
    "year": Range(2015, 2025),
    "month": Range(1, 12),
    "day": Range(1, 28),
    "hour": Range(0, 23),
    "minute": Range(0, 59),
    "age": Range(18, 90),
    "duration": Range(30, 7200),
    "duration_ms": Range(5, 3000),
    "bytes": Range(1_000, 5_000_000),
    "pixels": Range(100, 2000),
    "weight": Range(1, 100, 2),
    "temperature": Range(-5, 35, 1),
    "port": Range(1024, 49151),
    "version": Range(1, 9),
    "status_code": Range(200, 200),
    "": Range(1, 1000, 2),
}

_FORMATS: Mapping[str, tuple[int, int]] = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32768, 32767),
    "uint16": (0, 65535),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "uint": (0, 2**32 - 1),
}
"""Bounds that a format of whole numbers means; a number beyond 2**53 is written by nobody, so 64 bits bound nothing."""

WHOLE = frozenset(
    list_words("id count page page_size index year month day hour minute age timestamp timestamp_ms bytes port"),
)
"""Kinds whose numbers are whole also where the schema allows others."""


def make_figure(shape: Mapping[str, Any], label: Label, is_integer: bool) -> Figure:
    """A function to numbers that obey the bounds of a schema, as its name would have them where they leave a choice."""
    kind = find_kind(label.name, NUMBER_KINDS)
    if kind == "count" and label.has("subtotal", "amount", "price", "currency", "tax") and not label.has("per page"):
        kind = "amount"
    low, high = _find_bounds(shape, is_integer)
    is_whole = is_integer or kind in WHOLE
    if "multipleOf" in shape:
        return _make_multiple(shape, low, high, is_integer)
    if kind in _MOMENTS and low is None and high is None:
        return _make_timestamp(label, _MOMENTS[kind] * (1000 if _is_milliseconds(shape) else 1))
    if kind in ("latitude", "longitude") and not is_integer and low in (None, -90, -180):
        return _make_centre(0 if kind == "latitude" else 1)
    wanted = _find_wanted(shape, kind)
    start, end = _fit(wanted, low, high)
    decimals = 0 if is_whole and math.ceil(start) <= math.floor(end) else _find_decimals(wanted, start, end)
    return _make_between(start, end, decimals, shape)


_MOMENTS: Mapping[str, int] = {"timestamp": 1, "timestamp_ms": 1000}


def _is_milliseconds(shape: Mapping[str, Any]) -> bool:
    examples = [each for each in shape.get("examples", ()) if isinstance(each, int)]
    return bool(examples) and examples[0] > 10**11


def _make_timestamp(label: Label, scale: int) -> Figure:
    moment = make_moment(label.name)
    return lambda number, owner: moment(owner) * scale


def _make_centre(axis: int) -> Figure:
    return lambda number, owner: round(
        CENTRES[find_region(owner)["country"]][axis] + between(number, -30000, 30000) / 1e4,
        4,
    )


def _find_bounds(shape: Mapping[str, Any], is_integer: bool) -> tuple[Fraction | None, Fraction | None]:
    """The least and the greatest number; an excluded one is dealt with where whole numbers are made of it."""
    lows = [Fraction(shape[key]) for key in ("minimum", "exclusiveMinimum") if key in shape]
    highs = [Fraction(shape[key]) for key in ("maximum", "exclusiveMaximum") if key in shape]
    meant = _FORMATS.get(str(shape.get("format")))
    if meant and is_integer:
        lows, highs = [*lows, Fraction(meant[0])], [*highs, Fraction(meant[1])]
    low, high = max(lows, default=None), min(highs, default=None)
    if is_integer and low is not None:
        low = Fraction(math.floor(low) + 1 if low == shape.get("exclusiveMinimum") else math.ceil(low))
    if is_integer and high is not None:
        high = Fraction(math.ceil(high) - 1 if high == shape.get("exclusiveMaximum") else math.floor(high))
    return low, high


def _find_wanted(shape: Mapping[str, Any], kind: str) -> Range:
    """The range of a kind; of an unknown one numbers as long as the example."""
    examples = [e for e in shape.get("examples", ()) if is_of_type(e, "number") and -_LARGEST < e < _LARGEST]
    if kind in _RANGES or not examples:
        return _RANGES.get(kind, _RANGES[""])
    example = Decimal(str(examples[0]))
    size = max(0, example.adjusted())
    low, high = (10**size, 10 ** (size + 1) - 1) if abs(example) >= 1 else (0, 1)
    decimals = max(0, -int(example.as_tuple().exponent)) if isinstance(examples[0], float) else 0
    return Range(-high, -low, min(decimals, 6)) if example < 0 else Range(low, high, min(decimals, 6))


def _fit(wanted: Range, low: Fraction | None, high: Fraction | None) -> tuple[Fraction, Fraction]:
    """The part of what is wanted that is allowed; where there is none, what is allowed next to it."""
    start = max(Fraction(wanted.low), low) if low is not None else Fraction(wanted.low)
    end = min(Fraction(wanted.high), high) if high is not None else Fraction(wanted.high)
    if low is not None and high is not None and low > high:
        return low, low
    if start <= end:
        return start, end
    if low is not None and (high is None or low > wanted.high):
        return low, low + wanted.high - wanted.low if high is None else min(high, low + wanted.high - wanted.low)
    assert high is not None
    return (max(low, high - 1000) if low is not None else high - (wanted.high - wanted.low)), high


def _find_decimals(wanted: Range, start: Fraction, end: Fraction) -> int:
    """So many that at least a hundred numbers lie between the ends, or the ends themselves can be written."""
    width = end - start
    needed = 0 if width >= 100 else math.ceil(2 - math.log10(width)) if width else 17
    return max(wanted.decimals or 2, min(needed, 17))


def _make_between(start: Fraction, end: Fraction, decimals: int, shape: Mapping[str, Any]) -> Figure:
    scale = 10**decimals
    low, high = math.ceil(start * scale), math.floor(end * scale)
    low += low <= high and Fraction(low, scale) == shape.get("exclusiveMinimum")
    high -= low < high and Fraction(high, scale) == shape.get("exclusiveMaximum")
    if low > high:
        only = float((start + end) / 2)
        return lambda number, owner: only
    if decimals == 0:
        return lambda number, owner: between(number, low, high)
    return lambda number, owner: between(number, low, high) / scale


def _make_multiple(shape: Mapping[str, Any], low: Fraction | None, high: Fraction | None, is_integer: bool) -> Figure:
    """Multiples of a step; of a step with decimals, written with as many."""
    exact = Fraction(str(shape["multipleOf"]))
    exact = Fraction(exact.numerator) if is_integer else exact
    first = math.ceil(low / exact) if low is not None else 0 if high is None or high >= 0 else None
    last = math.floor(high / exact) if high is not None else None
    first = first + 1 if first is not None and first * exact == shape.get("exclusiveMinimum") else first
    last = last - 1 if last is not None and last * exact == shape.get("exclusiveMaximum") else last
    first = first if first is not None else (last or 0) - 100
    last = last if last is not None else first + 100
    last = max(first, min(last, first + 1000))

    def make(number: int, owner: int) -> int | float:
        value = between(number, first, last) * exact
        return int(value) if value.denominator == 1 else float(value)

    return make
