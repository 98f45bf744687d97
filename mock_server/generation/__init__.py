"""Records from a seed: every value of a record is drawn from a hash of seed, collection and ordinal."""

from __future__ import annotations

from mock_server.generation.addresses import COUNTRIES, load_places
from mock_server.generation.boundary_values import alter_maker, find_overrides
from mock_server.generation.gstin import with_check_digit
from mock_server.generation.names import DOMAINS, fold_name
from mock_server.generation.phone_numbers import country_code
from mock_server.generation.records import Completer, Maker, check_collection, compile_completer, compile_maker
from mock_server.generation.sampling import FakerTables

__all__ = [
    "COUNTRIES",
    "DOMAINS",
    "Completer",
    "FakerTables",
    "Maker",
    "alter_maker",
    "check_collection",
    "compile_completer",
    "compile_maker",
    "country_code",
    "find_overrides",
    "fold_name",
    "load_places",
    "with_check_digit",
]
