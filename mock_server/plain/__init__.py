"""A plain document brought to life: its inferred operations compiled over collections that are sampled when asked."""

from __future__ import annotations

from mock_server.plain.api import make_plain_api
from mock_server.plain.checkable import make_checkable
from mock_server.plain.collections import SampledRecords
from mock_server.plain.contract import PlainContract, load_plain_contract
from mock_server.plain.options import EXAMPLES, REQUESTS, PlainOptions
from mock_server.plain.sources import Sources
from mock_server.plain.tables import PARENT

__all__ = [
    "EXAMPLES",
    "PARENT",
    "REQUESTS",
    "PlainContract",
    "PlainOptions",
    "SampledRecords",
    "Sources",
    "load_plain_contract",
    "make_checkable",
    "make_plain_api",
]
