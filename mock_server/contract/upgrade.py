"""Documents of Swagger 2.0 and OpenAPI 3.0 lifted to OpenAPI 3.1, so that everything behind knows one form.

Nothing is judged here: what a document says wrongly stays, for the checks to name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.upgrade_schema import upgrade_schema
from mock_server.contract.upgrade_swagger import upgrade_swagger

NEWEST = "3.1.0"


def upgrade(document: dict[str, Any]) -> dict[str, Any]:
    """The document as OpenAPI 3.1; one of 3.1 or later, or of no known version, as it is."""
    if str(document.get("swagger", "")).startswith("2"):
        return upgrade_swagger(document)
    if str(document.get("openapi", "")).startswith("3.0"):
        return {**_upgrade_schemas(document), "openapi": NEWEST}
    return document


def _upgrade_schemas(node: Any) -> Any:
    """A copy of a part of a 3.0 document with every schema in it upgraded; examples and extensions stay."""
    if isinstance(node, list):
        return [_upgrade_schemas(child) for child in node]
    return dict(_upgrade_members(node)) if isinstance(node, Mapping) else node


def _upgrade_members(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if key == "schema":
            yield key, upgrade_schema(value)
        elif key == "schemas" and isinstance(value, Mapping):
            yield key, {name: upgrade_schema(schema) for name, schema in value.items()}
        elif key in ("example", "examples", "default") or str(key).startswith("x-"):
            yield key, value
        else:
            yield key, _upgrade_schemas(value)


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
