"""Bodies of XML as the values that their schemas document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.inputs import NOTHING
from mock_server.openapi import Document, render_value
from tests.inputs.readers import BOOLEAN, INTEGER, STRING, Node, read_body, sentences

XML = "application/xml"

PET: Node = {
    "type": "object",
    "xml": {"name": "pet"},
    "required": ["name"],
    "properties": {
        "id": {**INTEGER, "xml": {"attribute": True}},
        "name": STRING,
        "is_new": {**BOOLEAN, "xml": {"name": "new"}},
        "tags": {"type": "array", "items": {**STRING, "xml": {"name": "tag"}}, "xml": {"wrapped": True}},
        "urls": {"type": "array", "items": {**STRING, "xml": {"name": "url"}}},
        "owner": {"type": "object", "properties": {"age": INTEGER}},
    },
}

READ: dict[str, tuple[str, Any]] = {
    "elements and attributes": (
        '<pet id="7"><name>Rex</name><new>true</new></pet>',
        {"id": 7, "name": "Rex", "is_new": True},
    ),
    "any name of the root": ("<x><name>Rex</name></x>", {"name": "Rex"}),
    "a declaration": ('<?xml version="1.0" encoding="UTF-8"?>\n<pet><name>Rex</name></pet>', {"name": "Rex"}),
    "a wrapped list": (
        "<pet><name>a</name><tags><tag>1</tag><tag>2</tag></tags></pet>",
        {"name": "a", "tags": ["1", "2"]},
    ),
    "an empty wrapped list": ("<pet><name>a</name><tags/></pet>", {"name": "a", "tags": []}),
    "a list": ("<pet><name>a</name><url>1</url><url>2</url></pet>", {"name": "a", "urls": ["1", "2"]}),
    "an object": ("<pet><name>a</name><owner><age>7</age></owner></pet>", {"name": "a", "owner": {"age": 7}}),
    "an empty object": ("<pet><name>a</name><owner/></pet>", {"name": "a", "owner": {}}),
    "namespaces": ('<p:pet xmlns:p="urn:x" p:id="7"><p:name>a</p:name></p:pet>', {"id": 7, "name": "a"}),
    "what is not documented": (
        "<pet><name>a</name><x>1</x><y><z>2</z></y><x>3</x></pet>",
        {"name": "a", "x": ["1", "3"], "y": {"z": "2"}},
    ),
    "characters": ("<pet><name>&lt;&#228;<![CDATA[<]]></name></pet>", {"name": "<ä<"}),
    "an empty text": ("<pet><name/></pet>", {"name": ""}),
}


@pytest.mark.parametrize("row", READ.values(), ids=READ)
def test_xml_is_read_by_its_hints(row: tuple[str, Any]) -> None:
    text, value = row
    values = read_body(PET, XML, text.encode())
    assert (values.body, sentences(values)) == (value, [])


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><pet><name>&b;</name></pet>'

BROKEN: dict[str, tuple[str, str]] = {
    "no XML": ("{}", "is no XML at line 1, column 1"),
    "an element that is open": ("<pet>\n<name>", "is no XML at line 2, column 7"),
    "two roots": ("<a/><b/>", "is no XML at line 1, column 5"),
    "entities of its own": (ENTITY, "has a document type, which is not read"),
    "a document type elsewhere": (
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "has a document type, which is not read",
    ),
    "an entity that is none": ("<x>&a;</x>", "is no XML at line 1, column 4"),
    "too deep": ("<a>" * 20_000, "has more than 100 levels or 50,000 elements"),
    "too much": ("<a>" + "<b/>" * 60_000 + "</a>", "has more than 100 levels or 50,000 elements"),
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_broken_xml_is_refused(row: tuple[str, str]) -> None:
    text, sentence = row
    values = read_body(PET, XML, text.encode())
    assert (values.body, sentences(values)) == (NOTHING, [f"body: {sentence}"])


def test_xml_is_checked_by_its_schema() -> None:
    assert sorted(sentences(read_body(PET, XML, b'<pet id="x"/>'))) == [
        "body /id: must be an integer",
        "body /name: is required",
    ]


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=5)


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries(
        {"name": TEXTS},
        optional={
            "id": st.integers(),
            "is_new": st.booleans(),
            "tags": st.lists(TEXTS),
            "urls": st.lists(TEXTS, min_size=1),
            "owner": st.fixed_dictionaries({}, optional={"age": st.integers()}),
        },
    ),
)
def test_what_is_written_is_read_back(pet: Any) -> None:
    text = render_value(pet, PET, XML, Document("things", {}))
    values = read_body(PET, XML, text)
    assert (values.body, values.problems) == (pet, ())
