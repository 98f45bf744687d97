"""Values as XML, by the `xml` members of their schemas (OpenAPI 3.1, "XML Object")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

from mock_server.openapi.document import Document

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'

MAX_PARTS = 200
"""So many schemas are united to find what is said of a property."""

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u038e-\u03a1\u03a3-\u03ce\u040e-\u044f\u0451-\u045c\u05d0-\u05ea"
    "\u0621-\u063a\u0641-\u064a\u0905-\u0939\u0e01-\u0e2e\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
)
"""Letters that a name may begin with in every edition of XML 1.0 (fourth edition, appendix B): readers differ."""

_NO_NAME = re.compile(f"[^{_START}0-9.-]")
_NAME_START = re.compile(f"[{_START}]")
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Hint(NamedTuple):
    """What a schema says of how its value is written, and the schema with its references followed."""

    node: Mapping[str, Any]
    name: str
    is_attribute: bool
    is_wrapped: bool
    prefix: str
    namespace: str


def render_xml(value: Any, schema: Any, document: Document) -> bytes:
    """A value as an XML document; a text that is XML already stays as it is.

    The root bears the name that the schema has for it, else the schema's own name among the components, else `root`.
    """
    if isinstance(value, str) and value.lstrip().startswith("<"):
        return value.encode("utf-8", "replace")
    writer = _Writer(document)
    hint = writer.find_hint(schema)
    name = hint.name or _find_component_name(schema) or "root"
    root = writer.make_element(name, hint)
    if isinstance(value, list):
        items = hint.node.get("items", {})
        entry = writer.find_hint(items)
        for each in value:
            writer.add(root, entry.name or _find_component_name(items) or "item", each, items)
    else:
        writer.fill(root, value, hint)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return DECLARATION + text


def _find_component_name(schema: Any) -> str:
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    return str(reference).rpartition("/")[2].replace("~1", "_").replace("~0", "_") if reference else ""


def clean_name(name: str) -> str:
    """A name that XML allows for an element or an attribute: other characters become underscores."""
    cleaned = _NO_NAME.sub("_", name)
    # `xmlns` declares a namespace and is no attribute.
    return f"_{cleaned}" if not _NAME_START.match(cleaned) or cleaned.lower() == "xmlns" else cleaned


def _clean_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return _NO_CHARACTER.sub("�", str(value))


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document

    def find_hint(self, schema: Any) -> _Hint:
        node = self.document.resolve(schema)
        node = node if isinstance(node, Mapping) else {}
        said = node.get("xml")
        said = said if isinstance(said, Mapping) else {}
        texts = {key: said[key] if isinstance(said.get(key), str) else "" for key in ("name", "prefix", "namespace")}
        is_attribute = said.get("attribute") is True or said.get("nodeType") == "attribute"
        is_wrapped = said.get("wrapped") is True or said.get("nodeType") == "element"
        return _Hint(node, texts["name"], is_attribute, is_wrapped, texts["prefix"], texts["namespace"])

    def make_element(self, name: str, hint: _Hint) -> ElementTree.Element:
        # A prefix without a namespace of its own would be bound to nothing, which is no XML.
        prefix = clean_name(hint.prefix) if hint.prefix and hint.namespace else ""
        element = ElementTree.Element(f"{prefix}:{clean_name(name)}" if prefix else clean_name(name))
        if hint.namespace:
            element.set(f"xmlns:{prefix}" if prefix else "xmlns", _clean_text(hint.namespace))
        return element

    def add(self, parent: ElementTree.Element, name: str, value: Any, schema: Any) -> None:
        """One member, as an attribute, an element, or an element for each entry."""
        hint = self.find_hint(schema)
        if hint.is_attribute and not isinstance(value, (list, Mapping)):
            parent.set(clean_name(hint.name or name), _clean_text(value))
        elif isinstance(value, list):
            self.add_list(parent, name, value, hint)
        else:
            element = self.make_element(hint.name or name, hint)
            self.fill(element, value, hint)
            parent.append(element)

    def add_list(self, parent: ElementTree.Element, name: str, entries: list[Any], hint: _Hint) -> None:
        items = hint.node.get("items", {})
        if hint.is_wrapped:
            name = hint.name or name
            wrapper = self.make_element(name, hint)
            parent.append(wrapper)
            parent = wrapper
        for each in entries:
            self.add(parent, self.find_hint(items).name or name, each, items)

    def fill(self, element: ElementTree.Element, value: Any, hint: _Hint) -> None:
        if not isinstance(value, Mapping):
            element.text = _clean_text(value) if not isinstance(value, list) else None
            for each in value if isinstance(value, list) else ():
                self.add(element, "item", each, hint.node.get("items", {}))
            return
        properties = dict(self.find_properties(hint.node, []))
        others = hint.node.get("additionalProperties")
        for name, member in value.items():
            self.add(element, str(name), member, properties.get(name, others))

    def find_properties(self, node: Any, seen: list[int]) -> Iterator[tuple[str, Any]]:
        """The schemas of an object's properties, those of its parts first so that its own count."""
        node = self.document.resolve(node)
        if not isinstance(node, Mapping) or id(node) in seen or len(seen) > MAX_PARTS:
            return
        seen.append(id(node))
        for keyword in ("allOf", "oneOf", "anyOf"):
            parts = node.get(keyword)
            for part in parts if isinstance(parts, list) else ():
                yield from self.find_properties(part, seen)
        own = node.get("properties")
        yield from own.items() if isinstance(own, Mapping) else ()
