"""What came of a run: each provider's outcome, and the report of them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contract_tests.answers import get_census
from contract_tests.checks import COLUMNS
from contract_tests.context import CheckContext
from contract_tests.findings import (
    AS_DOCUMENTED,
    BREAKING,
    FINDINGS,
    INCOMPLETE,
    NOT_REACHED,
    OUR_MISTAKE,
    Finding,
)
from contract_tests.mistakes import Mistake, describe_mistake
from contract_tests.transport import Exchange, Redactor
from mock_server import __version__

Cell = tuple[str, str]
"""A cell of the matrix: an operation's id and a check's name; the id is empty for what runs over a whole provider."""

READINGS_SHARE = 8
"""The part of a budget that finding out readings may spend: one in so many."""


@dataclass
class Outcome:
    """What came of one provider's run. `current` is the cell being checked, `cut` the one at which the run ended.

    `stopped` says why nothing more was sent, `incomplete` why the run proves less than every run should. What a whole
    run did not pay for is `left_out`; `finished` are the functions of checks, each with an operation, that ran to their
    end. `unproven` says what the target has too few records for. `unreached`: the documented API did not answer.
    `mistakes` are the checks that crashed.
    """

    context: CheckContext
    findings: list[Finding] = field(default_factory=list)
    matrix: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    readings: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""
    unreached: bool = False
    has_readings: bool = True
    finished: set[tuple[Any, str]] = field(default_factory=set)
    incomplete: str = ""
    left_out: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    seconds: float = 0.0
    stale: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    current: Cell = ("", "")
    cut: Cell | None = None

    def note_mistake(self, error: Exception) -> None:
        """Note that the current check crashed."""
        if self.current not in [(known.operation, known.check) for known in self.mistakes]:
            self.mistakes.append(describe_mistake(error, *self.current, self.context.redactor))

    def count_reading_calls(self) -> int | None:
        """Calls that finding out readings may make now; all that it makes in a run have a share of the budget."""
        budget, traffic = self.context.target.budget, self.context.sender.traffic
        if budget is None:
            return None
        left = max(0, -(-budget // READINGS_SHARE) - sum(exchange.check == "readings" for exchange in traffic))
        # Where the target refuses every request, few answers tell as much as many.
        return -(-left // 2) if self.unreached else left

    @property
    def breaks(self) -> bool:
        """Whether something a client relies on is not as documented, and not known."""
        broken = any(finding.grade == BREAKING and not finding.known for finding in self.findings)
        return broken or bool(self.stale or self.expired)


@dataclass
class Run:
    """All providers of one run."""

    kind: str
    outcomes: list[Outcome]
    started: datetime
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 as documented, 1 findings that break, 3 not reached or refused, 4 nothing breaks and not all was asked.

        70 where a check of ours crashed, and nothing breaks as far as the others tell.
        """
        # First: of a provider that was not reached nothing is known, whatever the others did.
        if any(outcome.unreached for outcome in self.outcomes):
            return NOT_REACHED
        if any(outcome.breaks for outcome in self.outcomes):
            return FINDINGS
        if any(outcome.mistakes for outcome in self.outcomes):
            return OUR_MISTAKE
        return INCOMPLETE if any(outcome.incomplete for outcome in self.outcomes) else AS_DOCUMENTED

    @property
    def traffic(self) -> Iterator[tuple[Redactor, Exchange]]:
        """Everything sent and received, each exchange with what hides its provider's secrets."""
        for outcome in self.outcomes:
            yield from ((outcome.context.redactor, exchange) for exchange in outcome.context.sender.traffic)

    def as_dict(self) -> dict[str, Any]:
        """The JSON report."""
        return {
            "format": 1,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "target": self.kind,
            "version": __version__,
            "exit_code": self.exit_code,
            "checks": [{"name": check.name, "says": check.summary} for check in COLUMNS],
            "providers": [_provider(outcome) for outcome in self.outcomes],
        }


def _provider(outcome: Outcome) -> dict[str, Any]:
    """A provider's part of the report. Each text of the target is redacted where it enters, so ours stays whole."""
    context, redactor = outcome.context, outcome.context.redactor
    exchanges = context.sender.exchanges
    statuses = Counter(str(exchange.answer.status) for exchange in exchanges)
    return {
        "name": context.contract.provider,
        "title": context.contract.title,
        "base_url": redactor.text(context.target.base_url),
        "calls": context.sender.calls,
        "seconds": round(outcome.seconds, 3),
        "stopped": outcome.stopped,
        "unreached": outcome.unreached,
        "incomplete": outcome.incomplete,
        "left_out": outcome.left_out,
        "unproven": outcome.unproven,
        "left_behind": list(context.left_behind),
        "mistakes": [mistake.as_dict() for mistake in outcome.mistakes],
        "operations": [operation.id for operation in context.shown],
        "matrix": outcome.matrix,
        "findings": [finding.as_dict() for finding in outcome.findings],
        "readings": [{**row, "by": redactor.text(row["by"])} for row in outcome.readings],
        "audit": {o.id: get_census(context, o).as_dict(redactor) for o in context.shown},
        "statuses": dict(sorted(statuses.items())),
        "latencies_ms": [round(exchange.answer.seconds * 1000, 2) for exchange in exchanges],
        "deviations": {
            "known": sum(bool(finding.known) for finding in outcome.findings),
            "stale": outcome.stale,
            "expired": outcome.expired,
        },
    }
