"""From shapes of objects and lists to makers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mock_server.openapi import Direction
from mock_server.samples.arrays import make_list
from mock_server.samples.draws import salt
from mock_server.samples.labels import Label, singular, split_words
from mock_server.samples.makers import Check, Maker, Run
from mock_server.samples.objects import (
    ALWAYS,
    GIVEN,
    INNER,
    PLAIN,
    Field,
    Rest,
    find_needs,
    find_order,
    find_schema,
    make_object,
    make_pattern_name,
    make_word_name,
)
from mock_server.samples.shapes import Shape, Shapes, merge
from mock_server.samples.sums import add_up
from mock_server.samples.weights import INNER as INNER_TYPES
from mock_server.samples.weights import Weights, find_types


class ContainerCompiler(Protocol):
    """What the makers of members are compiled by."""

    shapes: Shapes
    weights: Weights
    direction: Direction

    def compile_later(self, node: Any, label: Label) -> Maker: ...

    def compile(self, node: Any, label: Label) -> Maker: ...

    def check(self, node: Any) -> Check: ...


def compile_object(compiler: ContainerCompiler, shape: Shape, label: Label) -> Maker:
    """The maker of an object."""
    shape, skipped = _resolve_dependents(compiler.shapes, shape)
    owner = split_words(shape["names"][0]) if shape.get("names") else label.name or label.owner
    order = find_order(shape)
    siblings = frozenset(map(split_words, order))
    needs = find_needs(shape)
    schemas = {name: find_schema(shape, name) for name in order if name not in skipped}
    fields = [
        Field(
            name,
            salt(name),
            presence,
            compiler.compile_later(node, Label(split_words(name), owner, siblings)),
            compiler.check(node),
            functools.partial(compiler.weights.weigh, node),
            needs.get(name, ()),
        )
        for name, node in schemas.items()
        if node is not False and (presence := _find_presence(compiler, shape, name, node)) is not None
    ]
    make = make_object(fields, shape.get("maxProperties"), _find_rest(compiler, shape, order, owner))
    return add_up(make, [field.name for field in fields], {field.name: field.accepts for field in fields})


def _resolve_dependents(shapes: Shapes, shape: Shape) -> tuple[Shape, set[str]]:
    """A shape with what its required properties bring along, and the names that would bring along more."""
    dependents = shape.get("dependentSchemas", {})
    rest = {key: value for key, value in shape.items() if key != "dependentSchemas"}
    for name, node in dependents.items():
        if name in shape.get("required", ()):
            rest = merge(rest, shapes.shape(node))
    return rest, {name for name in dependents if name not in shape.get("required", ())}


_HIDDEN: Mapping[str, str] = {"request": "readOnly", "response": "writeOnly"}


def _find_presence(compiler: ContainerCompiler, shape: Shape, name: str, node: Any) -> int | None:
    """When a property is there; None for one that never is: what is written only is never read."""
    inner = compiler.shapes.shape(node)
    if inner.get(_HIDDEN[compiler.direction]) is True:
        return GIVEN if compiler.direction == "request" else None
    if name in shape.get("required", ()):
        return ALWAYS
    if inner.get("type") == [] or inner.get("enum") == []:
        return None
    types = find_types(inner)
    return INNER if INNER_TYPES.intersection(types) or "choices" in inner else PLAIN


def _find_rest(compiler: ContainerCompiler, shape: Shape, order: list[str], owner: str) -> Rest | None:
    """What may stand in an object beside its declared properties, where something should."""
    declared = frozenset(order)
    least = shape.get("minProperties", 0)
    patterns = {name: node for name, node in shape.get("patternProperties", {}).items() if node is not False}
    extras = [extra.schema for extra in shape.get("extras", ())]
    unevaluated = shape.get("unevaluatedProperties")
    is_map = not declared and (patterns or any(isinstance(node, Mapping) for node in (*extras, unevaluated)))
    if not least and not is_map:
        return None
    is_open = not any(node is False for node in (*extras, unevaluated))
    if not is_open and not patterns:
        return Rest(make_word_name, compiler.compile_later({}, Label()), 0, 0) if least else None
    nodes: list[Any] = [node for node in (*extras, unevaluated) if isinstance(node, Mapping)]
    make_name: Callable[[int], str] = make_word_name
    if patterns and (not is_open or not nodes):
        pattern, node = next(iter(patterns.items()))
        make_name, nodes = make_pattern_name(pattern) or make_word_name, [node]
    elif "propertyNames" in shape:
        make_name = _find_names(compiler, shape["propertyNames"])
    node = nodes[0] if len(nodes) == 1 else {"allOf": nodes}
    maker = compiler.compile_later(node, Label("", singular(owner)))

    def make_free_name(number: int) -> str:
        name = make_name(number)
        return f"{name}_2" if name in declared else name

    return Rest(make_free_name, maker, least, 3 if is_map else 0)


def _find_names(compiler: ContainerCompiler, node: Any) -> Callable[[int], str]:
    """A function to names that obey a schema."""
    maker = compiler.compile({"allOf": [node, {"type": "string"}]}, Label("word"))
    return lambda number: str(maker(number, number, Run()))


def compile_array(compiler: ContainerCompiler, shape: Shape, label: Label) -> Maker:
    """The maker of a list."""
    prefix: list[Any] = shape.get("prefixItems", [])
    items = shape.get("items", shape.get("unevaluatedItems", {}))
    contained: list[Any] = shape.get("contained", [])
    wanted = shape.get("minContains", 1) if contained else 0
    least, most = max(shape.get("minItems", 0), len(prefix) + wanted), shape.get("maxItems")
    if items is False:
        most = len(prefix) if most is None else min(most, len(prefix))
    elif items in ({}, True) and not contained:
        most = least if most is None else min(most, least)
    least = least if most is None else min(least, most)
    named = Label(singular(label.name), label.owner, label.siblings)
    first = [compiler.compile_later(node, named) for node in prefix]
    special = [compiler.compile_later({"allOf": [items, node]}, named) for node in contained] * wanted
    other = compiler.compile_later(items, named)
    makers = [*first, *special]
    is_inner = bool(INNER_TYPES.intersection(find_types(compiler.shapes.shape(items))))
    return make_list(
        lambda index: makers[index] if index < len(makers) else other,
        least,
        most,
        shape.get("uniqueItems", False),
        is_inner,
    )
