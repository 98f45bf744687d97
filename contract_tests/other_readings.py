"""Where a target follows another reading than the contract's: notes, for the documentation has both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from contract_tests.answers import check_schema
from contract_tests.context import CheckContext
from contract_tests.findings import NOTE, Finding

ReadingRow = Mapping[str, Any]
"""What is known of one reading: `id`, `about`, `default`, `follows` (empty: undecided), and `by` which answer."""


def find_departures(context: CheckContext) -> Iterator[Finding]:
    """Bodies that are not as the contract's own readings have them."""
    for operation in context.operations:
        for finding in check_schema(context, operation):
            problem = f"{finding.problem}; another reading of the documentation has it so"
            yield replace(finding, grade=NOTE, problem=problem)


def add_notes(
    context: CheckContext,
    findings: list[Finding],
    departures: Iterable[Finding],
    rows: Iterable[ReadingRow],
) -> Iterator[Finding]:
    """The findings, a note for each departure whose place is not among them, and one for each reading left untold."""
    yield from findings
    places = {(finding.operation, finding.place) for finding in findings}
    notes = [each for each in departures if (each.operation, each.place) not in places]
    yield from notes
    for row in rows:
        is_told = any(note.place.rpartition("/")[2] in str(row["by"]) for note in notes)
        if row["follows"] not in ("", row["default"]) and not is_told:
            yield _note(context, row)


def _note(context: CheckContext, row: ReadingRow) -> Finding:
    path = str(row["by"]).partition("?")[0].partition(":")[0].rpartition(" ")[2]
    operations = context.operations
    operation = next((o for o in operations if o.path.endswith(path)), operations[0])
    return context.finding(
        operation,
        f"readings.{row['id']}",
        "",
        f"{str(row['about']).rstrip('.')}: the target follows another reading of the documentation",
        row["default"],
        f"{row['follows']} ({row['by']})",
        grade=NOTE,
    )
