"""Fields that name other fields of their record: which ones, in which order to make them, how to follow a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.errors import ContractError, suggest
from mock_server.generation.method_context import FieldMaker, Row


def follow_reference(name: str, path: list[str]) -> FieldMaker:
    """The value of `$name`, or of `$name.part.part`; a field that is absent has none."""
    if not path:
        return lambda row: row.values.get(name)
    if len(path) == 1:  # nearly all of them, several a record: worth a function without a loop
        part = path[0]
        return lambda row: row.values[name][part]

    def make(row: Row) -> Any:
        value = row.values[name]
        for part in path:
            value = value[part]
        return value

    return make


def _references(annotation: Any) -> Iterator[str]:
    """The names in an annotation: `$name` and `$name.part`, at any depth."""
    if isinstance(annotation, str) and annotation.startswith("$"):
        yield annotation[1:].split(".")[0]
    elif isinstance(annotation, dict):
        for value in annotation.values():
            yield from _references(value)
    elif isinstance(annotation, list):
        for value in annotation:
            yield from _references(value)


def find_names(node: Any) -> Iterator[str]:
    """The sibling fields that a field's annotations name, those of its own parts included."""
    if not isinstance(node, dict):
        return
    yield from _references(node.get("x-faker"))
    yield from node.get("x-missing", {}).get("unless", {})
    for child in (*node.get("properties", {}).values(), node.get("items")):
        yield from find_names(child)


def put_in_order(nodes: Mapping[str, tuple[str, Any]], problem: Callable[..., ContractError]) -> list[str]:
    """The fields, each after those it names; `nodes` gives the pointer and the schema of each.

    Raises: what `problem` makes of a name that is no field, and of fields that name each other in a circle.
    """
    order: list[str] = []
    path: list[str] = []

    def visit(name: str, pointer: str) -> None:
        if name in order:
            return
        if name not in nodes:
            raise problem(pointer, f"there is no field {name!r}", suggest(name, nodes, "${}"))
        if name in path:
            raise problem(pointer, f"the fields {' and '.join(sorted({*path}))} are made of each other")
        path.append(name)
        for named in find_names(nodes[name][1]):
            visit(named, f"{nodes[name][0]}/x-faker")
        path.pop()
        order.append(name)

    for name in nodes:
        visit(name, "")
    return order
