"""Planted faults of writes: each is reported by the check that names it, and nothing of a clean server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.mutants_of_writes import WRITE_MUTANTS, play_clean
from tests.mutation.written_mock import DOCUMENTS, check, make_mock, serving


@pytest.mark.parametrize("name", WRITE_MUTANTS)
def test_a_planted_fault_is_reported_by_its_check(name: str, tmp_path: Path) -> None:
    mutant = WRITE_MUTANTS[name]
    with serving(make_mock(tmp_path, "understudy", mutant.document), mutant.spoil) as base:
        outcome = check(base, document=mutant.document)
    reported = [finding.check for finding in outcome.findings]
    assert set(mutant.caught_by) & set(reported), (reported, outcome.mistakes)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("seed", [f"seed {number}" for number in range(1, 11)])
def test_nothing_is_reported_of_a_clean_server(seed: str, document: str, tmp_path: Path) -> None:
    with serving(make_mock(tmp_path, seed, document), play_clean) as base:
        outcome = check(base, document=document)
    assert [(f.operation, f.check, f.place, f.problem) for f in outcome.findings] == []
    assert outcome.mistakes == []
