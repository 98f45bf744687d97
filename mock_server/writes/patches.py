"""A record with a patch applied: a merge patch (RFC 7396), or operations on places of it (RFC 6902)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonpath import JSONPatch, JSONPatchError, JSONPatchTestFailure

from mock_server.errors import ApiError

JSON_PATCH = "json-patch"
"""What the media types of operations hold: `application/json-patch+json`, and vendors' variants of it."""

OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")

MAX_OPERATIONS = 1_000


def apply_patch(media_type: str, record: Any, body: Any) -> Any:
    """A record with a patch applied, by the media type of the patch; the record itself stays as it is.

    What is no patch document of operations is merged, whatever it is sent as.

    Raises:
        ApiError: as RFC 5789 has it (2.2): `invalid` for operations that are none, `conflict` for a place that the
            record has not and for a test that fails.
    """
    return _apply_operations(record, body) if JSON_PATCH in media_type else merge_patch(record, body)


def merge_patch(known: Any, patch: Any) -> Any:
    """A value with a merge patch applied (RFC 7396, 2): null takes away, mappings go into each other."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(known) if isinstance(known, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _apply_operations(record: Any, operations: Any) -> Any:
    _require_operations(operations)
    try:
        patch = JSONPatch(operations, unicode_escape=False)
    except JSONPatchError as error:
        raise ApiError("invalid", _say(error)) from None
    try:
        return patch.patched(record)
    except JSONPatchTestFailure as error:
        raise ApiError("conflict", _say(error)) from None
    except (JSONPatchError, ValueError, TypeError, RecursionError) as error:
        raise ApiError("conflict", _say(error)) from None


def _require_operations(operations: Any) -> None:
    """That these are operations; the library knows more of them than the RFC."""
    if not isinstance(operations, list):
        raise ApiError("invalid", "a JSON Patch is a list of operations")
    if len(operations) > MAX_OPERATIONS:
        raise ApiError("invalid", f"a JSON Patch may have {MAX_OPERATIONS:,} operations")
    for number, each in enumerate(operations):
        if not isinstance(each, Mapping) or each.get("op") not in OPERATIONS:
            raise ApiError("invalid", f"operation {number} is none of {', '.join(OPERATIONS)}", f"/{number}/op")


def _say(error: Exception) -> str:
    """The library's sentence; as text some of its errors are a drawing of several lines."""
    text = str(error.args[0]) if error.args else ""
    return text.partition("\n")[0] or "the patch does not fit the record"
