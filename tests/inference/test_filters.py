"""What query parameters of a list select by (F1 to F3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, operation, parameter, understand

WORDS = {"type": "array", "items": {"type": "string"}}
ORDER = {"enum": ["asc", "desc"]}
SCALARS = ["id", "name", "status", "created_at"]

TESTS: list[tuple[str, Any, dict[str, Any]]] = [
    ("a part, by its description", parameter("name", description="Part of the name."), {"contains": "name"}),
    ("a beginning, by its description", parameter("name", description="Names starting with"), {"starts": "name"}),
    ("the keys of the resource", "petIds", {"one_of": "id"}),
    ("the key of the resource", "pet_id", {"equals": "id"}),
    ("the name of a property", "status", {"equals": "status"}),
    ("in another spelling", "Created-At", {"equals": "created_at"}),
    ("in brackets", "filter[name]", {"equals": "name"}),
    ("behind a point", "filter.name", {"equals": "name"}),
    ("of a property inside an object", "owner.city", {"equals": "owner.city"}),
    ("the same, in one word", "owner_city", {"equals": "owner.city"}),
    ("several values", parameter("status", WORDS), {"one_of": "status"}),
    ("the plural", "names", {"one_of": "name"}),
    ("a property that is a list", "tag", {"one_of": "tags"}),
    ("at least", "created_at_gte", {"from": "created_at"}),
    ("at most, in brackets", "created_at[lte]", {"to": "created_at"}),
    ("more than", "id_gt", {"above": "id"}),
    ("less than, in brackets of a filter", "filter[id][lt]", {"below": "id"}),
    ("a smallest", "min_id", {"from": "id"}),
    ("after a moment that is named in short", "created_after", {"from": "created_at"}),
    ("before a moment in camel case", "createdBefore", {"to": "created_at"}),
    ("a part of a text", "name_contains", {"contains": "name"}),
    ("the beginning of a text", "name_prefix", {"starts": "name"}),
    ("since, for there is one moment", "since", {"from": "created_at"}),
    ("to a day, for there is one moment", "end_date", {"to": "created_at"}),
    ("words", "q", {"search": ["name"]}),
    ("words in another word", "searchTerm", {"search": ["name"]}),
    ("an order", "sort", {"sort": SCALARS}),
    ("an order by words", parameter("orderBy", {"enum": ["name", "-created"]}), {"sort": ["name", "created_at"]}),
    ("an order of other words", parameter("sort", {"enum": ["best", "worst"]}), {"none": True}),
    ("a direction of nothing", parameter("order", ORDER), {"none": True}),
    ("the properties to show", "fields", {"fields": True}),
    ("what else to embed", "expand", {"none": True}),
    ("a language", "locale", {"none": True}),
    ("a filter language", "filter", {"none": True}),
    ("a stranger", "colour", {"none": True}),
    ("a truth that no text can be", parameter("name", {"type": "boolean"}), {"none": True}),
    ("words that the property never has", parameter("status", {"enum": ["all", "mine"]}), {"none": True}),
    ("some words that it may have", parameter("status", {"enum": ["all", "sold"]}), {"equals": "status"}),
    ("an object", parameter("status", {"type": "object"}), {"none": True}),
]


@pytest.mark.parametrize(("sentence", "query", "test"), TESTS, ids=[row[0] for row in TESTS])
def test_a_parameter_selects_by(sentence: str, query: Any, test: dict[str, Any]) -> None:
    filters = understand({"/pets": {"get": operation(MANY, query)}}).get("/pets", "x-filters")
    assert list(filters.values()) == [test]


def test_a_direction_turns_the_order_beside_it_round() -> None:
    listing = operation(MANY, "sort", parameter("direction", ORDER))
    filters = understand({"/pets": {"get": listing}}).get("/pets", "x-filters")
    assert filters == {"sort": {"sort": SCALARS}, "direction": {"direction": "sort"}}


def test_paging_is_no_filter() -> None:
    assert understand({"/pets": {"get": operation(MANY, "page", "limit")}}).get("/pets", "x-filters") is None


def test_headers_select_nothing() -> None:
    listing = operation(MANY, parameter("name", place="header"))
    assert understand({"/pets": {"get": listing}}).get("/pets", "x-filters") is None


def test_filters_without_effect_are_counted_and_said() -> None:
    known = understand({"/pets": {"get": operation(MANY, "colour", "mood", "name")}})
    assert known.inference.counts.idle == 2
    assert known.because("F3") == (
        "no property of the record is named as `colour`; no property of the record is named as `mood`"
    )
