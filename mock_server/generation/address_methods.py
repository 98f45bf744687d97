"""The methods of `x-faker` that make a place and an address in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.generation.addresses import COUNTRIES, Place, load_places
from mock_server.generation.method_context import CompileContext, FieldMaker, Row
from mock_server.generation.names import COUNTRY_NAMES, ZONES
from mock_server.generation.sampling import draw_element, draw_index, draw_integer


def place(context: CompileContext, country: Any = None, countries: Mapping[str, float] | None = None) -> FieldMaker:
    """A place of a country, or of several by their weights; see `addresses.PARTS` for what it is made of.

    Raises: ValueError for a country without places.
    """
    weights = countries or {country: 1}
    if unknown := [name for name in weights if name not in COUNTRIES]:
        raise ValueError(f"no places are known for {unknown[0]!r}; known: {', '.join(sorted(COUNTRIES))}")
    at = context.take()
    # A check compiles every alternative of every reading: it does without the tables, which cost milliseconds each.
    tables: list[list[Place]] = [] if context.checking else load_places(weights)
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


def street(context: CompileContext, place: Any) -> FieldMaker:
    """A street as such are called in the place's country."""
    at, place_of = context.take(), context.operand(place)

    def make(row: Row) -> str:
        names = _STREETS.get(place_of(row)["country"], _STREETS[""])
        return names[(row.bits[at] * len(names)) >> 32]

    return make


def house_number(context: CompileContext) -> FieldMaker:
    """A house number, as text."""
    draw = draw_integer(1, 9899, context.take)
    return lambda row: str(draw(row.bits))


def gulf_address(context: CompileContext, country: str = "QA") -> FieldMaker:
    """An address of a Gulf state as the blue plates give it: building, street, zone.

    Raises: ValueError for a country without zones.
    """
    if country not in ZONES:
        raise ValueError(f"no zones are known for {country!r}; known: {', '.join(ZONES)}")
    zone = draw_element(ZONES[country], context.take)
    building, street = draw_integer(1, 299, context.take), draw_integer(201, 999, context.take)

    def make(row: Row) -> str:
        city, number = zone(row.bits)
        where = f"Street {street(row.bits)}, Zone {number}, {city}, {COUNTRY_NAMES[country]}"
        return f"Building {building(row.bits)}, {where}"

    return make
