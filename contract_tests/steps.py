"""One check after the other over a provider's operations: what ends one of them, and what ends them all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from contract_tests.checks import Check
from contract_tests.findings import Finding
from contract_tests.matrix import ask_skip_reason
from contract_tests.outcomes import Outcome
from contract_tests.run_options import Progress, RunOptions
from contract_tests.transport import SENTENCES, Refused, Stopped, Unreachable
from mock_server.contract import Operation


def run_each(
    checks: tuple[Check, ...],
    outcome: Outcome,
    options: RunOptions,
    progress: Progress,
) -> Iterator[Finding]:
    """The findings of each check over each operation that it applies to."""
    context = outcome.context
    for check, operation in itertools.product(checks, context.shown):
        if options.wants(check.name) and not ask_skip_reason(context, operation, check):
            enter(outcome, progress, operation.id, check.name)
            yield from guarded(outcome, operation, check.run(context, operation))
            outcome.finished.add((check.run, operation.id))


def guarded(outcome: Outcome, operation: Operation, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of the current check; a request of it that got no answer is one, and ends only this check.

    So does a mistake of ours: what the other checks find is reported as well.
    """
    context, (_, check) = outcome.context, outcome.current
    try:
        yield from findings
    except (*SENTENCES, Stopped):
        raise
    except (Unreachable, Refused) as error:
        asked = [exchange for exchange in context.sender.traffic[-1:] if not exchange.answer.status]
        cause = asked[0] if asked and isinstance(error, Unreachable) else None
        problem = "A request got no answer"
        yield context.finding(operation, f"{check}.answer", "", problem, "an answer", error, exchange=cause)
    except Exception as error:
        outcome.note_mistake(error)


def enter(outcome: Outcome, progress: Progress, operation: str, check: str) -> None:
    """Note where the run is, so that a run that ends here can say what it did not get to."""
    outcome.current = operation, check
    context = outcome.context
    what = f"{operation}: {check}" if operation else check
    progress(context.contract.provider, what, context.sender.calls)
