"""The part of a run that writes: which writes may leave, when they do, and that nothing of them stays."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.checks import SCHEMATHESIS, WRITERS, check_written
from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.outcomes import Outcome
from contract_tests.run_options import Progress, RunOptions
from contract_tests.steps import enter, guarded, run_each
from contract_tests.transport import WRITES, Ledger, Stopped, Target, make_rules
from contract_tests.writes import clean_up
from mock_server.contract import Contract

WRITE_SHARE = 2
"""The part of a budget that is kept for writes where some are named: one in so many."""


def count_kept(context: CheckContext) -> int:
    """Calls of a budget that are kept for writes."""
    budget = context.target.budget
    return budget // WRITE_SHARE if budget is not None and any(map(context.may_write, context.writes)) else 0


def make_ledger(contract: Contract, target: Target) -> Ledger:
    """Which writes may leave: any for a mock, for a live target those that were named."""
    every = frozenset(o.id for o in contract.operations if o.effect in WRITES)
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
    if not any(map(context.may_write, context.writes)) or (guard.stopped and not guard.is_spent):
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
    yield from run_each(WRITERS, outcome, options, progress)
    context = outcome.context
    if context.target.is_live or not options.schemathesis or not options.wants(SCHEMATHESIS):
        return
    enter(outcome, progress, "", SCHEMATHESIS)
    yield from guarded(outcome, context.writes[0], check_written(context, options.in_process))
