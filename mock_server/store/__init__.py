"""Records at rest: built once into files of the cache folder, then found and read as ready JSON."""

from __future__ import annotations

from mock_server.store.builder import open_records
from mock_server.store.reader import StoredRecords

__all__ = [
    "StoredRecords",
    "open_records",
]
