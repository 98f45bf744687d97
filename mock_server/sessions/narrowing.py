"""What narrows a scenario for a session, read from plain values and checked."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Protocol

from mock_server.contract import Contract, Form
from mock_server.errors import Problem, with_suggestion
from mock_server.faults import KINDS, NARROWING, Scenario, check_places, get_scenario, write_played
from mock_server.sessions.factory import find_home

MAX_CONDITIONS = 4_000
"""How long the conditions of one scenario may be, as JSON."""


class Choices(Protocol):
    """What can be chosen from: contracts and scenarios by name."""

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """What is played."""

    @property
    def scenarios(self) -> Mapping[str, Scenario]:
        """What can be played on it."""


def read_played(choices: Choices, value: Any) -> str:
    """A scenario as a session keeps it, from its name or from an object of `name` and `when`.

    Raises:
        Problem: 400 for one that is not known, 422 for conditions that cannot be.
    """
    scenarios, contracts = choices.scenarios, choices.contracts
    if isinstance(value, str):
        return get_scenario(scenarios, value).name
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or set(value) - {"name", "when"}:
        raise Problem(422, "Not a scenario", "A scenario is a name, or an object of name and when.", sorted(scenarios))
    name, when = get_scenario(scenarios, value["name"]).name, value.get("when", {})
    if not isinstance(when, dict):
        raise Problem(422, "Not conditions", "when is an object of conditions.", list(NARROWING))
    for word in when:
        if word not in NARROWING:
            detail = with_suggestion(f"{word!r} narrows no scenario.", word, NARROWING)
            raise Problem(422, "Unknown condition", detail, list(NARROWING))
    _require_form(when)
    _require_meant(contracts, when)
    text = write_played(name, when)
    if len(text) > MAX_CONDITIONS:
        raise Problem(422, "Too long", f"The conditions of a scenario are {MAX_CONDITIONS:,} characters at most.")
    return text


@functools.cache
def find_form() -> Form:
    """The form of a scenario's file, read once."""
    return Form((find_home() / "scenario.schema.json").read_text(encoding="utf-8"))


def find_operations(contracts: Mapping[str, Contract]) -> list[str]:
    """What a narrowed scenario may name as its operation: a kind of them, or one by its id."""
    return [*KINDS, *sorted({each.id for contract in contracts.values() for each in contract.operations})]


def _require_form(when: Mapping[str, Any]) -> None:
    """Refuse what a scenario's file could not say either."""
    scenario = {"name": "a", "group": "status", "says": "A scenario.", "faults": [{"when": when, "status": 500}]}
    problems = [(pointer.removeprefix("/faults/0/when"), *rest) for pointer, *rest in find_form().check(scenario)]
    for pointer, problem, hint in problems or check_places(when):
        raise Problem(422, "Not a condition", f"when{pointer}: {problem}{f'; {hint}' if hint else ''}.")


def _require_meant(contracts: Mapping[str, Contract], when: Mapping[str, Any]) -> None:
    """Refuse a provider and an operation that nobody plays: such a scenario would never meet a request."""
    provider, operation = when.get("provider", ""), when.get("operation", "")
    if provider and provider not in contracts:
        detail = with_suggestion(f"There is no provider {provider!r}.", provider, contracts, "{}")
        raise Problem(422, "Unknown provider", detail, sorted(contracts))
    known = find_operations(contracts)
    if operation and operation not in known:
        detail = with_suggestion(f"There is no operation {operation!r}.", operation, known, "{}")
        raise Problem(422, "Unknown operation", detail, known)
