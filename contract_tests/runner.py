"""A run: every check over every operation of every provider."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from contract_tests.checks import JUDGES, LATE, SCHEMATHESIS, SENDERS, check_conformance
from contract_tests.context import CheckContext, make_redactor, split_writes
from contract_tests.deviations import Deviation, apply_deviations
from contract_tests.findings import Finding
from contract_tests.hooks import attach_hooks
from contract_tests.matrix import (
    explain_incomplete,
    find_left_out,
    find_unproven,
    make_matrix,
    make_was_asked,
)
from contract_tests.merging import find_places, merge
from contract_tests.minimal import JUDGED, count_calls, find_minimal
from contract_tests.other_readings import add_notes, find_departures, keep_proofs
from contract_tests.outcomes import Outcome, Run
from contract_tests.preflight import run_preflight
from contract_tests.run_options import Progress, RunOptions, keep_silent
from contract_tests.steps import enter, guarded, run_each
from contract_tests.transport import (
    SENTENCES,
    Refused,
    Sender,
    Stopped,
    Target,
    Unreachable,
)
from contract_tests.write_run import clean, count_kept, make_ledger, run_writes
from mock_server import __version__
from mock_server.contract import Contract

MAX_BEGINNINGS = 4
"""How often a run begins again because the target turned out to follow other readings."""

WRONG_REQUEST = (400, 406, 415, 422)
"""Statuses that say of the first documented request that it is wrong: another reading may document them."""


def run_provider(
    contract: Contract,
    target: Target,
    options: RunOptions,
    deviations: Iterable[Deviation] = (),
    progress: Progress = keep_silent,
) -> Outcome:
    """Check one provider at one target. Whatever the target does, the outcome says it.

    Raises:
        HookError: a hook failed; nothing else is raised.
    """
    reads, writes = split_writes(contract)
    headers = {"Accept": "*/*", "User-Agent": f"understudy/{__version__}"}
    sender = Sender(target, contract.base_path, headers, ledger=make_ledger(contract, target))
    context = CheckContext(
        reads,
        target,
        sender,
        make_redactor(contract, target),
        fixtures=options.fixtures,
        only=options.operations,
        slow_seconds=options.slow_seconds,
        every_write=writes,
    )
    outcome = Outcome(context, has_readings=not options.detect_readings)
    sender.guard.reserved = count_kept(context)
    started = time.perf_counter()
    attach_hooks(options.hooks, context)
    try:
        findings = _run_under_readings(outcome, options, progress)
    finally:
        clean(outcome.context, options)
    outcome.stopped = context.redactor.text(outcome.stopped or sender.stopped)
    merged = find_minimal(outcome.context, merge(findings, find_places(contract)))
    outcome.matrix = make_matrix(outcome, findings, options.wants_column)
    outcome.incomplete = explain_incomplete(outcome)
    outcome.left_out = find_left_out(outcome)
    outcome.unproven = find_unproven(outcome)
    was_asked = make_was_asked(outcome, is_chosen=bool(options.only or options.operations))
    outcome.findings, outcome.stale, outcome.expired = apply_deviations(merged, list(deviations), was_asked)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _run_under_readings(outcome: Outcome, options: RunOptions, progress: Progress) -> list[Finding]:
    """Everything that is found; from the beginning again where the target turns out to follow other readings."""
    findings: list[Finding] = []
    departures: list[Finding] = []
    given = outcome.context.contract.readings
    for left in reversed(range(MAX_BEGINNINGS)):
        findings, contract = _run_once(outcome, options, progress, is_last=not left)
        if contract is None or not left:
            break
        if options.wants("schema"):
            departures = departures or list(find_departures(outcome.context))
        # What was asked is answered from the record; only what the other readings ask for is sent.
        outcome.context = outcome.context.under(contract)
        outcome.stopped, outcome.unreached, outcome.cut = "", False, None
        outcome.mistakes.clear()
        outcome.finished.clear()
    outcome.context.sender.recall()
    if outcome.unreached:
        return findings
    findings += run_writes(outcome, options, progress)
    findings += _judge(outcome, options, progress)
    if not options.wants("schema"):
        return findings
    return list(add_notes(outcome.context, findings, departures, outcome.readings, given))


def _run_once(
    outcome: Outcome,
    options: RunOptions,
    progress: Progress,
    is_last: bool,
) -> tuple[list[Finding], Contract | None]:
    """What is found under the context's readings, and the contract that the target follows instead, if any."""
    preflight = run_preflight(outcome.context)
    findings = [*preflight.findings]
    outcome.stopped, outcome.unreached = preflight.cause or preflight.open, bool(preflight.cause)
    if not outcome.stopped:
        return findings, _run_senders(outcome, options, progress, findings, is_last)
    answered = [exchange.answer.status for exchange in outcome.context.sender.exchanges]
    is_open = outcome.unreached and answered[-1:] and answered[-1] in WRONG_REQUEST
    return findings, _detect(outcome, options, progress, is_first=True) if is_open else None


def _run_senders(
    outcome: Outcome,
    options: RunOptions,
    progress: Progress,
    findings: list[Finding],
    is_last: bool,
) -> Contract | None:
    """Run what sends, and add what it finds; returns early with the contract that the target follows instead.

    The last time it runs to its end: a target whose answers tell now this reading and now that one is checked too.
    """
    try:
        findings += run_each(SENDERS[:1], outcome, options, progress)
        contract = _detect(outcome, options, progress, is_first=True)
        if contract is not None and not is_last:
            return contract
        findings += run_each(SENDERS[1:], outcome, options, progress)
        _keep_back(outcome, findings, progress)
        findings += _run_optional(outcome, options, progress)
    except Stopped as stop:
        outcome.stopped, outcome.cut = str(stop), outcome.current
    # Everything that was answered is evidence, and costs nothing.
    return _detect(outcome, options, progress, is_first=False)


def _detect(outcome: Outcome, options: RunOptions, progress: Progress, is_first: bool) -> Contract | None:
    """Find out which readings are followed, the last time without a call; the contract under them if another."""
    if options.detect_readings is None:
        return None
    cell = outcome.current
    enter(outcome, progress, "", "readings")
    calls = outcome.count_reading_calls() if is_first else 0
    contract = None
    try:
        rows, contract = options.detect_readings(outcome.context, calls)
        outcome.readings = keep_proofs(outcome.readings, rows)
    except (Unreachable, Refused, Stopped):
        pass  # what was not told stays undecided
    except SENTENCES:
        raise
    except Exception as error:
        outcome.note_mistake(error)
    outcome.has_readings = True
    outcome.current = cell
    return contract


def _keep_back(outcome: Outcome, findings: list[Finding], progress: Progress) -> None:
    """Keep back the calls of a budget that make the requests of findings smaller, as far as there are any by now."""
    judges = tuple(check for check in JUDGES if check.name in JUDGED)
    judged = list(run_each(judges, outcome, options=RunOptions(), progress=progress))
    context = outcome.context
    context.sender.guard.reserved = count_kept(context) + count_calls(context, [*findings, *judged])


def _judge(outcome: Outcome, options: RunOptions, progress: Progress) -> Iterator[Finding]:
    """What judges runs even where nothing more may be sent."""
    for check in JUDGES:
        with contextlib.suppress(Stopped):
            yield from run_each((check,), outcome, options, progress)


def _run_optional(outcome: Outcome, options: RunOptions, progress: Progress) -> Iterator[Finding]:
    """What is left of a budget: generated requests, and more of what the checks have asked already."""
    context = outcome.context
    if options.schemathesis and options.wants(SCHEMATHESIS):
        enter(outcome, progress, "", SCHEMATHESIS)
        findings = check_conformance(context, list(context.operations), options.in_process)
        yield from guarded(outcome, context.operations[0], findings)
    yield from run_each(LATE, outcome, options, progress)


def run(
    pairs: Iterable[tuple[Contract, Target]],
    options: RunOptions,
    deviations: Mapping[str, list[Deviation]],
    progress: Progress = keep_silent,
) -> Run:
    """Check each provider at its target, one after the other."""
    started, clock = datetime.now(UTC), time.perf_counter()
    outcomes, kind = [], ""
    for contract, target in pairs:
        kind = target.kind
        outcomes.append(run_provider(contract, target, options, deviations.get(contract.provider, []), progress))
    return Run(kind, outcomes, started, time.perf_counter() - clock)
