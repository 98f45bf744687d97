"""Any OpenAPI document as one value: what stands where, references followed, operations found."""

from __future__ import annotations

from mock_server.openapi.document import Document, DocumentOperation, DocumentWarning, Located

__all__ = ["Document", "DocumentOperation", "DocumentWarning", "Located"]
