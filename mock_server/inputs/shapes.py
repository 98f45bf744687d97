"""Which values a schema may allow, as far as a text from the wire must know before it can be read as one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.openapi import Document

MAX_PARTS = 400
"""So many schemas are united for one shape; what lies behind them may be anything."""

SCALARS = frozenset(("null", "boolean", "integer", "number", "string"))
ANY = SCALARS | {"array", "object"}

_EMPTY: Mapping[str, Any] = MappingProxyType({})

_HINTS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset(("properties", "additionalProperties", "patternProperties")), frozenset(("object",))),
    (frozenset(("items", "prefixItems", "minItems", "maxItems")), frozenset(("array",))),
    (frozenset(("pattern", "minLength", "maxLength")), frozenset(("string",))),
)
"""What a schema without a type is about, by its keywords."""

_NUMERIC_FORMATS = ("int32", "int64", "integer", "float", "double", "number", "decimal")


class Shape(NamedTuple):
    """What a schema may allow: types, the values it lists by their texts, entries of arrays, members of objects.

    `others` is the schema of members without a name in `properties`, or None where nothing is said of them.
    """

    types: frozenset[str]
    words: Mapping[str, Any] = _EMPTY
    items: Any = True
    properties: Mapping[str, Any] = _EMPTY
    others: Any = None

    @property
    def is_scalar(self) -> bool:
        """Whether neither arrays nor objects are allowed."""
        return self.types <= SCALARS

    @property
    def is_free(self) -> bool:
        """Whether nothing is said of a value's type."""
        return self.types >= ANY


ANYTHING = Shape(ANY)


class Shapes:
    """The shapes of a document's schemas, each found when it is first asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # The schema is kept beside its shape: its identity would otherwise be given to another one.
        self._known: dict[int, tuple[Any, Shape]] = {}

    def find(self, schema: Any) -> Shape:
        """The shape of a schema: references followed, `allOf` intersected, `oneOf` and `anyOf` united."""
        if id(schema) not in self._known:
            self._known[id(schema)] = (schema, _Finder(self._document).find(schema, ()))
        return self._known[id(schema)][1]

    def resolve(self, schema: Any) -> Any:
        """A schema with the references on top of it followed."""
        return self._document.resolve(schema)


class _Finder:
    def __init__(self, document: Document) -> None:
        self.document, self.left = document, MAX_PARTS

    def find(self, schema: Any, above: tuple[int, ...]) -> Shape:
        node = self.document.resolve(schema)
        self.left -= 1
        if not isinstance(node, Mapping) or id(node) in above or self.left < 0 or len(above) > 20:
            return ANYTHING
        above = (*above, id(node))
        shape = _own_shape(node)
        for part in _listed(node, "allOf"):
            shape = _both(shape, self.find(part, above))
        for keyword in ("oneOf", "anyOf"):
            if branches := [self.find(part, above) for part in _listed(node, keyword)]:
                shape = _both(shape, reduce(_either, branches))
        return shape


def _listed(node: Mapping[str, Any], keyword: str) -> list[Any]:
    parts = node.get(keyword)
    return parts if isinstance(parts, list) else []


def _own_shape(node: Mapping[str, Any]) -> Shape:
    listed = [node["const"]] if "const" in node else _listed(node, "enum")
    properties, others = node.get("properties"), node.get("additionalProperties")
    return Shape(
        _own_types(node, listed),
        {render_word(each): each for each in reversed(listed) if not isinstance(each, (list, dict))},
        node.get("items", True),
        properties if isinstance(properties, Mapping) else _EMPTY,
        others if isinstance(others, Mapping) or others is True else None,
    )


def _own_types(node: Mapping[str, Any], listed: list[Any]) -> frozenset[str]:
    written = node.get("type")
    names = [each for each in (written if isinstance(written, list) else [written]) if isinstance(each, str)]
    types = ANY.intersection(names)
    if "number" in types:
        types |= {"integer"}
    if types and node.get("nullable") is True:
        types |= {"null"}
    if types or listed:
        return types or frozenset(map(type_of, listed))
    for keywords, hinted in _HINTS:
        if not keywords.isdisjoint(node):
            return hinted
    if isinstance(node.get("format"), str) and node["format"] not in _NUMERIC_FORMATS:
        return frozenset(("string",))
    return ANY


def type_of(value: Any) -> str:
    """The name JSON Schema has for the type of a value; a whole number is an integer."""
    kinds: Iterable[tuple[type, str]] = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))
    if value is None:
        return "null"
    return next((name for kind, name in kinds if isinstance(value, kind)), "array" if _is_list(value) else "object")


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def render_word(value: Any) -> str:
    """A scalar as it stands in an address: `true`, `null`, `5`."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _both(one: Shape, other: Shape) -> Shape:
    return Shape(
        # Nothing obeys types that exclude each other; then what stands on top is what was meant.
        one.types & other.types or one.types,
        one.words or other.words,
        other.items if one.items is True else one.items,
        {**other.properties, **one.properties} if other.properties else one.properties,
        other.others if one.others is None else one.others,
    )


def _either(one: Shape, other: Shape) -> Shape:
    return Shape(
        one.types | other.types,
        {**other.words, **one.words} if other.words else one.words,
        other.items if one.items is True else one.items,
        {**other.properties, **one.properties} if other.properties else one.properties,
        other.others if one.others is None else one.others,
    )
