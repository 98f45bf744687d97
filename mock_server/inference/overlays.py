"""Overlays that people write: read from a file, and carried out on a document."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.contract import find_matches, load_document
from mock_server.errors import ContractError, suggest
from mock_server.inference.draft import Draft
from mock_server.inference.targets import find_steps
from mock_server.inference.vocabulary import check_names
from mock_server.openapi import Document, DocumentWarning

Steps = tuple[str | int, ...]

MAX_WRITTEN = 1_000_000
"""So many values may the actions of an overlay write: `$..*` names many places, and may name what it wrote."""

MARK = "x-inferred-from"
"""What `understudy infer` prints beside the actions: what the inference covers."""


Actions = tuple[tuple[int, Mapping[str, Any]], ...]


class Applied(NamedTuple):
    """A document with actions carried out: the number, the action and the place of each, and those without a place."""

    document: Document
    places: tuple[tuple[int, Mapping[str, Any], Steps], ...]
    unmatched: Actions


@dataclass(frozen=True)
class Overlay:
    """The actions of one file, each with its number.

    `covered` is what a saved inference knows: only what is not in it is inferred anew;
    `guesses` are its actions that are not applied.
    """

    file: str
    actions: Actions
    covered: frozenset[str] = frozenset()
    guesses: int = 0

    def warn(self, unmatched: Actions) -> list[DocumentWarning]:
        """A warning for each action whose target matches nothing."""
        return [
            DocumentWarning(self.file, 0, f"/actions/{number}/target", f"{action['target']!r} matches nothing")
            for number, action in unmatched
        ]


def load_overlay(path: Path) -> Overlay:
    """An Overlay of form 1.0 or 1.1 from a file.

    Raises: ContractError for what is none, with the place and what would be right.
    """
    return read_overlay(load_document(path), path.name)


_KEYS = ("overlay", "info", "extends", "actions")
_ACTION_KEYS = ("target", "description", "update", "remove", "copy")


def read_overlay(written: Any, file: str) -> Overlay:
    """An Overlay from its plain values.

    Raises: ContractError for what is none, with the place and what would be right.
    """
    if not isinstance(written, Mapping):
        raise ContractError(file, "", "is not an overlay", "expected `overlay: 1.0.0`, `info` and `actions`")
    if not str(written.get("overlay", "")).startswith(("1.0", "1.1")):
        raise ContractError(file, "/overlay", "is not the version of an overlay", "expected 1.0.0 or 1.1.0")
    _require_known(written, _KEYS, file, "")
    actions = written.get("actions")
    if not isinstance(actions, list):
        raise ContractError(file, "/actions", "is not a list of actions")
    for number, action in enumerate(actions):
        _require_action(action, file, f"/actions/{number}")
    mark = written.get(MARK)
    covered = mark.get("covers") if isinstance(mark, Mapping) else ()
    names = frozenset(str(name) for name in covered) if isinstance(covered, list) else frozenset()
    chosen = tuple((number, action) for number, action in enumerate(actions) if _is_applied(action))
    return Overlay(file, chosen, names, len(actions) - len(chosen))


def _is_applied(action: Mapping[str, Any]) -> bool:
    inferred = action.get("x-inferred")
    return not isinstance(inferred, Mapping) or inferred.get("applied", True) is not False


def _require_known(written: Mapping[str, Any], known: Sequence[str], file: str, pointer: str) -> None:
    for key in written:
        if key not in known and not str(key).startswith("x-"):
            raise ContractError(file, f"{pointer}/{key}", f"unknown key {key!r}", suggest(key, known, else_all=True))


def _require_action(action: Any, file: str, pointer: str) -> None:
    if not isinstance(action, Mapping) or not isinstance(action.get("target"), str):
        raise ContractError(file, pointer, "is not an action", "expected a `target`, and `update`, `remove` or `copy`")
    _require_known(action, _ACTION_KEYS, file, pointer)
    if not any(key in action for key in ("update", "remove", "copy")):
        raise ContractError(file, pointer, "does nothing", "expected `update`, `remove: true` or `copy`")
    for at, problem, hint in check_names(action.get("update")):
        raise ContractError(file, f"{pointer}/update{at}", problem, hint)


def apply_actions(document: Document, overlay: Overlay, actions: Actions) -> Applied:
    """The document with actions carried out in their order.

    Raises: ContractError for a target that is no JSONPath, or an action that would remove the whole document.
    """
    draft, done, written = Draft(document.root, document.resolve), [], 0
    for number, action in actions:
        places = dict.fromkeys(_find_places(draft, action["target"], overlay.file, f"/actions/{number}/target"))
        copied = _find_copied(draft, action, overlay.file, f"/actions/{number}/copy") if places else None
        written += len(places) * (_count(copied) + _count(action.get("update")))
        if written > MAX_WRITTEN:
            raise ContractError(overlay.file, f"/actions/{number}", f"would write more than {MAX_WRITTEN:,} values")
        # Backwards, so that removing one entry of a list does not move those still to be removed.
        for steps in reversed(places):
            _carry_out(draft, steps, action, copied, ContractError(overlay.file, f"/actions/{number}/target", ""))
            done.append((number, action, steps))
    matched = {number for number, _, _ in done}
    unmatched = tuple((number, action) for number, action in actions if number not in matched)
    changed = dataclasses.replace(document, root=draft.root) if done else document
    return Applied(changed, tuple(done), unmatched)


def _find_places(draft: Draft, target: str, file: str, pointer: str) -> list[Steps]:
    # Most targets name one place, which is found a thousand times faster by walking there.
    if (steps := find_steps(target)) is not None:
        return [steps] if not steps or draft.find(steps) is not None or _has_null(draft, steps) else []
    try:
        return [steps for steps, _ in find_matches(draft.root, target)]
    except ValueError as error:
        raise ContractError(file, pointer, f"{target!r} is not a JSONPath: {error}") from None


def _has_null(draft: Draft, steps: Steps) -> bool:
    above = draft.find(steps[:-1])
    return isinstance(above, Mapping) and steps[-1] in above


def _find_copied(draft: Draft, action: Mapping[str, Any], file: str, pointer: str) -> Any:
    """A copy of what an action copies from, or None."""
    if not isinstance(action.get("copy"), str):
        return None
    sources = _find_places(draft, action["copy"], file, pointer)
    if len(sources) != 1:
        raise ContractError(file, pointer, f"{action['copy']!r} names {len(sources)} places", "name just one")
    return copy.deepcopy(draft.find(sources[0]))


def _count(node: Any) -> int:
    """How many values a tree has."""
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    return 1 + sum(map(_count, children))


def _carry_out(draft: Draft, steps: Steps, action: Mapping[str, Any], copied: Any, refusal: ContractError) -> None:
    parts = [copied] if copied is not None else []
    parts += [action["update"]] if "update" in action else []
    if not steps and (action.get("remove") or not all(isinstance(part, Mapping) for part in parts)):
        refusal.problem, refusal.hint = "would replace or remove the whole document", "name a place in it"
        raise refusal
    if action.get("remove"):
        del draft.open(steps[:-1])[steps[-1]]
        return
    for part in parts:
        _update(draft, steps, part)


def _update(draft: Draft, steps: Steps, update: Any) -> None:
    standing = draft.find(steps)
    if isinstance(standing, Mapping) and isinstance(update, Mapping):
        _merge(draft, steps, update)
    elif isinstance(standing, list):
        draft.open(steps).append(copy.deepcopy(update))
    else:
        draft.open(steps[:-1])[steps[-1]] = copy.deepcopy(update)


def _merge(draft: Draft, steps: Steps, update: Mapping[str, Any]) -> None:
    target = draft.open(steps)
    for key, value in update.items():
        standing = target.get(key)
        if isinstance(value, Mapping) and isinstance(standing, Mapping):
            _merge(draft, (*steps, key), value)
        elif isinstance(value, list) and isinstance(standing, list):
            target[key] = [*standing, *copy.deepcopy(value)]
        else:
            target[key] = copy.deepcopy(value)
