"""Values as XML: the examples of OpenAPI 3.1's "XML Object", and names that XML has not."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from mock_server.openapi import Document, render_value

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
TEXT, LIST = {"type": "string"}, ["one", "two"]


def xml_of(value: Any, schema: Any, **schemas: Any) -> str:
    document = Document("things", {"openapi": "3.1.0", "components": {"schemas": schemas}})
    text = render_value(value, schema, "application/xml", document).decode()
    ElementTree.fromstring(text)
    return text.removeprefix(DECLARATION)


def array(items: Any = None, **xml: Any) -> dict[str, Any]:
    return {"type": "array", "items": {**TEXT, **({"xml": items} if items else {})}, **({"xml": xml} if xml else {})}


PROPERTIES: dict[str, tuple[Any, Any, str | None]] = {
    "a text": (TEXT, "x", "<animals>x</animals>"),
    "a text that needs escaping": (TEXT, "<&>", "<animals>&lt;&amp;&gt;</animals>"),
    "a boolean": ({}, True, "<animals>true</animals>"),
    "null": ({}, None, "<animals />"),
    "another name": ({"xml": {"name": "animal"}}, "x", "<animal>x</animal>"),
    "an attribute": ({"xml": {"attribute": True}}, 5, None),
    "a prefix and a namespace": (
        {"xml": {"name": "a", "prefix": "smp", "namespace": "https://example.com/schema"}},
        "x",
        '<smp:a xmlns:smp="https://example.com/schema">x</smp:a>',
    ),
    "a prefix without a namespace": ({"xml": {"prefix": "smp"}}, "x", "<animals>x</animals>"),
    "a list": (array(), LIST, "<animals>one</animals><animals>two</animals>"),
    "a list, its entries with a name": (array({"name": "animal"}), LIST, "<animal>one</animal><animal>two</animal>"),
    "a list with a name that is not wrapped": (
        array({"name": "animal"}, name="aliens"),
        LIST,
        "<animal>one</animal><animal>two</animal>",
    ),
    "a list wrapped": (array(wrapped=True), LIST, "<animals><animals>one</animals><animals>two</animals></animals>"),
    "a list wrapped, its entries with a name": (
        array({"name": "animal"}, wrapped=True),
        LIST,
        "<animals><animal>one</animal><animal>two</animal></animals>",
    ),
    "a list wrapped, both with a name": (
        array({"name": "animal"}, name="aliens", wrapped=True),
        LIST,
        "<aliens><animal>one</animal><animal>two</animal></aliens>",
    ),
    "a list wrapped with one name for both": (
        array(name="aliens", wrapped=True),
        LIST,
        "<aliens><aliens>one</aliens><aliens>two</aliens></aliens>",
    ),
    "an empty list": (array(), [], ""),
    "an empty list wrapped": (array(wrapped=True), [], "<animals />"),
}


@pytest.mark.parametrize("row", PROPERTIES.values(), ids=PROPERTIES)
def test_a_property_is_written_by_its_hints(row: tuple[Any, Any, str | None]) -> None:
    schema, value, inside = row
    written = xml_of({"animals": value}, {"xml": {"name": "zoo"}, "properties": {"animals": schema}})
    expected = '<zoo animals="5" />' if inside is None else f"<zoo>{inside}</zoo>" if inside else "<zoo />"
    assert written == expected


def test_the_root_has_the_name_of_its_schema() -> None:
    pet = {"type": "object", "properties": {"id": {"type": "integer", "xml": {"attribute": True}}, "name": TEXT}}
    here = {"$ref": "#/components/schemas/Pet"}
    assert xml_of({"id": 1, "name": "Rex"}, here, Pet=pet) == '<Pet id="1"><name>Rex</name></Pet>'
    assert xml_of({"id": 1}, here, Pet={**pet, "xml": {"name": "pet"}}) == '<pet id="1" />'
    assert xml_of([{"id": 1}], {"type": "array", "items": here}, Pet=pet) == '<root><Pet id="1" /></root>'
    assert xml_of({"id": 1}, {"allOf": [here]}, Pet=pet) == '<root id="1" />'


def test_text_that_is_xml_stays() -> None:
    assert xml_of("<a/>", TEXT) == "<a/>"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a b", "a_b"),
        ("1st", "_1st"),
        ("", "_"),
        ("$top", "_top"),
        ("<x>", "_x_"),
        ("xmlns", "_xmlns"),
        ("é²", "é_"),
        ("a:b", "a_b"),
    ],
)
def test_names_become_names_of_xml(name: str, written: str) -> None:
    assert xml_of({name: 1}, True) == f"<root><{written}>1</{written}></root>"


def test_a_schema_that_contains_itself_ends() -> None:
    node = {
        "properties": {"next": {"$ref": "#/components/schemas/Node"}},
        "allOf": [{"$ref": "#/components/schemas/Node"}],
    }
    assert (
        xml_of({"next": {"next": {}}}, {"$ref": "#/components/schemas/Node"}, Node=node)
        == "<Node><next><next /></next></Node>"
    )
