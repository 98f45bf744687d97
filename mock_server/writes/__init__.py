"""What a write means, whoever keeps the records: patches, versions, unique fields, moments, requests sent twice."""

from __future__ import annotations

from mock_server.writes.moments import CHANGED, MADE, is_changed, is_moment, stamp
from mock_server.writes.patches import apply_patch, merge_patch
from mock_server.writes.repeated import (
    USUAL_KEY_HEADERS,
    find_body_key,
    find_key_header,
    make_fingerprint,
    read_body_key,
    read_key,
)
from mock_server.writes.unique import require_unique
from mock_server.writes.versions import is_known, make_etag, require_match

__all__ = [
    "CHANGED",
    "MADE",
    "USUAL_KEY_HEADERS",
    "apply_patch",
    "find_body_key",
    "find_key_header",
    "is_changed",
    "is_known",
    "is_moment",
    "make_etag",
    "make_fingerprint",
    "merge_patch",
    "read_body_key",
    "read_key",
    "require_match",
    "require_unique",
    "stamp",
]
