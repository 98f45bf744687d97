"""Values for filters: what is asked tells a sound filter from the ways it goes wrong, and a wrong answer names its own."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.context.listing import Listing
from contract_tests.filters.filter_case import Case, Texts
from contract_tests.filters.filter_faults import WINDOWS, find_faults
from contract_tests.filters.filter_oracle import contradicts, is_akin, is_plain, select
from contract_tests.filters.filter_plan import FilterRequest, explain, plan_requests
from contract_tests.filters.filter_values import choose_values, find_words
from mock_server.contract import FilterRule, Parameter
from mock_server.sessions import MockApis

NAMES = ["José O'Brien", "Mary Jane Núñez", "Al-Thani Amal", "Jane Smith", "Mary Li", "jörg Li", "Ana Das", "Tom Das"]
RECORDS = [
    {"id": 100 + number, "name": name, "email": f"{name[:2].lower()}+{number}@example.com", "phone": "", "address": "x"}
    for number, name in enumerate(NAMES * 5)
]


@pytest.fixture
def listing(apis: MockApis) -> Listing:
    contract = apis.apis["fatora"].contract
    return Listing(contract, next(operation for operation in contract.operations if operation.is_list))


def _parameter(rule: FilterRule) -> Parameter:
    return Parameter("asked", "query", False, {"type": "string"}, filter=rule)


TEXT = _parameter(FilterRule("search", ("name", "email")))


def test_a_few_requests_tell_most_ways_a_search_goes_wrong(listing: Listing) -> None:
    requests = list(plan_requests(listing, TEXT, RECORDS))
    known = {name for request in requests[:6] for name in request.tells}
    for fault in (
        "it were ignored",
        "it were inverted",
        "a plus sign were a blank",
        "accents were read in another encoding",
        "only the first word counted",
        "any word were enough",
        "per cent and underscore were wildcards",
        "the page were cut before the filter",
        "the total were of all records",
        'nothing with "\'" matched',
    ):
        assert fault in known, fault
    assert requests[0].weight >= requests[1].weight >= requests[2].weight


@pytest.mark.parametrize("name", ["a plus sign were a blank", "only the first word counted"])
def test_a_wrong_answer_is_explained_by_its_fault(listing: Listing, name: str) -> None:
    fault = next(fault for fault in find_faults(TEXT.filter, ["id"]) if fault.name == name)  # type: ignore[arg-type]
    request = next(r for r in plan_requests(listing, TEXT, RECORDS) if name in r.tells and r.number == 1)
    assert TEXT.filter
    selected = fault.select(Case(TEXT.filter, request.value, RECORDS, request.expected, Texts(TEXT.filter, RECORDS)))
    keys = tuple(repr(record["id"]) for record in selected[: request.size])
    cause, _ = explain(listing, request, RECORDS, (keys, len(selected)))
    assert cause


def test_the_second_page_is_of_what_is_filtered(listing: Listing) -> None:
    matched = RECORDS[::3]
    request = FilterRequest(TEXT, "x", 2, 5, matched)
    assert request.window == matched[5:10]
    assert WINDOWS["every page were the first"](matched, RECORDS, request.start, 5)[0] == matched[:5]


@pytest.mark.parametrize(
    ("value", "akin", "plain"),
    [("José O'Brien", True, True), ("JOSE", True, False), ("Brien José", True, False), ("Smith", False, False)],
)
def test_what_any_sensible_comparison_lets_through(value: str, akin: bool, plain: bool) -> None:
    rule = FilterRule("contains", ("name",))
    assert (is_akin(rule, value, RECORDS[0]), is_plain(rule, value, RECORDS[0])) == (akin, plain)


def test_words_begin_with_zero_and_with_those_that_are_documented() -> None:
    rule = FilterRule("equals", ("kind",), {"one": 1, "none": 0, "two": 2, "0": 0, "2": 2, "all": None})
    assert find_words(rule) == ["none", "one", "two"]
    assert find_words(rule, '"two etc."') == ["none", "two", "one"]


def test_moments_are_asked_for_in_every_form_and_beside_their_second() -> None:
    rule = FilterRule("at_least", ("made",), dates=("date-time", "mm/dd/yyyy"))
    records = [{"made": f"2024-03-0{day}T00:00:00"} for day in range(1, 6)]
    values = choose_values(Parameter("made", "query", False, {}, filter=rule), records)
    assert {"2024-03-03T00:00:00Z", "03/03/2024", "2024-03-03T00:00:01Z", "2024-03-02T23:59:59Z"} <= set(values)
    assert [len(select(rule, value, records)) for value in values[:2]] == [3, 3]


def test_a_field_made_of_a_hidden_one_says_what_that_is() -> None:
    rule = FilterRule("equals", ("Kind",), {"shop": 1, "person": 0})
    made: dict[str, Any] = {"x-faker": {"choose": {"by": "$Kind", "cases": {"1": True}, "otherwise": False}}}
    schema = {"properties": {"is_shop": made, "name": {"type": "string"}}}
    assert contradicts(rule, "shop", {"is_shop": False}, schema) == "is_shop"
    assert contradicts(rule, "person", {"is_shop": False}, schema) == ""
