"""Makers of objects: what must be there, what may, and names that are not declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.samples.draws import is_within, mix, pick, salt
from mock_server.samples.makers import NOTHING, Maker, Run
from mock_server.samples.pattern_texts import find_maker, make_matching
from mock_server.samples.people import load_names
from mock_server.samples.shapes import Extra, Shape

MAX_FIELDS = 400
"""So many properties of one object are made that need not be there."""

_SHARES = (1.0, 0.98, 0.95, 0.85, 0.6, 0.4, 0.2, 0.1)
_SHARES_INNER = (1.0, 0.95, 0.85, 0.6, 0.3, 0.1)
"""How many of the properties that need not be there are, by depth: plain values, and those that hold others; deeper
none."""

ALWAYS, PLAIN, INNER, GIVEN = range(4)
"""When a property is there: always, by the share of plain values or of those that hold others, or if it is given."""

_NAMES = salt("names of an object")


class Field(NamedTuple):
    """A property: `presence` is one of the four above, `accepts` says whether a given value is one of its own.

    `weigh` says how many values it asks for at least.
    """

    name: str
    salt: int
    presence: int
    make: Maker
    accepts: Callable[[Any], bool]
    weigh: Callable[[], int]
    needs: tuple[str, ...] = ()


class Rest(NamedTuple):
    """Names that are not declared: how one is made and its value; so many at least, about so many by themselves."""

    make_name: Callable[[int], str]
    make: Maker
    least: int
    usual: int


def make_object(fields: list[Field], most: int | None, rest: Rest | None) -> Maker:
    """A maker of objects with these fields in this order, at most so many, and with names that are not declared."""
    required = sum(field.presence == ALWAYS for field in fields)
    is_bounded = most is not None or bool(rest) or any(field.needs for field in fields)
    optional = [field for field in fields if field.presence != ALWAYS]
    spare = len(optional) if most is None else max(0, most - required)

    def make(number: int, owner: int, run: Run) -> dict[str, Any]:
        given = run.take_given()
        held = given if isinstance(given, Mapping) else {}
        made: dict[str, Any] = {}
        shares = _find_shares(run)
        run.depth += 1
        some = _choose(optional, spare, held, number, run) if spare < len(optional) else None
        for name, salted, presence, make_field, accepts, _, _ in fields:
            drawn = mix(number, salted)
            if presence and some is not None and name not in some:
                continue
            if name in held:
                value = held[name]
                if accepts(value):
                    made[name] = value
                    continue
                run.given = value if isinstance(value, (Mapping, list)) else NOTHING
            elif presence and (run.left <= 0 or not is_within(drawn, shares[presence])):
                continue
            run.left -= 1
            made[name] = make_field(drawn, number, run)
            run.given = NOTHING
        if is_bounded:
            _bound(made, fields, held, required if most is None else max(most, required), rest, number, run)
        run.depth -= 1
        return made

    return make


DEEP = 3
"""From this depth on those properties come first that hold the least: what holds itself comes to an end."""


def _choose(optional: list[Field], most: int, held: Mapping[str, Any], number: int, run: Run) -> set[str]:
    """So many of the properties that need not be there: given ones first, else any, or deep inside light ones."""
    is_deep = run.depth > DEEP

    def rank(field: Field) -> tuple[bool, int, int]:
        return field.name not in held, field.weigh() if is_deep else 0, mix(number, field.salt)

    return {field.name for field in sorted(optional, key=rank)[:most]}


def _find_shares(run: Run) -> tuple[float, float, float, float]:
    """How many of the properties are made here, by their presence."""
    if run.lean or run.left <= 0:
        return 1.0, 0.0, 0.0, 0.0
    depth = run.depth
    share = _SHARES[depth] if depth < len(_SHARES) else 0.0
    inner = _SHARES_INNER[depth] if depth < len(_SHARES_INNER) and run.left > SIZE_OF_INNER else 0.0
    return 1.0, share, inner, 0.0


SIZE_OF_INNER = 150
"""Where fewer values are left to make, nothing that holds others is made but what must be there."""


def _bound(
    made: dict[str, Any],
    fields: list[Field],
    held: Mapping[str, Any],
    most: int,
    rest: Rest | None,
    number: int,
    run: Run,
) -> None:
    """Add what others need and what is missing to the least number; take away what is too much."""
    for field in fields:
        if field.name in made and any(name not in made for name in field.needs):
            _add(made, [each for each in fields if each.name in field.needs], len(fields), number, run)
    if rest:
        _add(made, fields, rest.least, number, run)
        _add_names(made, rest, held, number, run)
    optional = [field.name for field in reversed(fields) if field.presence != ALWAYS and field.name in made]
    for name in optional if len(made) > most > 0 else ():
        if len(made) > most and not any(name in field.needs for field in fields if field.name in made):
            del made[name]


def _add(made: dict[str, Any], fields: Iterable[Field], least: int, number: int, run: Run) -> None:
    if len(made) >= least:
        return
    for field in sorted(fields, key=lambda field: field.weigh()) if run.depth > DEEP else fields:
        if len(made) < least and field.name not in made and field.presence != GIVEN:
            run.left -= 1
            made[field.name] = field.make(mix(number, field.salt), number, run)


def _add_names(made: dict[str, Any], rest: Rest, held: Mapping[str, Any], number: int, run: Run) -> None:
    usual = rest.usual if run.depth <= 3 and not run.lean and run.left > 0 else 0
    wanted = max(min(rest.least, MAX_FIELDS), len(made) + (1 + pick(mix(number, _NAMES), usual) if usual else 0))
    for attempt in range(max(0, wanted - len(made)) * 3):
        if len(made) >= wanted:
            return
        drawn = mix(mix(number, _NAMES), attempt)
        name = rest.make_name(drawn)
        if name not in made:
            run.left -= 1
            made[name] = rest.make(mix(number, salt(name)), number, run)


def find_needs(shape: Shape) -> dict[str, tuple[str, ...]]:
    """What each property wants beside it."""
    return {name: tuple(names) for name, names in shape.get("dependentRequired", {}).items()}


def find_order(shape: Shape) -> list[str]:
    """The names an object may or must have: declared ones first, in their order."""
    declared = shape.get("properties", {})
    return [*declared, *(name for name in shape.get("required", ()) if name not in declared)]


def find_schema(shape: Shape, name: str) -> Any:
    """All that a shape says of one property as one schema; False for a name that it rules out.

    A name that must be there although it is ruled out is made: whoever wrote that meant the name.
    """
    nodes = list(_find_schemas(shape, name))
    if any(node is False for node in nodes) and name not in shape.get("required", ()):
        return False
    nodes = [node for node in nodes if not isinstance(node, bool)]
    return nodes[0] if len(nodes) == 1 else {"allOf": nodes} if nodes else {}


def _find_schemas(shape: Shape, name: str) -> Iterator[Any]:
    if name in shape.get("properties", {}):
        yield shape["properties"][name]
    patterns = shape.get("patternProperties", {})
    yield from (node for pattern, node in patterns.items() if _matches(pattern, name))
    for extra in shape.get("extras", ()):
        if is_extra(extra, name):
            yield extra.schema
    if shape.get("unevaluatedProperties") is False and name not in shape.get("properties", {}):
        yield not any(_matches(pattern, name) for pattern in patterns) and shape["unevaluatedProperties"]


def is_extra(extra: Extra, name: str) -> bool:
    """Whether `additionalProperties` speaks of a name."""
    return name not in extra.names and not any(_matches(pattern, name) for pattern in extra.patterns)


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None if len(name) < 200 else False
    except (re.error, RecursionError, OverflowError):
        return False


def make_pattern_name(pattern: str) -> Callable[[int], str] | None:
    """A function to names that a pattern matches, or None."""
    maker = find_maker(pattern)
    return (lambda number: make_matching(maker, number, 6)) if maker else None


def make_word_name(number: int) -> str:
    """A name that anybody could have given: a word."""
    words = load_names().words
    return words[pick(number, len(words))]
