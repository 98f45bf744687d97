"""The methods of `x-faker` that Faker lacks: each compiles its arguments to a draw.

Arguments arrive as operands: functions of a record that give a constant or a sibling field's value.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from mock_server.generation.addresses import SOURCES, Place, load_places
from mock_server.generation.gstin import with_check_digit
from mock_server.generation.names import COUNTRY_NAMES, DOMAINS, FAMILY_NAMES, FIRST_NAMES, ZONES, fold_name
from mock_server.generation.phone_numbers import FORMS, load_prefixes, make_writer
from mock_server.generation.sampling import draw_element, draw_index, draw_integer

Values = dict[str, Any]


class Row(NamedTuple):
    """A record in the making: its numbers, what has been made of it, and which record it is."""

    bits: tuple[int, ...]
    values: Values
    ordinal: int


Make = Callable[[Row], Any]
"""Makes one value of a record."""


class CompileContext(Protocol):
    """What a method may ask while it is compiled."""

    folder: Path | None
    now: datetime
    checking: bool

    def take(self) -> int: ...

    def operand(self, value: Any) -> Make: ...

    def faker(self, method: str) -> Make: ...


Compile = Callable[..., Make]


def _sequence(context: CompileContext, start: int = 1, step: int = 1) -> Make:
    if step == 1:
        return lambda row: start + row.ordinal
    at = context.take()
    # Less than a step is added, so that numbers grow and never meet.
    return lambda row: start + row.ordinal * step + ((row.bits[at] * step) >> 32)


def _place(context: CompileContext, country: Any = None, countries: Mapping[str, float] | None = None) -> Make:
    weights = countries or {country: 1}
    if unknown := [name for name in weights if name not in SOURCES]:
        raise ValueError(f"no places are known for {unknown[0]!r}; known: {', '.join(sorted(SOURCES))}")
    at = context.take()
    tables: list[list[Place]] = [] if context.checking else [load_places(name, context.folder) for name in weights]
    if len(weights) == 1:
        return lambda row: tables[0][(row.bits[at] * len(tables[0])) >> 32]
    choose = draw_index(len(weights), context.take, list(weights.values()))

    def make(row: Row) -> Place:
        table = tables[choose(row.bits)]
        return table[(row.bits[at] * len(table)) >> 32]

    return make


_STREETS = {
    "US": (
        "Oak Street",
        "Maple Avenue",
        "Elm Street",
        "Cedar Lane",
        "Washington Street",
        "Lake Drive",
        "2nd Street",
        "Park Avenue",
        "Main Street",
        "Hillcrest Road",
        "Sunset Boulevard",
        "River Road",
        "Highland Avenue",
    ),
    "BR": (
        "Rua das Flores",
        "Avenida Brasil",
        "Rua Sete de Setembro",
        "Rua São José",
        "Avenida Paulista",
        "Rua Quinze de Novembro",
        "Rua Dom Pedro II",
    ),
    "IN": (
        "MG Road",
        "Station Road",
        "Gandhi Road",
        "Nehru Street",
        "Temple Road",
        "Market Road",
        "Link Road",
        "Park Street",
        "Church Street",
        "Lake View Road",
    ),
    "": (
        "Calle 5 de Mayo",
        "Avenida Bolívar",
        "Calle San Martín",
        "Avenida Libertador",
        "Calle Independencia",
        "Carrera Séptima",
        "Calle Hidalgo",
        "Avenida Reforma",
        "Calle Colón",
        "Avenida Belgrano",
    ),
}


def _street(context: CompileContext, place: Any) -> Make:
    at, found = context.take(), context.operand(place)

    def make(row: Row) -> str:
        names = _STREETS.get(found(row)["country"], _STREETS[""])
        return names[(row.bits[at] * len(names)) >> 32]

    return make


def _house_number(context: CompileContext) -> Make:
    draw = draw_integer(1, 9899, context.take)
    return lambda row: str(draw(row.bits))


def _phone(context: CompileContext, country: Any, form: str = "e164", area_codes: Any = ()) -> Make:
    if form not in FORMS:
        raise ValueError(f"{form!r} is no form of a number; known: {', '.join(sorted(FORMS))}")
    head, tail = context.take(), context.take()
    found, codes = context.operand(country), context.operand(area_codes)
    writers: dict[str, Callable[[str], str]] = {}

    def make(row: Row) -> str:
        where, areas, bits = found(row), codes(row), row.bits
        if areas:
            # Exchanges from 200 on whose last digits are not 11, as the North American plan has them.
            exchange = 200 + (bits[tail] >> 16) % 800
            exchange += 1 if exchange % 100 == 11 else 0
            digits = f"{areas[(bits[head] * len(areas)) >> 32]}{exchange}{bits[tail] % 10000:04d}"
        else:
            prefixes, follow = load_prefixes(where)
            digits = f"{prefixes[(bits[head] * len(prefixes)) >> 32]}{bits[tail] % 10**follow:0{follow}d}"
        if where not in writers:
            writers[where] = make_writer(where, form)
        return writers[where](digits)

    return make


def _email_of(context: CompileContext, name: Any, words: int = 2) -> Make:
    found, domain = context.operand(name), draw_element(DOMAINS, context.take)
    # The record's number behind the name keeps addresses apart: two people of one name have two of them.
    return lambda row: f"{fold_name(found(row), words)}{row.ordinal + 1}@{domain(row.bits)}"


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _gstin(context: CompileContext, state: Any) -> Make:
    a, b, found = context.take(), context.take(), context.operand(state)

    def make(row: Row) -> str:
        x, y = row.bits[a], row.bits[b]
        name = _LETTERS[x % 26] + _LETTERS[x // 26 % 26] + _LETTERS[x // 676 % 26]
        pan = f"{name}{'PCFHA'[y % 5]}{_LETTERS[x // 17576 % 26]}{1 + y // 5 % 9999:04d}{_LETTERS[y // 50000 % 26]}"
        return with_check_digit(f"{found(row)}{pan}1Z")

    return make


def _gulf_name(context: CompileContext, script: str = "latin") -> Make:
    if script == "arabic":
        return context.faker("name")
    first, last = draw_element(FIRST_NAMES, context.take), draw_element(FAMILY_NAMES, context.take)
    return lambda row: f"{first(row.bits)} {last(row.bits)}"


def _gulf_address(context: CompileContext, country: str = "QA") -> Make:
    if country not in ZONES:
        raise ValueError(f"no zones are known for {country!r}; known: {', '.join(ZONES)}")
    zone = draw_element(ZONES[country], context.take)
    building, street = draw_integer(1, 299, context.take), draw_integer(201, 999, context.take)

    def make(row: Row) -> str:
        city, number = zone(row.bits)
        where = f"Street {street(row.bits)}, Zone {number}, {city}, {COUNTRY_NAMES[country]}"
        return f"Building {building(row.bits)}, {where}"

    return make


def _join(context: CompileContext, parts: list[Any], by: str = " ") -> Make:
    operands = [context.operand(part) for part in parts]

    def make(row: Row) -> str:
        texts = [operand(row) for operand in operands]
        return by.join([text if text.__class__ is str else str(text) for text in texts if text not in ("", None)])

    return make


def _code_of(context: CompileContext, text: Any, id: Any, letters: int = 3, digits: int = 1) -> Make:
    word, number = context.operand(text), context.operand(id)
    return lambda row: f"{_initials(word(row), letters)}{number(row):0{digits}d}"


@functools.lru_cache(maxsize=16_384)
def _initials(text: str, letters: int) -> str:
    """The first letters of a text in capitals; places are few, so most are known."""
    return "".join([c for c in text if c.isascii() and c.isalpha()])[:letters].upper()


def _choose(context: CompileContext, by: Any, cases: Mapping[Any, Any], otherwise: Any = None) -> Make:
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


def _moment(context: CompileContext, start: Any = None, end: Any = None, form: str = "iso") -> Make:
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
    "place": _place,
    "street": _street,
    "house_number": _house_number,
    "phone": _phone,
    "email_of": _email_of,
    "gstin": _gstin,
    "gulf_name": _gulf_name,
    "gulf_address": _gulf_address,
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


def compile_method(context: CompileContext, name: str, args: Mapping[str, Any]) -> Make:
    """A method with its arguments; raises ValueError with what is wrong with them."""
    try:
        inspect.signature(METHODS[name]).bind(context, **args)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    return METHODS[name](context, **args)
