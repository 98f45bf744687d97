"""What is wrong in a record that somebody gives: nothing it leaves out, every field it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.contract import Collection, escape_pointer
from mock_server.errors import suggest
from mock_server.messages import FieldProblem
from mock_server.openapi import Validators

CheckGiven = Callable[[Mapping[str, Any]], list[FieldProblem]]
"""From a record to what is wrong in it."""


def compile_check_given(collection: Collection) -> CheckGiven:
    """A check of records of somebody's own by the collection's item schema.

    A hidden field may be given where its schema says what it is; one that others are made of says nothing.
    """
    hidden = {name: node for name, node in collection.hidden.items() if "type" in node and " in view " not in name}
    fields = {**collection.schema.get("properties", {}), **hidden}
    schema, validators = {"type": "object", "properties": _without_required(fields)}, Validators({})

    def check(record: Mapping[str, Any]) -> list[FieldProblem]:
        odd = [name for name in record if name not in fields]
        unknown = [
            FieldProblem(f"/{escape_pointer(name)}", "is no field of the record", suggest(name, fields, else_all=True))
            for name in odd
        ]
        known = {name: value for name, value in record.items() if name in fields}
        wrong = [FieldProblem(pointer, problem) for pointer, problem in validators.find_problems(schema, known)]
        if known.get(collection.key, "") is None:
            wrong.append(FieldProblem(f"/{escape_pointer(collection.key)}", "identifies the record and cannot be null"))
        return [*unknown, *wrong]

    return check


def _without_required(node: Any) -> Any:
    """A schema, or a mapping of them, that requires no member of anything."""
    if isinstance(node, list):
        return [_without_required(child) for child in node]
    if not isinstance(node, Mapping):
        return node
    return {key: _without_required(child) for key, child in node.items() if not _requires(key, child)}


def _requires(key: str, child: Any) -> bool:
    return key == "required" and isinstance(child, list)
