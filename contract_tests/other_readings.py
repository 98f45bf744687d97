"""Where a target follows another reading than the contract's: notes, for the documentation has both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from contract_tests.answers import check_schema
from contract_tests.context import CheckContext
from contract_tests.findings import NOTE, Finding

ReadingRow = Mapping[str, Any]
"""What is known of one reading: `id`, `about`, `default`, `follows` (empty: undecided), and `by` which answer, of which
`operation` and at which `place` (both empty where no single answer tells)."""


def find_departures(context: CheckContext) -> Iterator[Finding]:
    """Bodies that are not as the contract's own readings have them."""
    for operation in context.operations:
        for finding in check_schema(context, operation):
            problem = f"{finding.problem}; another reading of the documentation has it so"
            yield replace(finding, grade=NOTE, problem=problem)


def keep_proofs(earlier: Iterable[ReadingRow], rows: Iterable[ReadingRow]) -> list[dict[str, Any]]:
    """The rows; where one follows what an earlier one has shown already, with what showed it first.

    A run that begins again believes what it found out, and its answers need not tell it a second time.
    """
    shown = {(row["id"], row["follows"]): row for row in earlier if row["operation"]}
    kept = ("by", "operation", "place")
    return [{**row, **{name: shown.get((row["id"], row["follows"]), row)[name] for name in kept}} for row in rows]


def add_notes(
    context: CheckContext,
    findings: list[Finding],
    departures: Iterable[Finding],
    rows: Iterable[ReadingRow],
    given: Mapping[str, str],
) -> Iterator[Finding]:
    """The findings, a note for each departure whose place is not among them, and one for each reading not among those.

    `given` are the alternatives that the run began with: who chose one knows of it.
    """
    yield from findings
    places = {(finding.operation, finding.place) for finding in findings}
    notes = [each for each in departures if (each.operation, each.place) not in places]
    yield from notes
    for row in rows:
        is_usual = row["follows"] in ("", row["default"], given.get(row["id"]))
        if not is_usual and not any(_shows(note, row) for note in notes):
            yield _note(context, row)


def _shows(note: Finding, row: ReadingRow) -> bool:
    """Whether a note is about the very place by which a reading was told, or a member of the object there."""
    place = str(row["place"])
    is_place = note.place == place or f"{note.place.rpartition('/')[0]}{{}}" == place
    return bool(note.place) and is_place and note.operation == row["operation"]


def _note(context: CheckContext, row: ReadingRow) -> Finding:
    operations = context.operations
    return context.finding(
        next((o for o in operations if o.id == row["operation"]), operations[0]),
        f"readings.{row['id']}",
        "",
        f"{str(row['about']).rstrip('.')}: the target follows another reading of the documentation",
        row["default"],
        f"{row['follows']} ({row['by']})",
        grade=NOTE,
    )
