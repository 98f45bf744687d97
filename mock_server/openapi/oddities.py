"""What is odd about a document as it is written, and how it plays nevertheless."""

from __future__ import annotations

import re
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
    if not paths:
        yield "/paths", "holds no operation; nothing can be asked"
    schemes, ids = _find_schemes(root), _Ids()
    for path, item in paths.items():
        if not path.startswith("x-"):
            yield from _find_of_path(path, item, schemes, ids)


def _find_of_version(root: Mapping[str, Any]) -> Iterator[Oddity]:
    key = "swagger" if "swagger" in root else "openapi"
    version = str(root.get(key, ""))
    if not version.startswith(("2", "3.0", "3.1", "3.2")):
        said = f"version {version[:20]!r} is not known" if version else "says no version"
        yield f"/{key}", f"{said}; it is read as OpenAPI 3.1"


def _find_schemes(root: Mapping[str, Any]) -> frozenset[str]:
    """The names of the security schemes, wherever this version has them."""
    components = root.get("components")
    below = components.get("securitySchemes") if isinstance(components, Mapping) else None
    listed = [each for each in (below, root.get("securityDefinitions")) if isinstance(each, Mapping)]
    return frozenset(str(name) for each in listed for name in each)


class _Ids:
    """The names of operations that were seen."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def is_new(self, name: Any) -> bool:
        """Whether a name was not seen before; what is no name never was."""
        if not isinstance(name, str):
            return True
        is_new = name not in self.seen
        self.seen.add(name)
        return is_new


def _find_of_path(path: str, item: Any, schemes: frozenset[str], ids: _Ids) -> Iterator[Oddity]:
    here = f"/paths/{escape_pointer(path)}"
    if not path.startswith("/"):
        yield here, "a path begins with /; it is left out"
    elif not isinstance(item, Mapping):
        yield here, "is no mapping of methods to operations; it is left out"
    else:
        yield from _find_of_parameters(item, here)
        for method in METHODS:
            if method in item and not isinstance(item[method], Mapping):
                yield f"{here}/{method}", "is no operation; it is left out"
            elif method in item and "$ref" not in item[method]:
                yield from _find_of_operation(item[method], f"{here}/{method}", schemes, ids)


def _find_of_operation(
    operation: Mapping[str, Any],
    here: str,
    schemes: frozenset[str],
    ids: _Ids,
) -> Iterator[Oddity]:
    responses = operation.get("responses")
    if not isinstance(responses, Mapping):
        yield f"{here}/responses", "is missing; the operation answers 200 without a body"
    else:
        yield from (
            (f"{here}/responses/{escape_pointer(status)}", "is no status, no range such as 4XX, and not `default`")
            for status in responses
            if not _STATUS.fullmatch(status) and not status.startswith("x-")
        )
    if not ids.is_new(operation.get("operationId")):
        yield f"{here}/operationId", "another operation has that name; this one is given a number"
    yield from _find_of_parameters(operation, here)
    yield from _find_of_security(operation.get("security"), f"{here}/security", schemes)


_STATUS = re.compile("[1-5][0-9]{2}|[1-5][Xx]{2}|default|\\$ref")


def _find_of_parameters(node: Mapping[str, Any], here: str) -> Iterator[Oddity]:
    listed = node.get("parameters", [])
    if not isinstance(listed, list):
        yield f"{here}/parameters", "is no list; it is left out"
        return
    for number, each in enumerate(listed):
        if not isinstance(each, Mapping):
            yield f"{here}/parameters/{number}", "is no parameter; it is left out"
        elif "$ref" not in each and not (isinstance(each.get("name"), str) and isinstance(each.get("in"), str)):
            yield f"{here}/parameters/{number}", "a parameter has a `name` and says what it is `in`; it is left out"


def _find_of_security(listed: Any, here: str, schemes: frozenset[str]) -> Iterator[Oddity]:
    for number, alternative in enumerate(listed if isinstance(listed, list) else ()):
        for name in alternative if isinstance(alternative, Mapping) else ():
            if name not in schemes:
                yield f"{here}/{number}", f"there is no security scheme {name[:60]!r}; it asks for nothing"
