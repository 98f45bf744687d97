"""Any OpenAPI document as one value: what stands where, references followed, operations found, values validated."""

from __future__ import annotations

from mock_server.openapi.document import Document, DocumentOperation, DocumentWarning, Located
from mock_server.openapi.keywords import clean_schema, find_pattern
from mock_server.openapi.validators import Direction, Validators

__all__ = [
    "Direction",
    "Document",
    "DocumentOperation",
    "DocumentWarning",
    "Located",
    "Validators",
    "clean_schema",
    "find_pattern",
]
