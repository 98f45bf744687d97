"""What a rule of the contract rests on: the documentation's sentence, or an assumption with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from contract_tests.findings import Evidence

_OF_THE_THING = {"required", ""}
"""What a quoted description vouches for: that the thing is there. The rest of a node with `x-assumed` is assumed."""


def find_evidence(node: Mapping[str, Any], detail: str = "") -> Evidence:
    """The evidence for one aspect of a node: `detail` is the keyword or rule in question, empty for its existence.

    A quoted `description` vouches that the thing is there; where `x-assumed` stands beside it, its type, default
    and bounds are the assumption's. Without a quote everything is.
    """
    described = str(node.get("description", ""))
    sentence = described if described.startswith('"') else ""
    assumed = str(node.get("x-assumed", ""))
    if sentence and detail in _OF_THE_THING:
        return Evidence(sentence)
    return Evidence(sentence, assumed)


def find_along(schema: Any, path: Iterable[Any]) -> Evidence:
    """The evidence for a place in a schema: that of the nearest node above it that has any."""
    steps = list(path)
    nodes = [schema]
    for step in steps:
        schema = _enter(schema, step)
        nodes.append(schema)
    keyword = str(next((step for step in reversed(steps) if isinstance(step, str)), ""))
    for node in reversed(nodes):
        if isinstance(node, Mapping) and ("description" in node or "x-assumed" in node):
            found = find_evidence(node, keyword)
            if found.sentence or found.assumed:
                return found
    return Evidence()


def _enter(schema: Any, step: Any) -> Any:
    if isinstance(schema, Mapping):
        return schema.get(step)
    if isinstance(schema, list) and isinstance(step, int) and step < len(schema):
        return schema[step]
    return None


def find_node(document: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """The mapping at a JSON Pointer of a contract's document, references followed; empty where there is none."""
    from mock_server.documents import find_pointer

    node = find_pointer(document, pointer)
    while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        node = find_pointer(document, node["$ref"].partition("#")[2])
    return node if isinstance(node, Mapping) else {}
