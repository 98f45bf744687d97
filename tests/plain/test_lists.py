"""Lists of a plain document: pages of every style, filters, order, fields, and the facts that answers tell."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from tests.plain.playing import Play, play, play_petstore

ITEM = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "price": {"type": "number", "minimum": 0, "maximum": 100},
        "kind": {"enum": ["cat", "dog"]},
        "tags": {"type": "array", "items": {"enum": ["a", "b", "c"]}},
        "created_at": {"type": "string", "format": "date-time"},
    },
}


def integer(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "integer", **more}}


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string", **more}}


def make_list(
    parameters: list[dict[str, Any]],
    paging: dict[str, Any],
    properties: dict[str, Any] | None = None,
    filters: dict[str, Any] | None = None,
) -> Play:
    """A document with one list: bare where no properties stand beside its records."""
    items: dict[str, Any] = {"type": "array", "items": copy.deepcopy(ITEM)}
    schema = {"type": "object", "properties": {"data": items, **properties}} if properties is not None else items
    at = "/data" if properties is not None else ""
    operation = {
        "operationId": "listThings",
        "x-effect": {"list": "things", "at": at},
        "x-paging": paging,
        "x-filters": filters or {},
        "parameters": parameters,
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
    }
    return play({"x-collections": {"things": {"key": "id"}}, "paths": {"/things": {"get": operation}}})


def ids(body: Any) -> list[Any]:
    return [each["id"] for each in (body["data"] if isinstance(body, dict) else body)]


def walk(mock: Play, field: str, query: str = "") -> list[Any]:
    """Every id of a list, by following the address or token that answers tell."""
    seen: list[Any] = []
    for _ in range(60):
        body = mock.get("/things", query)
        seen += ids(body)
        following = body.get(field)
        if not following:
            return seen
        query = urlsplit(following).query if "://" in str(following) else f"cursor={following}&limit=7"
    raise AssertionError("it does not end")


STYLES: list[tuple[str, list[dict[str, Any]], dict[str, str], dict[str, Any], str, list[int]]] = [
    (
        "page and size",
        [integer("page"), integer("size")],
        {"page": "number", "size": "size"},
        {},
        "page=2&size=3",
        [4, 5, 6],
    ),
    (
        "pages from 0",
        [integer("page"), integer("size")],
        {"page": "number", "size": "size"},
        {"first": 0},
        "page=1&size=3",
        [4, 5, 6],
    ),
    (
        "offset and limit",
        [integer("offset"), integer("limit")],
        {"offset": "offset", "limit": "size"},
        {},
        "offset=4&limit=2",
        [5, 6],
    ),
    (
        "an offset that counts from 1",
        [integer("start", minimum=1), integer("rows")],
        {"start": "offset", "rows": "size"},
        {},
        "start=4&rows=2",
        [4, 5],
    ),
    (
        "an offset as text",
        [text("offset"), text("limit")],
        {"offset": "offset", "limit": "size"},
        {},
        "offset=4&limit=2",
        [5, 6],
    ),
    ("size alone", [integer("limit")], {"limit": "size"}, {}, "limit=2", [1, 2]),
    (
        "the key of the last record",
        [text("after"), integer("limit")],
        {"after": "cursor", "limit": "size"},
        {"cursor": "key"},
        "after=4&limit=2",
        [5, 6],
    ),
    (
        "the key of the first record",
        [text("before"), integer("limit")],
        {"before": "before", "limit": "size"},
        {"cursor": "key"},
        "before=4&limit=2",
        [2, 3],
    ),
    (
        "a page beside an offset with a default",
        [integer("page"), integer("offset", default=0), integer("limit")],
        {"page": "number", "offset": "offset", "limit": "size"},
        {},
        "page=2&limit=3",
        [4, 5, 6],
    ),
    ("past the end", [integer("page"), integer("size")], {"page": "number", "size": "size"}, {}, "page=900&size=3", []),
    (
        "a page beyond all numbers",
        [integer("page"), integer("size")],
        {"page": "number", "size": "size"},
        {},
        f"page={10**30}&size=3",
        [],
    ),
]


@pytest.mark.parametrize(
    ("parameters", "roles", "more", "query", "expected"),
    [row[1:] for row in STYLES],
    ids=[r[0] for r in STYLES],
)
def test_a_page_of_every_style(
    parameters: list[dict[str, Any]],
    roles: dict[str, str],
    more: dict[str, Any],
    query: str,
    expected: list[int],
) -> None:
    assert ids(make_list(parameters, {"parameters": roles, **more}).get("/things", query)) == expected


def test_a_list_that_documents_no_paging_is_whole() -> None:
    assert len(make_list([], {}).get("/things")) == 50


@pytest.mark.parametrize(
    ("schema", "expected"),
    [({"default": 5}, 5), ({"maximum": 8}, 8), ({}, 20), ({"default": 0}, 20)],
    ids=["the default", "no more than the maximum", "twenty where nothing is said", "no empty pages"],
)
def test_a_page_without_a_size_has(schema: dict[str, Any], expected: int) -> None:
    mock = make_list([integer("page"), integer("size", **schema)], {"parameters": {"page": "number", "size": "size"}})
    assert len(mock.get("/things")) == expected


NULLABLE = {"type": ["string", "null"]}
TOLD: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("how many there are", "total", {"type": "integer"}, "page=2&size=20", 50),
    ("how many there are, as text", "total", {"type": "string"}, "page=2&size=20", "50"),
    ("the number of the page", "number", {"type": "integer"}, "page=2&size=20", 2),
    ("the last page", "last", {"type": "integer"}, "page=2&size=20", 3),
    ("its size", "size", {"type": "integer"}, "page=3&size=20", 20),
    ("how many it shows", "count", {"type": "integer"}, "page=3&size=20", 10),
    ("that more follows", "has_more", {"type": "boolean"}, "page=2&size=20", True),
    ("that nothing follows", "has_more", {"type": "boolean"}, "page=3&size=20", False),
    (
        "the next page's address",
        "next_url",
        NULLABLE,
        "page=2&size=20&x=1",
        "http://mock/pets/things?size=20&x=1&page=3",
    ),
    ("null for no next page", "next_url", NULLABLE, "page=3&size=20", None),
    ("the page before", "prev_number", {"type": ["integer", "null"]}, "page=2&size=20", 1),
]


@pytest.mark.parametrize(("fact", "schema", "query", "expected"), [row[1:] for row in TOLD], ids=[r[0] for r in TOLD])
def test_an_answer_tells(fact: str, schema: dict[str, Any], query: str, expected: Any) -> None:
    paging = {"parameters": {"page": "number", "size": "size"}, "body": {"/meta/fact": fact}}
    properties = {"meta": {"type": "object", "properties": {"fact": schema}}}
    body = make_list([integer("page"), integer("size")], paging, properties).get("/things", query)
    assert body["meta"]["fact"] == expected


def test_what_has_no_value_is_left_out_where_null_is_not_allowed() -> None:
    paging = {"parameters": {"page": "number", "size": "size"}, "body": {"/next": "next_url"}}
    mock = make_list([integer("page"), integer("size")], paging, {"next": {"type": "string", "format": "uri"}})
    assert "next" in mock.get("/things", "page=1&size=20")
    assert "next" not in mock.get("/things", "page=3&size=20")


def test_tokens_lead_through_the_list_and_nobody_makes_one() -> None:
    paging = {"parameters": {"cursor": "cursor", "limit": "size"}, "body": {"/next": "next_token"}}
    mock = make_list([text("cursor"), integer("limit")], paging, {"next": NULLABLE}, {"kind": {"equals": "kind"}})
    assert walk(mock, "next", "limit=7") == list(range(1, 51))
    token = mock.get("/things", "limit=7")["next"]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "AAAA", "x" * 5_000, "%C3%A9"):
        assert mock.ask("GET", "/things", f"cursor={wrong}").status == 400


@pytest.mark.parametrize(
    "schema",
    [{"type": "integer"}, {"type": "string", "format": "uuid"}],
    ids=["a number", "a UUID"],
)
def test_a_token_has_the_form_of_its_parameter(schema: dict[str, Any]) -> None:
    paging = {"parameters": {"cursor": "cursor", "limit": "size"}, "body": {"/next": "next_token"}}
    nullable = {**schema, "type": [schema["type"], "null"]}
    mock = make_list([{**text("cursor"), "schema": schema}, integer("limit")], paging, {"next": nullable})
    assert walk(mock, "next", "limit=7") == list(range(1, 51))


def test_links_lead_through_the_list_in_the_body_and_in_the_header() -> None:
    paging = {
        "parameters": {"page": "number", "size": "size"},
        "body": {"/next": "next_url"},
        "headers": {"Link": "links", "X-Total": "total"},
    }
    mock = make_list([integer("page"), integer("size")], paging, {"next": NULLABLE})
    assert walk(mock, "next", "size=7") == list(range(1, 51))
    headers = dict(mock.ask("GET", "/things", "page=2&size=20").headers)
    assert headers["x-total"] == "50"
    assert '<http://mock/pets/things?size=20&page=3>; rel="next"' in headers["link"]


def test_links_without_a_documented_parameter_lead_on() -> None:
    paging = {"parameters": {"limit": "size"}, "body": {"/next": "next_url"}}
    assert walk(make_list([integer("limit")], paging, {"next": NULLABLE}), "next", "limit=20") == list(range(1, 51))


FILTERS: dict[str, Any] = {
    "kind": {"equals": "kind"},
    "tag": {"one_of": "tags"},
    "min_price": {"from": "price"},
    "max_price": {"below": "price"},
    "since": {"above": "created_at"},
    "q": {"search": ["name", "kind"]},
    "sort": {"sort": ["name", "price"]},
    "dir": {"direction": "sort"},
    "fields": {"fields": True},
    "noise": {"none": True},
}


@pytest.fixture(scope="module")
def filtered() -> Play:
    return make_list([text(name) for name in FILTERS], {}, None, FILTERS)


CASES: list[tuple[str, str, Any]] = [
    ("a field that equals", "kind=cat", lambda r: r["kind"] == "cat"),
    ("one of several", "tag=a,b", lambda r: {"a", "b"} & set(r.get("tags", ()))),
    ("at least", "min_price=50", lambda r: r.get("price", -1) >= 50),
    ("less than", "max_price=50", lambda r: r.get("price", 100) < 50),
    ("a word in several fields", "q=DOG", lambda r: "dog" in (r["name"] + r["kind"]).lower()),
    ("two at once", "kind=cat&min_price=50", lambda r: r["kind"] == "cat" and r.get("price", -1) >= 50),
    ("what changes nothing", "noise=1", lambda r: True),
    ("what is empty", "kind=", lambda r: True),
]


@pytest.mark.parametrize(("query", "is_right"), [row[1:] for row in CASES], ids=[r[0] for r in CASES])
def test_a_filter_selects_exactly(filtered: Play, query: str, is_right: Any) -> None:
    everything = filtered.get("/things")
    assert filtered.get("/things", query) == [record for record in everything if is_right(record)]


@pytest.mark.parametrize("query", ["sort=-price", "sort=price:desc", "sort=price&dir=DESC", "sort=price%20desc"])
def test_an_order_may_fall_in_every_spelling(filtered: Play, query: str) -> None:
    prices = [record["price"] for record in filtered.get("/things", query) if "price" in record]
    assert prices == sorted(prices, reverse=True) and len(set(prices)) > 5


def test_fields_that_are_asked_for_come_with_those_that_must() -> None:
    mock = make_list([text("fields")], {}, None, {"fields": {"fields": True}})
    assert {name for record in mock.get("/things", "fields=kind") for name in record} == {"id", "name", "kind"}


def test_a_nested_list_has_records_for_each_parent_and_none_for_a_parent_that_is_not_there() -> None:
    mock = play_petstore()
    first, second = (owner["id"] for owner in mock.get("/owners")[:2])
    assert mock.get(f"/owners/{first}/visits") != mock.get(f"/owners/{second}/visits")
    assert mock.ask("GET", "/owners/nobody/visits").status == 404


def test_the_same_seed_gives_the_same_bytes() -> None:
    bodies = {play_petstore().ask("GET", "/pets", "page=2").body for _ in range(3)}
    assert len(bodies) == 1 and orjson.loads(bodies.pop())["total"] == 50


def test_a_word_that_no_record_can_have_sets_no_condition() -> None:
    state = {"name": "kind", "in": "query", "schema": {"enum": ["cat", "dog", "all"]}}
    mock = make_list([state], {}, None, {"kind": {"equals": "kind"}})
    assert len(mock.get("/things", "kind=all")) == 50 > len(mock.get("/things", "kind=cat"))


def test_an_order_may_name_the_beginning_of_a_field(filtered: Play) -> None:
    mock = make_list([text("sort")], {}, None, {"sort": {"sort": ["name", "created_at"]}})
    moments = [record["created_at"] for record in mock.get("/things", "sort=-created") if "created_at" in record]
    assert moments == sorted(moments, reverse=True) and len(moments) > 5


def test_a_day_is_all_its_moments() -> None:
    mock = make_list([text("created_at")], {}, None, {"created_at": {"equals": "created_at"}})
    day = next(record["created_at"] for record in mock.get("/things") if "created_at" in record)[:10]
    assert {record["created_at"][:10] for record in mock.get("/things", f"created_at={day}")} == {day}


def test_how_many_pages_there_are_is_no_number_of_a_page() -> None:
    paging = {
        "parameters": {"page": "number", "size": "size"},
        "first": 0,
        "body": {"/total_pages": "last", "/last_page": "last"},
    }
    properties = {"total_pages": {"type": "integer"}, "last_page": {"type": "integer"}}
    body = make_list([integer("page"), integer("size")], paging, properties).get("/things", "size=20")
    assert (body["total_pages"], body["last_page"]) == (3, 2)
