"""Records at rest: built once into files of the cache folder, then found and read as ready JSON."""

from __future__ import annotations

from mock_server.store.builder import open_shelf
from mock_server.store.reader import Shelf

__all__ = [
    "Shelf",
    "open_shelf",
]
