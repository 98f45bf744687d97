"""Pages of every provider: what is obeyed, echoed, clamped or refused, and that pages make up the collection."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.sessions.dispatch import MockApis
from tests.conftest import LISTS, Ask, make_ask


class Way(NamedTuple):
    """How a provider pages: its parameters, where its answer has what, its largest size."""

    number: str
    size: str
    items: tuple[str, ...]
    total: tuple[str, ...]
    echoes: dict[str, tuple[str, ...]]
    largest: int
    key: str
    records: int


WAYS = {
    "fatora": Way(
        "page",
        "page_size",
        ("clients",),
        ("total",),
        {"number": ("page",), "size": ("page_size",)},
        100,
        "id",
        47,
    ),
    "yativo": Way(
        "page",
        "per_page",
        ("data",),
        ("pagination", "total"),
        {"number": ("pagination", "current_page"), "size": ("pagination", "per_page")},
        100,
        "customer_id",
        63,
    ),
    "sourcehub": Way(
        "page",
        "count",
        ("data", "customers"),
        ("data", "pagination", "total"),
        {"number": ("data", "pagination", "current_page"), "size": ("data", "pagination", "per_page")},
        100,
        "id",
        137,
    ),
    "sellercloud": Way("pageNumber", "pageSize", ("Items",), ("TotalResults",), {}, 50, "UserID", 137),
}
providers = pytest.mark.parametrize("name", WAYS)


def look(body: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def page(ask: Ask, name: str, **asked: Any) -> Any:
    way = WAYS[name]
    query = "&".join(f"{getattr(way, role, role)}={value}" for role, value in asked.items())
    response = ask(f"{LISTS[name]}?{query}")
    assert response.status == 200, response.body
    return json.loads(response.body)


def keys(body: Any, name: str) -> list[Any]:
    return [record[WAYS[name].key] for record in look(body, WAYS[name].items)]


@pytest.fixture(scope="module")
def everything(ask: Ask) -> dict[str, list[Any]]:
    """Each provider's keys in order, walked at the largest size."""
    return {
        name: [
            key
            for n in range(1, way.records // way.largest + 2)
            for key in keys(page(ask, name, number=n, size=way.largest), name)
        ]
        for name, way in WAYS.items()
    }


@providers
def test_the_default_collection_has_three_pages_and_no_record_twice(name: str, ask: Ask, everything: Any) -> None:
    default = len(keys(json.loads(ask(LISTS[name]).body), name))
    assert WAYS[name].records > 2 * default
    assert len(everything[name]) == len(set(everything[name])) == WAYS[name].records


@providers
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_page_of_any_size_is_that_slice_of_the_collection(
    name: str,
    data: Any,
    apis: MockApis,
    everything: Any,
) -> None:
    way, ask = WAYS[name], make_ask(apis)
    size = data.draw(st.integers(1, way.largest))
    number = data.draw(st.integers(1, way.records // size + 3))
    body = page(ask, name, number=number, size=size)
    assert keys(body, name) == everything[name][(number - 1) * size : number * size]
    assert look(body, way.total) == way.records
    for role, path in way.echoes.items():
        assert look(body, path) == {"number": number, "size": size}[role]


@settings(max_examples=60, deadline=None)
@given(skip=st.integers(0, 200), count=st.integers(1, 100))
def test_skip_and_count_are_an_offset(apis: MockApis, everything: Any, skip: int, count: int) -> None:
    body = page(make_ask(apis), "sourcehub", skip=skip, size=count)
    assert keys(body, "sourcehub") == everything["sourcehub"][skip : skip + count]


SERVED = [
    ("fatora", "page=99", (99, 20, 0), "a page past the end is empty"),
    ("fatora", "page=123456789012345678901234567890", (123456789012345678901234567890, 20, 0), "however far"),
    ("fatora", "page=%2B2", (2, 20, 20), "a plus sign is a sign"),
    ("fatora", "keyword=&email=", (1, 20, 20), "an empty filter is no filter"),
    ("fatora", "unknown=1", (1, 20, 20), "an unknown parameter is ignored"),
    ("yativo", "page=0", (1, 20, 20), "zero is the first page"),
    ("yativo", "page=-3", (1, 20, 20), "so is a negative number"),
    ("yativo", "page=abc", (1, 20, 20), "and text"),
    ("yativo", "page=", (1, 20, 20), "and nothing"),
    ("yativo", "page=1&page=2", (2, 20, 20), "the last of two counts"),
    ("yativo", "per_page=0", (1, 15, 15), "size zero is the framework's fifteen"),
    ("yativo", "per_page=-1", (1, 63, 63), "a negative size is everything"),
    ("yativo", "per_page=abc", (1, 20, 20), "text is the default size"),
    ("yativo", "per_page=1000", (1, 1000, 63), "no largest size is known"),
    ("yativo", "per_page=1000000", (1, 10_000, 63), "one answer has a largest size of our own"),
    ("sourcehub", "count=1000", (1, 100, 100), "more than the maximum is the maximum"),
    ("sourcehub", "limit=7", (1, 7, 7), "limit is count"),
    ("sourcehub", "count=5&limit=7", (1, 5, 5), "and count wins"),
    ("sourcehub", "skip=20&page=1&count=10", (3, 10, 10), "skip wins over page"),
    ("sourcehub", "skip=137", (14, 10, 0), "past the end by offset"),
    ("sellercloud", "pageSize=1000", (None, None, 50), "more than fifty is fifty"),
    ("sellercloud", "PAGESIZE=3&PageNumber=2", (None, None, 3), "names in any case"),
    ("sellercloud", "model.pageSize=4", (None, None, 4), "names with the prefix"),
]


@pytest.mark.parametrize(
    ("name", "query", "echoed", "sentence"),
    SERVED,
    ids=[f"{r[0]} {r[1]}: {r[3]}" for r in SERVED],
)
def test_what_is_served(name: str, query: str, echoed: Any, sentence: str, ask: Ask) -> None:
    response = ask(f"{LISTS[name]}?{query}")
    assert response.status == 200, response.body
    body, way = json.loads(response.body), WAYS[name]
    echoes = [look(body, way.echoes[role]) if role in way.echoes else None for role in ("number", "size")]
    assert (*echoes, len(keys(body, name))) == echoed


REFUSED = [
    ("fatora", "page=0"),
    ("fatora", "page=-1"),
    ("fatora", "page=abc"),
    ("fatora", "page="),
    ("fatora", "page=1.5"),
    ("fatora", "page=1_0"),
    ("fatora", "page=%D9%A1"),
    ("fatora", "page=1&page=2"),
    ("fatora", "page=null"),
    ("fatora", "page_size=0"),
    ("fatora", "page_size=101"),
    ("fatora", "page=%201"),
    ("fatora", f"page={'9' * 5000}"),
    ("sourcehub", "count=0"),
    ("sourcehub", "count=abc"),
    ("sourcehub", "skip=-1"),
    ("sourcehub", "page=0"),
    ("sellercloud", "pageNumber=0"),
    ("sellercloud", "rating=Great"),
    ("sellercloud", "rating=6"),
    ("sellercloud", "customerIDs=1,x"),
    ("sellercloud", "createdOnFrom=yesterday"),
    ("sellercloud", "exported=2"),
    ("sellercloud", "createdOnFrom=13/01/2020"),
    ("sellercloud", "createdOnTo=2020-02-30"),
    ("sellercloud", "channel="),
]


@pytest.mark.parametrize(("name", "query"), REFUSED, ids=[f"{name} {query[:40]}" for name, query in REFUSED])
def test_what_is_refused_is_the_documented_400(name: str, query: str, ask: Ask) -> None:
    response = ask(f"{LISTS[name]}?{query}")
    body = json.loads(response.body)
    expected = {
        "fatora": {"status": "ERROR", "error": {"error_code": "400", "description": "bad request"}},
        "sourcehub": {"error": {**body.get("error", {}), "code": "BAD_REQUEST_ERROR", "status_code": 400}},
        "sellercloud": {"Error": body.get("Error")},
    }
    assert (response.status, body) == (400, expected[name])


def test_the_parameter_is_named_where_the_text_is_ours(ask: Ask) -> None:
    body = json.loads(ask(f"{LISTS['sourcehub']}?count=abc").body)
    assert body["error"]["description"] == "count: must be an integer"


def test_links_lead_through_the_collection_and_end_with_null(ask: Ask) -> None:
    for name, path, links in (("yativo", ("pagination",), 4), ("sourcehub", ("data", "pagination"), 14)):
        target, seen = LISTS[name], []
        while target:
            body = json.loads(ask(target).body)
            seen += keys(body, name)
            told = look(body, path)
            assert told["next_page_url"] is None or told["next_page_url"].startswith("http://mock.test/")
            target = (told["next_page_url"] or "").removeprefix("http://mock.test")
            links -= 1
        assert links == 0 and len(seen) == len(set(seen)) == WAYS[name].records
        assert told["prev_page_url"].endswith(f"?page={told['last_page'] - 1}")


def test_an_empty_result_has_one_page(ask: Ask) -> None:
    body = json.loads(ask(f"{LISTS['fatora']}?keyword=nobody-has-this").body)
    assert body == {"status": "SUCCESS", "clients": [], "total": 0, "page_size": 20, "page": 1}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("1024", 200),
        ("1000", 200),
        ("1046", 200),
        ("1047", 404),
        ("999", 404),
        ("9" * 40, 404),
        ("0", 400),
        ("-5", 400),
        ("abc", 400),
        ("1024/", 200),
        ("1024.0", 400),
    ],
)
def test_one_client(path: str, status: int, ask: Ask) -> None:
    response = ask(f"{LISTS['fatora']}/{path}")
    body = json.loads(response.body)
    assert response.status == status
    if status == 200:
        assert body["client"] in [c for n in (1, 2, 3) for c in page(ask, "fatora", number=n)["clients"]]
    else:
        assert body["error"]["error_code"] == str(status)
