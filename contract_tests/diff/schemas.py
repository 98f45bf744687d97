"""Two schemas compared, place by place: what the new one takes away, adds, narrows or widens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from contract_tests.diff.rules import REQUEST, Change
from mock_server.contract import escape_pointer, find_pointer

ALL_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
ABSENT = "absent"


class Side(NamedTuple):
    """A document and a node in it."""

    document: Mapping[str, Any]
    node: Any

    def at(self, *steps: str) -> Side:
        """The node some members below, its references followed; an empty one where there is none."""
        node = self.node
        for step in steps:
            node = _follow(self.document, node.get(step) if isinstance(node, Mapping) else None)
        return Side(self.document, node)

    @property
    def schema(self) -> Mapping[str, Any]:
        """The node as a schema, its `allOf` merged into it."""
        node = _follow(self.document, self.node)
        return _merge(self.document, node) if isinstance(node, Mapping) else {}


def _follow(document: Mapping[str, Any], node: Any) -> Any:
    for _ in range(100):
        if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
            return node
        beside = {name: value for name, value in node.items() if name != "$ref"}
        target = find_pointer(document, node["$ref"].partition("#")[2])
        node = {**target, **beside} if isinstance(target, Mapping) else {}
    return {}


def _merge(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = {name: value for name, value in node.items() if name != "allOf"}
    for part in node.get("allOf", ()):
        each = Side(document, part).schema
        for name, value in each.items():
            if name == "properties":
                merged[name] = {**value, **merged.get(name, {})}
            elif name == "required":
                merged[name] = [*merged.get(name, ()), *value]
            else:
                merged.setdefault(name, value)
    return merged


def compare_schemas(old: Side, new: Side, direction: str, place: str = "") -> Iterator[Change]:
    """What changed from one schema to the other. `direction` is that of the value: `request` or `response`."""
    yield from _Comparison(direction, frozenset()).compare(old, new, place)


class _Comparison(NamedTuple):
    """A comparison under way; `open` are the pairs of references it is inside of, so that a circle ends."""

    direction: str
    open: frozenset[tuple[str, str]]

    def compare(self, old: Side, new: Side, place: str) -> Iterator[Change]:
        """The changes at a place and below it."""
        pair = _reference(old), _reference(new)
        if pair in self.open:
            return
        inside = self._replace(open=self.open | {pair}) if all(pair) else self
        one, other = old.schema, new.schema
        yield from self._here(one, other, place)
        if _types(one) & _types(other):
            yield from inside._below(old, new, place)

    def _here(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[Change]:
        # What is both wider and narrower is one change: the one that hurts whoever is at the other end.
        worse = "narrowed" if self.direction == REQUEST else "widened"
        for name, pairs in (
            ("type", _compare_sets(_types(old), _types(new), worse)),
            ("enum", _compare_sets(_values(old), _values(new), worse)),
            ("bound", _compare_bounds(old, new)),
            ("form", _compare_forms(old, new, worse)),
        ):
            for way, before, after in pairs:
                yield Change(f"{self.direction}.{name}_{way}", place, before, after)

    def _below(self, old: Side, new: Side, place: str) -> Iterator[Change]:
        one, other = old.schema, new.schema
        yield from self._members(Side(old.document, one), Side(new.document, other), place)
        for name in ("items", "additionalProperties"):
            if isinstance(one.get(name), Mapping) and isinstance(other.get(name), Mapping):
                yield from self.compare(Side(old.document, one[name]), Side(new.document, other[name]), f"{place}/*")
        for name in ("oneOf", "anyOf"):
            yield from self._choices(old, new, name, place)

    def _members(self, old: Side, new: Side, place: str) -> Iterator[Change]:
        before, after = (side.schema.get("properties", {}) for side in (old, new))
        needed = [set(side.schema.get("required", ())) for side in (old, new)]
        gone, fresh = [n for n in before if n not in after], [n for n in after if n not in before]
        renamed = dict(_match_names(old, new, gone, fresh))
        for name in gone:
            rule = "member_renamed" if name in renamed else "member_removed"
            shown = renamed.get(name, ABSENT)
            yield Change(f"{self.direction}.{rule}", _step(place, name), name, shown)
        for name in fresh:
            if name not in renamed.values():
                required = self.direction == REQUEST and name in needed[1]
                rule = "member_added_required" if required else "member_added"
                yield Change(f"{self.direction}.{rule}", _step(place, name), ABSENT, _describe(new, after[name]))
        for name in (n for n in before if n in after):
            if (name in needed[0]) != (name in needed[1]):
                words = ("required", "optional") if name in needed[0] else ("optional", "required")
                yield Change(f"{self.direction}.member_{words[1]}", _step(place, name), *words)
            yield from self.compare(
                Side(old.document, before[name]),
                Side(new.document, after[name]),
                _step(place, name),
            )

    def _choices(self, old: Side, new: Side, name: str, place: str) -> Iterator[Change]:
        before, after = ([Side(side.document, c) for c in side.schema.get(name, ())] for side in (old, new))
        texts = [{_canonical(side.schema): side for side in sides} for sides in (before, after)]
        gone = [side for text, side in texts[0].items() if text not in texts[1]]
        fresh = [side for text, side in texts[1].items() if text not in texts[0]]
        if len(gone) == len(fresh) == 1:  # one shape that changed, rather than one that went and one that came
            yield from self.compare(gone[0], fresh[0], place)
            return
        for way, sides in (("narrowed", gone if before and after else []), ("widened", fresh if before else [])):
            for side in sides:
                shown = _describe(side, side.node)
                pair = (shown, ABSENT) if way == "narrowed" else (ABSENT, shown)
                yield Change(f"{self.direction}.choice_{way}", place, *pair)


def _reference(side: Side) -> str:
    """What a node refers to, or nothing."""
    return str(side.node.get("$ref", "")) if isinstance(side.node, Mapping) else ""


_WORDS = ("description", "title", "example", "examples", "deprecated")


def _canonical(schema: Any) -> str:
    """A schema as a text that is the same for schemas that allow the same in the same words."""
    return json.dumps(_bare(schema), sort_keys=True, default=str)


def _bare(value: Any, names: bool = False) -> Any:
    """Without what tells no value apart: words for people and annotations. Names of members are kept."""
    if isinstance(value, Mapping):
        kept = {k: v for k, v in value.items() if names or not (k in _WORDS or k.startswith("x-"))}
        return {k: _bare(v, names=not names and k == "properties") for k, v in kept.items()}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _step(place: str, name: str) -> str:
    return f"{place}/{escape_pointer(name)}"


def _match_names(old: Side, new: Side, gone: list[str], fresh: list[str]) -> Iterator[tuple[str, str]]:
    """Members that went, each with the one that came in its place: the only new one that allows the same."""
    before, after = (side.schema.get("properties", {}) for side in (old, new))
    for name in gone:
        shape = _canonical(Side(old.document, before[name]).schema)
        same = [n for n in fresh if _canonical(Side(new.document, after[n]).schema) == shape]
        rivals = [n for n in gone if _canonical(Side(old.document, before[n]).schema) == shape]
        if len(same) == len(rivals) == 1:
            yield name, same[0]


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    """The types a schema allows; `number` allows integers too."""
    given = schema.get("type")
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    if not listed:
        values = _values(schema)
        return ALL_TYPES if values is None else frozenset(_NAMES[type(json.loads(value))] for value in values)
    more = ["integer"] if "number" in listed else []
    return frozenset([*listed, *more, *(["null"] if schema.get("nullable") is True else [])])


_NAMES: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    dict: "object",
    list: "array",
    float: "number",
    int: "integer",
    str: "string",
}


def _values(schema: Mapping[str, Any]) -> frozenset[str] | None:
    """The values a schema lists, as JSON; None where it lists none."""
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    return frozenset(json.dumps(value, ensure_ascii=False) for value in listed) if isinstance(listed, list) else None


def _compare_sets(
    old: frozenset[str] | None,
    new: frozenset[str] | None,
    worse: str,
) -> Iterator[tuple[str, str, str]]:
    """`widened` or `narrowed` (where it is both, what is worse), and what was and is allowed; None allows anything."""
    if old == new:
        return
    is_wider = new is None or (old is not None and bool(new - old))
    is_narrower = old is None or (new is not None and bool(old - new))
    way = worse if is_wider and is_narrower else "widened" if is_wider else "narrowed"
    yield way, _show(old), _show(new)


def _show(values: Iterable[str] | None) -> str:
    if values is None:
        return "any"
    return "any" if values == ALL_TYPES else ", ".join(sorted(values))


_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "minLength", "minItems", "minProperties")


def _compare_bounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in (*_UPPER, *_LOWER):
        before, after = _bound(old, name), _bound(new, name)
        if before == after:
            continue
        sign = 1 if name in _UPPER else -1
        is_wider = after is None or (before is not None and sign * after[0] > sign * before[0])
        if before is not None and after is not None and before[0] == after[0]:
            is_wider = before[1]
        yield ("widened" if is_wider else "narrowed"), _show_bound(name, before), _show_bound(name, after)


def _bound(schema: Mapping[str, Any], name: str) -> tuple[float, bool] | None:
    """A bound, and whether the value itself lies outside; of two the narrower one."""
    exclusive = schema.get(f"exclusive{name[:1].upper()}{name[1:]}")
    given: list[tuple[Any, bool]] = [(schema.get(name), exclusive is True), (exclusive, True)]
    bounds = [(float(v), out) for v, out in given if isinstance(v, (int, float)) and not isinstance(v, bool)]
    sign = 1 if name in _UPPER else -1
    chosen = min(bounds, key=lambda bound: (sign * bound[0], not bound[1]), default=None)
    # A lower bound of no characters or items is none.
    is_void = name in _LOWER[1:] and chosen is not None and chosen[0] == 0 and not chosen[1]
    return None if is_void else chosen


def _show_bound(name: str, bound: tuple[float, bool] | None) -> str:
    return f"no {name}" if bound is None else f"{name} {bound[0]:g}{' (exclusive)' if bound[1] else ''}"


def _compare_forms(old: Mapping[str, Any], new: Mapping[str, Any], worse: str) -> Iterator[tuple[str, str, str]]:
    """What a text or number must look like. Two patterns cannot be ordered: another one is both wider and narrower."""
    for name in ("pattern", "format", "multipleOf", "uniqueItems"):
        before, after = (schema.get(name) or None for schema in (old, new))
        if before == after:
            continue
        shown = f"{name} {before}" if before else f"no {name}", f"{name} {after}" if after else f"no {name}"
        yield "widened" if after is None else "narrowed" if before is None else worse, *shown


def _describe(side: Side, node: Any) -> str:
    schema = Side(side.document, node).schema
    return _show(_values(schema)) if _values(schema) else _show(_types(schema)) if "type" in schema else "a value"
