"""Records from a seed: every value of a record is drawn from a hash of seed, collection and ordinal."""

from __future__ import annotations

from mock_server.generation.boundary_values import alter_maker, find_overrides
from mock_server.generation.records import Maker, check_collection, compile_maker

__all__ = [
    "Maker",
    "alter_maker",
    "check_collection",
    "compile_maker",
    "find_overrides",
]
