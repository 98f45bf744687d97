"""How many values a schema asks for at least: where a sample is deep, the lightest alternative ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.samples.labels import list_words
from mock_server.samples.shapes import Shape, Shapes

HEAVY = 100_000
"""More than any sample holds: what holds itself without end."""

MAX_DEPTH, MAX_OPTIONAL = 30, 50

INNER = frozenset(("object", "array"))


def find_types(shape: Shape) -> list[str]:
    """The types of a schema; of one that names none, those that its keywords speak of; none for any."""
    if "type" in shape:
        types: list[str] = shape["type"]
        return types
    return next(([kind] for kind, keys in _KEYWORDS if not keys.isdisjoint(shape)), [])


_KEYWORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "object",
        frozenset(
            list_words(
                "properties required extras patternProperties minProperties maxProperties propertyNames "
                "discriminator "
                "dependentRequired dependentSchemas unevaluatedProperties",
            ),
        ),
    ),
    ("array", frozenset(list_words("items prefixItems minItems maxItems uniqueItems contained unevaluatedItems"))),
    ("string", frozenset(list_words("patterns minLength maxLength contentEncoding contentMediaType"))),
    ("number", frozenset(list_words("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"))),
    ("string", frozenset(("format",))),
)


class Weights:
    """The weights of one document's schemas, each found once."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._named: dict[str, int] = {}

    def weigh(self, node: Any, depth: int = 0) -> int:
        """How many values a schema asks for at least."""
        pointer = self._shapes.find_named(node)
        if not pointer or pointer in self._named:
            return self._named[pointer] if pointer else self.weigh_shape(self._shapes.shape(node), depth)
        # What comes back to itself on the way weighs too much to be taken; that is noted for the way only.
        self._named[pointer] = HEAVY
        weight = self.weigh_shape(self._shapes.shape(node), depth)
        if depth == 0 or weight < HEAVY:
            self._named[pointer] = weight
        else:
            del self._named[pointer]
        return weight

    def weigh_shape(self, shape: Shape, depth: int = 0) -> int:
        """The same of a shape."""
        if depth > MAX_DEPTH:
            return HEAVY
        types = find_types(shape)
        if "enum" in shape or "null" in types or not types:
            return 1 + self._weigh_choices(shape, depth)
        own = min(self._weigh_type(kind, shape, depth) for kind in types)
        return min(HEAVY, own + self._weigh_choices(shape, depth))

    def _weigh_type(self, kind: str, shape: Shape, depth: int) -> int:
        if kind == "object":
            properties: Mapping[str, Any] = shape.get("properties", {})
            required = [properties[name] for name in shape.get("required", ()) if name in properties]
            own = 1 + sum(self.weigh(node, depth + 1) for node in required)
            missing = shape.get("minProperties", 0) - len(required)
            return min(HEAVY, own + (self._weigh_optional(shape, missing, depth) if missing > 0 else 0))
        if kind == "array":
            least = shape.get("minItems", 0)
            return min(HEAVY, 1 + least * self.weigh(shape.get("items", True), depth + 1)) if least else 1
        return 1

    def _weigh_optional(self, shape: Shape, count: int, depth: int) -> int:
        """The lightest properties that need not be there, and where they are too few, names that are not declared."""
        required = shape.get("required", ())
        optional = [node for name, node in shape.get("properties", {}).items() if name not in required]
        lightest = sorted(self.weigh(node, depth + 1) for node in optional[:MAX_OPTIONAL])[:count]
        others = [extra.schema for extra in shape.get("extras", ())] or [True]
        return sum(lightest) + (count - len(lightest)) * self.weigh(others[0], depth + 1)

    def _weigh_choices(self, shape: Shape, depth: int) -> int:
        choices = shape.get("choices", ())
        return sum(min(self.weigh(node, depth + 1) for node in choice.alternatives) for choice in choices)
