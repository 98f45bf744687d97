"""Documents of Swagger 2.0 and OpenAPI 3.0 lifted to OpenAPI 3.1, so that everything behind knows one form.

Nothing is judged here: what a document says wrongly stays, for the checks to name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.upgrade_schema import MAPS, upgrade_schema
from mock_server.contract.upgrade_swagger import upgrade_swagger, upgrade_swagger_part

NEWEST = "3.1.0"

NAMED = frozenset(
    (
        *MAPS,
        *("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"),
        *("callbacks", "pathItems", "paths", "webhooks", "content", "encoding", "variables", "securityDefinitions"),
    ),
)
"""Keywords whose mapping has names that people chose: `default` in it is no keyword but something called so."""

VALUES = frozenset(("example", "default", "enum", "const", "value", "dataValue"))
"""Keywords with a value as it travels, in which nothing is a keyword and nothing refers."""


def upgrade(document: dict[str, Any]) -> dict[str, Any]:
    """The document as OpenAPI 3.1; one of 3.1 or later, or of no known version, as it is."""
    if str(document.get("swagger", "")).startswith("2"):
        return upgrade_swagger(document)
    if str(document.get("openapi", "")).startswith("3.0"):
        return {**_upgrade_schemas(document), "openapi": NEWEST}
    return document


def upgrade_part(part: Any, kind: str, document: Mapping[str, Any]) -> Any:
    """A part that stands outside its document (in another file, in an extension) lifted as the document is.

    `kind` is what references to it stand for: `schema`, `parameter`, `response`, `path`, or anything else. `document`
    is the one that refers to it, as it is written.
    """
    if "swagger" in document:
        return upgrade_swagger_part(part, kind, document)
    return upgrade_schema(part) if kind == "schema" else _upgrade_schemas(part)


def _upgrade_schemas(part: Any) -> Any:
    """A copy of a part of a 3.0 document with every schema in it upgraded; examples and extensions stay."""
    top = {"": part}
    waiting: list[tuple[Any, Any, bool]] = [(top, "", False)]
    while waiting:
        holder, key, are_names = waiting.pop()
        node = holder[key]
        if isinstance(node, Mapping):
            holder[key] = copied = dict(node)
            waiting.extend(_upgrade_members(copied, are_names))
        elif isinstance(node, list):
            holder[key] = listed = list(node)
            waiting.extend((listed, place, False) for place in range(len(listed)))
    return top[""]


def _upgrade_members(node: dict[str, Any], are_names: bool) -> Iterator[tuple[Any, Any, bool]]:
    """Upgrade the schemas among the members of a copy, and give where else to look; `are_names`: of no keywords."""
    for key, value in node.items():
        if are_names:
            yield node, key, False
        elif key == "schema":
            node[key] = upgrade_schema(value)
        elif key == "schemas" and isinstance(value, Mapping):
            node[key] = {name: upgrade_schema(schema) for name, schema in value.items()}
        elif key not in VALUES and not str(key).startswith("x-") and not (key == "examples" and _is_plain(value)):
            yield node, key, key in NAMED and isinstance(value, Mapping)


def _is_plain(examples: Any) -> bool:
    """Whether these are values; those of a media type are objects by name that refer to each other."""
    return not isinstance(examples, Mapping)


_MOVED = (("/components/schemas/", "/definitions/"), ("/components/", "/"))
"""Where Swagger 2.0 has what 3.1 has among its components; security schemes and bodies have names of their own."""


def find_original(original: Mapping[str, Any], pointer: str) -> str:
    """The JSON Pointer, in a document as it is written, of a place of the document that was lifted from it.

    Levels that only the lifted form has (`schema`, `content` and its media type) are left out; where the way ends
    otherwise, the rest of the pointer stands as it is.
    """
    if "swagger" in original:
        renamed = pointer.replace("/components/securitySchemes/", "/components/securityDefinitions/", 1)
        pointer = next((new + renamed[len(old) :] for old, new in _MOVED if renamed.startswith(old)), renamed)
    node: Any = original
    steps: list[str] = []
    rest = pointer.split("/")[1:]
    while rest:
        step = rest.pop(0)
        inside = _step_into(node, step)
        if inside is not None:
            steps, node = [*steps, step], inside
        elif step == "content" and rest:
            rest.pop(0)
        elif step != "schema":
            steps, rest = [*steps, step, *rest], []
    return "".join(f"/{step}" for step in steps)


def _step_into(node: Any, step: str) -> Any:
    """What stands at one step of a pointer, or None; statuses may be written as numbers."""
    key = step.replace("~1", "/").replace("~0", "~")
    if isinstance(node, list):
        return node[int(key)] if key.isdecimal() and int(key) < len(node) else None
    if not isinstance(node, Mapping):
        return None
    return node.get(key, node.get(int(key)) if key.isdecimal() else None)
