"""Scenarios, and every fault that they can play on a response."""

from __future__ import annotations

from mock_server.faults.body import render_gateway_page
from mock_server.faults.concurrent_changes import Motions, MovedCollections, MovedSource
from mock_server.faults.conditions import Asked, check_places
from mock_server.faults.effects import (
    DISTRIBUTIONS,
    MEANWHILE,
    NO_OVERRIDES,
    DataOverrides,
    Effects,
    LimitFault,
    StatusFault,
)
from mock_server.faults.injection import Situation, find_effects
from mock_server.faults.kinds import KINDS, is_write
from mock_server.faults.narrowing import NARROWING, choose_played, find_played, show_played, split_played, write_played
from mock_server.faults.scenarios import GROUPS, Scenario, get_scenario, load_scenarios
from mock_server.faults.schema_drift import find_actions
from mock_server.faults.wire import ENDLESS, WIRE_FAULTS, Step, plan_delivery

__all__ = [
    "DISTRIBUTIONS",
    "ENDLESS",
    "GROUPS",
    "KINDS",
    "MEANWHILE",
    "NARROWING",
    "NO_OVERRIDES",
    "WIRE_FAULTS",
    "Asked",
    "DataOverrides",
    "Effects",
    "LimitFault",
    "Motions",
    "MovedCollections",
    "MovedSource",
    "Scenario",
    "Situation",
    "StatusFault",
    "Step",
    "check_places",
    "choose_played",
    "find_actions",
    "find_effects",
    "find_played",
    "get_scenario",
    "is_write",
    "load_scenarios",
    "plan_delivery",
    "render_gateway_page",
    "show_played",
    "split_played",
    "write_played",
]
