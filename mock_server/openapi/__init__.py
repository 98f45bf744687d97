"""Any OpenAPI document as one value: what stands where, references followed, operations found, values validated."""

from __future__ import annotations

from mock_server.openapi.bundle import FILES as PARTS
from mock_server.openapi.collector import without_collector
from mock_server.openapi.contradictions import find_contradictions
from mock_server.openapi.document import Document, DocumentOperation, DocumentWarning, Located
from mock_server.openapi.keywords import clean_schema, find_pattern, is_of_type
from mock_server.openapi.lines import find_lines, find_written_lines
from mock_server.openapi.media_types import choose_media_type, find_content_type, is_json, render_value
from mock_server.openapi.naming import fit_name, make_unique
from mock_server.openapi.reader import is_document, read_document
from mock_server.openapi.source import Source
from mock_server.openapi.text import MAX_BYTES as MAX_DOCUMENT_BYTES
from mock_server.openapi.validators import Direction, Validators

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "PARTS",
    "Direction",
    "Document",
    "DocumentOperation",
    "DocumentWarning",
    "Located",
    "Source",
    "Validators",
    "choose_media_type",
    "clean_schema",
    "find_content_type",
    "find_contradictions",
    "find_lines",
    "find_pattern",
    "find_written_lines",
    "fit_name",
    "is_document",
    "is_json",
    "is_of_type",
    "make_unique",
    "read_document",
    "render_value",
    "without_collector",
]
