"""The part of a run that writes: which writes may leave, when they do, and that nothing of them stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract_tests.checks import SCHEMATHESIS, WRITERS, check_written
from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.outcomes import Outcome
from contract_tests.run_options import Progress, RunOptions
from contract_tests.steps import enter, guarded, run_each
from contract_tests.transport import WRITES, Ledger, Stopped, Target, make_rules
from contract_tests.writes import bind_nested, clean_up, list_nested_writes
from mock_server.contract import Contract, Operation

WRITE_SHARE = 2
"""The part of a budget that is kept for writes where some are named: one in so many."""


def count_kept(context: CheckContext) -> int:
    """Calls of a budget that are kept for writes."""
    budget = context.target.budget
    return budget // WRITE_SHARE if budget is not None and _list_writes(context) else 0


def _list_writes(context: CheckContext) -> list[Operation]:
    """Every write that may be sent."""
    return [*filter(context.may_write, context.writes), *list_nested_writes(context)]


def make_ledger(contract: Contract, target: Target) -> Ledger:
    """Which writes may leave: any for a mock, for a live target those that were named."""
    every = frozenset(o.id for o in (*contract.operations, *contract.nested) if o.effect in WRITES)
    return Ledger(make_rules(contract, target), target.writes if target.is_live else every, target.keeps_created)


def clean(context: CheckContext, options: RunOptions) -> None:
    """Delete what the run created, and say at once what is left: who interrupts a run gets no report."""
    try:
        clean_up(context)
    finally:
        for sentence in context.left_behind:
            options.announce(sentence)


def run_writes(outcome: Outcome, options: RunOptions, progress: Progress) -> list[Finding]:
    """What writes, once everything that reads has been asked: records are others from then on."""
    context, guard = outcome.context, outcome.context.sender.guard
    ended, findings = (guard.stopped, guard.is_spent), list[Finding]()
    if not _list_writes(context) or (guard.stopped and not guard.is_spent):
        return findings
    guard.reserved = 0
    guard.reopen()
    try:
        for finding in _find(outcome, options, progress):
            findings.append(finding)
    except Stopped as stop:
        outcome.stopped, outcome.cut = str(stop), outcome.current
    if not guard.stopped:  # what was left out before is left out still
        guard.stopped, guard.is_spent = ended
    return findings


def _find(outcome: Outcome, options: RunOptions, progress: Progress) -> Iterator[Finding]:
    """What chains of requests find, and at a mock what generated ones do: these make up any body and any chain."""
    context = outcome.context
    yield from run_each(WRITERS, outcome, options, progress)
    yield from _find_below(outcome, options, progress)
    if not context.writes or context.target.is_live or not options.schemathesis or not options.wants(SCHEMATHESIS):
        return
    enter(outcome, progress, "", SCHEMATHESIS)
    yield from guarded(outcome, context.writes[0], check_written(context, options.in_process))


def _find_below(outcome: Outcome, options: RunOptions, progress: Progress) -> Iterator[Finding]:
    """The same below records of other collections; what was asked there is judged with all the rest."""
    context, nested = outcome.context, list_nested_writes(outcome.context)
    if not nested:
        return
    enter(outcome, progress, nested[0].id, WRITERS[0].name)
    found = list[CheckContext]()
    yield from guarded(outcome, nested[0], _bind(context, found))
    for bound in found:
        outcome.context = replace(bound, only=frozenset(o.id for o in nested))
        yield from run_each(WRITERS, outcome, options, progress)
        outcome.context = bound


def _bind(context: CheckContext, found: list[CheckContext]) -> Iterator[Finding]:
    """Find records below which others stand; nothing is wrong with the target where there are none."""
    found.append(bind_nested(context))
    yield from ()
