"""A run: every check over every operation of every provider, and the report of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract_tests.checks import (
    COLUMNS,
    JUDGES,
    LATE,
    SCHEMATHESIS,
    SENDERS,
    Check,
    CheckContext,
    find_fixtures,
    get_census,
    make_redactor,
)
from contract_tests.deviations import Deviation, apply_deviations
from contract_tests.findings import BREAKING, Finding, merge
from contract_tests.transport import Exchange, Redactor, Refused, Sender, Stopped, Target, Unreachable
from mock_server import __version__
from mock_server.contract import Contract, Operation

AS_DOCUMENTED, FINDINGS, WRONG_USE, NOT_REACHED = 0, 1, 2, 3
"""Exit codes: nothing breaks; something does; wrong use; the target gives no answer or refuses the credential."""

Progress = Callable[[str, str, int], None]
"""Progress as a run goes on: provider, what is being checked, calls so far."""


@dataclass(frozen=True)
class Plan:
    """What a run does beside the checks that always run. `sound` finds out which readings a provider follows."""

    schemathesis: bool = True
    in_process: bool = False
    fixtures: Path = field(default_factory=find_fixtures)
    sound: Callable[[CheckContext], list[dict[str, Any]]] | None = None
    only: frozenset[str] = frozenset()

    def wants(self, check: str) -> bool:
        """Whether a check was chosen; none chosen means all."""
        return not self.only or check in self.only


@dataclass
class Outcome:
    """What came of one provider's run."""

    context: CheckContext
    findings: list[Finding] = field(default_factory=list)
    matrix: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    readings: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""
    unreached: bool = False
    seconds: float = 0.0
    stale: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)

    @property
    def breaks(self) -> bool:
        """Whether something a client relies on is not as documented, and not known."""
        broken = any(finding.grade == BREAKING and not finding.known for finding in self.findings)
        return broken or bool(self.stale or self.expired)


def run_provider(
    contract: Contract,
    target: Target,
    plan: Plan,
    deviations: Iterable[Deviation] = (),
    told: Progress | None = None,
) -> Outcome:
    """Check one provider at one target."""
    sender = Sender(target, contract.base_path, {"Accept": "*/*", "User-Agent": f"understudy/{__version__}"})
    context = CheckContext(contract, target, sender, make_redactor(contract, target))
    context.kept["", "fixtures"] = plan.fixtures
    outcome = Outcome(context)
    started = time.perf_counter()
    found: list[Finding] = []
    try:
        found += _preflight(context, outcome)
        if not outcome.unreached:
            found += _run_checks(context, plan, outcome, told)
    except Stopped as stop:
        outcome.stopped = str(stop)
    outcome.stopped = context.redactor.text(outcome.stopped or sender.adapter.stopped)
    _fill_matrix(context, outcome, found, plan)
    whole = not outcome.stopped and not plan.only
    outcome.findings, outcome.stale, outcome.expired = apply_deviations(merge(found), list(deviations), whole)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _preflight(context: CheckContext, outcome: Outcome) -> Iterator[Finding]:
    """One documented call: whether the target is there and takes the credential."""
    operation = next((o for o in context.contract.operations if o.is_list), context.contract.operations[0])
    try:
        exchange = context.ask(operation, "reached", path_values={p.name: "1" for p in _path(operation)})
    except Unreachable as error:
        outcome.stopped, outcome.unreached = str(error), True
        return
    context.kept[operation.id, "first"] = exchange
    if exchange.answer.status in (401, 403):
        outcome.unreached = True
        outcome.stopped = (
            f"{context.target.host} refuses the credential ({exchange.answer.status}); nothing else was asked."
        )
        yield context.find(
            operation,
            "reached",
            "",
            "The credential is refused",
            operation.success.status,
            exchange.answer.status,
            context.of_reply(operation.success),
            exchange,
        )


def _path(operation: Operation) -> list[Any]:
    return [parameter for parameter in operation.parameters if parameter.where == "path"]


def _run_checks(context: CheckContext, plan: Plan, outcome: Outcome, told: Progress | None) -> Iterator[Finding]:
    try:
        yield from _each(context, plan, SENDERS, told)
        if plan.schemathesis and plan.wants(SCHEMATHESIS):
            _tell(told, context, SCHEMATHESIS)
            context.kept["", "at"] = ("", SCHEMATHESIS)
            yield from _conformance(context, plan)
        if plan.sound:
            _tell(told, context, "readings")
            context.kept["", "at"] = ("", "readings")
            outcome.readings = plan.sound(context)
        yield from _each(context, plan, LATE, told)
    except (Stopped, Unreachable, Refused) as stop:
        outcome.stopped = str(stop)
        context.kept["", "cut"] = context.kept["", "at"]
    # What judges runs even where the budget ends what sends.
    yield from _each(context, plan, JUDGES, told)


def _each(context: CheckContext, plan: Plan, checks: tuple[Check, ...], told: Progress | None) -> Iterator[Finding]:
    for check, operation in ((check, operation) for check in checks for operation in context.contract.operations):
        if not plan.wants(check.name) or check.excuse(context, operation):
            continue
        _tell(told, context, f"{operation.id}: {check.name}")
        context.kept["", "at"] = (operation.id, check.name)
        try:
            yield from check.run(context, operation)
        except (Unreachable, Refused) as error:
            yield context.find(operation, f"{check.name}.answer", "", "A request got no answer", "an answer", error)


def _tell(told: Progress | None, context: CheckContext, what: str) -> None:
    if told:
        told(context.contract.provider, what, context.sender.adapter.calls)


def _conformance(context: CheckContext, plan: Plan) -> Iterator[Finding]:
    from contract_tests.checks import check_conformance

    yield from check_conformance(context, list(context.contract.operations), plan.in_process)


def _fill_matrix(context: CheckContext, outcome: Outcome, found: list[Finding], plan: Plan) -> None:
    calls = Counter((exchange.operation, exchange.check) for exchange in context.sender.exchanges)
    for operation in context.contract.operations:
        row = outcome.matrix.setdefault(operation.id, {})
        for check in COLUMNS:
            grades = {f.grade for f in found if f.operation == operation.id and f.check.split(".")[0] == check.name}
            excuse = _excuse(context, operation, check, plan, outcome, calls[operation.id, check.name])
            row[check.name] = {
                "outcome": _outcome(grades, excuse),
                "calls": calls[operation.id, check.name],
                "why": excuse,
            }


def _outcome(grades: set[str], excuse: str) -> str:
    if grades:
        return "failed" if BREAKING in grades else "noted"
    return "skipped" if excuse else "passed"


def _excuse(context: CheckContext, operation: Operation, check: Check, plan: Plan, outcome: Outcome, calls: int) -> str:
    """Why a cell of the matrix is empty, or nothing."""
    if not plan.wants(check.name) or (check.name == SCHEMATHESIS and not plan.schemathesis):
        return "it was not chosen"
    excuse = "" if outcome.unreached else _find_excuse(context, operation, check)
    answered = any(exchange.operation == operation.id for exchange in context.sender.exchanges)
    sends = check not in JUDGES
    cut = context.kept.get(("", "cut")) == (operation.id, check.name)
    if not excuse and outcome.stopped and (cut or (not calls if sends else not answered)):
        return outcome.stopped
    return excuse


def _find_excuse(context: CheckContext, operation: Operation, check: Check) -> str:
    """Why a check does not apply; one that must ask the target to know says nothing when it cannot."""
    try:
        return check.excuse(context, operation)
    except (Stopped, Unreachable, Refused):
        return ""


@dataclass
class Run:
    """All providers of one run."""

    kind: str
    outcomes: list[Outcome]
    started: datetime
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 as documented, 1 findings that break, 3 not reached or refused."""
        if any(outcome.unreached for outcome in self.outcomes):
            return NOT_REACHED
        return FINDINGS if any(outcome.breaks for outcome in self.outcomes) else AS_DOCUMENTED

    @property
    def traffic(self) -> Iterator[tuple[Redactor, Exchange]]:
        """Everything sent and received, each exchange with what hides its provider's secrets."""
        for outcome in self.outcomes:
            yield from ((outcome.context.redactor, exchange) for exchange in outcome.context.sender.exchanges)

    def as_dict(self) -> dict[str, Any]:
        """The JSON report."""
        return {
            "format": 1,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "target": self.kind,
            "version": __version__,
            "exit_code": self.exit_code,
            "checks": [{"name": check.name, "says": check.says} for check in COLUMNS],
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
        "calls": context.sender.adapter.calls,
        "seconds": round(outcome.seconds, 3),
        "stopped": outcome.stopped,
        "operations": [operation.id for operation in context.contract.operations],
        "matrix": outcome.matrix,
        "findings": [finding.as_dict() for finding in outcome.findings],
        "readings": [{**row, "by": redactor.text(row["by"])} for row in outcome.readings],
        "audit": {o.id: get_census(context, o).as_dict(redactor) for o in context.contract.operations},
        "statuses": dict(sorted(statuses.items())),
        "latencies_ms": [round(exchange.answer.seconds * 1000, 2) for exchange in exchanges],
        "deviations": {
            "known": sum(bool(finding.known) for finding in outcome.findings),
            "stale": outcome.stale,
            "expired": outcome.expired,
        },
    }


def run(
    pairs: Iterable[tuple[Contract, Target]],
    plan: Plan,
    deviations: Mapping[str, list[Deviation]],
    told: Progress | None = None,
) -> Run:
    """Check each provider at its target."""
    started, clock = datetime.now(UTC), time.perf_counter()
    outcomes, kind = [], ""
    for contract, target in pairs:
        kind = target.kind
        outcomes.append(run_provider(contract, target, plan, deviations.get(contract.provider, []), told))
    return Run(kind, outcomes, started, time.perf_counter() - clock)
