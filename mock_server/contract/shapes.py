"""The shapes in which responses show a collection's records, as one collection."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mock_server.contract.model import Collection, Contract


def compile_collection(contract: Contract, name: str, shapes: list[dict[str, Any]]) -> Collection:
    """One collection of all shapes in which responses show it; what only later shapes have is hidden."""
    first, declared = shapes[0], shapes[0]["x-collection"]
    hidden = dict(declared.get("hidden", {}))
    views = [tuple((name, name) for name, node in first["properties"].items() if not node.get("writeOnly"))]
    for number, other in enumerate(shapes[1:], 1):
        shown = [(name, node) for name, node in other["properties"].items() if not node.get("writeOnly")]
        view = [_shown(first, name, node, number) for name, node in shown]
        views.append(tuple((name, field) for name, field, _ in view))
        hidden |= {field: node for _, field, node in view if node}
    columns = {
        (parameter.filter.test, parameter.filter.fields): None
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.filter and parameter.name != operation.key and operation.collection == name
    }
    unique = tuple(name for name, node in {**first["properties"], **hidden}.items() if node.get("x-unique"))
    columns |= dict.fromkeys(("equals_fold", (name,)) for name in unique)
    # Whatever shapes the records is in the digest: another digest, another cache.
    material = json.dumps([name, declared, shapes, hidden, list(columns)], sort_keys=True, default=str)
    return Collection(
        provider=contract.provider,
        name=name,
        key=declared["key"],
        records=declared.get("records", 100),
        locale=declared.get("locale", "en_US"),
        schema=first,
        hidden=hidden,
        views=tuple(views),
        columns=tuple(columns),
        digest=hashlib.blake2b(material.encode(), digest_size=16).hexdigest(),
        unique=unique,
    )


def _shown(first: dict[str, Any], name: str, node: Any, view: int) -> tuple[str, str, Any]:
    """What a later view shows under a name: the field it has, and that field's schema where it is its own."""
    known = first["properties"].get(name)
    if known is not None and (known == node or node.get("x-faker") == f"${name}"):
        return name, name, None
    return name, f"{name} in view {view}", node
