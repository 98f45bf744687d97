"""Records grown from a seed: record n depends on (seed, collection, n) alone."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mock_server.contract import Collection
from mock_server.errors import ContractError
from mock_server.generation.field_compiler import ABSENT, FieldCompiler
from mock_server.generation.method_context import FieldMaker, Row

Draw = Callable[[bytes], tuple[int, ...]]
"""From what a record is known by to its numbers."""

Maker = Callable[[int], dict[str, Any]]
"""Makes the record of an ordinal (0-based): its fields by name, hidden ones included."""


Completer = Callable[[str, Mapping[str, Any], int], dict[str, Any]]
"""Makes what somebody's own record leaves out: from its key as text, what is given, and an ordinal of its own."""


def compile_maker(collection: Collection, seed: str, now: datetime) -> Maker:
    """What makes the records of a collection, from any thread.

    Raises: ContractError with a pointer in the item schema.
    """
    fields, draw = _compile(collection, seed, now)

    def make(ordinal: int) -> dict[str, Any]:
        # Hashing the ordinal, not drawing on from the record before, lets any record be made alone and in any order.
        values: dict[str, Any] = {}
        row = Row(draw(b"%d" % ordinal), values, ordinal)
        for name, field in fields:
            value = field(row)
            if value is not ABSENT:
                values[name] = value
        return values

    return make


def compile_completer(collection: Collection, seed: str, now: datetime) -> Completer:
    """What completes records of somebody's own; a field that is made of given ones agrees with them."""
    fields, draw = _compile(collection, seed, now)

    def complete(key: str, given: Mapping[str, Any], ordinal: int) -> dict[str, Any]:
        bits, values = draw(b"=" + key.encode("utf-8", "surrogatepass")), dict[str, Any]()
        plain: dict[str, Any] = {}
        row, plain_row = Row(bits, values, ordinal), Row(bits, plain, ordinal)
        for name, field in fields:
            for each in (plain_row, row):
                value = _make_field(field, each, plain.get(name, ABSENT))
                if each is row and name in given:
                    value = _lay_into(value, given[name])
                if value is not ABSENT:
                    each.values[name] = value
        return values | {name: value for name, value in given.items() if name not in values}

    return complete


def _make_field(field: FieldMaker, row: Row, instead: Any) -> Any:
    try:
        return field(row)
    except (TypeError, KeyError, AttributeError, ValueError, IndexError):  # what is given is nothing to make it of
        return instead


def _lay_into(made: Any, given: Any) -> Any:
    """A made value with what is given in its place; of a mapping the members that are given."""
    if not isinstance(made, dict) or not isinstance(given, Mapping):
        return given
    return {**made, **{name: _lay_into(made.get(name), value) for name, value in given.items()}}


def _compile(collection: Collection, seed: str, now: datetime) -> tuple[list[tuple[str, FieldMaker]], Draw]:
    """The makers of fields, in order, and from what a record is known by to its numbers."""
    compiler = FieldCompiler(collection, now, checking=False)
    fields = compiler.compile()
    # A hash gives 64 bytes, which are sixteen numbers; most collections take one or two blocks of them.
    blocks, key = -(-compiler.taken // 16) or 1, f"{seed}/{collection.name}/".encode()
    unpack = struct.Struct("<16I").unpack

    def draw(name: bytes) -> tuple[int, ...]:
        text = key + name
        bits = unpack(hashlib.blake2b(text).digest())
        for block in range(1, blocks):
            bits += unpack(hashlib.blake2b(b"%b/%d" % (text, block)).digest())
        return bits

    return fields, draw


def check_collection(collection: Collection) -> list[ContractError]:
    """What is wrong with the fields of a collection; nothing large is loaded."""
    try:
        FieldCompiler(collection, datetime(2026, 1, 1), checking=True).compile()
    except ContractError as error:
        return [error]
    return []
