"""What was proven of each operation by each check, and what was not: nothing passes without an answer to judge."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from contract_tests.checks import COLUMNS, JUDGES, LATE, OPTIONAL, SENDERS, WRITERS, Check, ask_why_not, count_judged
from contract_tests.context import CheckContext
from contract_tests.deviations import Deviation
from contract_tests.findings import BREAKING, Finding
from contract_tests.outcomes import Outcome
from contract_tests.transport import Refused, Stopped, Unreachable
from mock_server.contract import Operation
from mock_server.errors import count_of

FEW = 1
"""Records of a list that show neither pages nor order, and of which every filter finds all or none."""


def make_matrix(
    outcome: Outcome,
    findings: list[Finding],
    is_chosen: Callable[[str], bool],
) -> dict[str, dict[str, dict[str, Any]]]:
    """The cell of every operation and check: its outcome, its calls, and why it is empty where it is."""
    context = outcome.context
    calls = Counter((exchange.operation, exchange.check) for exchange in context.sender.exchanges)
    matrix: dict[str, dict[str, dict[str, Any]]] = {operation.id: {} for operation in context.shown}
    for operation in context.shown:
        for check in COLUMNS:
            cell = operation.id, check.name
            grades = {f.grade for f in findings if (f.operation, f.check.split(".")[0]) == cell}
            reason = "it was not chosen" if not is_chosen(check.name) else _find_reason(outcome, operation, check)
            matrix[operation.id][check.name] = {
                "outcome": _grade(grades, reason),
                "calls": calls[cell],
                "why": reason,
            }
    return matrix


def _grade(grades: set[str], reason: str) -> str:
    if grades:
        return "failed" if BREAKING in grades else "noted"
    return "skipped" if reason else "passed"


def _find_reason(outcome: Outcome, operation: Operation, check: Check) -> str:
    """Why a cell of the matrix proves nothing, or nothing."""
    context = outcome.context
    reason = "" if outcome.unreached else ask_skip_reason(context, operation, check)
    if reason:
        return reason
    crashed = next((m for m in outcome.mistakes if m.check == check.name and m.operation in ("", operation.id)), None)
    if crashed:
        return crashed.sentence
    # Generated requests are one check of many cases: a part of them proves no part of it.
    if outcome.stopped and (outcome.unreached or outcome.cut == ("", check.name)):
        return outcome.stopped
    if count_judged(context, operation, check, is_judge=check in JUDGES):
        return ""
    is_answered = check in JUDGES and any(e.operation == operation.id for e in context.sender.exchanges)
    return _find_lack(context, operation) if is_answered or not outcome.stopped else outcome.stopped


def _find_lack(context: CheckContext, operation: Operation) -> str:
    """Why a check that ran to its end judged nothing."""
    records = count_records(context, operation)
    return "the target has no record to tell by" if records == 0 else "no answer was such that it could be judged"


def ask_skip_reason(context: CheckContext, operation: Operation, check: Check) -> str:
    """Why a check does not apply; one that must ask the target to know says nothing when it cannot."""
    try:
        return ask_why_not(context, operation, check)
    except (Stopped, Unreachable, Refused):
        return ""


def count_records(context: CheckContext, operation: Operation) -> int | None:
    """Records that were shown of what an operation is about; None where no list of it was read."""
    every = context.contract.operations if operation.collection else ()
    lists = (o for o in every if o.is_list and o.collection == operation.collection)
    walks = [context.walks[o.id] for o in lists if o.id in context.walks and context.walks[o.id].first.page]
    return max((len(walk.seen) for walk in walks), default=None)


def explain_incomplete(outcome: Outcome) -> str:
    """Why a run proves less than every run should, and which checks lack answers; empty where it is whole.

    Every check that every run makes must have judged an answer of each operation; a target that ends the run by
    itself leaves it incomplete wherever it does, and so does a check of ours that crashes.
    """
    if outcome.unreached:
        return ""
    sentences = [mistake.sentence for mistake in outcome.mistakes]
    return " ".join([*sentences, *filter(None, [_explain_missing(outcome)])])


def _explain_missing(outcome: Outcome) -> str:
    if not outcome.stopped:
        return ""
    essential = {check.name for check in (*SENDERS, *WRITERS)} - OPTIONAL
    missing = [f"{name} of {operation}" for name, operation in _find_empty(outcome) if name in essential]
    if outcome.context.sender.guard.is_spent and not missing:
        return ""
    return f"{outcome.stopped} Not asked: {', '.join(missing)}." if missing else outcome.stopped


def find_left_out(outcome: Outcome) -> list[str]:
    """What a budget did not pay for in a run that is whole: checks without any answer, and the rest of others."""
    if not outcome.stopped or outcome.unreached or outcome.incomplete:
        return []
    empty = [f"{name} of {operation}" for name, operation in _find_empty(outcome)]
    rest = [f"more {name} of {operation}" for name, operation in _find_unfinished(outcome)]
    return [*empty, *dict.fromkeys(rest), *([] if outcome.has_readings else ["readings"])]


def make_was_asked(outcome: Outcome, is_chosen: bool) -> Callable[[Deviation], bool]:
    """Whether the check that reported a deviation asked all it would; of some checks or operations nothing is told."""
    is_whole = not (is_chosen or outcome.incomplete or outcome.unreached)

    def was_asked(deviation: Deviation) -> bool:
        operation, _, rest = deviation.about.partition(" ")
        cell = f"{rest.partition(' ')[0].partition('.')[0]} of {operation}"
        return is_whole and cell not in outcome.left_out and f"more {cell}" not in outcome.left_out

    return was_asked


def _find_unfinished(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Checks with an operation that have judged something, and did not get to ask everything they would."""
    for check, operation in itertools.product((*SENDERS, *LATE, *WRITERS), outcome.context.shown):
        has_judged = outcome.matrix[operation.id][check.name]["outcome"] != "skipped"
        if has_judged and (check.run, operation.id) not in outcome.finished:
            yield check.name, operation.id


def _find_empty(outcome: Outcome) -> list[tuple[str, str]]:
    """Cells, each a check and an operation, that have no answer because the run ended."""
    return [
        (name, operation)
        for operation, row in outcome.matrix.items()
        for name, cell in row.items()
        if cell["why"] == outcome.stopped
    ]


def find_unproven(outcome: Outcome) -> list[str]:
    """What the target has too few records to show, a sentence for each operation."""
    if outcome.unreached:
        return []
    context = outcome.context
    counts = [(operation, count_records(context, operation)) for operation in context.operations]
    return [
        f"{_name_unproven(operation, count)} of {operation.id}: there {_render_count(count)}."
        for operation, count in counts
        if count is not None and count <= FEW and (operation.is_list or count == 0)
    ]


def _name_unproven(operation: Operation, count: int) -> str:
    if not operation.is_list:
        return "the record"
    return "paging, order and filters" if count else "records, paging, order and filters"


def _render_count(count: int) -> str:
    return f"is {count_of(count, 'record')}" if count else "are no records"
