"""Records at rest: built once into files of the cache folder, then found and read as ready JSON."""

from __future__ import annotations

from mock_server.store.builder import StorageError, has_records, open_records
from mock_server.store.reader import StoredRecords
from mock_server.store.recipe import Recipe

__all__ = [
    "Recipe",
    "StorageError",
    "StoredRecords",
    "has_records",
    "open_records",
]
