"""Compiles the fields of a collection: each becomes a function of a record's numbers and of the fields before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mock_server.contract import Collection, escape_pointer
from mock_server.errors import ContractError, suggest
from mock_server.generation.addresses import PARTS
from mock_server.generation.method_context import FieldMaker, Row
from mock_server.generation.methods import METHODS, TEXTS, compile_method
from mock_server.generation.references import find_names, follow_reference, put_in_order
from mock_server.generation.sampling import (
    PATTERNS,
    WORDS,
    FakerTables,
    draw_element,
    draw_integer,
    draw_share,
    is_locale,
)

ABSENT = object()
"""The value of a field that its record does not have."""


class FieldCompiler:
    """Compiles the fields of one collection and hands out a record's numbers."""

    def __init__(self, collection: Collection, now: datetime, checking: bool) -> None:
        self.collection, self.now, self.checking = collection, now, checking
        self.taken = 0
        if not is_locale(collection.locale):
            raise self.problem("/x-collection/locale", f"Faker has no locale {collection.locale!r}")
        # Not shared with other collections: a Faker is seeded for each value. Making one costs half a millisecond.
        self.tables = FakerTables(collection.locale)

    def take(self) -> int:
        """The index of a number that no other field uses."""
        self.taken += 1
        return self.taken - 1

    def compile(self) -> list[tuple[str, FieldMaker]]:
        """The fields in an order in which each comes after those it names."""
        nodes = dict(self._nodes())
        order = put_in_order(nodes, self.problem)
        # Compiled as the contract lists them, made in order: a field that comes to name another keeps its numbers.
        made = {name: self.field(node, pointer) for name, (pointer, node) in nodes.items()}
        return [(name, made[name]) for name in order]

    def _nodes(self) -> Iterator[tuple[str, tuple[str, Any]]]:
        for name, node in self.collection.schema.get("properties", {}).items():
            yield name, (f"/properties/{escape_pointer(name)}", node)
        for name, node in self.collection.hidden.items():
            yield name, (f"/x-collection/hidden/{escape_pointer(name)}", node)

    def problem(self, pointer: str, problem: str, hint: str = "") -> ContractError:
        """A contract error at a place of the item schema; the caller knows the file."""
        return ContractError("", pointer, problem, hint)

    def field(self, node: Mapping[str, Any], pointer: str) -> FieldMaker:
        """One value, with `x-missing` and the schema's type seen to."""
        make = self._value(node, pointer)
        make = make if _makes_text(node) else _typed(make, node)
        missing = node.get("x-missing")
        return self._missing(missing, make) if missing else make

    def _value(self, node: Mapping[str, Any], pointer: str) -> FieldMaker:
        if "const" in node:
            constant = node["const"]
            return lambda row: constant
        if "x-faker" in node:
            return self._faker_node(node["x-faker"], f"{pointer}/x-faker")
        if "enum" in node:
            return self.from_bits(draw_element(node["enum"], self.take))
        if "properties" in node:
            return self._object(node["properties"], pointer)
        if "items" in node:
            return self._array(node, pointer)
        raise self.problem(pointer, "nothing says how this field is made", "add x-faker")

    def from_bits(self, draw: Callable[[tuple[int, ...]], Any]) -> FieldMaker:
        """A draw as a maker."""
        return lambda row: draw(row.bits)

    def faker(self, method: str) -> FieldMaker:
        """A Faker method without arguments."""
        return self.from_bits(self.tables.compile(method, {}, self.take))

    def _faker_node(self, annotation: Any, pointer: str) -> FieldMaker:
        method, args = (annotation, {}) if isinstance(annotation, str) else next(iter(annotation.items()))
        try:
            if method.startswith("$"):
                return self.operand(method)
            if method in METHODS:
                return compile_method(self, method, args or {})
            if not self.tables.has(method):
                known = [*METHODS, *self.tables.names()]
                problem = f"neither Faker nor Understudy has a method {method!r}"
                raise self.problem(pointer, problem, suggest(method, known))
            make = self.from_bits(self.tables.compile(method, args or {}, self.take))
            self._try(make)
            return make
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self.problem(pointer, f"{method}: {error}") from None

    def _try(self, make: FieldMaker) -> None:
        """Wrong arguments show when a method is called: it is called once, with numbers that are all zero."""
        make(Row((0,) * (self.taken + 1), {}, 0))

    def operand(self, value: Any) -> FieldMaker:
        """A constant, `$field` and `$field.part` of the same record, or `{method: {args}}`."""
        if isinstance(value, str) and value.startswith("$"):
            name, *path = value[1:].split(".")
            self._require_part(name, path)
            return follow_reference(name, path)
        if isinstance(value, dict) and len(value) == 1 and self._is_method(next(iter(value))):
            return self._faker_node(value, "")
        return lambda row: value

    def _is_place(self, name: str) -> bool:
        annotation = self.collection.hidden.get(name, {}).get("x-faker")
        return isinstance(annotation, dict) and "place" in annotation

    def _require_part(self, name: str, path: list[str]) -> None:
        """`$place.sate` is refused here, not when the first record is made."""
        node = self.collection.hidden.get(name) or self.collection.schema.get("properties", {}).get(name) or {}
        known = PARTS if self._is_place(name) else tuple(node.get("properties", ()))
        if path and known and path[0] not in known:
            hint = suggest(path[0], known, f"${name}.{{}}")
            raise ValueError(f"{name} has no part {path[0]!r}" + (f"; {hint}" if hint else ""))

    def _is_method(self, name: Any) -> bool:
        return isinstance(name, str) and (name in METHODS or self.tables.has(name))

    def _object(self, properties: Mapping[str, Any], pointer: str) -> FieldMaker:
        before = self.taken
        made = [(k, self.field(v, f"{pointer}/properties/{escape_pointer(k)}")) for k, v in properties.items()]
        (only, *others) = {name for node in properties.values() for name in find_names(node)} or {""}
        # Nothing was drawn and only one place is named: the object is the same for all records at that place.
        if self.taken == before and not others and self._is_place(only):
            return _shared_by_place(only, made)
        if any(node.get("x-missing", {}).get("as") == "absent" for node in properties.values()):
            return lambda row: {k: v for k, v in ((k, make(row)) for k, make in made) if v is not ABSENT}
        return lambda row: {k: make(row) for k, make in made}

    def _array(self, node: Mapping[str, Any], pointer: str) -> FieldMaker:
        low, high = node.get("minItems", 0), node.get("maxItems", 3)
        items = [self.field(node["items"], f"{pointer}/items") for _ in range(high)]
        count = draw_integer(low, high, self.take)
        return lambda row: [make(row) for make in items[: count(row.bits)]]

    def _missing(self, rule: Mapping[str, Any], make: FieldMaker) -> FieldMaker:
        instead = {"null": None, "None": None, "absent": ABSENT, "empty": ""}[str(rule["as"])]
        if "share" in rule:
            is_missing = draw_share(rule["share"], self.take)
            return lambda row: instead if is_missing(row.bits) else make(row)
        name, wanted = next(iter(rule["unless"].items()))
        return lambda row: make(row) if row.values.get(name) == wanted else instead


def _shared_by_place(name: str, made: list[tuple[str, FieldMaker]]) -> FieldMaker:
    """An object made of one place and nothing else: as many of them as places, each made once."""
    objects: dict[int, dict[str, Any]] = {}

    def make(row: Row) -> dict[str, Any]:
        place = id(row.values[name])  # places live as long as the maker, so the same number is the same place
        if place not in objects:
            objects[place] = {k: field(row) for k, field in made}
        return objects[place]

    return make


def _typed(make: FieldMaker, node: Mapping[str, Any]) -> FieldMaker:
    """The value in the schema's type: a number for a text becomes text, a date becomes ISO text."""
    kinds = node.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "string" in kinds and "integer" not in kinds and "number" not in kinds:
        return lambda row: value if (value := make(row)).__class__ is str or value is None else _text(value)
    if "integer" in kinds and "string" not in kinds:
        return lambda row: int(value) if (value := make(row)).__class__ is str else value
    if "number" in kinds:
        return lambda row: float(value) if isinstance(value := make(row), Decimal) else value
    return make


def _makes_text(node: Mapping[str, Any]) -> bool:
    """Whether a field for text is made by what only makes text."""
    annotation = node.get("x-faker")
    method = annotation if isinstance(annotation, str) else next(iter(annotation), "") if annotation else ""
    return node.get("type") == "string" and (method in TEXTS or method in WORDS or method in PATTERNS)


def _text(value: Any) -> Any:
    if value is ABSENT:
        return value
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
