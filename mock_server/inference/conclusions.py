"""What was concluded of a document: each conclusion with its evidence, and all of them as an Overlay's actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.counts import Counts

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
    def subject(self) -> str:
        """What it is about, as a saved inference lists it: an operation, a collection, or a place."""
        collections = self.update.get("x-collections")
        name = next(iter(collections), "") if isinstance(collections, Mapping) else ""
        return f"collection {name}" if name else self.operation or self.target

    @property
    def action(self) -> dict[str, Any]:
        """The conclusion as an action of an Overlay 1.0."""
        waiting = {} if self.applied else {"applied": False}
        inferred = {"rule": self.rule, "confidence": self.confidence, **waiting, "because": self.because}
        return {"target": self.target, "update": dict(self.update), "x-inferred": inferred}


@dataclass(frozen=True)
class Inference:
    """Everything concluded of one document, its operations by name, and counts that include what its author said."""

    conclusions: tuple[Conclusion, ...]
    operations: tuple[str, ...]
    counts: Counts

    def actions(self) -> list[dict[str, Any]]:
        """The conclusions as actions of an Overlay 1.0, in document order."""
        return [conclusion.action for conclusion in self.conclusions]

    def summary(self) -> str:
        """What was understood, in one line: operations, lists, gets, writes, guesses, filters without effect."""
        return str(self.counts)
