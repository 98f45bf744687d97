"""Which parameter the texts of a request belong to: names, brackets, members, headers, cookies."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.messages import Request
from tests.inputs.readers import COLORS, INTEGER, RGB, STRING, Node, parameter, reader_of, sentences

NAMES = [
    "filter[status]",
    "$top",
    "StartTime<",
    "a.b",
    "ids[]",
    "x-y",
    "größe",
    "a b",
    "a&b",
    "q=r",
    "(id)",
    "page[size]",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_encoded", [True, False])
def test_any_name_is_known(name: str, is_encoded: bool) -> None:
    if not is_encoded and set(name) & set(" &="):
        return
    written = "".join(f"%{byte:02X}" for byte in name.encode()) if is_encoded else name
    values = reader_of(parameter("query", name, INTEGER))(Request("GET", "/things", f"{written}=7"), {})
    assert (values.query, values.problems) == ({name: 7}, ())


FILTER = parameter("query", "filter", {"type": "object", "properties": {"a": INTEGER}}, style="deepObject")
NESTED = {
    "type": "object",
    "properties": {
        "size": {"type": "object", "properties": {"least": INTEGER, "ids": {"type": "array", "items": INTEGER}}},
    },
}
CREATED = {"anyOf": [INTEGER, {"type": "object", "properties": {"gt": INTEGER, "lt": INTEGER}}]}
FREE = {"type": "object", "additionalProperties": INTEGER}

QUERIES: dict[str, tuple[list[Node], str, dict[str, Any]]] = {
    "what is not documented has no effect": ([FILTER], "other=1&b[a]=1", {}),
    "brackets": ([FILTER], "filter[a]=7", {"filter": {"a": 7}}),
    "brackets within brackets": (
        [parameter("query", "f", NESTED, style="deepObject")],
        "f[size][least]=7&f[size][ids][]=1&f[size][ids][]=2",
        {"f": {"size": {"least": 7, "ids": [1, 2]}}},
    ),
    "numbers in brackets are places in a list": (
        [parameter("query", "f", NESTED, style="deepObject")],
        "f[size][ids][0]=1&f[size][ids][1]=2",
        {"f": {"size": {"ids": [1, 2]}}},
    ),
    "a documented name with brackets goes first": (
        [FILTER, parameter("query", "filter[b]", STRING)],
        "filter[a]=7&filter[b]=x",
        {"filter": {"a": 7}, "filter[b]": "x"},
    ),
    "a number or an object": (
        [parameter("query", "created", CREATED, style="deepObject")],
        "created=7",
        {"created": 7},
    ),
    "an object or a number": (
        [parameter("query", "created", CREATED, style="deepObject")],
        "created[gt]=7&created[lt]=9",
        {"created": {"gt": 7, "lt": 9}},
    ),
    "members of an object among others": (
        [parameter("query", "color", RGB), parameter("query", "page", INTEGER)],
        "R=1&page=2",
        {"color": {"R": 1}, "page": 2},
    ),
    "an object that takes any member takes what is left": (
        [parameter("query", "more", FREE), parameter("query", "page", INTEGER)],
        "x=1&page=2&y=3",
        {"more": {"x": 1, "y": 3}, "page": 2},
    ),
    "an object of which nothing was sent": ([parameter("query", "color", RGB)], "", {}),
    "the same name in upper case is another": ([parameter("query", "page", INTEGER)], "Page=7", {}),
    "a name without a value": ([parameter("query", "q", STRING)], "q", {"q": ""}),
    "a value with equals signs": ([parameter("query", "q", STRING)], "q=a=b==", {"q": "a=b=="}),
    "reserved characters": (
        [parameter("query", "q", STRING, allowReserved=True)],
        "q=:/?#[]@!$'()*,;",
        {"q": ":/?#[]@!$'()*,;"},
    ),
    "empty pieces": ([parameter("query", "q", STRING)], "&&q=a&&=x&", {"q": "a"}),
    "JSON": (
        [{"in": "query", "name": "f", "content": {"application/json": {"schema": RGB}}}],
        "f=%7B%22R%22%3A1%7D",
        {"f": {"R": 1}},
    ),
    "a text by its media type": (
        [{"in": "query", "name": "f", "content": {"text/plain": {"schema": INTEGER}}}],
        "f=7",
        {"f": 7},
    ),
}


@pytest.mark.parametrize("row", QUERIES.values(), ids=QUERIES)
def test_a_query_is_divided_among_its_parameters(row: tuple[list[Node], str, dict[str, Any]]) -> None:
    parameters, query, expected = row
    values = reader_of(*parameters)(Request("GET", "/things", query), {})
    assert (values.query, sentences(values)) == (expected, [])


MISSING: dict[str, tuple[Node, str, list[str]]] = {
    "a text": (parameter("query", "q", STRING, required=True), "", ["query q: is required"]),
    "a list": (parameter("query", "q", COLORS, required=True), "p=1", ["query q: is required"]),
    "a deep object": ({**FILTER, "required": True}, "", ["query filter: is required"]),
    "an object that may be empty": (parameter("query", "color", RGB, required=True), "", []),
    "an object whose member is missing": (
        parameter("query", "color", {**RGB, "required": ["R"]}, required=True),
        "G=1",
        ["query color: is required at /R"],
    ),
    "a member of the wrong type": (parameter("query", "color", RGB), "R=x", ["query color: must be an integer at /R"]),
    "broken JSON": (
        {"in": "query", "name": "f", "content": {"application/json": {}}},
        "f=%7B",
        ["query f: is no JSON: Expecting property name enclosed in double quotes at line 1, column 2"],
    ),
    "a header": (parameter("header", "X-Tenant", STRING, required=True), "", ["header X-Tenant: is required"]),
    "a cookie": (parameter("cookie", "sid", STRING, required=True), "", ["cookie sid: is required"]),
    "headers of the client's library": (parameter("header", "User-Agent", STRING, required=True), "", []),
    "the header Accept": (parameter("header", "Accept", {"enum": ["a/b"]}, required=True), "", []),
    "a place that is none": (parameter("body", "b", STRING, required=True), "", []),
}


@pytest.mark.parametrize("row", MISSING.values(), ids=MISSING)
def test_what_is_missing_is_named(row: tuple[Node, str, list[str]]) -> None:
    node, query, expected = row
    assert sentences(reader_of(node)(Request("GET", "/things", query), {})) == expected


def test_headers_have_no_case() -> None:
    read = reader_of(parameter("header", "X-Tenant", INTEGER), parameter("header", "api_key", STRING))
    values = read(Request("GET", "/things", headers={"x-tenant": "7", "api_key": "k", "x-other": "1"}), {})
    assert values.header == {"X-Tenant": 7, "api_key": "k"}


def test_a_path_keeps_what_is_not_documented() -> None:
    values = reader_of(parameter("path", "id", INTEGER))(Request("GET", "/things"), {"id": "7", "other": "x"})
    assert (values.path, values.problems) == ({"id": 7, "other": "x"}, ())
    assert reader_of()(Request("GET", "/things"), {"id": "7"}).path == {"id": "7"}


def test_a_wrong_key_is_named_by_its_place() -> None:
    values = reader_of(parameter("path", "id", INTEGER, required=True))(Request("GET", "/things"), {"id": "x"})
    assert sentences(values) == ["path id: must be an integer"]


def test_a_credential_that_is_a_parameter_is_not_missed_here() -> None:
    key = parameter("header", "api_key", STRING, required=True)
    read = reader_of(key, **{"x-credential": {"in": "header", "name": "api_key"}})
    assert read(Request("GET", "/things"), {}).problems == ()


WHOLE: dict[str, tuple[str, Any, str, Any, list[str]]] = {
    "a form": ("application/x-www-form-urlencoded", RGB, "R=1&G=2", {"R": 1, "G": 2}, []),
    "JSON": ("application/json", RGB, "%7B%22R%22%3A1%7D", {"R": 1}, []),
    "a text": ("text/plain", STRING, "a%20b", "a b", []),
    "a wrong member": (
        "application/x-www-form-urlencoded",
        RGB,
        "R=x",
        {"R": "x"},
        ["query whole: must be an integer at /R"],
    ),
    "broken JSON": (
        "application/json",
        RGB,
        "x",
        None,
        ["query whole: is no JSON: Expecting value at line 1, column 1"],
    ),
    "nothing": ("application/json", RGB, "", None, ["query whole: is required"]),
}


@pytest.mark.parametrize("row", WHOLE.values(), ids=WHOLE)
def test_a_parameter_may_be_the_whole_query(row: tuple[str, Any, str, Any, list[str]]) -> None:
    media_type, schema, query, value, problems = row
    node = {"in": "querystring", "name": "whole", "required": True, "content": {media_type: {"schema": schema}}}
    values = reader_of(node)(Request("GET", "/things", query), {})
    assert (values.query.get("whole"), sentences(values)) == (value, problems)
