"""What is odd about a document as it is written, and how it plays nevertheless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.openapi.document import METHODS

Oddity = tuple[str, str]
"""A JSON Pointer and a problem."""


def find_oddities(root: Mapping[str, Any]) -> Iterator[Oddity]:
    """Everything about versions, paths and operations that a reader of the specification would not expect."""
    yield from _find_of_version(root)
    if not isinstance(root.get("info"), Mapping):
        yield "/info", "is missing; the file's name stands in for its title"
    paths = root.get("paths")
    if not isinstance(paths, Mapping):
        if "paths" in root or "webhooks" not in root:
            yield "/paths", "is no mapping of paths to operations; nothing can be asked"
        return
    for path, item in paths.items():
        if not path.startswith("x-"):
            yield from _find_of_path(path, item)


def _find_of_version(root: Mapping[str, Any]) -> Iterator[Oddity]:
    version = str(root.get("openapi", root.get("swagger", "")))
    if not version.startswith(("2", "3.0", "3.1", "3.2")):
        said = f"version {version!r} is not known" if version else "says no version"
        yield "/openapi", f"{said}; it is read as OpenAPI 3.1"


def _find_of_path(path: str, item: Any) -> Iterator[Oddity]:
    here = f"/paths/{escape_pointer(path)}"
    if not path.startswith("/"):
        yield here, "a path begins with /; it is left out"
    elif not isinstance(item, Mapping):
        yield here, "is no mapping of methods to operations; it is left out"
    else:
        for method in METHODS:
            if method in item and not isinstance(item[method], Mapping):
                yield f"{here}/{method}", "is no operation; it is left out"
            elif method in item and not isinstance(item[method].get("responses"), Mapping):
                yield f"{here}/{method}/responses", "is missing; the operation answers 200 without a body"
