"""Which media type a client is answered in, and values written in each."""

from __future__ import annotations

import csv
import email
import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.openapi import Document, choose_media_type, find_content_type, render_value

JSON, XML, TEXT, HAL, V2 = (
    "application/json",
    "application/xml",
    "text/plain",
    "application/hal+json",
    "application/json; version=2",
)

CHOSEN: dict[str, tuple[str, list[str], str | None]] = {
    "no header: JSON": ("", [XML, JSON], JSON),
    "no header and no JSON: the first": ("", [XML, TEXT], XML),
    "no header: some JSON is JSON": ("", [TEXT, HAL], HAL),
    "anything: JSON": ("*/*", [XML, JSON], JSON),
    "what is named": ("application/xml", [JSON, XML], XML),
    "in any case": ("Application/XML", [JSON, XML], XML),
    "what is not offered is not acceptable": ("text/html", [JSON, XML], None),
    "a type that nobody knows": ("inv/alid", [TEXT], None),
    "JSON where only text is offered": ("application/json", [TEXT], None),
    "the liked one of two": ("application/json;q=0.5, application/xml", [JSON, XML], XML),
    "the liked one of two, with blanks": ("application/json ; q=0.5 , application/xml ; q=0.6", [JSON, XML], XML),
    "liked equally: the client's order": ("application/xml, application/json", [JSON, XML], XML),
    "the last of many": (
        "text/html,application/xhtml+xml,image/webp,*/*;q=0.8,application/signed-exchange;v=b3",
        [JSON],
        JSON,
    ),
    "as axios asks": ("application/json, text/plain, */*", [XML, TEXT, JSON], JSON),
    "a range of a kind": ("text/*", [JSON, TEXT], TEXT),
    "the more specific range counts, though it is liked less": (
        "text/*;q=0.9, text/plain;q=0.1, */*;q=0.5",
        [TEXT, JSON],
        JSON,
    ),
    "a quality of zero refuses": ("application/json;q=0, */*", [JSON, XML], XML),
    "a quality of zero refuses the only one": ("*/*, application/json;q=0", [JSON], None),
    "zero in its longest form": ("application/json;q=0.000", [JSON], None),
    "zero for everything": ("*/*;q=0", [JSON], None),
    "a charset has no weight": ("application/json; charset=utf-8", [JSON], JSON),
    "an offered charset has none": (
        "application/json",
        ["application/json; charset=utf-8"],
        "application/json; charset=utf-8",
    ),
    "a parameter that is offered otherwise": ("application/json; version=1", [V2], None),
    "a parameter chooses": ("application/json; version=2", [JSON, V2], V2),
    "a parameter that is not offered has no weight": ("application/json; indent=4", [JSON], JSON),
    "a quoted parameter": ('application/json; version="2"', [JSON, V2], V2),
    "JSON for who takes JSON": ("application/json", [HAL], HAL),
    "JSON for who takes JSON, but not what is refused": ("application/json, application/hal+json;q=0", [HAL], None),
    "its own name before its family": ("application/json", [HAL, JSON], JSON),
    "the named one of two kinds of JSON": ("application/hal+json", [JSON, HAL], HAL),
    "a header that names nothing is none": ("garbage", [XML, JSON], JSON),
    "a star alone is everything": ("text/html; q=.2, *; q=.2", [JSON], JSON),
    "a quality that is none is 1": ("application/xml;q=high, application/json;q=0.9", [JSON, XML], XML),
    "anything is offered": ("image/png", ["*/*"], "*/*"),
    "any application is offered": ("application/xml", ["application/*"], "application/*"),
    "any application is offered, text is wanted": ("text/plain", ["application/*"], None),
    "an odd name is JSON": ("application/json", ["default"], "default"),
    "an odd name is no text": ("text/plain", ["200"], None),
    "nothing is offered": ("*/*", [], None),
}


@pytest.mark.parametrize("row", CHOSEN.values(), ids=CHOSEN)
def test_a_client_gets_what_it_takes(row: tuple[str, list[str], str | None]) -> None:
    accept, offered, chosen = row
    assert choose_media_type(accept, offered) == chosen


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=' */;,=q0.1a"\\\t', max_size=60) | st.text(max_size=60))
def test_any_header_is_answered(accept: str) -> None:
    assert choose_media_type(accept, [JSON, "text/*", "x"]) in (JSON, "text/*", "x", None)


def test_a_header_of_a_million_ranges_is_read_in_part() -> None:
    assert choose_media_type("text/html," * 1_000_000 + "*/*", [JSON]) is None


CONTENT_TYPES: dict[str, tuple[str, str, str]] = {
    "as it is written": (JSON, "", JSON),
    "with its parameters": ("application/json; charset=utf-8", "", "application/json; charset=utf-8"),
    "text says its charset": ("text/plain", "", "text/plain; charset=utf-8"),
    "parts say their boundary": (
        "multipart/form-data",
        "",
        "multipart/form-data; boundary=understudy-7f1c0a52b9d84e63",
    ),
    "anything is JSON": ("*/*", "", JSON),
    "any picture is a PNG": ("image/*", "image/*, */*", "image/png"),
    "any picture is the wanted one": ("image/*", "text/html, image/gif", "image/gif"),
    "an odd name is JSON": ("default", "", JSON),
    "what would break a header is left out": ("text/html\r\nX-Bad: 1", "", JSON),
    "parameters that would break a header are left out": ("application/json; a=b\r\nX: 1", "", JSON),
}


@pytest.mark.parametrize("row", CONTENT_TYPES.values(), ids=CONTENT_TYPES)
def test_an_answer_says_what_it_is(row: tuple[str, str, str]) -> None:
    assert find_content_type(*row[:2]) == row[2]


def document_of(**schemas: Any) -> Document:
    return Document("things", {"openapi": "3.1.0", "components": {"schemas": schemas}})


def text_of(value: Any, media_type: str, schema: Any = True) -> str:
    return render_value(value, schema, media_type, document_of()).decode()


RECORDS = [{"id": 1, "name": "Ann"}, {"id": 2, "tags": ["a", "b"]}]

RENDERED: dict[str, tuple[Any, str, str]] = {
    "JSON": ({"a": [1, None]}, JSON, '{"a":[1,null]}'),
    "JSON of a range": (1, "application/*", "1"),
    "problem JSON": ("é", "application/problem+json", '"é"'),
    "a number beyond 64 bits": ({"n": 2**70}, JSON, f'{{"n":{2**70}}}'),
    "half a surrogate pair": ("\ud800", JSON, '"\\ud800"'),
    "text": ("hi", TEXT, "hi"),
    "a number as text": (7, TEXT, "7"),
    "no value as text": (None, TEXT, ""),
    "a record as text": ({"a": 1}, TEXT, '{"a":1}'),
    "a record a line": (RECORDS, "application/x-ndjson", '{"id":1,"name":"Ann"}\n{"id":2,"tags":["a","b"]}\n'),
    "a record a line, by another name": ([1, 2], "application/jsonl", "1\n2\n"),
    "a sequence": ([1], "application/json-seq", "\x1e1\n"),
    "events": ([{"a": 1}, "x\ny"], "text/event-stream", 'data: {"a":1}\n\ndata: x\ndata: y\n\n'),
    "events as they are": ("event: a\ndata: 1\n\n", "text/event-stream", "event: a\ndata: 1\n\n"),
    "a form": (
        {"a": "x y", "b": [1, 2], "c": {"d": True}},
        "application/x-www-form-urlencoded",
        "a=x+y&b=1&b=2&c=%7B%22d%22%3Atrue%7D",
    ),
    "YAML is JSON": ({"a": 1}, "application/yaml", '{"a":1}'),
    "a type of the vendor's, of a record": ({"a": 1}, "application/vnd.x", '{"a":1}'),
    "a type of the vendor's, of text": ("raw", "application/vnd.x.raw", "raw"),
    "HTML": ("<p>", "text/html", "<p>"),
}


@pytest.mark.parametrize("row", RENDERED.values(), ids=RENDERED)
def test_a_value_is_written_in_its_media_type(row: tuple[Any, str, str]) -> None:
    value, media_type, text = row
    assert text_of(value, media_type) == text


def test_records_are_a_table() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(RECORDS, "text/csv"))))
    assert rows == [{"id": "1", "name": "Ann", "tags": ""}, {"id": "2", "name": "", "tags": '["a","b"]'}]


def test_a_form_is_read_back() -> None:
    assert parse_qs(text_of({"a&b": "=", "c": ["1", "ü"]}, "application/x-www-form-urlencoded")) == {
        "a&b": ["="],
        "c": ["1", "ü"],
    }


def test_parts_are_read_back() -> None:
    head = f"Content-Type: {find_content_type('multipart/form-data')}\r\n\r\n"
    message = email.message_from_string(
        head + text_of({"a": 'x"y', "b": [1, 2], "c": {"d": None}}, "multipart/form-data"),
    )
    parts: list[Any] = list(message.walk())[1:]
    said = [(part.get_param("name", header="content-disposition"), part.get_payload()) for part in parts]
    assert said == [("a", 'x"y'), ("b", "1"), ("b", "2"), ("c", '{"d":null}')]


SIGNATURES: dict[str, bytes] = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF89a",
    "image/*": b"\x89PNG",
    "image/svg+xml": b"<svg ",
    "application/pdf": b"%PDF-",
    "application/zip": b"PK\x05\x06",
    "audio/mpeg": b"\xff\xfb",
    "audio/wav": b"RIFF",
    "image/webp": b"\x00\x01",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"\x00\x01",
    "video/mp4": b"\x00\x00\x00\x14ftyp",
}


@pytest.mark.parametrize("media_type", SIGNATURES)
def test_what_no_value_can_be_is_a_tiny_file(media_type: str) -> None:
    for value in ("text", {"a": 1}, None):
        assert render_value(value, True, media_type, document_of()).startswith(SIGNATURES[media_type])


def test_the_tiny_files_hold_together() -> None:
    pdf = render_value(None, True, "application/pdf", document_of())
    places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n", pdf)]
    assert [pdf[at : at + 5] for at in places] == [b"1 0 o", b"2 0 o", b"3 0 o"]
    assert pdf[int(re.findall(rb"startxref\n(\d+)", pdf)[0]) :].startswith(b"xref")
    assert zipfile.ZipFile(io.BytesIO(render_value(None, True, "application/zip", document_of()))).namelist() == []
    assert render_value(b"\x00own", True, "image/png", document_of()) == b"\x00own"
    assert render_value(None, True, "application/octet-stream", document_of()) == bytes(range(256))


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
        max_leaves=20,
    ),
)
def test_any_value_is_json_and_xml(value: Any) -> None:
    assert json.loads(render_value(value, True, JSON, document_of())) == value
    if not (isinstance(value, str) and value.lstrip().startswith("<")):
        ElementTree.fromstring(render_value(value, True, XML, document_of()))
    for media_type in ("text/csv", "text/plain", "application/x-ndjson", "multipart/mixed", "x/y", "text/event-stream"):
        assert isinstance(render_value(value, True, media_type, document_of()), bytes)
