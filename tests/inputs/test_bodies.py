"""Bodies in every form: which media type they are sent as, and what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.inputs import NOTHING
from mock_server.messages import Request
from tests.inputs.readers import BOOLEAN, COLORS, INTEGER, RGB, STRING, Node, read_body, reader_of, sentences

JSON, FORM, PARTS, XML, TEXT = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/xml",
    "text/plain",
)

TYPES: dict[str, tuple[list[str], str, str]] = {
    "its own name": ([XML, JSON], JSON, JSON),
    "in another case, with parameters": ([JSON], "Application/JSON; charset=UTF-8", JSON),
    "documented with parameters": (["application/json; charset=utf-8"], JSON, JSON),
    "documented in capitals": (["Application/JSON"], JSON, JSON),
    "no type: the first documented": ([JSON, XML], "", JSON),
    "no type where anything is documented": (["*/*"], "", JSON),
    "a range of its kind": (["application/*"], JSON, JSON),
    "anything": (["*/*"], TEXT, TEXT),
    "anything, as a star": (["*"], JSON, JSON),
    "an odd name": (["body"], JSON, JSON),
    "some JSON where JSON is documented": ([JSON], "application/vnd.things+json", "application/vnd.things+json"),
    "JSON where some JSON is documented": (["application/vnd.api+json"], JSON, JSON),
    "XML of another name": ([XML], "text/xml", "text/xml"),
    "a merge patch": (["application/merge-patch+json"], "application/merge-patch+json", "application/merge-patch+json"),
}


@pytest.mark.parametrize("row", TYPES.values(), ids=TYPES)
def test_a_media_type_is_one_of_the_documented(row: tuple[list[str], str, str]) -> None:
    documented, sent, media_type = row
    text = b"<a/>" if "xml" in sent else b"{}"
    values = read_types(documented, sent, text)
    assert (values.media_type, sentences(values)) == (media_type, [])


def read_types(documented: list[str], sent: str, text: bytes) -> Any:
    read = reader_of(body={"content": {name: {} for name in documented}})
    return read(Request("POST", "/things", headers={"content-type": sent} if sent else {}, body=text), {})


UNSUPPORTED: dict[str, tuple[list[str], str]] = {
    "another type": ([JSON], XML),
    "a form, which is what curl sends": ([JSON], FORM),
    "a patch where a whole is documented": ([JSON], "application/json-patch+json"),
    "a whole where a patch is documented": (["application/merge-patch+json"], JSON),
    "another kind than the range": (["image/*"], JSON),
    "what is no media type": ([JSON], "json"),
}


@pytest.mark.parametrize("row", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_another_media_type_is_not_supported(row: tuple[list[str], str]) -> None:
    documented, sent = row
    values = read_types(documented, sent, b"{}")
    (problem,) = values.problems
    assert (problem.kind, problem.where, values.body) == ("unsupported_media", "body", NOTHING)
    assert problem.sentence == f"{sent} cannot be read, but {documented[0]}"


ABSENT: dict[str, tuple[str, bool, str, Any, list[str]]] = {
    "an optional one": (JSON, False, "", NOTHING, []),
    "an optional one with a type": (JSON, False, JSON, NOTHING, []),
    "an optional one with another type": (JSON, False, TEXT, NOTHING, []),
    "a required one": (JSON, True, JSON, NOTHING, ["body: a body is required"]),
    "a required one without a type": (JSON, True, "", NOTHING, ["body: a body is required"]),
    "a required one in parts": (PARTS, True, PARTS, NOTHING, ["body: a body is required"]),
    "a form without fields": (FORM, True, FORM, {}, []),
    "an empty text": (TEXT, True, TEXT, "", []),
    "an empty file": ("image/png", True, "image/png", b"", []),
    "a required form of which nothing is said": (FORM, True, "", NOTHING, ["body: a body is required"]),
}


@pytest.mark.parametrize("row", ABSENT.values(), ids=ABSENT)
def test_no_bytes_are_no_body(row: tuple[str, bool, str, Any, list[str]]) -> None:
    documented, required, sent, value, problems = row
    read = reader_of(body={"required": required, "content": {documented: {"schema": {}}}})
    values = read(Request("POST", "/things", headers={"content-type": sent} if sent else {}), {})
    assert (values.body, sentences(values)) == (value, problems)


def test_a_parameter_makes_another_media_type() -> None:
    read = reader_of(body={"content": {JSON: {"schema": COLORS}, "application/json;simple": {"schema": RGB}}})
    for sent, text, value in (
        ("", b"[]", []),
        ("; charset=utf-8", b"[]", []),
        (";Simple", b"{}", {}),
        ("; simple; charset=utf-8", b"{}", {}),
        ("; other", b"[]", []),
    ):
        values = read(Request("POST", "/things", headers={"content-type": f"{JSON}{sent}"}, body=text), {})
        assert (values.body, values.problems) == (value, ())


def test_a_misspelt_form_is_a_form() -> None:
    assert read_body(RGB, "application/x-www-form-url-encoded", b"R=7", FORM).body == {"R": 7}


def test_a_body_that_is_not_documented_is_not_read() -> None:
    values = reader_of()(Request("POST", "/things", headers={"content-type": JSON}, body=b"{"), {})
    assert (values.body, values.media_type, values.problems) == (NOTHING, "", ())


THING: Node = {
    "type": "object",
    "required": ["name", "key"],
    "properties": {
        "key": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 2},
        "size": {"type": "integer", "maximum": 9},
        "parts": {"type": "array", "items": RGB},
    },
}

PROBLEMS: dict[str, tuple[str, list[str]]] = {
    "nothing": ('{"name": "ab"}', []),
    "what only the server writes may be sent": ('{"name": "ab", "key": 7}', []),
    "a member that is missing": ("{}", ["body /name: is required"]),
    "a member too short": ('{"name": "a"}', ["body /name: must have at least 2 characters"]),
    "two at once": (
        '{"name": "ab", "size": 10, "parts": [{"R": "x"}]}',
        ["body /parts/0/R: must be an integer", "body /size: must be at most 9"],
    ),
    "another type": ("[]", ["body: must be an object"]),
}


@pytest.mark.parametrize("row", PROBLEMS.values(), ids=PROBLEMS)
def test_a_body_is_checked_by_its_schema(row: tuple[str, list[str]]) -> None:
    text, problems = row
    assert sorted(sentences(read_body(THING, JSON, text.encode()))) == problems


FIELDS: Node = {
    "type": "object",
    "properties": {
        "name": STRING,
        "age": INTEGER,
        "is_new": BOOLEAN,
        "colors": COLORS,
        "ids": {"type": "array", "items": INTEGER},
        "rgb": RGB,
        "any": {},
        "meta": {"anyOf": [{"type": "object", "additionalProperties": STRING}, {"enum": [""]}]},
        "page[size]": INTEGER,
    },
}

FORMS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "types": ("name=7&age=7&is_new=true", {}, {"name": "7", "age": 7, "is_new": True}),
    "encoded": ("name=a%20b+c%C3%BC&any=%3D", {}, {"name": "a b cü", "any": "="}),
    "what is not documented is a text": ("other=7&any=7", {}, {"other": "7", "any": "7"}),
    "a list in fields": ("colors=a&colors=b", {}, {"colors": ["a", "b"]}),
    "a list of one": ("colors=a&ids=7", {}, {"colors": ["a"], "ids": [7]}),
    "a list with brackets": ("colors[]=a&colors[]=b&ids[0]=1&ids[1]=2", {}, {"colors": ["a", "b"], "ids": [1, 2]}),
    "a list as JSON": ("ids=[1,2]", {}, {"ids": [1, 2]}),
    "a list with commas": ("ids=1,2", {"ids": {"style": "form", "explode": False}}, {"ids": [1, 2]}),
    "a list with pipes": ("ids=1|2", {"ids": {"style": "pipeDelimited"}}, {"ids": [1, 2]}),
    "an object as JSON": ("rgb=%7B%22R%22%3A1%7D", {}, {"rgb": {"R": 1}}),
    "an object with brackets": (
        "rgb[R]=1&rgb[G]=2",
        {"rgb": {"style": "deepObject", "explode": True}},
        {"rgb": {"R": 1, "G": 2}},
    ),
    "an object with brackets, not said": ("rgb[R]=1", {}, {"rgb": {"R": 1}}),
    "an object or an empty text": ("meta=", {}, {"meta": ""}),
    "an empty text or an object": ("meta[a]=1", {}, {"meta": {"a": "1"}}),
    "either as JSON": ("meta=%7B%7D", {}, {"meta": {}}),
    "a name with brackets of its own": ("page[size]=7", {}, {"page[size]": 7}),
    "brackets of what is not documented": ("x[y]=7", {}, {"x[y]": "7"}),
}


@pytest.mark.parametrize("row", FORMS.values(), ids=FORMS)
def test_a_form_is_read_by_its_schema(row: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
    text, encoding, expected = row
    values = read_body(FIELDS, FORM, text.encode(), encoding=encoding)
    assert (values.body, sentences(values)) == (expected, [])


def test_a_wrong_field_is_named_by_its_place() -> None:
    required = {**FIELDS, "required": ["name"]}
    assert sorted(sentences(read_body(required, FORM, b"age=x&rgb[R]=y"))) == [
        "body /age: must be an integer",
        "body /name: is required",
        "body /rgb/R: must be an integer",
    ]


OTHERS: dict[str, tuple[Any, str, bytes, Any]] = {
    "a text": (STRING, TEXT, "grün".encode(), "grün"),
    "a text in Latin 1": (STRING, "text/plain; charset=ISO-8859-1", b"gr\xfcn", "grün"),
    "a number as text": (INTEGER, TEXT, b"7", 7),
    "an unknown charset is UTF-8": (STRING, "text/plain; charset=zip", b"x", "x"),
    "HTML": ({}, "text/html", b"<p>", "<p>"),
    "a file": ({"type": "string", "format": "binary"}, "application/octet-stream", b"\x00\xff", b"\x00\xff"),
    "a picture": ({}, "image/png", b"\x89PNG", b"\x89PNG"),
    "a form as one text": (STRING, "application/x-www-form-urlencoded", b"a=1&b=2", "a=1&b=2"),
    "JSON by another name": ({}, "text/json", b"[1]", [1]),
}


@pytest.mark.parametrize("row", OTHERS.values(), ids=OTHERS)
def test_other_bodies_are_texts_or_bytes(row: tuple[Any, str, bytes, Any]) -> None:
    schema, media_type, body, value = row
    values = read_body(schema, media_type, body)
    assert (values.body, sentences(values)) == (value, [])


def test_a_text_that_is_none_is_refused() -> None:
    assert sentences(read_body(STRING, TEXT, b"a\xff")) == ["body: is not UTF-8 at byte 1"]
    assert sentences(read_body({"type": "string", "maxLength": 1}, TEXT, b"ab")) == [
        "body: must have at most 1 character",
    ]


BROKEN: dict[str, tuple[bytes, str]] = {
    "no JSON": (b'{\n "a": x}', "is no JSON: Expecting value at line 2, column 7"),
    "a name twice": (b'{"a": {"b": 1, "b": 1}}', "has the name 'b' twice in one object"),
    "not a number": (b"[NaN]", "holds NaN, which is no JSON"),
    "infinity": (b"-Infinity", "holds -Infinity, which is no JSON"),
    "a number too large": (b"[1e999]", "holds the number 1e999, which is too large"),
    "too many digits": (b"9" * 5000, "holds a number of too many digits"),
    "no UTF-8": (b'"\xff"', "is not UTF-8 at byte 1"),
    "UTF-16": ('"a"'.encode("utf-16"), "is not UTF-8 at byte 0"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "begins with a byte order mark, which JSON has not"),
    "too deep": (b"[" * 200 + b"]" * 200, "is nested deeper than 100 levels"),
    "far too deep": (b"[" * 500_000, "is nested deeper than 100 levels"),
    "deep objects": (b'{"a":' * 200 + b"1" + b"}" * 200, "is nested deeper than 100 levels"),
    "half a pair": (b'{"a": "\\ud800"}', "holds half a surrogate pair"),
    "half a pair as a name": (b'{"\\uD800": 1}', "holds half a surrogate pair"),
    "two texts": (b"{} {}", "is no JSON: Extra data at line 1, column 4"),
    "blanks": (b" ", "is no JSON: Expecting value at line 1, column 2"),
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_broken_json_is_refused_with_its_place(row: tuple[bytes, str]) -> None:
    body, sentence = row
    values = read_body({}, JSON, body)
    assert (values.body, sentences(values)) == (NOTHING, [f"body: {sentence}"])


@pytest.mark.parametrize("value", [[[[1.5]], {"a": None}], "\U0001f600", {"": -0.0}, 10**400, True, [[]] * 500, None])
def test_json_is_what_it_says(value: Any) -> None:
    assert read_body({}, JSON, json.dumps(value).encode()).body == value
