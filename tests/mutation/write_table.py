"""The planted faults of writes, played one after the other, and a mock of many seeds on which nothing is wrong."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from contract_tests.findings import GRADES
from tests.mutation.mutants_of_writes import WRITE_MUTANTS, play_clean
from tests.mutation.mutation import MutantResult
from tests.mutation.written_mock import DOCUMENTS, Spoil, check, make_mock, serving


def _check(seed: str, document: str, spoil: Spoil) -> list[tuple[str, str, int, float]]:
    """Each finding's check and grade, with the calls and seconds of the run."""
    with tempfile.TemporaryDirectory() as folder, serving(make_mock(Path(folder), seed, document), spoil) as base:
        outcome = check(base, document=document)
    calls = outcome.context.sender.calls
    return [(f.check, f.grade, calls, outcome.seconds) for f in outcome.findings]


def run_writes() -> Iterator[MutantResult]:
    """What the harness makes of each planted fault of writes."""
    for mutant in WRITE_MUTANTS.values():
        rows = _check("understudy", mutant.document, mutant.spoil)
        grades = [grade for name, grade, _, _ in rows if name in mutant.caught_by]
        calls, seconds = next(((calls, seconds) for *_, calls, seconds in rows), (0, 0.0))
        reported = tuple(dict.fromkeys(name for name, *_ in rows))
        grade = min(grades, key=GRADES.index, default="")
        yield MutantResult(mutant.name, mutant.document, reported, bool(grades), grade, calls, seconds)


def find_write_alarms(seeds: Iterable[str]) -> list[str]:
    """What the harness reports of a mock that writes and on which nothing is wrong."""
    pairs = itertools.product(DOCUMENTS, seeds)
    return [
        f"{document}, {seed}: {name}" for document, seed in pairs for name, *_ in _check(seed, document, play_clean)
    ]


def render_writes(results: list[MutantResult], alarms: list[str], seeds: int) -> str:
    """The figures in a sentence, and a row for each planted fault."""
    caught, calls = sum(r.caught for r in results), sum(r.calls for r in results) / max(1, len(results))
    lines = [
        f"{len(results)} planted faults of writes, played by the mocks of {len(DOCUMENTS)} documents: {caught} of "
        f"{len(results)} caught by the check that names them, with {calls:.0f} calls on average. A mock on which nothing "
        f"is wrong, {seeds} seeds: {len(alarms)} false alarms.",
        "",
        "| planted fault | named by | caught | grade |",
        "| --- | --- | --- | --- |",
    ]
    for result in results:
        named = ", ".join(f"`{name}`" for name in WRITE_MUTANTS[result.mutant].caught_by)
        lines.append(f"| {result.mutant} | {named} | {int(result.caught)} of 1 | {result.grade or 'none'} |")
    return "\n".join(lines)
