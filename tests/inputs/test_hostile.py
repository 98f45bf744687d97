"""What nobody means: every request gets values and problems, in bounded time, and nothing is raised."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.messages import Request
from tests.inputs.readers import BOOLEAN, COLORS, INTEGER, NUMBER, RGB, STRING, parameter, reader_of

DEEP = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Deep"}}, "additionalProperties": True}
CIRCLE = {"anyOf": [{"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/Ring"}]}
RING = {"allOf": [{"$ref": "#/components/schemas/Circle"}, {"oneOf": [{"$ref": "#/components/schemas/Ring"}, INTEGER]}]}
COMPONENTS = {"schemas": {"Deep": DEEP, "Circle": CIRCLE, "Ring": RING}}

READ = reader_of(
    parameter("query", "deep", {"$ref": "#/components/schemas/Deep"}, style="deepObject"),
    parameter("query", "circle", {"$ref": "#/components/schemas/Circle"}),
    parameter("query", "colors", COLORS, explode=False),
    parameter("query", "ids", {"type": "array", "items": INTEGER}),
    parameter("query", "number", NUMBER),
    parameter("query", "page", INTEGER),
    parameter("query", "text", {"type": "string", "pattern": "^(a+)+$"}),
    {"in": "query", "name": "json", "content": {"application/json": {"schema": RGB}}},
    parameter("header", "X-List", COLORS),
    parameter("cookie", "flag", BOOLEAN),
    parameter("path", "id", RGB, style="matrix", explode=True),
    body={"content": {name: {"schema": {"$ref": "#/components/schemas/Deep"}} for name in ("*/*",)}},
    components=COMPONENTS,
)

QUERIES: dict[str, str] = {
    "ten thousand parameters": "&".join(f"x{n}=1" for n in range(10_000)),
    "ten thousand times one": "&".join("ids=1" for _ in range(10_000)),
    "a list of a million": "colors=" + "a," * 1_000_000,
    "brackets a thousand deep": "deep" + "[a]" * 1_000 + "=1",
    "ten thousand brackets": "&".join(f"deep[a{n}][b]=1" for n in range(10_000)),
    "brackets that disagree": "deep[a]=1&deep[a][b]=2&deep[a][b][c]=3&deep[]=4",
    "brackets without end": "deep[a=1&deep]=2&deep[[[[=3&deep[]]]]=4&deep[][]=5",
    "JSON that is deep": "deep=" + '{"a":' * 5_000,
    "JSON that is deep in a list": "circle=" + "[" * 100_000 + "]" * 100_000,
    "digits": f"page={'9' * 100_000}&number={'9' * 100_000}&ids={'9' * 5_000}",
    "an exponent": "number=1e999999999",
    "a text that makes patterns slow": "text=" + "a" * 30_000 + "!",
    "percent signs": "text=%&%=%%%&number=%zz&page=%00",
    "ampersands": "&" * 100_000,
    "equals signs": "=" * 100_000,
    "broken JSON": "json=%7B%22R%22:" + "%5B" * 10_000,
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_any_query_is_read_soon(query: str) -> None:
    start = time.monotonic()
    values = READ(Request("GET", "/things", query), {"id": ";R=1"})
    assert len(values.problems) <= 20
    # No measurement: a request that takes the square of its length takes minutes here.
    assert time.monotonic() - start < 10


def test_problems_are_bounded() -> None:
    read = reader_of(*[parameter("query", f"p{n}", INTEGER, required=True) for n in range(100)])
    assert len(read(Request("GET", "/things"), {}).problems) == 20


def test_more_parameters_than_are_read_are_said() -> None:
    values = reader_of(parameter("query", "q", STRING))(Request("GET", "/things", "&".join(["q=1"] * 1_001)), {})
    assert values.problems[0].sentence == "has more than 1,000 parameters"


NAMES = st.sampled_from(
    ["deep", "deep[a]", "deep[a][b]", "deep[]", "circle", "colors", "ids", "number", "page", "text", "json", "R"],
)
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["[1]", "{}", '{"a":1}', "null", "true", "-0", "1e5", "a,b", "%5B", "\ud800"[:0]],
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(NAMES, TEXTS).map("=".join) | TEXTS, max_size=6).map("&".join),
    st.dictionaries(st.sampled_from(["x-list", "cookie", "content-type"]), TEXTS),
    TEXTS,
    st.binary(max_size=30) | TEXTS.map(str.encode),
)
def test_nothing_is_raised(query: str, headers: dict[str, str], path: str, body: bytes) -> None:
    values = READ(Request("POST", "/things", query, headers, body=body), {"id": path})
    assert all(problem.kind in ("invalid", "unsupported_media") and problem.sentence for problem in values.problems)


MEDIA = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "text/plain",
    "x/y",
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(MEDIA),
    st.binary(max_size=60) | st.text(alphabet='<>{}[]":,=&-x\r\n01aR/;', max_size=60).map(str.encode),
)
def test_no_body_raises(media_type: str, body: bytes) -> None:
    READ(Request("POST", "/things", headers={"content-type": media_type}, body=body), {})


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["--x", "\r\n", "--", 'Content-Disposition: form-data; name="a"', "b", "\n", ": ", ";"]),
        max_size=20,
    ).map("".join),
)
def test_no_parts_raise(text: str) -> None:
    READ(Request("POST", "/things", headers={"content-type": MEDIA[2]}, body=text.encode()), {})


def test_a_document_of_mistakes_is_compiled() -> None:
    odd: list[Any] = [
        None,
        7,
        "x",
        [],
        {},
        {"type": 7},
        {"type": "any"},
        {"enum": 5},
        {"items": 5},
        {"properties": []},
        {"allOf": 7},
        {"minimum": "1"},
    ]
    for schema in odd:
        node = {**parameter("query", "q", schema), "style": 7, "explode": "yes", "required": "true"}
        assert reader_of(node)(Request("GET", "/things", "q=7"), {}).problems == ()
        read = reader_of(
            body={
                "content": {
                    "application/json": {"schema": schema},
                    "multipart/form-data": {"schema": schema, "encoding": 7},
                },
            },
        )
        assert (
            read(Request("POST", "/things", headers={"content-type": "application/json"}, body=b"7"), {}).problems == ()
        )
    body: Any
    for body in (
        {"content": []},
        {"content": None},
        {"content": {"application/json": None}},
        {"content": {"x": []}},
        {},
    ):
        assert reader_of(body=body or {"x": 1})(Request("POST", "/things", body=b"7"), {}).problems == ()
    content: Any
    for content in ({}, [], {"application/json": None}, {"application/json": {"schema": 7}}, {"text/plain": []}):
        assert (
            reader_of({"in": "query", "name": "q", "content": content})(Request("GET", "/things", "q=7"), {}).problems
            == ()
        )
