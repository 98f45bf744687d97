"""Responses of a tester's own, in WireMock's shape: read, compared with requests, rendered; and where they depart."""

from __future__ import annotations

from mock_server.mappings.asked import Asked
from mock_server.mappings.departures import ContractCheck
from mock_server.mappings.folder import load_mappings
from mock_server.mappings.matchers import MATCHERS, compile_matchers
from mock_server.mappings.places import Place
from mock_server.mappings.request_pattern import OF_ANSWERED, PARTS, compile_pattern
from mock_server.mappings.responses import STUB_HEADER
from mock_server.mappings.stub import STARTED, Step, StubMapping, World, describe_problems, in_order, read_mapping

__all__ = [
    "MATCHERS",
    "OF_ANSWERED",
    "PARTS",
    "STARTED",
    "STUB_HEADER",
    "Asked",
    "ContractCheck",
    "Place",
    "Step",
    "StubMapping",
    "World",
    "compile_matchers",
    "compile_pattern",
    "describe_problems",
    "in_order",
    "load_mappings",
    "read_mapping",
]
