"""Roles of parameters and facts of the page (P1 to P4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, answer, envelope, operation, parameter, understand

NUMBER = {"type": "integer"}
ROLES: list[tuple[str, tuple[Any, ...], dict[str, str] | None]] = [
    ("number and size", ("page", "per_page"), {"page": "number", "per_page": "size"}),
    ("in any case", ("PageNumber", "Page-Size"), {"PageNumber": "number", "Page-Size": "size"}),
    ("in brackets", ("page[number]", "page[size]"), {"page[number]": "number", "page[size]": "size"}),
    ("with a point", ("page.after", "page.size"), {"page.after": "cursor", "page.size": "size"}),
    ("offset and limit", ("offset", "limit"), {"offset": "offset", "limit": "size"}),
    ("OData", ("$skip", "$top"), {"$skip": "offset", "$top": "size"}),
    ("OData in words", ("odata.skip", "odata.top"), {"odata.skip": "offset", "odata.top": "size"}),
    ("cursor both ways", ("after", "before", "limit"), {"after": "cursor", "before": "before", "limit": "size"}),
    ("a size alone", ("limit",), {"limit": "size"}),
    ("two sizes: the surer one", ("count", "page", "per_page"), {"page": "number", "per_page": "size"}),
    ("`from` beside a size", ("from", "size"), {"from": "offset", "size": "size"}),
    ("`from` alone is none", ("from",), None),
    ("`count` alone is none", ("count", "name"), None),
    ("`before` and `after` alone are none", ("before", "after"), None),
    ("a token beside nothing is none", ("token",), None),
    (
        "`after` with a moment is none",
        (parameter("after", {"type": "string", "format": "date-time"}), "limit"),
        {"limit": "size"},
    ),
    (
        "`before` that is described as a date is none",
        (parameter("before", description="Only those made before this date."), "limit"),
        {"limit": "size"},
    ),
    ("a filter is none", ("name",), None),
]


@pytest.mark.parametrize(("sentence", "query", "roles"), ROLES, ids=[row[0] for row in ROLES])
def test_roles(sentence: str, query: tuple[Any, ...], roles: dict[str, str] | None) -> None:
    paging = understand({"/pets": {"get": operation(MANY, *query)}}).get("/pets", "x-paging")
    assert (paging or {}).get("parameters") == roles


def inside(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT, URI, FLAG = {"type": "string"}, {"type": "string", "format": "uri"}, {"type": "boolean"}
FACTS: list[tuple[str, tuple[str, ...], dict[str, Any], dict[str, str]]] = [
    ("a total", (), {"total": NUMBER}, {"/total": "total"}),
    ("a count that is the total", (), {"count": NUMBER}, {"/count": "total"}),
    ("a count beside a total", (), {"count": NUMBER, "total": NUMBER}, {"/count": "count", "/total": "total"}),
    (
        "in `meta`",
        ("page",),
        {"meta": inside(total_pages=NUMBER, page=NUMBER, per_page=NUMBER)},
        {"/meta/total_pages": "last", "/meta/page": "number", "/meta/per_page": "size"},
    ),
    (
        "two levels down",
        ("page",),
        {"meta": inside(pagination=inside(total=NUMBER))},
        {"/meta/pagination/total": "total"},
    ),
    ("nothing in an object of another name", (), {"owner": inside(total=NUMBER)}, {}),
    ("a text is no total", (), {"total": inside()}, {}),
    ("an address by format", ("page",), {"next": URI}, {"/next": "next_url"}),
    (
        "an address by example",
        ("cursor",),
        {"next": {**TEXT, "example": "https://a.example/?cursor=b"}},
        {"/next": "next_url"},
    ),
    (
        "an address by description",
        ("cursor",),
        {"next": {**TEXT, "description": "URL of the next page"}},
        {"/next": "next_url"},
    ),
    (
        "an address for want of a cursor",
        ("page",),
        {"next": TEXT, "previous": TEXT},
        {"/next": "next_url", "/previous": "prev_url"},
    ),
    ("a token, for there is a cursor", ("cursor",), {"next": TEXT}, {"/next": "next_token"}),
    ("a token by name", ("page_token",), {"next_page_token": TEXT}, {"/next_page_token": "next_token"}),
    (
        "links",
        ("page",),
        {"links": inside(next=inside(href=TEXT), self=TEXT, first=TEXT, last=TEXT)},
        {
            "/links/next/href": "next_url",
            "/links/self": "url",
            "/links/first": "first_url",
            "/links/last": "last_url",
        },
    ),
    ("whether there are more", ("page",), {"has_more": FLAG}, {"/has_more": "has_more"}),
    ("the next number", ("page",), {"next_page": NUMBER}, {"/next_page": "next_number"}),
    ("the next offset", ("offset",), {"next": NUMBER}, {"/next": "next_offset"}),
    (
        "keys",
        ("after", "limit"),
        {"first_id": TEXT, "last_id": TEXT},
        {"/first_id": "first_key", "/last_id": "last_key"},
    ),
    (
        "OData",
        ("$top", "$skip"),
        {"@odata.nextLink": TEXT, "@odata.count": NUMBER},
        {"/@odata.nextLink": "next_url", "/@odata.count": "total"},
    ),
    ("once, where it stands highest", (), {"meta": inside(total=NUMBER), "total": NUMBER}, {"/total": "total"}),
]


@pytest.mark.parametrize(("sentence", "query", "beside", "body"), FACTS, ids=[row[0] for row in FACTS])
def test_facts(sentence: str, query: tuple[str, ...], beside: dict[str, Any], body: dict[str, str]) -> None:
    paging = understand({"/pets": {"get": operation(envelope(**beside), *query)}}).get("/pets", "x-paging")
    assert (paging or {}).get("body", {}) == body


HEADERS: list[tuple[str, str | None]] = [
    ("Link", "links"),
    ("X-Total-Count", "total"),
    ("X-Pagination-Total-Count", "total"),
    ("X-Total-Pages", "last"),
    ("X-Page", "number"),
    ("X-Next-Page", "next_number"),
    ("X-Next-Cursor", "next_token"),
    ("X-RateLimit-Limit", None),
    ("X-Request-Id", None),
    ("Limit", None),
]


@pytest.mark.parametrize(("header", "fact"), HEADERS)
def test_headers(header: str, fact: str | None) -> None:
    responses = answer(MANY, headers={header: {"schema": NUMBER}})
    paging = understand({"/pets": {"get": {"responses": responses}}}).get("/pets", "x-paging") or {}
    assert paging.get("headers", {}).get(header) == fact


FIRST: list[tuple[str, dict[str, Any], str, int]] = [
    ("nothing is said", {}, "", 1),
    ("the default is 0", {"default": 0}, "", 0),
    ("the default is 1 and the minimum 0", {"default": 1, "minimum": 0}, "", 1),
    ("the minimum is 0", {"minimum": 0}, "", 0),
    ("in words", {}, "Zero-based number of the page.", 0),
    ("in other words", {}, "The page to show, starting at 0.", 0),
]


@pytest.mark.parametrize(("sentence", "schema", "description", "first"), FIRST, ids=[row[0] for row in FIRST])
def test_the_first_page(sentence: str, schema: dict[str, Any], description: str, first: int) -> None:
    page = parameter("page", {**NUMBER, **schema}, description=description)
    paging = understand({"/pets": {"get": operation(MANY, page)}}).get("/pets", "x-paging")
    assert paging.get("first", 1) == first


CURSORS: list[tuple[str, tuple[str, ...], dict[str, Any], str]] = [
    ("a token by its name", ("cursor",), {}, "token"),
    ("a key by its name", ("starting_after", "ending_before", "limit"), {"has_more": FLAG}, "key"),
    ("a key, for no answer tells a token", ("after", "limit"), {}, "key"),
    ("a key, for the last one is told", ("after", "limit"), {"last_id": TEXT}, "key"),
    ("a token, for one is told", ("starting_after", "limit"), {"next_cursor": TEXT}, "token"),
    ("a token, for an address is told", ("after", "limit"), {"next": URI}, "token"),
]


@pytest.mark.parametrize(("sentence", "query", "beside", "cursor"), CURSORS, ids=[row[0] for row in CURSORS])
def test_a_cursor_is(sentence: str, query: tuple[str, ...], beside: dict[str, Any], cursor: str) -> None:
    paging = understand({"/pets": {"get": operation(envelope(**beside), *query)}}).get("/pets", "x-paging")
    assert paging["cursor"] == cursor


def test_half_of_all_lists_are_not_paged() -> None:
    assert understand({"/pets": {"get": operation(MANY)}}).get("/pets", "x-paging") is None
