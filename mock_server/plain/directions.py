"""What a written-out schema requires of a request and of a response: never what the other one alone says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.openapi import Direction

_HIDDEN: Mapping[Direction, str] = {"request": "readOnly", "response": "writeOnly"}


def require_no_hidden(node: Any, direction: Direction) -> Any:
    """A written-out schema that requires no property which a request does not say, or a response does not show."""
    if isinstance(node, list):
        return [require_no_hidden(each, direction) for each in node]
    if not isinstance(node, dict):
        return node
    written = {key: require_no_hidden(each, direction) for key, each in node.items()}
    properties, required = written.get("properties"), written.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        hidden = {n for n, each in properties.items() if isinstance(each, dict) and each.get(_HIDDEN[direction])}
        written["required"] = [name for name in required if name not in hidden]
    return written
