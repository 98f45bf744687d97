"""Where a documentation contradicts itself: each reading of it, and the contract that an alternative makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mock_server.contract.documents import Bundle, apply_overlay, escape_pointer
from mock_server.contract.files import load_document
from mock_server.errors import ContractError, UsageError, suggest

Reading = dict[str, Any]


def load_readings(folder: Path) -> list[Reading]:
    """The contradictions of one provider's documentation, or none; raises ContractError for what is no reading."""
    path = folder / "readings.yaml"
    readings = load_document(path) if path.is_file() else []
    for pointer, problem in _check_list("", readings, _check_reading):
        raise ContractError(f"{folder.name}/readings.yaml", pointer, problem)
    return list(readings)


Problems = Iterator[tuple[str, str]]


def _check_list(pointer: str, node: Any, check: Callable[[str, Any], Problems]) -> Problems:
    if not isinstance(node, list):
        yield pointer, "is not a list"
        return
    for number, each in enumerate(node):
        yield from check(f"{pointer}/{number}", each)


def _check_keys(pointer: str, node: Any, wanted: Mapping[str, type]) -> Problems:
    if not isinstance(node, dict):
        yield pointer, "is not a mapping"
        return
    for key, kind in wanted.items():
        if not isinstance(node.get(key), kind):
            yield f"{pointer}/{key}" if key in node else pointer, f"{key!r} must be {_KINDS[kind]}"


_KINDS: Mapping[type, str] = {str: "a text", list: "a list", dict: "a mapping"}


def _check_reading(pointer: str, node: Any) -> Problems:
    yield from _check_keys(pointer, node, {"id": str, "about": str, "reading": str, "alternatives": dict})
    for name, alternative in node["alternatives"].items():
        here = f"{pointer}/alternatives/{escape_pointer(name)}"
        yield from _check_keys(here, alternative, {"says": str, "actions": list})
        yield from _check_list(f"{here}/actions", alternative["actions"], _check_action)


def _check_action(pointer: str, node: Any) -> Problems:
    yield from _check_keys(pointer, node, {"target": str})
    if "update" not in node and node.get("remove") is not True:
        yield pointer, "an action has an update, or remove: true"


def with_readings(bundle: Bundle, chosen: Mapping[str, str]) -> Bundle:
    """The bundle with the chosen alternatives; raises UsageError for a name that is not known, ContractError."""
    known = {reading["id"]: reading for reading in load_readings(bundle.folder)} if chosen else {}
    provider, document = bundle.folder.name, bundle.document
    for name, wanted in chosen.items():
        reading = _pick(known, name, f"{provider} has no reading", f"{provider}.")
        if wanted == reading["reading"]:
            continue
        alternative = _pick(reading["alternatives"], wanted, f"the reading {provider}.{name} has no alternative", "")
        document = apply_overlay(document, alternative["actions"], f"{provider}/readings.yaml")
    return replace(bundle, document=document)


def _pick(known: Mapping[str, Any], name: str, problem: str, prefix: str) -> Any:
    if name in known:
        return known[name]
    raise UsageError(f"{problem} {name!r}; {suggest(name, known, prefix + '{}', else_all=True)}")
