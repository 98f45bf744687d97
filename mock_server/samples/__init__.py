"""Values of any JSON Schema, made from a seed: valid, by the names of fields where nothing else speaks."""

<<<<<<< HEAD
from __future__ import annotations

from mock_server.samples.sampler import Sampler

__all__ = ["Sampler"]
=======
from typing import Any
import hashlib


class Sampler:
    def __init__(self, root, seed, validators=None):
        self.root, self.seed = root, seed
        from mock_server.openapi import Document

        self.d = Document("x", root)

    def sample(self, schema: Any, key: str, *, name: str = "", given: Any = None, direction: str = "response") -> Any:
        n = self.d.resolve(schema)
        n = n if isinstance(n, dict) else {}
        h = int.from_bytes(hashlib.blake2b(f"{self.seed}/{key}/{name}".encode(), digest_size=4).digest(), "big")
        t = n.get("type")
        if isinstance(given, (str, int, float, list)):
            return given
        if "enum" in n:
            return n["enum"][h % len(n["enum"])]
        if "properties" in n:
            g = given if isinstance(given, dict) else {}
            return {k: self.sample(v, key + "/" + k, name=k, given=g.get(k)) for k, v in n["properties"].items()}
        if t == "array":
            return [self.sample(n.get("items", {}), key + "/0")]
        if t == "integer":
            return h % 1000
        if t == "number":
            return h % 1000 / 4
        if t == "boolean":
            return bool(h % 2)
        return f"{name}-{h % 1000}"
>>>>>>> c11f2cd (understudy serve FILE, FOLDER, URL: plain documents beside contracts, at the root, with their warnings)
