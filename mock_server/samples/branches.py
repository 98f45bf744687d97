"""Where a schema parts: `oneOf`, `anyOf`, discriminators, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

from mock_server.samples.choices import Alternative, make_choice
from mock_server.samples.labels import Label, list_words
from mock_server.samples.makers import Check, Maker, Run
from mock_server.samples.shapes import Choice, Shape, Shapes, merge
from mock_server.samples.weights import Weights, find_types

_BARE = frozenset(list_words("title default readOnly writeOnly examples names type"))
"""Keywords that do not change what stands in an alternative."""

_PROBES, MAX_PROBES = 3, 12
"""So many samples of each alternative, and of all, show whether exactly one can hold at all."""


class BranchCompiler(Protocol):
    """What makers of alternatives are compiled by."""

    shapes: Shapes
    weights: Weights

    def compile(self, node: Any, label: Label) -> Maker: ...

    def compile_shape(self, shape: Shape, label: Label) -> Maker: ...

    def check(self, node: Any) -> Check: ...


def find_branches(compiler: BranchCompiler, shape: Shape, label: Label) -> Maker | None:
    """The maker of a shape that parts, or None for one that does not."""
    if conditions := shape.get("conditions"):
        rest = _without(shape, "conditions", conditions[1:])
        return _compile_condition(compiler, rest, conditions[0], label)
    if choices := shape.get("choices"):
        return _compile_choice(compiler, _without(shape, "choices", choices[1:]), choices[0], label)
    if discriminator := shape.get("discriminator"):
        rest = {key: value for key, value in shape.items() if key != "discriminator"}
        return _compile_inheritance(compiler, rest, discriminator, label)
    return None


def _without(shape: Shape, key: str, rest: Any) -> Shape:
    left = {name: value for name, value in shape.items() if name != key}
    return {**left, key: rest} if rest else left


def _compile_condition(compiler: BranchCompiler, base: Shape, condition: Mapping[str, Any], label: Label) -> Maker:
    """What fulfils a condition and its consequence, or neither."""
    test = condition["if"]
    nodes = [
        {"allOf": [test, condition.get("then", True)]},
        {"allOf": [{"not": test}, condition.get("else", True)]},
    ]
    made = [_make_alternative(compiler, base, node, {}, label) for node in nodes]
    return make_choice([each for each in made if each], compiler.check(dict(condition)))


def _compile_choice(compiler: BranchCompiler, base: Shape, choice: Choice, label: Label) -> Maker:
    made = [_make_alternative(compiler, base, node, choice.discriminator, label) for node in choice.alternatives]
    known = [each for each in made if each]
    if not known:
        return compiler.compile_shape(base, label)
    if not choice.is_exclusive or len(choice.alternatives) == 1 or _are_apart(compiler.shapes, choice.alternatives):
        return make_choice(known, None)
    return _make_exclusive(known, compiler.check({"oneOf": list(choice.alternatives)}))


def _make_exclusive(alternatives: list[Alternative], check: Check) -> Maker:
    """A maker that keeps to exactly one alternative, unless some samples show that they cannot be told apart."""
    makers: list[Maker] = []
    checked, unchecked = make_choice(alternatives, check), make_choice(alternatives, None)

    def make(number: int, owner: int, run: Run) -> Any:
        if run.probe:  # what holds itself would be probed without end
            return unchecked(number, owner, run)
        if not makers:
            # The probes are the same in every process, so that what they decide is.
            runs = [(number << 40, Run(turn=number, probe=True)) for number in range(_PROBES * len(alternatives))]
            is_possible = any(check(unchecked(probe, 0, run)) for probe, run in runs[:MAX_PROBES])
            makers.append(checked if is_possible else unchecked)
        return makers[0](number, owner, run)

    return make


def _make_alternative(
    compiler: BranchCompiler,
    base: Shape,
    node: Any,
    discriminator: Mapping[str, Any],
    label: Label,
) -> Alternative | None:
    """One alternative beside what holds for all; None for one that contradicts it."""
    shape = compiler.shapes.shape(node)
    merged = merge(base, shape)
    if discriminator:
        merged = _name_it(compiler, merged, discriminator, node)
    if merged.get("type") == [] or merged.get("enum") == []:
        return None
    is_bare = _BARE.issuperset(base) and merged.get("type") == shape.get("type") and not discriminator
    return Alternative(
        (lambda: compiler.compile(node, label)) if is_bare else (lambda: compiler.compile_shape(merged, label)),
        lambda: compiler.weights.weigh_shape(merged),
        lambda given: _count_given(compiler, merged, given),
        find_types(shape) == ["null"],
    )


def _count_given(compiler: BranchCompiler, shape: Shape, given: Mapping[str, Any]) -> int:
    """How well given values fit an alternative."""
    properties = shape.get("properties", {})
    fits = [compiler.check(properties[name])(value) for name, value in given.items() if name in properties]
    missing = sum(name not in given for name in shape.get("required", ()))
    return 100 * sum(fits) - 1000 * fits.count(False) - missing


def _are_apart(shapes: Shapes, nodes: Sequence[Any]) -> bool:
    """Whether no value can obey two of the schemas: by their types, or by the constants of a property they all need."""
    made = [shapes.shape(node) for node in nodes]
    types = [{"number" if kind == "integer" else kind for kind in find_types(each)} for each in made]
    if all("type" in each for each in made) and sum(map(len, types)) == len(set[str]().union(*types)):
        return True
    shared = set(made[0].get("required", ())).intersection(*(each.get("required", ()) for each in made))
    if not all(each.get("type") == ["object"] for each in made):
        return False
    for name in shared:
        enums = [shapes.shape(each.get("properties", {}).get(name, {})).get("enum") for each in made]
        values = [repr(value) for enum in enums for value in enum or ()]
        if all(enums) and len(values) == len(set(values)):
            return True
    return False


def _name_it(compiler: BranchCompiler, shape: Shape, discriminator: Mapping[str, Any], node: Any) -> Shape:
    """An alternative with the value of the discriminator that stands for it, where its own property allows that."""
    name = discriminator["propertyName"]
    own = shape.get("properties", {}).get(name)
    values = find_values(discriminator, node.get("$ref") if isinstance(node, Mapping) else None)
    fitting = [value for value in values if own is None or compiler.check(own)(value)]
    if not fitting:
        return {**shape, "required": [*shape.get("required", ()), name]} if own is not None else shape
    named = {"properties": {name: {"enum": fitting}}, "required": [name]}
    return merge({**shape, "required": shape.get("required", [])}, named)


def find_values(discriminator: Mapping[str, Any], reference: Any) -> list[str]:
    """The values of a discriminator that stand for a schema: by its mapping, else the schema's own name."""
    if not isinstance(reference, str):
        return []
    name = unquote(reference.rpartition("/")[2])
    mapping = discriminator.get("mapping")
    pairs = mapping.items() if isinstance(mapping, Mapping) else ()
    return [str(value) for value, target in pairs if target in (reference, name)] or [name]


def _compile_inheritance(
    compiler: BranchCompiler,
    base: Shape,
    discriminator: Mapping[str, Any],
    label: Label,
) -> Maker:
    """A schema that others extend: by itself one of those its mapping names, below another that other's value."""
    name, names = discriminator["propertyName"], base.get("names", [])
    mapping = discriminator.get("mapping")
    targets = [each for each in mapping.values() if isinstance(each, str)] if isinstance(mapping, Mapping) else []
    own = names[0] if names else ""
    value = find_values(discriminator, f"#/components/schemas/{own}") if own else []
    children = [t for t in dict.fromkeys(targets) if "/" in t and unquote(t.rpartition("/")[2]) not in names]
    if children and len(names) <= 1:
        made = [_make_alternative(compiler, base, {"$ref": target}, discriminator, label) for target in children]
        if known := [each for each in made if each]:
            return make_choice(known, None)
    declared = base.get("properties", {}).get(name)
    fitting = [each for each in value if declared is not None and compiler.check(declared)(each)]
    return compiler.compile_shape(
        merge(base, {"properties": {name: {"enum": fitting}}, "required": [name]}) if fitting else base,
        label,
    )
