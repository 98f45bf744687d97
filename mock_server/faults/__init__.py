"""Scenarios, and every fault that they can play on a response."""

from __future__ import annotations

from mock_server.faults.body import render_gateway_page
from mock_server.faults.concurrent_changes import Moving, move
from mock_server.faults.injection import PLAIN_WORLD, Bends, LimitFault, Situation, StatusFault, World, find_bends
from mock_server.faults.scenarios import GROUPS, Scenario, get_scenario, load_scenarios
from mock_server.faults.schema_drift import find_actions
from mock_server.faults.wire import ENDLESS, Step, plan_delivery

__all__ = [
    "ENDLESS",
    "GROUPS",
    "PLAIN_WORLD",
    "Bends",
    "LimitFault",
    "Moving",
    "Scenario",
    "Situation",
    "StatusFault",
    "Step",
    "World",
    "find_actions",
    "find_bends",
    "get_scenario",
    "load_scenarios",
    "move",
    "plan_delivery",
    "render_gateway_page",
]
