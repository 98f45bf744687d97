"""A mapping: which requests, and what answers them; read from a value of JSON, whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.contract import Contract
from mock_server.mappings.asked import Asked
from mock_server.mappings.operations import find_named_operation
from mock_server.mappings.places import Place
from mock_server.mappings.request_pattern import Compile, TestRequest, compile_pattern
from mock_server.mappings.responses import OwnResponse, read_response
from mock_server.messages import FieldProblem

STARTED = "Started"
"""The first state of every scenario."""

PRIORITY = 5
"""What a mapping has that says none; a lower one wins."""

MAX_PRIORITY = 2**31 - 1
MAX_DEPTH = 60
"""The most levels of objects and arrays of a mapping: JSON that is nested deeper not everybody can write."""

MAX_NAME = 200
"""The longest name of a mapping, a scenario or a state, in characters."""


class Step(NamedTuple):
    """A mapping's part in a scenario: the state that it is played in (empty: any), and the one that follows."""

    scenario: str
    required: str = ""
    following: str = ""


class StubMapping(NamedTuple):
    """A mapping ready to be played; `content` is what its author wrote, with its id."""

    id: str
    content: Mapping[str, Any]
    matches: Callable[[Asked], bool]
    response: OwnResponse
    priority: int = PRIORITY
    step: Step | None = None
    is_persistent: bool = False


class World(NamedTuple):
    """What mappings may name: operations of contracts, no scenario of the server's own, files below a folder."""

    contracts: Mapping[str, Contract] = MappingProxyType({})
    scenarios: Collection[str] = ()
    files: Path | None = None


_HOOKS = "nothing that a mapping names is run"

NOT_PLAYED: Mapping[str, str] = {"postServeActions": _HOOKS, "serveEventListeners": _HOOKS}
"""WireMock's other members, and why they are none here."""

MEMBERS = (
    "id",
    "uuid",
    "name",
    "request",
    "response",
    "priority",
    "scenarioName",
    "requiredScenarioState",
    "newScenarioState",
    "persistent",
    "metadata",
    "insertionIndex",
)
"""What a mapping may hold."""

TEXTS = ("name", "scenarioName", "requiredScenarioState", "newScenarioState")


def read_mapping(
    value: Any,
    world: World,
    identifier: str = "",
    otherwise: str = "",
) -> tuple[StubMapping, list[FieldProblem]]:
    """A mapping of a value of JSON, and what is wrong with it: then it is not to be played.

    Its id is the given `identifier`, else its own, else the one given as `otherwise`, else a new one.
    """
    place = Place()
    if is_deep(value):
        place.refuse(f"is nested deeper than {MAX_DEPTH} levels")
        value = {}
    given = {name: member for name, member, _ in place.read_members(value, MEMBERS, NOT_PLAYED)}
    _check_members(given, place)
    known = _read_id(given, place)
    key = identifier or known or otherwise or str(uuid.uuid4())
    matches = _compile_request(given.get("request", {}), world, place.at("request"))
    response = read_response(given.get("response", {}), place.at("response"), world.files)
    step = _read_step(given, world, place)
    priority = given.get("priority", PRIORITY)
    content = {**given, "id": key, "uuid": key}
    is_persistent = given.get("persistent") is True
    return StubMapping(key, content, matches, response, priority, step, is_persistent), place.problems


def is_deep(value: Any) -> bool:
    """Whether a value of JSON has more levels than a mapping may have."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner = [
            list(each.values()) if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)
        ]
        if not inner:
            return False
        level = [one for each in inner for one in each]
    return True


def _check_members(given: Mapping[str, Any], place: Place) -> None:
    for name in TEXTS:
        text = given.get(name, "")
        if not isinstance(text, str) or len(text) > MAX_NAME:
            place.at(name).refuse("is no text", f"{name} is a text of at most {MAX_NAME} characters")
    priority = given.get("priority", PRIORITY)
    # JSON knows one kind of number: 5.0 is a whole one.
    if type(priority) not in (int, float) or priority % 1 or not 1 <= priority <= MAX_PRIORITY:
        place.at("priority").refuse("is no priority", f"a whole number from 1, which wins, to {MAX_PRIORITY:,}")
    if not isinstance(given.get("persistent", False), bool):
        place.at("persistent").refuse("is neither true nor false", "expected true or false")
    if not isinstance(given.get("metadata", {}), dict):
        place.at("metadata").refuse("is no object", "expected a JSON object")


def _read_id(given: Mapping[str, Any], place: Place) -> str:
    """The id that a mapping has by itself, as a UUID is written; empty where it has none."""
    keys = []
    for name in ("id", "uuid"):
        if name in given:
            try:
                keys.append(str(uuid.UUID(str(given[name]))))
            except ValueError:
                place.at(name).refuse("is no UUID", "expected 8-4-4-4-12 hexadecimal digits, or nothing")
    if len(set(keys)) > 1:
        place.at("uuid").refuse("is another one than id", "they are two names of one thing")
    return keys[0] if keys else ""


def _read_step(given: Mapping[str, Any], world: World, place: Place) -> Step | None:
    scenario = given.get("scenarioName", "")
    required, following = given.get("requiredScenarioState", ""), given.get("newScenarioState", "")
    if not scenario and {"scenarioName", "requiredScenarioState", "newScenarioState"} & given.keys():
        place.refuse("has a state of no scenario", "say scenarioName")
    if isinstance(scenario, str) and scenario in world.scenarios:
        place.at("scenarioName").refuse(f"{scenario!r} is a scenario of the server's own", "choose another name")
    return Step(scenario, required, following) if scenario else None


def _compile_request(value: Any, world: World, place: Place) -> TestRequest:
    provider = value.get("provider") if isinstance(value, dict) else None

    def read_operation(wanted: Any, below: Place) -> TestRequest:
        try:
            key = find_named_operation(world.contracts, str(provider or ""), str(wanted))
        except ValueError as error:
            below.refuse(str(error).removesuffix("."))
            return lambda asked: False
        return lambda asked: (asked.provider, asked.operation) == key

    def read_provider(wanted: Any, below: Place) -> TestRequest:
        if wanted not in tuple(world.contracts):
            below.refuse("is no provider", f"known: {', '.join(world.contracts)}")
        return lambda asked: asked.provider == wanted

    more: Mapping[str, Compile] = {"operation": read_operation, "provider": read_provider}
    return compile_pattern(value, place, more)


def in_order(numbered: Iterable[tuple[int, StubMapping]]) -> tuple[StubMapping, ...]:
    """Mappings in the order they are asked: the lowest priority first, then the one that was made last."""
    return tuple(each for _, each in sorted(numbered, key=lambda pair: (pair[1].priority, -pair[0])))


def describe_problems(problems: Iterable[FieldProblem], whole: str = "The mapping") -> str:
    """Problems as sentences; `whole` is what the thing itself is called."""
    sentences = (
        f"{each.pointer or whole} {each.problem}" + (f": {each.hint}" if each.hint else "") for each in problems
    )
    return " ".join(sentence if sentence.endswith("?") else f"{sentence}." for sentence in sentences)
