"""What was concluded of a document: each conclusion with its evidence, and all of them as an Overlay's actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.errors import count_of

SURE, LIKELY, GUESS = "sure", "likely", "guess"


@dataclass(frozen=True)
class Conclusion:
    """One thing that a rule concluded.

    `rule` is its row in `rules.RULES`; `operation` the operation it is about (`GET /pets`), empty for what is about the
    whole document; `target` the place as a JSONPath, `update` the annotations for it; `because` one sentence with the
    evidence. A guess is not `applied`.
    """

    rule: str
    operation: str
    target: str
    update: Mapping[str, Any]
    because: str
    confidence: str = SURE

    @property
    def applied(self) -> bool:
        """Whether it is played: a guess waits for a person."""
        return self.confidence != GUESS

    @property
    def action(self) -> dict[str, Any]:
        """The conclusion as an action of an Overlay 1.0."""
        waiting = {} if self.applied else {"applied": False}
        inferred = {"rule": self.rule, "confidence": self.confidence, **waiting, "because": self.because}
        return {"target": self.target, "update": dict(self.update), "x-inferred": inferred}


@dataclass(frozen=True)
class Inference:
    """Everything concluded of one document; `operations` are all of its operations by name."""

    conclusions: tuple[Conclusion, ...]
    operations: tuple[str, ...] = field(default=())

    def actions(self) -> list[dict[str, Any]]:
        """The conclusions as actions of an Overlay 1.0, in document order."""
        return [conclusion.action for conclusion in self.conclusions]

    def counts(self) -> dict[str, int]:
        """How many operations are what, and how much is uncertain."""
        effects = [effect for effect in self._effects().values() if effect != "answer"]
        kinds = ["singleton" if isinstance(effect, str) else _first_kind(effect) for effect in effects]
        paged = {each.operation for each in self._applied("x-paging") if each.update["x-paging"].get("parameters")}
        lists = {name for name, effect in self._effects().items() if isinstance(effect, Mapping) and "list" in effect}
        tests = [test for each in self._applied("x-filters") for test in each.update["x-filters"].values()]
        return {
            "operations": len(self.operations),
            "lists": len(lists),
            "paged": len(lists & paged),
            "gets": kinds.count("get"),
            "writes": sum(kinds.count(kind) for kind in ("create", "replace", "patch", "delete"))
            + sum(not name.startswith("GET ") for name, effect in self._effects().items() if effect == "singleton"),
            "answers": len(self.operations) - len(effects),
            "guesses": sum(not each.applied for each in self.conclusions),
            "idle": sum("none" in test for test in tests),
        }

    def summary(self) -> str:
        """What was understood, in one line: operations, lists, gets, writes, guesses, filters without effect."""
        n = self.counts()
        lists = f"{count_of(n['lists'], 'list')} ({n['paged']} with pages)"
        parts = (
            f"{lists}, {n['gets']} found by id, {count_of(n['writes'], 'write')}, {n['answers']} from the schema only"
        )
        guesses = "1 guess" if n["guesses"] == 1 else f"{n['guesses']} guesses"
        return (
            f"{count_of(n['operations'], 'operation')}: {parts}; "
            f"{guesses}, {count_of(n['idle'], 'filter')} without effect"
        )

    def _applied(self, annotation: str) -> list[Conclusion]:
        return [each for each in self.conclusions if each.applied and annotation in each.update]

    def _effects(self) -> dict[str, Any]:
        return {each.operation: each.update["x-effect"] for each in self._applied("x-effect")}


def _first_kind(effect: Any) -> str:
    kinds = ("list", "get", "create", "replace", "patch", "delete")
    return next((kind for kind in kinds if isinstance(effect, Mapping) and kind in effect), "answer")
