"""Schemas of one document as the rules look at them: types, properties and items, with compositions folded in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.openapi import Document, DocumentOperation

MAX_DEPTH = 8
"""Compositions deeper than this hold nothing a rule needs."""

COMPOSITIONS = ("allOf", "oneOf", "anyOf")
SCALARS = frozenset(("string", "integer", "number", "boolean"))


class Schemas:
    """Answers about the schemas of a document; what was asked once is remembered. Never fails, whatever is written."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[tuple[str, int | str], tuple[Any, Any]] = {}

    @property
    def schemes(self) -> Mapping[str, Any]:
        """The security schemes of the document, by name."""
        components = self._document.root.get("components")
        listed = components.get("securitySchemes") if isinstance(components, Mapping) else None
        return listed if isinstance(listed, Mapping) else {}

    def resolve(self, node: Any) -> Mapping[str, Any]:
        """A node with the references on top of it followed; an empty mapping for what is no schema."""
        # A dict is asked for by its type first: that is what nearly all nodes are, and ten times as fast.
        if (type(node) is dict or isinstance(node, Mapping)) and "$ref" not in node:
            return node
        resolved = self._document.resolve(node)
        return resolved if isinstance(resolved, Mapping) else {}

    def bodies(self, operation: DocumentOperation) -> list[Any]:
        """The schemas of the bodies that an operation takes, but for patches that name places."""
        located = self._document.find_body(operation)
        content = self._document.find_content(located) if located else {}
        return [schema.node for name, schema in content.items() if "json-patch" not in name]

    def reference(self, node: Any) -> str:
        """What a node refers to, where it is nothing but a reference or a composition of one; else an empty text."""
        for _ in range(MAX_DEPTH):
            if not isinstance(node, Mapping):
                return ""
            if isinstance(node.get("$ref"), str):
                return str(node["$ref"])
            branches = [each for name in COMPOSITIONS for each in _branches(node, name)]
            if len(branches) != 1 or isinstance(node.get("properties"), Mapping):
                return ""
            node = branches[0]
        return ""

    def kind(self, node: Any) -> str:
        """The type of a schema as one word, or an empty text where nothing says it."""
        return str(self._remember("kind", node, lambda: self._kind(node, 0)))

    def _kind(self, node: Any, depth: int) -> str:
        schema = self.resolve(node)
        named = schema.get("type")
        for name in named if isinstance(named, list) else (named,):
            if isinstance(name, str) and name != "null":
                return name
        if "properties" in schema or "additionalProperties" in schema:
            return "object"
        if "items" in schema:
            return "array"
        branches = (each for name in COMPOSITIONS for each in _branches(schema, name))
        kinds = (self._kind(each, depth + 1) for each in branches if depth < MAX_DEPTH)
        return next((kind for kind in kinds if kind), "string" if isinstance(schema.get("enum"), list) else "")

    def properties(self, node: Any) -> Mapping[str, Any]:
        """The properties of a schema: those of `allOf` folded in, those of `oneOf` and `anyOf` united."""
        known: Mapping[str, Any] = self._remember("properties", node, lambda: dict(self._properties(node, (), 0)))
        return known

    def _properties(self, node: Any, above: tuple[int, ...], depth: int) -> Iterator[tuple[str, Any]]:
        schema = self.resolve(node)
        if id(schema) in above or depth > MAX_DEPTH:
            return
        above = (*above, id(schema))
        for name in COMPOSITIONS:
            for each in _branches(schema, name):
                yield from self._properties(each, above, depth + 1)
        own = schema.get("properties")
        for name, value in own.items() if isinstance(own, Mapping) else ():
            if isinstance(value, Mapping):
                yield str(name), value

    def items(self, node: Any) -> Any:
        """The schema of an array's entries, or None."""
        return self._items(node, 0)

    def _items(self, node: Any, depth: int) -> Any:
        schema = self.resolve(node)
        if isinstance(schema.get("items"), Mapping):
            return schema["items"]
        branches = (each for name in COMPOSITIONS for each in _branches(schema, name))
        inside = (self._items(each, depth + 1) for each in branches if depth < MAX_DEPTH)
        return next((each for each in inside if each is not None), None)

    def is_object(self, node: Any) -> bool:
        """Whether a schema is one of objects."""
        kind = self.kind(node)
        return kind == "object" or (not kind and bool(self.properties(node)))

    def is_scalar(self, node: Any) -> bool:
        """Whether a schema is one of texts, numbers or booleans."""
        return self.kind(node) in SCALARS

    def at(self, node: Any, pointer: str) -> Any:
        """The schema of what stands at a JSON Pointer of a value; an empty mapping where none is documented."""
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            node = self.items(node) if self.kind(node) == "array" else self.properties(node).get(name)
        return {} if node is None else node

    def likeness(self, one: Any, other: Any) -> float:
        """How alike two schemas of objects are, from 0 to 1: their common properties among those of the smaller."""
        if self.is_same(one, other):
            return 1.0
        mine, theirs = self.properties(one), self.properties(other)
        common = sum(self._may_be_one(mine[name], theirs[name]) for name in mine.keys() & theirs.keys())
        return common / min(len(mine), len(theirs)) if common else 0.0

    def _may_be_one(self, one: Any, other: Any) -> bool:
        """Whether two properties of one name may hold the same: `{"month": {…}}` is no `{"month": "2024-05-01"}`."""
        kinds = {self.kind(one), self.kind(other)} - {""}
        return len(kinds) < 2 or kinds <= SCALARS

    def is_same(self, one: Any, other: Any) -> bool:
        """Whether two schemas are one: the same place of the document."""
        if one is other:
            return True
        named = self.reference(one)
        return bool(named) and named == self.reference(other)

    def _remember(self, question: str, node: Any, answer: Callable[[], Any]) -> Any:
        if type(node) is not dict and not isinstance(node, Mapping):
            return answer()
        # Many places refer to few schemas; of a node of its own, its identity is the name, and it is kept so.
        name = node["$ref"] if len(node) == 1 and isinstance(node.get("$ref"), str) else id(node)
        known = self._known.get((question, name))
        if known is None:
            known = self._known[question, name] = (node, answer())
        return known[1]


def _branches(schema: Mapping[str, Any], name: str) -> list[Any]:
    listed = schema.get(name)
    return listed if isinstance(listed, list) else []
