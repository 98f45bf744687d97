"""Where in a contract's document a finding belongs: the parameter, the field of a schema, or the operation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_server.contract import Operation, escape_pointer, find_pointer

MAX_STEPS = 200
"""So many references and branches are followed for one place."""


def find_place(document: Mapping[str, Any], operations: Iterable[Operation], operation: str, place: str) -> str:
    """The JSON Pointer of what a finding is about; `place` is what the finding calls its place, in any of its forms.

    `/clients/*/notes` is a field of an answer, `?page_size` or `page_size` a parameter, `content-type` a header. What
    is none of these is about the operation as a whole, and what is of no operation about the document.
    """
    mine = next((each for each in operations if each.id == operation), None)
    if mine is None:
        return ""
    if place.startswith("/"):
        return _find_field(document, mine, place)
    return _find_parameter(mine, place) or _find_header(document, mine, place) or mine.pointer


def _find_parameter(operation: Operation, place: str) -> str:
    names = re.findall(r"[^?&,= ]+", place)
    return next((p.pointer for name in names for p in operation.parameters if name in (p.name, *p.aliases)), "")


def _find_header(document: Mapping[str, Any], operation: Operation, place: str) -> str:
    pointer, node = _follow(document, operation.success.pointer)
    headers = node.get("headers") if isinstance(node, Mapping) else None
    named = next((name for name in headers or () if str(name).lower() == place.lower()), None)
    return f"{pointer}/headers/{escape_pointer(named)}" if named else ""


def _find_field(document: Mapping[str, Any], operation: Operation, place: str) -> str:
    """The field in the schema of the answer that knows most of the way to it."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:]]
    best = (0, operation.pointer)
    for reply in (operation.success, *operation.errors.values()):
        pointer, node = _follow(document, reply.pointer)
        content = node.get("content") if isinstance(node, Mapping) else None
        for media_type in content if isinstance(content, Mapping) else ():
            schema = f"{pointer}/content/{escape_pointer(media_type)}/schema"
            reached = _descend(document, schema, steps, MAX_STEPS)
            best = max(best, reached, key=lambda pair: pair[0])
    return best[1]


def _descend(document: Mapping[str, Any], pointer: str, steps: Sequence[str], left: int) -> tuple[int, str]:
    """How many steps a schema knows, and the pointer of the last one."""
    pointer, node = _follow(document, pointer)
    if not steps or not left or not isinstance(node, Mapping):
        return 0, pointer
    inside = _step(node, steps[0])
    if inside:
        known, end = _descend(document, pointer + inside, steps[1:], left - 1)
        # A field that is only a reference is shown where it is named: that is the line which says there is one.
        return known + 1, end if known else pointer + inside
    branches = (f"{pointer}/{key}/{n}" for key in ("allOf", "oneOf", "anyOf") for n in range(len(node.get(key) or ())))
    reached = [_descend(document, branch, steps, left // 2) for branch in branches]
    return max(reached, key=lambda pair: pair[0], default=(0, pointer))


def _step(schema: Mapping[str, Any], step: str) -> str:
    """The rest of the pointer to what a schema says of a member or an item; empty where it says nothing."""
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and step in properties:
        return f"/properties/{escape_pointer(step)}"
    if (step == "*" or step.isdecimal()) and isinstance(schema.get("items"), Mapping):
        return "/items"
    return ""


def _follow(document: Mapping[str, Any], pointer: str) -> tuple[str, Any]:
    """The pointer and the value at the end of references."""
    node = find_pointer(document, pointer)
    for _ in range(MAX_STEPS):
        if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
            break
        pointer = str(node["$ref"]).partition("#")[2]
        node = find_pointer(document, pointer)
    return pointer, node
