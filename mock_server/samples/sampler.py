"""Values of schemas from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from mock_server.openapi import Direction, Document, Validators

MAX_DEPTH = 6


class Sampler:
    """Makes values of a document's schemas: the same for the same seed, key and schema."""

    def __init__(self, root: Mapping[str, Any], seed: str, validators: Validators | None = None) -> None:
        self.seed, self._document = seed, Document("sampled", root)

    def sample(
        self,
        schema: Any,
        key: str,
        *,
        name: str = "",
        given: Any = None,
        direction: Direction = "response",
        depth: int = 0,
    ) -> Any:
        """A value of a schema; what is given is used for the parts it names."""
        node = self._document.resolve(schema)
        node = node if isinstance(node, Mapping) and depth < MAX_DEPTH else {}
        if given is not None and not isinstance(given, Mapping):
            return given
        digest = hashlib.blake2b(f"{self.seed}/{key}/{name}".encode(), digest_size=4).digest()
        return self._make(node, key, name, given or {}, int.from_bytes(digest, "big"), depth)

    def _make(self, node: Mapping[str, Any], key: str, name: str, given: Any, number: int, depth: int) -> Any:
        if node.get("enum"):
            return node["enum"][number % len(node["enum"])]
        if "properties" in node:
            return {
                each: self.sample(child, f"{key}/{each}", name=each, given=given.get(each), depth=depth + 1)
                for each, child in node["properties"].items()
            }
        if node.get("type") == "array":
            return [self.sample(node.get("items", {}), f"{key}/0", depth=depth + 1)]
        kinds = {"integer": number % 1000, "number": number % 1000 / 4, "boolean": bool(number % 2)}
        return kinds.get(str(node.get("type")), f"{name}-{number % 1000}")
