"""Planted faults: a representative dozen must be reported by the check that names it, and nothing of a clean server."""

from __future__ import annotations

import pytest

from mock_server.contract import Contract
from mock_server.sessions import MockApis
from tests.mutation.mutant_server import CLEAN
from tests.mutation.mutants import MUTANTS
from tests.mutation.mutation import applies, check_mutant, find_false_alarms, judge, serving

DOZEN = [
    "a field renamed",
    "a nested member dropped",
    "envelope flattened",
    "status 500 every third time",
    "a documented header lost",
    "errors as HTML pages",
    "401 for everything",
    "answers without credential",
    "405 without Allow",
    "get answers another record",
    "pages overlap by one",
    "total drifting",
    "wrong only for size 1",
    "wrong only on the last page",
    "equality loosened to a search",
    "filters only on the first page",
    "filters on hidden fields ignored",
    "of two credentials the last counts",
    "accents of their own are passed over in a filter",
    "next link loops",
]


def test_there_are_enough_and_each_names_its_check() -> None:
    assert len(MUTANTS) >= 60
    assert all(mutant.caught_by for mutant in MUTANTS.values())


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_has_a_provider(name: str, apis: MockApis) -> None:
    assert any(applies(MUTANTS[name], api.contract) for api in apis.apis.values())


@pytest.mark.parametrize("name", DOZEN)
def test_a_planted_fault_is_reported_by_its_check(name: str, mutants: str, apis: MockApis) -> None:
    contracts: list[Contract] = [api.contract for api in apis.apis.values() if applies(MUTANTS[name], api.contract)]
    for contract in contracts:
        result = judge(MUTANTS[name], check_mutant(mutants, name, contract, schemathesis=False))
        assert result.caught, f"{name} at {contract.provider}: reported were {result.reported}"


@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_nothing_is_reported_of_a_clean_server(seed: str) -> None:
    with serving(seed) as url:
        assert find_false_alarms(url, schemathesis=False) == []


def test_a_path_that_names_no_mutant_is_played_clean(mutants: str, apis: MockApis) -> None:
    for api in apis.apis.values():
        assert check_mutant(mutants, CLEAN, api.contract, schemathesis=False).findings == []
