"""Where a response's schema shows records."""

from __future__ import annotations

from typing import Any


def find_record_schema(schema: Any) -> tuple[dict[str, Any], bool] | None:
    """The item schema in a response's schema, and whether a list of it is shown; None without one."""
    if not isinstance(schema, dict):
        return None
    if schema.get("x-page") == "items":
        return schema["items"], True
    if "x-collection" in schema:
        return schema, False
    found = (find_record_schema(child) for child in schema.get("properties", {}).values())
    return next((each for each in found if each), None)
