"""A schema as one level of keywords: references followed, `allOf` and what stands beside it merged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from mock_server.contract import find_pointer
from mock_server.openapi import clean_schema

Shape = dict[str, Any]
"""The keywords of a schema, without `$ref`, `allOf`, `const`, and with these in place of others: `choices` (`Choice`s),
`nots` (schemas), `conditions` (mappings with `if`, `then`, `else`), `patterns`, `extras` (`Extra`s), `contained`
(schemas), `examples`, `names` (of the components it came from, the outermost first). A type that cannot be is `[]`."""

MAX_KEPT = 20_000
"""So many shapes are kept."""

MAX_TRAIL = 40
"""References and parts of parts inside each other that are followed."""

ANNOTATIONS = ("title", "default", "format", "readOnly", "writeOnly", "x-faker", "contentEncoding", "contentMediaType")

ALTERNATIVES = ("anyOf", "oneOf")


class Choice(NamedTuple):
    """Alternatives one of which is taken; `discriminator` as OpenAPI has it, or empty."""

    alternatives: tuple[Any, ...]
    is_exclusive: bool
    discriminator: Mapping[str, Any]


class Extra(NamedTuple):
    """What `additionalProperties` says of names other than these, and those of these patterns."""

    names: frozenset[str]
    patterns: tuple[str, ...]
    schema: Any


class Shapes:
    """The shapes of one document's schemas."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._named: dict[str, Shape] = {}
        # A schema is kept beside its shape: as long as it lives, no other node has its identity.
        self._kept: dict[int, tuple[Any, Shape]] = {}

    def find_named(self, node: Any) -> str:
        """The pointer of a schema that is but a reference, perhaps with remarks beside it, or nothing."""
        if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
            return ""
        file, _, pointer = node["$ref"].partition("#")
        is_bare = all(key in ("$ref", "description", "summary") for key in node)
        return pointer if is_bare and not file else ""

    def shape(self, node: Any) -> Shape:
        """The shape of a schema, made once."""
        kept = self._kept.get(id(node))
        if kept is None:
            if len(self._kept) > MAX_KEPT:
                self._kept.clear()
            kept = self._kept[id(node)] = (node, self._flatten(node, (), []))
        return kept[1]

    def follow(self, pointer: str) -> Any:
        """What a reference leads to, or None."""
        found = find_pointer(self._root, pointer)
        return find_pointer(self._root, unquote(pointer)) if found is None else found

    def _flatten(self, node: Any, trail: tuple[str, ...], circles: list[str]) -> Shape:
        """The shape of a schema; `trail` are the references around it, `circles` those that led back to one of them."""
        if isinstance(node, Mapping) and (node.get("nullable") is True or node.get("x-nullable") is True):
            # Where these flags still stand they mean nothing to OpenAPI 3.1: null is accepted, but never made.
            node = {**node, "nullable": False, "x-nullable": False}
        cleaned = clean_schema(node)
        if isinstance(cleaned, bool):
            return {} if cleaned else {"type": []}
        shape = dict(_find_own(cleaned, node if isinstance(node, Mapping) else {}))
        if len(trail) > MAX_TRAIL:
            circles.append("")
            return shape
        if "$ref" in cleaned:
            file, _, pointer = cleaned["$ref"].partition("#")
            if pointer in trail:
                circles.append(pointer)
            elif not file:
                shape = merge(shape, self._flatten_named(pointer, trail, circles))
        for part in cleaned.get("allOf", ()):
            shape = merge(shape, self._flatten(part, (*trail, ""), circles))
        return shape

    def _flatten_named(self, pointer: str, trail: tuple[str, ...], circles: list[str]) -> Shape:
        if pointer in self._named:
            return self._named[pointer]
        inner: list[str] = []
        shape = self._flatten(self.follow(pointer), (*trail, pointer), inner)
        shape = {**shape, "names": [unquote(pointer.rpartition("/")[2]), *shape.get("names", ())]}
        if not inner:
            # One that leads back to itself has another shape from each place of the circle.
            self._named[pointer] = shape
        circles.extend(inner)
        return shape


def _find_own(cleaned: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What one schema says by itself, in the words of a shape."""
    for key, value in cleaned.items():
        if key in _AS_THEY_ARE:
            yield key, value
    if "const" in cleaned:
        yield "enum", [cleaned["const"]]
    for key, word in (("not", "nots"), ("contains", "contained"), ("pattern", "patterns")):
        if key in cleaned:
            yield word, [cleaned[key]]
    if "if" in cleaned:
        yield "conditions", [{key: cleaned[key] for key in ("if", "then", "else") if key in cleaned}]
    if "additionalProperties" in cleaned:
        names, patterns = frozenset(cleaned.get("properties", ())), tuple(cleaned.get("patternProperties", ()))
        yield "extras", [Extra(names, patterns, cleaned["additionalProperties"])]
    yield from _find_choices(cleaned, node)
    yield from ((key, node[key]) for key in ANNOTATIONS if node.get(key) is not None and _is_said(key, node[key]))
    if examples := find_examples(node):
        yield "examples", examples


def _is_said(key: str, value: Any) -> bool:
    """Whether an annotation is what it should be: a format is a word."""
    return key != "format" or isinstance(value, str)


def _find_choices(cleaned: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    written = node.get("discriminator")
    discriminator = written if isinstance(written, Mapping) and isinstance(written.get("propertyName"), str) else {}
    choices = [Choice(tuple(cleaned[key]), key == "oneOf", discriminator) for key in ALTERNATIVES if key in cleaned]
    if choices:
        yield "choices", choices
    elif discriminator:
        yield "discriminator", discriminator


def find_examples(node: Mapping[str, Any]) -> list[Any]:
    """The examples that a schema gives, in any of the ways that are in use."""
    listed = node.get("examples")
    many = listed if isinstance(listed, list) else []
    single = [node[key] for key in ("example", "x-example") if node.get(key) is not None]
    return [*single, *many]


def merge(first: Shape, second: Shape) -> Shape:
    """The shape of a value that obeys both; of remarks the first's are kept."""
    merged = dict(first)
    for key, value in second.items():
        merged[key] = _MERGERS.get(key, _keep)(first[key], value) if key in first else value
    return merged


def _keep(first: Any, second: Any) -> Any:
    return first


def _join(first: list[Any], second: list[Any]) -> list[Any]:
    return [*first, *second]


def _unite(first: list[Any], second: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*first, *second]))


def _both(first: Any, second: Any) -> Any:
    return first if first is second or first == second else {"allOf": [first, second]}


def _both_by_name(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    return {**first, **{name: _both(first[name], node) if name in first else node for name, node in second.items()}}


def _both_in_order(first: list[Any], second: list[Any]) -> list[Any]:
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    return [_both(each, shorter[n]) if n < len(shorter) else each for n, each in enumerate(longer)]


def _narrow(first: list[str], second: list[str]) -> list[str]:
    both = [kind for kind in first if kind in second or (kind == "integer" and "number" in second)]
    return both + ["integer"] * ("number" in first and "integer" in second and "integer" not in both)


def _common(first: list[Any], second: list[Any]) -> list[Any]:
    return [value for value in first if any(value == other and type(value) is type(other) for other in second)]


def _step(first: Any, second: Any) -> Any:
    if isinstance(first, int) and isinstance(second, int):
        return math.lcm(first, second)
    return max(first, second)


def _unite_by_name(first: Mapping[str, list[str]], second: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: _unite(first.get(name, []), second.get(name, [])) for name in {**first, **second}}


_MERGERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "type": _narrow,
    "enum": _common,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
    "multipleOf": _step,
    **dict.fromkeys(("required", "names"), _unite),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas"), _both_by_name),
    **dict.fromkeys(("items", "propertyNames", "unevaluatedProperties", "unevaluatedItems"), _both),
    "prefixItems": _both_in_order,
    **dict.fromkeys(("patterns", "nots", "conditions", "extras", "contained", "choices", "examples"), _join),
    "dependentRequired": _unite_by_name,
}
"""How two values of a keyword become one that holds for both."""

_AS_THEY_ARE = frozenset(_MERGERS) - {"patterns", "nots", "conditions", "extras", "contained", "choices", "names"} | {
    "uniqueItems",
}
