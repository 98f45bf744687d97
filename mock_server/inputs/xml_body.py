"""A body of XML as the value that its schema documents: elements, attributes and lists by their `xml` hints.

Nothing is expanded: a document type, which could declare entities, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

from mock_server.inputs.scalars import read_scalar
from mock_server.inputs.shapes import SCALARS, Shape, Shapes

MAX_DEPTH = 100
MAX_ELEMENTS = 50_000


class _Element(NamedTuple):
    name: str
    attributes: Mapping[str, str]
    children: list[_Element]
    texts: list[str]


class _Builder:
    """What the parser calls: the tree of elements, within bounds."""

    def __init__(self) -> None:
        self.top = _Element("", {}, [], [])
        self.open = [self.top]
        self.left = MAX_ELEMENTS

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise ValueError("has a document type, which is not read")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.left -= 1
        if len(self.open) > MAX_DEPTH or self.left < 0:
            raise ValueError(f"has more than {MAX_DEPTH} levels or {MAX_ELEMENTS:,} elements")
        named = {_local(name): value for name, value in attributes.items()}
        element = _Element(_local(tag), named, [], [])
        self.open[-1].children.append(element)
        self.open.append(element)

    def data(self, text: str) -> None:
        self.open[-1].texts.append(text)

    def end(self, tag: str) -> None:
        self.open.pop()


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def read_xml(text: str, schema: Any, shapes: Shapes) -> Any:
    """The value that an XML document holds.

    Raises ValueError with a sentence that reads on from the place.
    """
    try:
        builder = _Builder()
        parser = ElementTree.XMLParser(target=builder)
        parser.feed(text)
        parser.close()
    except ElementTree.ParseError as error:
        line, column = error.position
        raise ValueError(f"is no XML at line {line}, column {column + 1}") from None
    return _read_value(builder.top.children[0], schema, shapes)


def _read_value(element: _Element, schema: Any, shapes: Shapes) -> Any:
    shape = shapes.find(schema)
    has_members = bool(element.children or element.attributes)
    if "object" in shape.types and (has_members or not shape.types & SCALARS):
        return _read_members(element, shape, shapes)
    if "array" in shape.types and (element.children or not shape.types & SCALARS):
        return [_read_value(child, shape.items, shapes) for child in element.children]
    return read_scalar("".join(element.texts), shape, as_text=shape.is_free)


class _Member(NamedTuple):
    """A documented property as it stands in XML: whether it is a list, and whether that is an element of its own."""

    name: str
    schema: Any
    is_list: bool
    is_wrapped: bool


def _read_members(element: _Element, shape: Shape, shapes: Shapes) -> dict[str, Any]:
    members = dict(_find_members(shape, shapes))
    value: dict[str, Any] = {}
    for name, text in element.attributes.items():
        member = members.get(name)
        value[member.name if member else name] = read_scalar(text, shapes.find(member.schema)) if member else text
    for child in element.children:
        member = members.get(child.name)
        if member is None:
            _add(value, child, shapes)
        elif member.is_list and not member.is_wrapped:
            items = shapes.find(member.schema).items
            value.setdefault(member.name, []).append(_read_value(child, items, shapes))
        else:
            value[member.name] = _read_value(child, member.schema, shapes)
    return value


def _add(value: dict[str, Any], child: _Element, shapes: Shapes) -> None:
    """An element that nothing is documented of; what comes again is a list."""
    read = _read_value(child, True, shapes)
    if child.name in value:
        before = value[child.name]
        value[child.name] = [*before, read] if isinstance(before, list) else [before, read]
    else:
        value[child.name] = read


def _find_members(shape: Shape, shapes: Shapes) -> list[tuple[str, _Member]]:
    """The properties by their names in XML; a list that is not wrapped bears the name of its items."""
    members = []
    for name, schema in shape.properties.items():
        hint = _find_hint(schema, shapes)
        below = shapes.find(schema)
        is_list = "array" in below.types and not below.is_free
        is_wrapped = hint.get("wrapped") is True
        written = hint.get("name") or name
        if is_list and not is_wrapped:
            written = _find_hint(below.items, shapes).get("name") or name
        members.append((str(written), _Member(name, schema, is_list, is_wrapped)))
    return members


def _find_hint(schema: Any, shapes: Shapes) -> Mapping[str, Any]:
    node = shapes.resolve(schema)
    hint = node.get("xml") if isinstance(node, Mapping) else None
    return hint if isinstance(hint, Mapping) else {}
