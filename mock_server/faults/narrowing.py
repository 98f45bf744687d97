"""Scenarios as sessions play them: whole, or narrowed to requests of which more is asked than their files ask.

A session keeps each as a text: the name, and behind it the conditions as JSON (`server-error{"page":2}`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.faults.conditions import When, read_when
from mock_server.faults.scenarios import Scenario, get_scenario

NARROWING = ("provider", "operation", "query", "header", "body", "record", "page")
"""The conditions that may narrow a scenario: what a request is. When and how often is its own."""


def write_played(name: str, when: Mapping[str, Any]) -> str:
    """A scenario as a session keeps it."""
    return name + json.dumps(when, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if when else name


def show_played(text: str) -> str | dict[str, Any]:
    """A scenario that a session keeps, as plain values: its name, or name and conditions."""
    name, when = split_played(text)
    return {"name": name, "when": json.loads(when)} if when else name


def split_played(text: str) -> tuple[str, str]:
    """Name and conditions of a scenario that a session keeps."""
    name, brace, rest = text.partition("{")
    return name, brace + rest


def get_played(scenarios: Mapping[str, Scenario], text: str) -> Scenario:
    """The scenario that a session keeps; its faults meet the requests that meet its conditions as well.

    What is narrowed otherwise counts its calls apart. Raises: Problem for one that is not known.
    """
    name, conditions = split_played(text)
    scenario = get_scenario(scenarios, name)
    if not conditions:
        return scenario
    narrowing = _read_narrowing(conditions)
    faults = (each._replace(scenario=text, when=_narrow(each.when, narrowing)) for each in scenario.faults)
    return scenario._replace(faults=tuple(faults))


def choose_played(scenarios: Mapping[str, Scenario], texts: Iterable[str], name: str | None) -> list[Scenario]:
    """What plays for a request: the scenario that it asks for by `name`, else those of its session.

    Raises: Problem for one that is not known.
    """
    if name is not None:
        return [get_scenario(scenarios, name)]
    return [get_played(scenarios, text) for text in texts]


def find_played(scenarios: Mapping[str, Scenario], texts: Iterable[str]) -> list[Scenario]:
    """Those of a session's scenarios that are known."""
    return [get_played(scenarios, text) for text in texts if split_played(text)[0] in scenarios]


@functools.lru_cache(maxsize=1024)
def _read_narrowing(conditions: str) -> When:
    return read_when(json.loads(conditions))


def _narrow(own: When, narrowing: When) -> When:
    # A fault for every operation leaves out those that hand out credentials, unless one is named.
    return own._replace(operation=own.operation or narrowing.operation, also=narrowing)
