"""Records at the edge of what is allowed: a collection's records are changed after they are made, so that lists,
filters and keys agree on them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.contract import Collection

Record = dict[str, Any]
Maker = Callable[[int], Record]
Change = Callable[[int, Record], None]
"""Changes the record of an ordinal in place."""

BoundaryValue = Callable[[Collection, Maker], Change]
"""Compiles a change for a collection; the maker makes its records."""

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\U0001f3fd\U0001f1f6\U0001f1e6"
"""Two women and a girl with a skin tone, and a flag: eight code points that are seen as two."""

LONGEST = 255
"""How long a text is where its schema names no maximum."""

PROSE = ("name", "company", "sentence", "text", "paragraph", "address", "street", "word")
"""Parts of the names of methods whose text is free: what a person may type."""

Path = tuple[str, ...]


def _is_prose(node: Mapping[str, Any], fields: Mapping[str, Any], depth: int = 0) -> bool:
    """Whether a field is free text: made by such a method, or of a sibling that is."""
    # Deep enough for any chain of names; that none is a circle is the compiler's to say.
    if any(key in node for key in ("enum", "const", "format", "pattern")) or depth > 8:
        return False
    annotation = node.get("x-faker", "")
    method = _method_of(annotation)
    if method.startswith("$"):
        return "." not in method and _is_prose(fields.get(method[1:], {}), fields, depth + 1)
    if method in ("join", "choose"):
        return any(_is_prose({"x-faker": part}, fields, depth + 1) for part in _parts(annotation[method]))
    return "email" not in method and any(word in method for word in PROSE)


def _method_of(annotation: Any) -> str:
    """The method of `x-faker` in any of its forms; a part to join may be a plain number, which has none."""
    if isinstance(annotation, dict):
        return str(next(iter(annotation), ""))
    return annotation if isinstance(annotation, str) else ""


def _parts(arguments: Mapping[str, Any]) -> Iterator[Any]:
    yield from arguments.get("parts", ())
    yield from arguments.get("cases", {}).values()
    yield arguments.get("otherwise", "")


def _fields(collection: Collection) -> dict[str, Any]:
    return {**collection.schema.get("properties", {}), **collection.hidden}


def _leaves(properties: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any], bool]]:
    """Path and schema of each field that holds a plain value; whether it must be there is known at its parent."""
    for name, node in properties.items():
        yield (*above, name), node, bool(node.get("properties"))
        yield from _leaves(node.get("properties", {}), (*above, name))


def _texts(collection: Collection) -> list[tuple[Path, Mapping[str, Any]]]:
    fields = _fields(collection)
    return [(p, n) for p, n, inner in _leaves(fields) if not inner and p[0] != collection.key and _is_prose(n, fields)]


def _put(record: Record, path: Path, change: Callable[[Any], Any]) -> None:
    """Change a value that is there and is text."""
    for name in path[:-1]:
        inner = record.get(name)
        if not isinstance(inner, dict):
            return
        record[name] = record = dict(inner)  # places share their parts among records
    if isinstance(record.get(path[-1]), str) and record[path[-1]]:
        record[path[-1]] = change(record[path[-1]])


def _each_text(change: Callable[[str, Mapping[str, Any]], str]) -> BoundaryValue:
    def compile_change(collection: Collection, maker: Maker) -> Change:
        changes = [(path, functools.partial(_fitted, change, node)) for path, node in _texts(collection)]

        def change_record(ordinal: int, record: Record) -> None:
            for path, fitted in changes:
                _put(record, path, fitted)

        return change_record

    return compile_change


def _fitted(change: Callable[[str, Mapping[str, Any]], str], node: Mapping[str, Any], text: str) -> str:
    most: int = node.get("maxLength", LONGEST)
    return change(text, node)[:most]


def _longest(text: str, node: Mapping[str, Any]) -> str:
    most: int = node.get("maxLength", LONGEST)
    return (f"{text} " * (most // (len(text) + 1) + 1))[: most - 1] + "."


def _missing(absent: bool) -> BoundaryValue:
    return lambda collection, maker: (
        lambda ordinal, record: _clear_optional(record, collection.schema, absent, collection.key)
    )


def _clear_optional(record: Record, schema: Mapping[str, Any], absent: bool, key: str) -> None:
    required = schema.get("required", ())
    for name, node in schema.get("properties", {}).items():
        if name == key or name not in record:
            continue
        if absent and name not in required:
            del record[name]
        elif not absent and "null" in node.get("type", ()):
            record[name] = None
        elif isinstance(record[name], dict):
            record[name] = dict(record[name])
            _clear_optional(record[name], node, absent, "")


def _same_email(collection: Collection, maker: Maker) -> Change:
    """Every second record has the e-mail of the one before."""
    names = _emails(collection)

    def change_record(ordinal: int, record: Record) -> None:
        before = maker(ordinal - 1) if ordinal % 2 else record
        for name in names:
            record[name] = before.get(name, record.get(name))

    return change_record


def _emails(collection: Collection) -> list[str]:
    nodes = _fields(collection).items()
    return [name for name, node in nodes if node.get("format") == "email" or "email_of" in str(node.get("x-faker"))]


def _far_ids(beyond: int) -> BoundaryValue:
    def compile_change(collection: Collection, maker: Maker) -> Change:
        def change_record(ordinal: int, record: Record) -> None:
            if isinstance(record[collection.key], int):
                record[collection.key] += beyond

        return change_record

    return compile_change


BOUNDARY_VALUES: Mapping[str, BoundaryValue] = {
    "OPTIONAL_NULL": _missing(absent=False),
    "OPTIONAL_ABSENT": _missing(absent=True),
    "LONGEST": _each_text(_longest),
    "SHORTEST": _each_text(lambda text, node: text[: max(1, node.get("minLength", 1))]),
    "RIGHT_TO_LEFT": _each_text(lambda text, node: "\u0645\u0631\u064a\u0645 \u0627\u0644\u0639\u0644\u064a " + text),
    "EMOJI": _each_text(lambda text, node: f"{text} {FAMILY}"),
    "COMBINING": _each_text(lambda text, node: "".join(f"{c}\u0301\u0323" if c.isalpha() else c for c in text)),
    "APOSTROPHES": _each_text(lambda text, node: f"O'{text} \u2019n\u2019 D\u2019Arcy"),
    "MARKUP": _each_text(lambda text, node: f"<script>alert(1)</script><b>{text}</b>&amp;"),
    "SQL": _each_text(lambda text, node: f"{text}'); DROP TABLE customers;--"),
    "DUPLICATE_EMAILS": _same_email,
    "IDS_BEYOND_31_BITS": _far_ids(2**31),
    "IDS_BEYOND_53_BITS": _far_ids(2**53),
}
"""What a scenario's `data` does to every record."""


def _sometimes(record: Record, field: str, value: Any, ordinal: int) -> None:
    if ordinal % 3 == 0:
        record[field] = value


OVERRIDES: Mapping[str, Callable[[Record, str, Any, int], None]] = {
    "const": lambda record, field, value, ordinal: record.__setitem__(field, value),
    "sometimes": _sometimes,
    "field": lambda record, field, value, ordinal: record.__setitem__(field, record.get(value)),
}
"""How a field of a changed contract gets its value, so that all others keep theirs."""


def find_overrides(old: Collection, new: Collection) -> tuple[tuple[str, str, Any], ...]:
    """The fields that a changed contract gives a constant, or the value of another field."""
    before, overrides = _fields(old), []
    for name, node in _fields(new).items():
        if node == before.get(name):
            continue
        if "const" in node:
            overrides.append((name, "sometimes" if "enum" in node else "const", node["const"]))
        elif str(node.get("x-faker")).startswith("$"):
            overrides.append((name, "field", node["x-faker"][1:]))
    return tuple(overrides)


def alter_maker(collection: Collection, maker: Maker) -> Maker:
    """The maker of a collection's records as a changed contract and its boundary values have them."""
    if not collection.edges and not collection.overrides:
        return maker
    changes = [BOUNDARY_VALUES[name](collection, maker) for name in collection.edges]

    def make(ordinal: int) -> Record:
        record = maker(ordinal)
        for field, how, value in collection.overrides:
            OVERRIDES[how](record, field, value, ordinal)
        for change in changes:
            change(ordinal, record)
        return record

    return make
