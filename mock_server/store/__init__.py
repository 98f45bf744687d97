"""Records at rest: built once into files of the cache folder, then found and read as ready JSON, changes laid over."""

from __future__ import annotations

from mock_server.store.builder import StorageError, has_records, open_records
from mock_server.store.changed import ChangedRecords, lay_over
from mock_server.store.changed_record import RecordShape, Values
from mock_server.store.reader import StoredRecords
from mock_server.store.recipe import Recipe
from mock_server.store.seen import SeenRecords

__all__ = [
    "ChangedRecords",
    "Recipe",
    "RecordShape",
    "SeenRecords",
    "StorageError",
    "StoredRecords",
    "Values",
    "has_records",
    "lay_over",
    "open_records",
]
