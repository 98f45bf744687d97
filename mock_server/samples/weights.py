"""How many values a schema asks for at least: where a sample is deep, the lightest alternative ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.samples.labels import list_words
from mock_server.samples.shapes import Shape, Shapes

HEAVY = 100_000
"""More than any sample holds: what holds itself without end."""

UNKNOWN = 1_000
"""What is too large to be weighed."""

MAX_DEPTH, MAX_OPTIONAL, MAX_LOOKS = 30, 50, 300

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


class _Way(NamedTuple):
    """What lies around a schema that is weighed: the named ones, how deep it is, and how many may yet be looked at."""

    names: frozenset[str]
    depth: int
    left: list[int]

    def go(self, name: str = "") -> _Way:
        """The way one step further, into a schema of that name."""
        return _Way(self.names | {name} if name else self.names, self.depth + 1, self.left)


class Weights:
    """The weights of one document's schemas, each found once."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._named: dict[str, int] = {}

    def weigh(self, node: Any) -> int:
        """How many values a schema asks for at least."""
        return self._weigh(node, _Way(frozenset(), 0, [MAX_LOOKS]))

    def weigh_shape(self, shape: Shape) -> int:
        """The same of a shape."""
        return self._weigh_shape(shape, _Way(frozenset(), 0, [MAX_LOOKS]))

    def _weigh(self, node: Any, way: _Way) -> int:
        pointer = self._shapes.find_named(node)
        if pointer in way.names:
            return HEAVY
        if pointer in self._named:
            return self._named[pointer]
        way.left[0] -= 1
        if way.depth > MAX_DEPTH or way.left[0] < 0:
            return UNKNOWN
        weight = self._weigh_shape(self._shapes.shape(node), way.go(pointer))
        # What leads back to the way weighs so much from here only; from elsewhere it may have an end.
        if pointer and (way.depth == 0 or weight < UNKNOWN):
            self._named[pointer] = weight
        return weight

    def _weigh_shape(self, shape: Shape, way: _Way) -> int:
        types = find_types(shape)
        if "enum" in shape or "null" in types or not types:
            return min(HEAVY, 1 + self._weigh_choices(shape, way))
        own = min(self._weigh_type(kind, shape, way) for kind in types)
        return min(HEAVY, own + self._weigh_choices(shape, way))

    def _weigh_type(self, kind: str, shape: Shape, way: _Way) -> int:
        if kind == "object":
            properties: Mapping[str, Any] = shape.get("properties", {})
            required = [properties[name] for name in shape.get("required", ()) if name in properties]
            own = 1 + sum(self._weigh(node, way) for node in required)
            missing = shape.get("minProperties", 0) - len(required)
            return min(HEAVY, own + (self._weigh_optional(shape, missing, way) if missing > 0 else 0))
        if kind == "array":
            least = shape.get("minItems", 0)
            return min(HEAVY, 1 + least * self._weigh(shape.get("items", True), way)) if least else 1
        return 1

    def _weigh_optional(self, shape: Shape, count: int, way: _Way) -> int:
        """The lightest properties that need not be there, and where they are too few, names that are not declared."""
        required = shape.get("required", ())
        optional = [node for name, node in shape.get("properties", {}).items() if name not in required]
        lightest = sorted(self._weigh(node, way) for node in optional[:MAX_OPTIONAL])[:count]
        others = [extra.schema for extra in shape.get("extras", ())] or [True]
        return sum(lightest) + (count - len(lightest)) * self._weigh(others[0], way)

    def _weigh_choices(self, shape: Shape, way: _Way) -> int:
        return sum(min(self._weigh(node, way) for node in choice.alternatives) for choice in shape.get("choices", ()))
