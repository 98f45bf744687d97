"""A run: every check over every operation of every provider."""

from __future__ import annotations

import itertools
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
    check_conformance,
    find_fixtures,
    make_redactor,
)
from contract_tests.deviations import Deviation, apply_deviations
from contract_tests.findings import BREAKING, Finding, merge
from contract_tests.outcomes import Outcome, Run
from contract_tests.transport import Refused, Sender, Stopped, Target, Unreachable
from mock_server import __version__
from mock_server.contract import Contract, Operation

Progress = Callable[[str, str, int], None]
"""Called as a run goes on: provider, what is being checked, calls so far."""


def _keep_silent(provider: str, what: str, calls: int) -> None:
    """The progress of a run that nobody watches."""


@dataclass(frozen=True)
class RunOptions:
    """What a run does beside the checks that always run.

    `only` are the names of the chosen checks, empty for all; `detect_readings` finds out which readings a provider
    follows, a row for each; None leaves it out. `operations` are the ids of the chosen operations, empty for all;
    `slow_seconds` is how long an answer may take, None where nobody said.
    """

    schemathesis: bool = True
    in_process: bool = False
    fixtures: Path = field(default_factory=find_fixtures)
    detect_readings: Callable[[CheckContext], list[dict[str, Any]]] | None = None
    only: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    slow_seconds: float | None = None

    def wants(self, check: str) -> bool:
        """Whether a check was chosen; none chosen means all."""
        return not self.only or check in self.only


def run_provider(
    contract: Contract,
    target: Target,
    options: RunOptions,
    deviations: Iterable[Deviation] = (),
    progress: Progress = _keep_silent,
) -> Outcome:
    """Check one provider at one target. Whatever the target does, the outcome says it; nothing is raised."""
    sender = Sender(target, contract.base_path, {"Accept": "*/*", "User-Agent": f"understudy/{__version__}"})
    context = CheckContext(
        contract,
        target,
        sender,
        make_redactor(contract, target),
        fixtures=options.fixtures,
        only=options.operations,
        slow_seconds=options.slow_seconds,
    )
    outcome = Outcome(context)
    started = time.perf_counter()
    findings: list[Finding] = []
    try:
        findings += _preflight(outcome)
        if not outcome.unreached:
            findings += _run_checks(outcome, options, progress)
    except Stopped as stop:
        outcome.stopped = str(stop)
    outcome.stopped = context.redactor.text(outcome.stopped or sender.stopped)
    _fill_matrix(outcome, findings, options)
    is_whole = not outcome.stopped and not options.only and not options.operations
    outcome.findings, outcome.stale, outcome.expired = apply_deviations(merge(findings), list(deviations), is_whole)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _preflight(outcome: Outcome) -> Iterator[Finding]:
    """One documented call: whether the target is there and takes the credential."""
    context = outcome.context
    operation = _choose_preflight(context)
    path_values = {parameter.name: "1" for parameter in operation.parameters if parameter.where == "path"}
    try:
        exchange = context.send(operation, "reached", path_values=path_values)
    except Unreachable as error:
        outcome.stopped, outcome.unreached = str(error), True
        return
    context.preflight = exchange
    if exchange.answer.status in (401, 403):
        outcome.unreached = True
        outcome.stopped = (
            f"{context.target.host} refuses the credential ({exchange.answer.status}); nothing else was asked."
        )
        yield context.finding(
            operation,
            "reached",
            "",
            "The credential is refused",
            operation.success.status,
            exchange.answer.status,
            context.of_reply(operation.success),
            exchange,
        )


def _choose_preflight(context: CheckContext) -> Operation:
    """A list that was chosen, else what needs no record, else the list that shows the record which the others need."""
    chosen, every = context.operations, context.contract.operations
    keyless = [o for o in chosen if not any(parameter.where == "path" for parameter in o.parameters)]
    return [*(o for o in chosen if o.is_list), *keyless, *(o for o in every if o.is_list), chosen[0]][0]


def _run_checks(outcome: Outcome, options: RunOptions, progress: Progress) -> Iterator[Finding]:
    context = outcome.context
    try:
        yield from _run_each(SENDERS, outcome, options, progress)
        if options.schemathesis and options.wants(SCHEMATHESIS):
            _enter(outcome, progress, "", SCHEMATHESIS)
            yield from check_conformance(context, list(context.operations), options.in_process)
        if options.detect_readings:
            _enter(outcome, progress, "", "readings")
            outcome.readings = options.detect_readings(context)
        yield from _run_each(LATE, outcome, options, progress)
    except (Stopped, Unreachable, Refused) as stop:
        outcome.stopped = str(stop)
        outcome.cut = outcome.current
    # What judges runs even where the budget ends what sends.
    yield from _run_each(JUDGES, outcome, options, progress)


def _run_each(
    checks: tuple[Check, ...],
    outcome: Outcome,
    options: RunOptions,
    progress: Progress,
) -> Iterator[Finding]:
    context = outcome.context
    for check, operation in itertools.product(checks, context.operations):
        if not options.wants(check.name) or check.skip_reason(context, operation):
            continue
        _enter(outcome, progress, operation.id, check.name)
        try:
            yield from check.run(context, operation)
        except (Unreachable, Refused) as error:
            yield context.finding(operation, f"{check.name}.answer", "", "A request got no answer", "an answer", error)


def _enter(outcome: Outcome, progress: Progress, operation: str, check: str) -> None:
    """Note where the run is, so that a run that ends here can say what it did not get to."""
    outcome.current = operation, check
    context = outcome.context
    what = f"{operation}: {check}" if operation else check
    progress(context.contract.provider, what, context.sender.calls)


def _fill_matrix(outcome: Outcome, findings: list[Finding], options: RunOptions) -> None:
    context = outcome.context
    calls = Counter((exchange.operation, exchange.check) for exchange in context.sender.exchanges)
    for operation in context.operations:
        row = outcome.matrix.setdefault(operation.id, {})
        for check in COLUMNS:
            cell = operation.id, check.name
            grades = {f.grade for f in findings if (f.operation, f.check.split(".")[0]) == cell}
            reason = _find_skip_reason(outcome, operation, check, options, calls[cell])
            row[check.name] = {"outcome": _outcome(grades, reason), "calls": calls[cell], "why": reason}


def _outcome(grades: set[str], skip_reason: str) -> str:
    if grades:
        return "failed" if BREAKING in grades else "noted"
    return "skipped" if skip_reason else "passed"


def _find_skip_reason(outcome: Outcome, operation: Operation, check: Check, options: RunOptions, calls: int) -> str:
    """Why a cell of the matrix is empty, or nothing."""
    if not options.wants(check.name) or (check.name == SCHEMATHESIS and not options.schemathesis):
        return "it was not chosen"
    reason = "" if outcome.unreached else _ask_skip_reason(outcome.context, operation, check)
    if reason or not outcome.stopped:
        return reason
    # A run that ended early: of what sends, the cells it never got to; of what judges, those it saw no answer for.
    is_judge = check in JUDGES
    has_answer = any(exchange.operation == operation.id for exchange in outcome.context.sender.exchanges)
    is_missing = not has_answer if is_judge else not calls
    return outcome.stopped if is_missing or outcome.cut == (operation.id, check.name) else ""


def _ask_skip_reason(context: CheckContext, operation: Operation, check: Check) -> str:
    """Why a check does not apply; one that must ask the target to know says nothing when it cannot."""
    try:
        return check.skip_reason(context, operation)
    except (Stopped, Unreachable, Refused):
        return ""


def run(
    pairs: Iterable[tuple[Contract, Target]],
    options: RunOptions,
    deviations: Mapping[str, list[Deviation]],
    progress: Progress = _keep_silent,
) -> Run:
    """Check each provider at its target, one after the other."""
    started, clock = datetime.now(UTC), time.perf_counter()
    outcomes, kind = [], ""
    for contract, target in pairs:
        kind = target.kind
        outcomes.append(run_provider(contract, target, options, deviations.get(contract.provider, []), progress))
    return Run(kind, outcomes, started, time.perf_counter() - clock)
