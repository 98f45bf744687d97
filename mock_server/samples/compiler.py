"""From schemas to makers: each is compiled when a sample first comes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.openapi import Direction, Validators
from mock_server.samples.branches import find_branches
from mock_server.samples.choices import Alternative, make_choice
from mock_server.samples.constants import make_constant
from mock_server.samples.containers import compile_array, compile_object
from mock_server.samples.draws import is_within
from mock_server.samples.fakers import find_faker
from mock_server.samples.figures import make_figure
from mock_server.samples.kinds import NUMBER_KINDS, TEXT_KINDS
from mock_server.samples.labels import Label, find_kind, list_words, split_words
from mock_server.samples.makers import SIZE, Check, Maker, Run, make_again
from mock_server.samples.shapes import Shape, Shapes
from mock_server.samples.strings import make_string
from mock_server.samples.weights import INNER, Weights, find_types

TRIES = 8
"""So often a part is made that a keyword may rule out which nothing can be made from."""

MAX_DEPTH = 40
"""No sample goes deeper, whatever a schema demands."""


class Compiler:
    """The makers of one document's schemas for one direction."""

    def __init__(self, root: Mapping[str, Any], validators: Validators, direction: Direction) -> None:
        self.shapes = Shapes(root)
        self.weights = Weights(self.shapes)
        self.direction = direction
        self._validators = validators
        self._named: dict[tuple[str, Label], Maker] = {}

    def compile(self, node: Any, label: Label) -> Maker:
        """The maker of a schema; that of a named one is shared by all who refer to it."""
        pointer = self.shapes.find_named(node)
        shape = self.shapes.shape(node)
        if not pointer:
            return self.compile_shape(shape, label)
        # A named object is the same by whatever name it stands somewhere; a text is not.
        types = find_types(shape)
        is_inner = bool(types) and INNER.issuperset(types) and "choices" not in shape
        key = (pointer, Label() if is_inner else label)
        if key not in self._named:
            self._named[key] = self.compile_shape(shape, key[1])
        return self._named[key]

    def compile_later(self, node: Any, label: Label) -> Maker:
        """A maker that is compiled at its first value, and no deeper than a sample may go."""
        made: list[Maker] = []

        def make(number: int, owner: int, run: Run) -> Any:
            if run.depth > MAX_DEPTH or run.left < -SIZE:
                return None
            if not made:
                made.append(self.compile(node, label))
            return made[0](number, owner, run)

        return make

    def check(self, node: Any) -> Check:
        """Whether values obey a schema."""
        return lambda value: self._validators.is_valid(node, value, self.direction)

    def compile_shape(self, shape: Shape, label: Label) -> Maker:
        """The maker of a shape: what cannot be made from is checked, alternatives are parted, then types."""
        for key, make_node in _CHECKED:
            if shape.get(key):
                rest = {name: value for name, value in shape.items() if name != key}
                return make_again(self.compile_shape(rest, label), self.check(make_node(shape[key])), TRIES)
        if branches := find_branches(self, shape, label):
            return branches
        if (maker := find_faker(shape, self)) is not None:
            return maker
        if "enum" in shape:
            return make_constant(shape)
        types = [kind for kind in find_types(shape) if kind != "integer" or "number" not in shape.get("type", ())]
        if len(types) == 1:
            return _TYPES[types[0]](self, shape, label)
        return self._compile_any(shape, label) if "type" not in shape else self._compile_types(types, shape, label)

    def _compile_types(self, types: list[str], shape: Shape, label: Label) -> Maker:
        if not types:
            return lambda number, owner, run: None

        def make_one(kind: str) -> Alternative:
            narrow = {**shape, "type": [kind]}
            return Alternative(
                lambda: self.compile_shape(narrow, label),
                lambda: self.weights.weigh_shape(narrow),
                lambda given: int(kind == "object"),
                kind == "null",
            )

        return make_choice([make_one(kind) for kind in types], None)

    def _compile_any(self, shape: Shape, label: Label) -> Maker:
        """What may be anything: of the type of its example, by its name, or an empty object."""
        for example in shape.get("examples", ()):
            kind = next((name for name, kinds in _OF_EXAMPLES if isinstance(example, kinds)), "")
            if kind in ("string", "number", "boolean"):
                return self.compile_shape({**shape, "type": [kind]}, label)
            return lambda number, owner, run: example
        if find_kind(label.name, TEXT_KINDS) or (label.name and not find_kind(label.name, NUMBER_KINDS)):
            return self.compile_shape({**shape, "type": ["string"]}, label)
        return self.compile_shape({**shape, "type": ["number" if label.name else "object"]}, label)


_OF_EXAMPLES: tuple[tuple[str, Any], ...] = (
    ("boolean", bool),
    ("number", (int, float)),
    ("string", str),
    ("other", object),
)


def _compile_string(compiler: Compiler, shape: Shape, label: Label) -> Maker:
    keys = ("minLength", "maxLength", "format")
    node: dict[str, Any] = {"type": "string", **{key: shape[key] for key in keys if key in shape}}
    node["allOf"] = [{"pattern": pattern} for pattern in shape.get("patterns", ())]
    return make_string(shape, label, compiler.check(node))


def _compile_figure(is_integer: bool) -> Callable[[Compiler, Shape, Label], Maker]:
    def compile_it(compiler: Compiler, shape: Shape, label: Label) -> Maker:
        figure = make_figure(shape, label, is_integer)
        return lambda number, owner, run: figure(number, owner)

    return compile_it


_RARE = frozenset(
    list_words("deleted archived disabled blocked hidden test error failed locked suspended spam cancelled draft"),
)


def _compile_boolean(compiler: Compiler, shape: Shape, label: Label) -> Maker:
    """True or false; what is rarely so seldom is."""
    share = 0.1 if _RARE & {*label.name.split()} else 0.6
    return lambda number, owner, run: is_within(number, share)


_TYPES: Mapping[str, Callable[[Compiler, Shape, Label], Maker]] = {
    "object": compile_object,
    "array": compile_array,
    "string": _compile_string,
    "integer": _compile_figure(True),
    "number": _compile_figure(False),
    "boolean": _compile_boolean,
    "null": lambda compiler, shape, label: lambda number, owner, run: None,
}

_CHECKED: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("nots", lambda nots: {"allOf": [{"not": node} for node in nots]}),
    ("maxContains", lambda most: {}),
)
"""Keywords that only say what must not be."""


def make_root_label(name: str) -> Label:
    """What is known of a whole sample."""
    return Label(split_words(name), split_words(name))
