"""Scenarios: files that name edge cases, each a list of faults with when and what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.contract import Contract, Form, load_document
from mock_server.errors import ContractError, ContractErrors, Problem, with_suggestion
from mock_server.faults.conditions import When, check_places, read_when
from mock_server.faults.kinds import KINDS, is_operation_meant

MODIFIERS = ("when", "retryAfter")
"""Keys of a fault that do not say what happens."""

GROUPS = {
    "status": "Statuses",
    "credentials": "Credentials",
    "limits": "Rate limits",
    "time": "Time",
    "wire": "On the wire",
    "body": "Bodies",
    "drift": "Contract drift",
    "data": "Data",
    "motion": "Collections in motion",
    "writes": "Writes",
}
"""The groups of scenarios, in the order they are listed."""


class Fault(NamedTuple):
    """One thing that goes wrong: `kind` is a row of `FAULT_EFFECTS`, `value` what the file says of it."""

    scenario: str
    number: int
    when: When
    kind: str
    value: Any
    retry_after: Mapping[str, int] | None = None


class Scenario(NamedTuple):
    """A named edge case. `providers` is empty where it makes sense for every provider that has what it is about."""

    name: str
    group: str
    says: str
    providers: tuple[str, ...]
    faults: tuple[Fault, ...]
    source: Mapping[str, Any]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of operations that it is about (rows of `KINDS`), for a provider needs them all."""
        named = ("write" if fault.kind == "lag" else fault.when.operation for fault in self.faults)
        return tuple(dict.fromkeys(kind for kind in named if kind in KINDS))

    def suits(self, contract: Contract) -> bool:
        """Whether it makes sense for a provider."""
        if self.providers and contract.provider not in self.providers:
            return False
        return all(any(is_operation_meant(kind, contract, each) for each in contract.operations) for kind in self.kinds)

    @property
    def whom(self) -> str:
        """For which providers it makes sense, in words: their names, what they must have, or `all`."""
        return ", ".join(self.providers or (KINDS[kind].says for kind in self.kinds if KINDS[kind].says)) or "all"


def load_scenarios(form: Form, folders: Iterable[Path]) -> dict[str, Scenario]:
    """Every scenario of the folders by name, later folders over earlier ones.

    Raises:
        ContractErrors: every problem of every file, each with its place.
    """
    scenarios: dict[str, Scenario] = {}
    problems: list[ContractError] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        try:
            scenario = _load(form, path)
            scenarios[scenario.name] = scenario
        except ContractErrors as errors:
            problems += errors.problems
        except ContractError as error:
            problems.append(error)
    if problems:
        raise ContractErrors(problems)
    return scenarios


def _load(form: Form, path: Path) -> Scenario:
    node = load_document(path)
    problems = [ContractError(path.name, *_with_groups(*problem)) for problem in form.check(node)]
    # What the form refuses may lack what the checks below look at.
    problems = problems or list(_check(path, node))
    if problems:
        raise ContractErrors(problems)
    faults = tuple(_fault(node["name"], number, fault) for number, fault in enumerate(node["faults"]))
    return Scenario(node["name"], node["group"], node["says"], tuple(node.get("providers", ())), faults, node)


def _with_groups(pointer: str, problem: str, hint: str) -> tuple[str, str, str]:
    """A problem of a scenario's form. Who made up a group has no slip to mend, but all of them to choose from."""
    if pointer != "/group" or hint.startswith("known:"):
        return pointer, problem, hint
    return pointer, problem, f"{hint} known: {', '.join(GROUPS)}".strip()


def _check(path: Path, node: Mapping[str, Any]) -> Iterable[ContractError]:
    """What the form cannot say: the file's name, and one thing a fault."""
    if node["name"] != path.stem:
        yield ContractError(path.name, "/name", f"{node['name']!r} is not the file's name", f"expected {path.stem!r}")
    for number, fault in enumerate(node["faults"]):
        kinds = [key for key in fault if key not in MODIFIERS]
        if len(kinds) != 1:
            things = " and ".join(kinds) or "nothing"
            yield ContractError(
                path.name,
                f"/faults/{number}",
                f"a fault is one thing, not {things}",
                "make several faults",
            )
        elif "retryAfter" in fault and kinds[0] != "status":
            yield ContractError(path.name, f"/faults/{number}/retryAfter", "only stands beside status", "")
        for pointer, problem, hint in check_places(fault.get("when", {})):
            yield ContractError(path.name, f"/faults/{number}/when{pointer}", problem, hint)


def _fault(scenario: str, number: int, node: Mapping[str, Any]) -> Fault:
    kind = next(key for key in node if key not in MODIFIERS)
    return Fault(scenario, number, read_when(node.get("when", {})), kind, node[kind], node.get("retryAfter"))


def get_scenario(scenarios: Mapping[str, Scenario], name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        Problem: there is none; it names the nearest and all known ones.
    """
    if name not in scenarios:
        detail = with_suggestion(f"There is no scenario {name!r}.", name, scenarios, "{}")
        raise Problem(400, "Unknown scenario", detail, sorted(scenarios))
    return scenarios[name]
