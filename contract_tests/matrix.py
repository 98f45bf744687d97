"""What was proven of each operation by each check, and what was not: nothing passes without an answer to judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from contract_tests.checks import COLUMNS, JUDGES, LATE, SCHEMATHESIS, SENDERS, Check, CheckContext, count_judged
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
    matrix: dict[str, dict[str, dict[str, Any]]] = {operation.id: {} for operation in context.operations}
    for operation in context.operations:
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
    # What the run was cut in has answers, and is not whole.
    is_cut = outcome.cut in ((operation.id, check.name), ("", check.name))
    if outcome.stopped and (is_cut or outcome.unreached):
        return outcome.stopped
    if count_judged(context, operation, check, is_judge=check in JUDGES):
        return ""
    return outcome.stopped or _find_lack(context, operation)


def _find_lack(context: CheckContext, operation: Operation) -> str:
    """Why a check that ran to its end judged nothing."""
    records = count_records(context, operation)
    return "the target has no record to tell by" if records == 0 else "no answer was such that it could be judged"


def ask_skip_reason(context: CheckContext, operation: Operation, check: Check) -> str:
    """Why a check does not apply; one that must ask the target to know says nothing when it cannot."""
    try:
        return check.skip_reason(context, operation)
    except (Stopped, Unreachable, Refused):
        return ""


def count_records(context: CheckContext, operation: Operation) -> int | None:
    """Records that were shown of what an operation is about; None where no list of it was read."""
    every = context.contract.operations if operation.collection else ()
    lists = (o for o in every if o.is_list and o.collection == operation.collection)
    walks = [context.walks[o.id] for o in lists if o.id in context.walks and context.walks[o.id].first.page]
    return max((len(walk.seen) for walk in walks), default=None)


def tell_incomplete(outcome: Outcome) -> str:
    """Why a run proves less than every run should, and which checks lack calls; empty where it is whole."""
    if outcome.unreached or outcome.has_essentials:
        return ""
    missing = _find_cells(outcome, [check.name for check in SENDERS])
    return f"{outcome.stopped} Not asked, or not to the end: {', '.join(missing)}." if missing else outcome.stopped


def find_left_out(outcome: Outcome) -> list[str]:
    """What a budget's leftovers did not pay for, each a check and its operation."""
    if not outcome.stopped or not outcome.has_essentials:
        return []
    optional = [SCHEMATHESIS, *(check.name for check in LATE)]
    return [*_find_cells(outcome, optional), *([] if outcome.has_readings else ["readings"])]


def _find_cells(outcome: Outcome, names: list[str]) -> list[str]:
    return [
        f"{name} of {operation}"
        for operation, row in outcome.matrix.items()
        for name, cell in row.items()
        if name in names and cell["why"] == outcome.stopped
    ]


def find_unproven(outcome: Outcome) -> list[str]:
    """What the target has too few records to show, a sentence for each operation."""
    if outcome.unreached:
        return []
    context = outcome.context
    counts = [(operation, count_records(context, operation)) for operation in context.operations]
    return [
        f"{_name_unproven(operation, count)} of {operation.id}: there {_tell(count)}."
        for operation, count in counts
        if count is not None and count <= FEW and (operation.is_list or count == 0)
    ]


def _name_unproven(operation: Operation, count: int) -> str:
    if not operation.is_list:
        return "the record"
    return "paging, order and filters" if count else "records, paging, order and filters"


def _tell(count: int) -> str:
    return f"is {count_of(count, 'record')}" if count else "are no records"
