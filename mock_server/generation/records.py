"""Records grown from a seed: record n depends on (seed, collection, n) alone."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mock_server.contract import Collection
from mock_server.errors import ContractError
from mock_server.generation.field_compiler import ABSENT, FieldCompiler
from mock_server.generation.method_context import Row

Maker = Callable[[int], dict[str, Any]]
"""Makes the record of an ordinal (0-based): its fields by name, hidden ones included."""


def compile_maker(collection: Collection, seed: str, now: datetime) -> Maker:
    """What makes the records of a collection, from any thread.

    Raises: ContractError with a pointer in the item schema.
    """
    compiler = FieldCompiler(collection, now, checking=False)
    fields = compiler.compile()
    # A hash gives 64 bytes, which are sixteen numbers; most collections take one or two blocks of them.
    blocks, key = -(-compiler.taken // 16) or 1, f"{seed}/{collection.name}/".encode()
    unpack = struct.Struct("<16I").unpack

    def make(ordinal: int) -> dict[str, Any]:
        text = key + b"%d" % ordinal
        bits = unpack(hashlib.blake2b(text).digest())
        # Hashing the ordinal, not drawing on from the record before, lets any record be made alone and in any order.
        for block in range(1, blocks):
            bits += unpack(hashlib.blake2b(b"%b/%d" % (text, block)).digest())
        values: dict[str, Any] = {}
        row = Row(bits, values, ordinal)
        for name, field in fields:
            value = field(row)
            if value is not ABSENT:
                values[name] = value
        return values

    return make


def check_collection(collection: Collection) -> list[ContractError]:
    """What is wrong with the fields of a collection; nothing large is loaded."""
    try:
        FieldCompiler(collection, datetime(2026, 1, 1), checking=True).compile()
    except ContractError as error:
        return [error]
    return []
