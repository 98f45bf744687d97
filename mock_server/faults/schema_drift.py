"""Contract drift: a provider that changed what it documents, as Overlay actions on its contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
Action = dict[str, Any]
Item = tuple[str, Mapping[str, Any]]
"""The name of an item schema in the document, and the schema."""

WHY = "I: a scenario plays a contract that has changed"
NEW_VALUE = "understudy_new_value"
NEW_FIELD = "understudy_new_field"


def _items(document: Document) -> Iterator[Item]:
    """Every schema of a record."""
    for name, node in document["components"]["schemas"].items():
        if "x-collection" in node and node.get("properties"):
            yield name, node


def _at(item: Item, *path: str) -> str:
    return "$.components.schemas" + "".join(f"[{json.dumps(step)}]" for step in (item[0], *path))


def _free(document: Document, item: Item) -> Iterator[str]:
    """Fields that no other field is made of, the key left out: those that no filter looks at come first."""
    _, node = item
    made = json.dumps(document["components"]["schemas"])
    filtered = json.dumps(_filters(document["paths"]))
    names = [name for name in reversed(node["properties"]) if name != node["x-collection"]["key"]]
    leaning = [name for name in names if any(text in made for text in _leans(name))]
    free = [name for name in names if name not in leaning]
    missing = node["properties"]
    yield from sorted(free, key=lambda name: (_is_in(name, filtered), "x-missing" in missing[name]))


def _leans(name: str) -> tuple[str, ...]:
    return f'"${name}"', f'"${name}.', f'"unless": {{"{name}"'


def _is_in(name: str, filtered: str) -> bool:
    return f'"{name}"' in filtered or f'"{name}.' in filtered


def _filters(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [node.get("x-filter"), *(found for child in node.values() for found in _filters(child))]
    return [found for child in node for found in _filters(child)] if isinstance(node, list) else []


def _is_plain(name: str, node: Mapping[str, Any]) -> bool:
    return "properties" not in node and "items" not in node


def _pick(document: Document, item: Item, wanted: Callable[[str, Mapping[str, Any]], bool] = _is_plain) -> str:
    fields = item[1]["properties"]
    return next((name for name in _free(document, item) if wanted(name, fields[name])), "")


def _pick_unfiltered(document: Document, item: Item) -> str:
    """A field that can go: no filter looks at it."""
    filtered = json.dumps(_filters(document["paths"]))
    return _pick(document, item, lambda name, node: _is_plain(name, node) and not _is_in(name, filtered))


def _drop(item: Item, field: str) -> Iterator[Action]:
    yield {"target": _at(item, "properties", field), "remove": True}
    # The schema must not require what is gone: the drifted contract is checked by the same lint.
    if field in item[1].get("required", ()):
        yield {"target": f"{_at(item, 'required')}[?@=={json.dumps(field)}]", "remove": True}


def _renamed(document: Document, item: Item) -> Iterator[Action]:
    field = _pick_unfiltered(document, item)
    if field:
        node = {"type": item[1]["properties"][field].get("type"), "x-faker": f"${field}", "x-assumed": WHY}
        yield from _drop(item, field)
        yield {"target": _at(item, "properties"), "update": {f"{field}_v2": node}}


def _dropped(document: Document, item: Item) -> Iterator[Action]:
    field = _pick_unfiltered(document, item)
    if field:
        yield from _drop(item, field)


def _replace(item: Item, field: str, node: Mapping[str, Any]) -> Iterator[Action]:
    yield {"target": _at(item, "properties", field), "remove": True}
    yield {"target": _at(item, "properties"), "update": {field: {**node, "x-assumed": WHY}}}


def _retyped(document: Document, item: Item) -> Iterator[Action]:
    field = _pick(document, item)
    if field:
        text = "string" in str(item[1]["properties"][field].get("type"))
        changed = {"type": "integer", "const": 7} if text else {"type": "string", "const": "seven"}
        yield from _replace(item, field, changed)


def _nulled(document: Document, item: Item) -> Iterator[Action]:
    field = _pick(document, item, lambda name, node: _is_plain(name, node) and "null" not in str(node.get("type")))
    if field:
        yield from _replace(item, field, {"const": None})


def _widened(document: Document, item: Item) -> Iterator[Action]:
    fields = item[1]["properties"]
    field = _pick(document, item, lambda name, node: "enum" in node and all(isinstance(v, str) for v in node["enum"]))
    if field:
        values = [*fields[field]["enum"], NEW_VALUE]
        yield from _replace(item, field, {"type": "string", "enum": values, "const": NEW_VALUE})


def _added(document: Document, item: Item) -> Iterator[Action]:
    yield {"target": _at(item, "properties"), "update": {NEW_FIELD: {"const": "new", "x-assumed": WHY}}}


def _flattened(document: Document, item: Item) -> Iterator[Action]:
    """The list's schema becomes the bare array of its records."""
    for name, node in document["components"]["schemas"].items():
        if (
            "x-page" not in node
            and f'"#/components/schemas/{item[0]}"' in json.dumps(node)
            and '"items"' in json.dumps(node)
        ):
            # An action can only merge into what is there: the envelope's keywords go first, one by one.
            for key in node:
                yield {"target": _at((name, node), key), "remove": True}
            array = {
                "type": "array",
                "x-page": "items",
                "items": {"$ref": f"#/components/schemas/{item[0]}"},
                "x-assumed": WHY,
            }
            yield {"target": _at((name, node)), "update": array}


DRIFTS: Mapping[str, Callable[[Document, Item], Iterator[Action]]] = {
    "RENAMED_FIELD": _renamed,
    "DROPPED_FIELD": _dropped,
    "RETYPED_FIELD": _retyped,
    "NULL_FIELD": _nulled,
    "NEW_ENUM_VALUE": _widened,
    "NEW_FIELD": _added,
    "FLATTENED_ENVELOPE": _flattened,
}
"""What a scenario's `drift` changes in the schema of every record, as Overlay actions."""


def find_actions(document: Document, drift: str) -> list[Action]:
    """The Overlay actions (RFC 9535 targets) of a drift on a contract; none where it has nothing to change."""
    return [action for item in _items(document) for action in DRIFTS[drift](document, item)]
