"""The contract tests themselves: one test for each operation and check, whatever the target.

`pytest --pyargs contract_tests --understudy-target live -k "acme and paging"`
"""

from __future__ import annotations

import pytest

from contract_tests.checks import COLUMNS
from contract_tests.context import split_writes
from contract_tests.findings import BREAKING, Finding
from contract_tests.pytest_run import get_run, require_reached
from contract_tests.reports import name_cells, render_finding


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each provider, operation and check."""
    split = [split_writes(contract) for contract in get_run(metafunc.config).contracts.values()]
    rows = [
        (reads.provider, operation.id, check.name)
        for reads, writes in split
        for operation in (*reads.operations, *writes)
        for check in COLUMNS
    ]
    metafunc.parametrize(("provider", "operation", "check"), rows, ids=["-".join(row) for row in rows])


def test_contract(provider: str, operation: str, check: str, pytestconfig: pytest.Config) -> None:
    """The target behaves as documented; what rests on an assumption of the contract does not fail."""
    outcome = get_run(pytestconfig).outcome(provider)
    require_reached(outcome)
    assert not outcome.mistakes, "\n\n".join(f"{each.sentence}\n{each.lines}" for each in outcome.mistakes)
    cell = outcome.matrix[operation][check]
    if cell["outcome"] == "skipped":
        pytest.skip(cell["why"])
    mine = [f for f in map(Finding.as_dict, outcome.findings) if (operation, check) in name_cells(f)]
    broken = [render_finding(finding) for finding in mine if finding["grade"] == BREAKING and not finding["known"]]
    assert not broken, "\n\n".join(broken)
