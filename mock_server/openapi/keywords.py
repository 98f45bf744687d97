"""What the keywords of one schema mean, whatever a document wrote: repaired where the meaning is clear, else dropped.

Real documents hold `required: true` inside a property, `type: any`, an `enum` that is no list, flags as bounds, texts
as numbers. What comes from here is JSON Schema 2020-12 of one level: schemas below a keyword are left as they stand.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")

FORMATS = ("date-time", "date", "time", "duration", "uuid", "email", "hostname", "uri", "ipv4", "ipv6")
"""Formats that are checked; of any other nothing is said."""

PATTERN_OPTIONS = jsonschema_rs.FancyRegexOptions(
    backtrack_limit=100_000,
    size_limit=2_000_000,
    dfa_size_limit=2_000_000,
)
"""Patterns take linear time; with look-around or back-references so many steps, and so many bytes when compiled."""

MAX_NUMBER = 1e300
"""A bound beyond it is none: no two libraries read such numbers alike."""

Schema = dict[str, Any]


def clean_schema(node: Any) -> Schema | bool:
    """The keywords of one schema that decide what is valid, each well-formed; `{}` for what is no schema.

    `$ref` stays as it is written, `nullable` becomes a type or an `anyOf`; annotations are left out.
    """
    if not isinstance(node, Mapping):
        return node if isinstance(node, bool) else {}
    cleaned: Schema = {}
    for key in node:
        clean = _CLEANERS.get(key)
        value = clean(node[key]) if clean else None
        if value is not None:
            cleaned[key] = value
    if "const" in node:
        cleaned["const"] = node["const"]
    for repair in _REPAIRS:
        cleaned = repair(cleaned, node)
    return cleaned


@functools.lru_cache(maxsize=4096)
def find_pattern(pattern: str) -> str | None:
    """A pattern as it can be searched, perhaps repaired; None for one that cannot."""
    for written in (pattern, _LOOSE_HYPHEN.sub(r"\1\\-", pattern)):
        try:
            jsonschema_rs.Draft202012Validator({"pattern": written}, pattern_options=PATTERN_OPTIONS, offline=True)
        except (ValueError, jsonschema_rs.ReferencingError):
            continue
        return written
    return None


_LOOSE_HYPHEN = re.compile(r"(\\[wdsWDS])-")
"""`[\\w-.]`: a range from a class is a mistake to strict engines, a hyphen to JavaScript."""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return True if value is True else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if -MAX_NUMBER < value < MAX_NUMBER else None


def _step(value: Any) -> int | float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 2**63 and number == int(number) else None


def _list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) and value else None


def _names(value: Any) -> list[str] | None:
    listed = value if isinstance(value, list) else ()
    return list(dict.fromkeys(name for name in listed if isinstance(name, str))) or None


def _schema(value: Any) -> Any:
    return value if isinstance(value, (Mapping, bool)) else None


def _schemas(value: Any) -> list[Any] | None:
    listed = value if isinstance(value, list) else ()
    return [each for each in listed if isinstance(each, (Mapping, bool))] or None


def _schema_map(value: Any) -> dict[str, Any] | None:
    pairs = value.items() if isinstance(value, Mapping) else ()
    # A property that is no schema is one of which nothing is known; its name still counts.
    return {str(name): child if isinstance(child, (Mapping, bool)) else {} for name, child in pairs} or None


def _pattern_map(value: Any) -> dict[str, Any] | None:
    schemas = _schema_map(value) or {}
    known = {find_pattern(pattern): child for pattern, child in schemas.items()}
    # Names that only a broken pattern allows must not be refused by `additionalProperties`: any name may be meant.
    return {
        ("" if pattern is None else pattern): child if pattern is not None else {} for pattern, child in known.items()
    } or None


def _name_map(value: Any) -> dict[str, list[str]] | None:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {str(name): names for name, listed in pairs if (names := _names(listed))} or None


def _types(value: Any) -> list[str] | None:
    listed = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(name for name in listed if name in TYPES)) or None


def _format(value: Any) -> str | None:
    return value if isinstance(value, str) and value in FORMATS else None


_CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "$ref": _text,
    "type": _types,
    "enum": _list,
    "format": _format,
    "pattern": lambda value: find_pattern(value) if isinstance(value, str) else None,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "multipleOf": _step,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _count),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _count),
    "uniqueItems": _flag,
    "required": _names,
    "dependentRequired": _name_map,
    **dict.fromkeys(("properties", "dependentSchemas"), _schema_map),
    "patternProperties": _pattern_map,
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "propertyNames"), _schema),
    **dict.fromkeys(("items", "unevaluatedItems", "contains", "not", "if", "then", "else"), _schema),
}
"""The keywords that decide, and what each may hold: the value, repaired, or None to drop it."""


def _repair_bounds(cleaned: Schema, node: Mapping[str, Any]) -> Schema:
    """A bound that is excluded was a flag beside the bound in OpenAPI 3.0; here and there it still is."""
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if node.get(flag) is True and bound in cleaned:
            cleaned[flag] = cleaned.pop(bound)
    return cleaned


def _repair_items(cleaned: Schema, node: Mapping[str, Any]) -> Schema:
    """A list of schemas below `items` was a tuple before 2020-12."""
    if isinstance(node.get("items"), list) and "prefixItems" not in cleaned and (listed := _schemas(node["items"])):
        cleaned["prefixItems"] = listed
    return cleaned


def is_of_type(value: Any, name: str) -> bool:
    """Whether a value is of a type of JSON Schema."""
    kind = _KINDS.get(name)
    return kind is not None and kind(value)


_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _repair_types(cleaned: Schema, node: Mapping[str, Any]) -> Schema:
    """Where no value of an enumeration has the type (`type: boolean`, `enum: ['true']`), the values are meant."""
    types = cleaned.get("type", ())
    values = [value for value in (*cleaned.get("enum", ()), cleaned.get("const")) if value is not None]
    if values and types and not any(is_of_type(value, kind) for kind in types for value in values):
        del cleaned["type"]
    return cleaned


def _repair_null(cleaned: Schema, node: Mapping[str, Any]) -> Schema:
    if node.get("nullable") is not True and node.get("x-nullable") is not True:
        return cleaned
    return {"anyOf": [{**node, "nullable": False, "x-nullable": False}, {"type": ["null"]}]}


_REPAIRS = (_repair_bounds, _repair_items, _repair_types, _repair_null)
