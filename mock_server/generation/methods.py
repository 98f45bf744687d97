"""The methods of `x-faker` that Faker lacks: each compiles its arguments to a draw.

Arguments arrive as operands: functions of a record that give a constant or a sibling field's value.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mock_server.generation.address_methods import gulf_address, house_number, place, street
from mock_server.generation.method_context import CompileContext, FieldMaker, Row
from mock_server.generation.person_methods import email_of, gstin, gulf_name, phone

Compile = Callable[..., FieldMaker]


def _sequence(context: CompileContext, start: int = 1, step: int = 1) -> FieldMaker:
    if step == 1:
        return lambda row: start + row.ordinal
    at = context.take()
    # Less than a step is added, so that numbers grow and never meet.
    return lambda row: start + row.ordinal * step + ((row.bits[at] * step) >> 32)


def _join(context: CompileContext, parts: list[Any], by: str = " ") -> FieldMaker:
    operands = [context.operand(part) for part in parts]

    def make(row: Row) -> str:
        texts = [operand(row) for operand in operands]
        return by.join([text if text.__class__ is str else str(text) for text in texts if text not in ("", None)])

    return make


def _code_of(context: CompileContext, text: Any, id: Any, letters: int = 3, digits: int = 1) -> FieldMaker:
    word, number = context.operand(text), context.operand(id)
    return lambda row: f"{_initials(word(row), letters)}{number(row):0{digits}d}"


@functools.lru_cache(maxsize=16_384)
def _initials(text: str, letters: int) -> str:
    """The first letters of a text in capitals; places are few, so most are known."""
    return "".join([c for c in text if c.isascii() and c.isalpha()])[:letters].upper()


def _choose(context: CompileContext, by: Any, cases: Mapping[Any, Any], otherwise: Any = None) -> FieldMaker:
    chooser, rest = context.operand(by), context.operand(otherwise)
    made = {key: context.operand(value) for name, value in cases.items() for key in _keys(str(name), cases)}
    return lambda row: made.get(chooser(row), rest)(row)


def _keys(name: str, cases: Mapping[Any, Any]) -> list[Any]:
    """The values that a case stands for: `true` is True, `3` is 3 (but not where both could be meant)."""
    booleans = {"true": True, "false": False, "True": True, "False": False}
    if name in booleans:
        return [name, booleans[name]]
    is_number = name.isdecimal() and not any(str(other) in booleans for other in cases)
    return [name, int(name)] if is_number else [name]


_MOMENTS = {"iso": "%Y-%m-%dT%H:%M:%S", "date": "%Y-%m-%d"}


_parse_moment = functools.lru_cache(maxsize=1024)(datetime.fromisoformat)


def _moment(context: CompileContext, start: Any = None, end: Any = None, form: str = "iso") -> FieldMaker:
    if form not in _MOMENTS:
        raise ValueError(f"{form!r} is no form of a moment; known: {', '.join(_MOMENTS)}")
    at, cut = context.take(), 10 if form == "date" else 19
    now = context.now.replace(tzinfo=None)
    first = context.operand(start if start is not None else (now - timedelta(days=1095)).isoformat())
    last = context.operand(end if end is not None else now.isoformat())

    def make(row: Row) -> str:
        begins = _parse_moment(first(row))
        seconds = max(0, int((_parse_moment(last(row)) - begins).total_seconds()))
        return (begins + timedelta(seconds=(row.bits[at] * seconds) >> 32)).isoformat()[:cut]

    return make


METHODS: Mapping[str, Compile] = {
    "sequence": _sequence,
    "place": place,
    "street": street,
    "house_number": house_number,
    "phone": phone,
    "email_of": email_of,
    "gstin": gstin,
    "gulf_name": gulf_name,
    "gulf_address": gulf_address,
    "join": _join,
    "code_of": _code_of,
    "choose": _choose,
    "moment": _moment,
}
"""The name of a method in `x-faker`, and what compiles it."""


TEXTS = {
    "street",
    "house_number",
    "phone",
    "email_of",
    "gstin",
    "gulf_name",
    "gulf_address",
    "join",
    "code_of",
    "moment",
}
"""Methods that always make text, which needs no turning into the schema's type."""


def compile_method(context: CompileContext, name: str, args: Mapping[str, Any]) -> FieldMaker:
    """A method with its arguments; raises ValueError with what is wrong with them."""
    try:
        inspect.signature(METHODS[name]).bind(context, **args)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    return METHODS[name](context, **args)
