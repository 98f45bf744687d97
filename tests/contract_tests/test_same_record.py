"""Which records are fetched by key, and where a record differs from the listed one."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.records.same_record import find_differences, find_gaps, find_prefixes, pick_records

SCHEMA = {"required": ["id"], "properties": {"id": {}, "note": {}, "at": {"properties": {"city": {}}}}}


@pytest.mark.parametrize(
    ("listed", "single", "places"),
    [
        pytest.param({"id": 1, "note": "a"}, {"note": "a", "id": 1}, [], id="another order"),
        pytest.param({"id": 1}, {"id": 1.0}, [], id="one number"),
        pytest.param({"id": 1}, {"id": True}, ["/id"], id="a number and a boolean"),
        pytest.param({"id": 1}, {"id": "1"}, ["/id"], id="a number as text"),
        pytest.param({"id": 1, "note": None}, {"id": 1}, ["/note"], id="null and missing"),
        pytest.param({"id": 1, "own": 2}, {"id": 1}, [], id="a member that nobody documents"),
        pytest.param({"note": "a"}, {"id": 1, "note": "a"}, [], id="what the schema requires"),
        pytest.param({"at": {"city": "a"}}, {"at": {"city": "b"}}, ["/at/city"], id="nested"),
        pytest.param({"note": ["a", "b"]}, {"note": ["a", "c"]}, ["/note/*"], id="in a list"),
        pytest.param({"id": 1}, None, [""], id="no record"),
    ],
)
def test_a_record_differs_where_its_values_do(listed: Any, single: Any, places: list[str]) -> None:
    assert [difference.place for difference in find_differences(listed, single, SCHEMA)] == places


def test_records_are_picked_for_what_they_tell() -> None:
    records: list[dict[str, Any]] = [{"id": n, "name": "x", "note": "y"} for n in (5, 9, 3, 8, 4, 7)]
    records[2]["note"] = None
    records[3]["name"] = "Zoë"
    picked = [record["id"] for record in pick_records(records, lambda record: record["id"])]
    assert picked[:5] == [5, 7, 3, 8, 9]
    assert sorted(picked) == [3, 4, 5, 7, 8, 9]
    assert pick_records([], id) == []


def test_keys_of_nobody_lie_between_and_before_those_of_records() -> None:
    assert find_gaps([1, 2, 4, 9, "x"], 2) == [3, 5]
    assert find_gaps(["a", "b"], 2) == []
    assert find_prefixes([118, 119, 1201, 120], 5) == [11, 12]


def test_null_may_be_an_empty_text_where_texts_alone_are_documented() -> None:
    texts, nullable = ({"properties": {"note": {"type": kind}}} for kind in ("string", ["string", "null"]))
    assert list(find_differences({"note": None}, {"note": ""}, texts)) == []
    assert len(list(find_differences({"note": None}, {"note": "x"}, texts))) == 1
    assert len(list(find_differences({"note": None}, {"note": ""}, nullable))) == 1
