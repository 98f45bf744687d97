"""Whether a value obeys a schema of a document, and what is wrong with it, in words for the caller."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

import jsonschema_rs

from mock_server.contract import find_pointer
from mock_server.openapi.keywords import PATTERN_OPTIONS, clean_schema
from mock_server.openapi.problems import describe_error

Direction = Literal["request", "response"]

MAX_KEPT = 8_000
"""So many schemas are kept compiled, those that others refer to counted with each (some 9 kB); the least recently asked
goes first."""

MAX_DEPTH = 100
"""A schema nested deeper takes anything below."""

MAX_PROBLEMS = 10

_HIDDEN: Mapping[str, str] = {"request": "readOnly", "response": "writeOnly"}
"""What a property is where it need not be: a client does not send what a server knows, nor does that tell secrets."""

_CHILD = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "propertyNames", "contains")
_BRANCH = ("not", "if", "then", "else")
_LISTS = ("anyOf", "oneOf", "prefixItems", "allOf")
_MAPS = ("properties", "patternProperties", "dependentSchemas")


class Validators:
    """The validators of one document, each compiled when it is first asked.

    A schema is any node of the document: `$ref`s in it lead into `root`, one that leads nowhere allows anything.
    """

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._collectors = {direction: _Collector(root, hidden) for direction, hidden in _HIDDEN.items()}
        # The schema is kept beside its validator: as long as it lives, no other node has its identity.
        self._kept: OrderedDict[tuple[int | str, str], tuple[Any, Any, int]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def is_valid(self, schema: Any, value: Any, direction: Direction = "response") -> bool:
        """Whether a value of JSON obeys a schema; what is no value of JSON obeys none."""
        try:
            return bool(self._compile(schema, direction).is_valid(value))
        except (ValueError, TypeError):
            return False

    def find_problems(self, schema: Any, value: Any, direction: Direction = "response") -> list[tuple[str, str]]:
        """At most `MAX_PROBLEMS` JSON Pointers in the value, each with what is wrong there: the end of a sentence."""
        try:
            errors = itertools.islice(self._compile(schema, direction).iter_errors(value), MAX_PROBLEMS)
            described = [problem for error in errors for problem in describe_error(error)]
        except (ValueError, TypeError):
            return [("", "is no value of JSON")]
        return list(dict.fromkeys(described))[:MAX_PROBLEMS]

    def _compile(self, schema: Any, direction: Direction) -> Any:
        key = (_identify(schema), direction)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][1]
            collected = self._collectors[direction].collect(schema)
            made, weight = _build(collected), 1 + len(collected["$defs"])
            self._kept[key] = (schema, made, weight)
            self._weight += weight
            while self._weight > MAX_KEPT and len(self._kept) > 1:
                self._weight -= self._kept.popitem(last=False)[1][2]
            return made


def _identify(schema: Any) -> int | str:
    """What a schema is known by: all that are but a reference to one name are one."""
    if isinstance(schema, Mapping) and len(schema) == 1 and isinstance(reference := schema.get("$ref"), str):
        return reference
    return id(schema)


def _build(schema: dict[str, Any]) -> Any:
    """A validator; one that takes anything where a schema cannot be compiled, which nobody has seen yet."""
    for each in (schema, {}):
        try:
            return jsonschema_rs.Draft202012Validator(
                each,
                validate_formats=True,
                pattern_options=PATTERN_OPTIONS,
                offline=True,
            )
        except (ValueError, TypeError, jsonschema_rs.ReferencingError):
            continue
    raise AssertionError("an empty schema compiles")


class _Collector:
    """Copies schemas for one direction, with what they refer to below `$defs`; each named schema is copied once."""

    def __init__(self, root: Mapping[str, Any], hidden: str) -> None:
        self._root, self._hidden = root, hidden
        self._names: dict[str, str] = {}
        self._copies: dict[str, tuple[Any, frozenset[str]]] = {}

    def collect(self, schema: Any) -> dict[str, Any]:
        """One schema that stands by itself."""
        copied, waiting = self._copy_whole(schema)
        named: dict[str, Any] = {}
        while waiting:
            pointer = waiting.pop()
            if self._names[pointer] not in named:
                if pointer not in self._copies:
                    node, refs = self._copy_whole(self._find(pointer))
                    self._copies[pointer] = (node, frozenset(refs))
                named[self._names[pointer]], refs = self._copies[pointer][0], set(self._copies[pointer][1])
                waiting |= refs
        return {"allOf": [copied], "$defs": named}

    def _find(self, pointer: str) -> Any:
        found = find_pointer(self._root, pointer)
        return find_pointer(self._root, unquote(pointer)) if found is None else found

    def _copy_whole(self, node: Any) -> tuple[Any, set[str]]:
        refs: set[str] = set()
        return self._copy(node, {}, refs, 0), refs

    def _copy(self, node: Any, around: Mapping[str, Any], refs: set[str], depth: int) -> Any:
        """A copy of a schema; `around` holds properties that schemas around it (`allOf`) declare of the same value."""
        cleaned = clean_schema(node)
        if isinstance(cleaned, bool) or not cleaned or depth > MAX_DEPTH:
            return cleaned if isinstance(cleaned, bool) else {}
        declared = {**around, **self._find_declared(cleaned, 0)} if "required" in cleaned or "allOf" in cleaned else {}
        if "$ref" in cleaned:
            self._copy_reference(cleaned, refs)
        if "required" in cleaned:
            cleaned["required"] = [name for name in cleaned["required"] if not self._is_hidden(declared.get(name), 0)]
        if "discriminator" in node and "oneOf" in cleaned and self._hidden == "readOnly":
            # The discriminator says which is meant, so that others may hold as well: documents rarely exclude that.
            cleaned["anyOf" if "anyOf" not in cleaned else "oneOf"] = cleaned.pop("oneOf")
        for key in _CHILD + _BRANCH:
            if key in cleaned:
                cleaned[key] = self._copy(cleaned[key], {}, refs, depth + 1)
        for key in _LISTS:
            if key in cleaned:
                inner = declared if key == "allOf" else {}
                cleaned[key] = [self._copy(child, inner, refs, depth + 1) for child in cleaned[key]]
        for key in _MAPS:
            if key in cleaned:
                cleaned[key] = {name: self._copy(child, {}, refs, depth + 1) for name, child in cleaned[key].items()}
        return cleaned

    def _copy_reference(self, cleaned: dict[str, Any], refs: set[str]) -> None:
        file, _, pointer = cleaned.pop("$ref").partition("#")
        if not file and pointer and self._find(pointer) is not None:
            name = self._names.setdefault(pointer, f"d{len(self._names)}")
            refs.add(pointer)
            cleaned["$ref"] = f"#/$defs/{name}"

    def _find_declared(self, node: Any, depth: int) -> dict[str, Any]:
        """The properties that a schema declares, by itself, by what it refers to, and by its `allOf`."""
        if not isinstance(node, Mapping) or depth > 8:
            return {}
        declared: dict[str, Any] = {}
        if isinstance(reference := node.get("$ref"), str):
            declared.update(self._find_declared(self._find(reference.partition("#")[2]), depth + 1))
        for child in node["allOf"] if isinstance(node.get("allOf"), list) else ():
            declared.update(self._find_declared(child, depth + 1))
        own = node.get("properties")
        return {**declared, **own} if isinstance(own, Mapping) else declared

    def _is_hidden(self, node: Any, depth: int) -> bool:
        """Whether a property need not be there in this direction; it may say so behind a reference."""
        if not isinstance(node, Mapping) or depth > 8:
            return False
        if isinstance(node.get(self._hidden), bool):
            return bool(node[self._hidden])
        reference, parts = node.get("$ref"), node.get("allOf")
        if isinstance(reference, str) and self._is_hidden(self._find(reference.partition("#")[2]), depth + 1):
            return True
        return any(self._is_hidden(each, depth + 1) for each in (parts if isinstance(parts, list) else ()))
