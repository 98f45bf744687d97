"""Places of a body and of its schema: what a JSON Pointer leads to, through references and branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.openapi import Document

BRANCHES = ("allOf", "oneOf", "anyOf")
MAX_BRANCHES = 12
MAX_DEPTH = 8


def split_pointer(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer, unescaped."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def find_property(document: Document, schema: Any, name: str, depth: int = 0) -> Any:
    """The schema of a property, in a schema itself or in what it is made of (allOf, oneOf, anyOf), or None."""
    node = document.resolve(schema)
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return None
    properties = node.get("properties")
    own = properties.get(name) if isinstance(properties, Mapping) else None
    return _find_in_branches(node, own, lambda each: find_property(document, each, name, depth + 1))


def find_names(document: Document, schema: Any, depth: int = 0) -> set[str]:
    """The names of all properties that a schema, or what it is made of, lists."""
    node = document.resolve(schema)
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return set()
    properties = node.get("properties")
    names = set(properties) if isinstance(properties, Mapping) else set()
    listed = (node[key] for key in BRANCHES if isinstance(node.get(key), list))
    branches = (each for branch in listed for each in branch[:MAX_BRANCHES])
    return names.union(*(find_names(document, each, depth + 1) for each in branches))


def _find_in_branches(node: Mapping[str, Any], own: Any, find: Callable[[Any], Any]) -> Any:
    """What is found in a schema itself and in all that it is made of, as one schema; else in the first alternative."""
    branches = {key: node[key][:MAX_BRANCHES] for key in BRANCHES if isinstance(node.get(key), list)}
    nodes = [own, *(find(each) for each in branches.get("allOf", ()))]
    said: list[Any] = []
    for each in nodes:
        if each is not None and each not in said and not (said and each in ({}, True)):
            said.append(each)
    if said:
        return said[0] if len(said) == 1 else {"allOf": said}
    others = (find(each) for key in ("oneOf", "anyOf") for each in branches.get(key, ()))
    return next((each for each in others if each is not None), None)


def find_items(document: Document, schema: Any, depth: int = 0) -> Any:
    """The schema of a list's entries; None where it is no list."""
    node = document.resolve(schema)
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return None
    return _find_in_branches(node, node.get("items"), lambda each: find_items(document, each, depth + 1))


def find_schema_at(document: Document, schema: Any, pointer: str) -> Any:
    """The schema of what a JSON Pointer leads to in a body; an empty schema where none says anything."""
    for step in split_pointer(pointer):
        inside = find_property(document, schema, step)
        schema = {} if inside is None else inside
    return schema


def find_at(value: Any, pointer: str) -> Any:
    """What a JSON Pointer leads to in a value, or None."""
    for step in split_pointer(pointer):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def nest(pointer: str, value: Any) -> Any:
    """A value below as many mappings as a JSON Pointer has steps: `/data/pet` gives `{data: {pet: value}}`."""
    for step in reversed(split_pointer(pointer)):
        value = {step: value}
    return value


def put(value: Any, steps: tuple[str, ...], inside: Any) -> Any:
    """A copy of a value with something else at a place; mappings on the way are copied, and made where none are."""
    if not steps:
        return inside
    own = dict(value) if isinstance(value, Mapping) else {}
    if inside is ABSENT and len(steps) == 1:
        own.pop(steps[0], None)
    else:
        own[steps[0]] = put(own.get(steps[0]), steps[1:], inside)
    return own


ABSENT: Any = object()
"""In place of a value: the member is left out."""
