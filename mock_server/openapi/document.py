"""A document of OpenAPI 3.1 as it is asked: places, references followed one at a time, operations.

Nothing here fails for what a document says wrongly. A reference that leads nowhere is an empty schema, a parameter
without a name is none; whoever read the document has noted them as warnings.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mock_server.contract import escape_pointer, find_pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

MAX_CHAIN = 50
"""So many references in a row are followed; a longer chain, or a circle of bare references, names nothing."""


class Located(NamedTuple):
    """A part of a document, without a reference on top, and the JSON Pointer of the place it was found at."""

    pointer: str
    node: Any


class DocumentWarning(NamedTuple):
    """What is wrong in a document that plays nevertheless: the file, line (0: unknown) and place, and the problem."""

    file: str
    line: int
    pointer: str
    problem: str

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}#{self.pointer}: {self.problem}"


@dataclass(frozen=True)
class DocumentOperation:
    """One operation: `path` as the document writes it, `parameters` those of its path included, none without a name."""

    method: str
    path: str
    pointer: str
    node: Mapping[str, Any]
    parameters: tuple[Located, ...]

    @property
    def name(self) -> str:
        """How people call it: `GET /pets`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Document:
    """One document with everything it refers to.

    `root` is OpenAPI 3.1, whatever the files were written in; files it refers to stand below `x-files` in it, and every
    reference is `#/…`. `title` is for people, `name` the provider's: it stands in URLs. `files` are those it refers to,
    read or not, by their paths below its folder.
    """

    name: str
    root: Mapping[str, Any]
    title: str = ""
    warnings: tuple[DocumentWarning, ...] = field(default=(), compare=False)
    files: tuple[str, ...] = field(default=(), compare=False)

    def at(self, pointer: str) -> Any:
        """What stands at a JSON Pointer, or None."""
        return find_pointer(self.root, pointer)

    def locate(self, node: Any, pointer: str = "") -> Located:
        """A node at `pointer` with the references on top of it followed; keys beside a reference win.

        A reference that leads nowhere, or only to itself, is an empty mapping.
        """
        for _ in range(MAX_CHAIN):
            if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
                return Located(pointer, node)
            target = node["$ref"].partition("#")[2]
            beside = {key: value for key, value in node.items() if key != "$ref"}
            named = find_pointer(self.root, target)
            if beside and isinstance(named, Mapping):
                node = {**named, **beside}
            else:
                pointer, node = target, {} if named is None else named
        return Located(pointer, {})

    def resolve(self, node: Any) -> Any:
        """A node with the references on top of it followed, as `locate` gives it."""
        return self.locate(node).node

    @functools.cached_property
    def operations(self) -> tuple[DocumentOperation, ...]:
        """Every operation, in document order."""
        return tuple(self._find_operations())

    def _find_operations(self) -> Iterator[DocumentOperation]:
        paths = self.root.get("paths")
        for path, written in paths.items() if isinstance(paths, Mapping) else ():
            above, item = self.locate(written, f"/paths/{escape_pointer(path)}")
            if not isinstance(item, Mapping) or not str(path).startswith("/"):
                continue
            for method in METHODS:
                pointer, node = self.locate(item.get(method), f"{above}/{method}")
                if isinstance(node, Mapping):
                    shared = self._find_parameters(item, above)
                    own = self._find_parameters(node, pointer)
                    yield DocumentOperation(method.upper(), str(path), pointer, node, tuple({**shared, **own}.values()))

    def _find_parameters(self, node: Mapping[str, Any], above: str) -> dict[tuple[str, str], Located]:
        """Parameters by place and name: one of an operation replaces one of its path (OpenAPI 3.1, 4.8.10)."""
        listed = node.get("parameters")
        located = [
            self.locate(each, f"{above}/parameters/{n}")
            for n, each in enumerate(listed if isinstance(listed, list) else ())
        ]
        return {
            (each.node["in"], each.node["name"]): each
            for each in located
            if isinstance(each.node, Mapping)
            and isinstance(each.node.get("name"), str)
            and isinstance(each.node.get("in"), str)
        }

    def find_responses(self, operation: DocumentOperation) -> dict[str, Located]:
        """The documented responses by status, as it is written (`200`, `2XX`, `default`)."""
        responses = operation.node.get("responses")
        located = {
            str(status): self.locate(node, f"{operation.pointer}/responses/{escape_pointer(status)}")
            for status, node in (responses.items() if isinstance(responses, Mapping) else ())
            if not str(status).startswith("x-")
        }
        return {status: each for status, each in located.items() if isinstance(each.node, Mapping)}

    def find_content(self, located: Located) -> dict[str, Located]:
        """The schema of each media type of a response or a request body; an empty mapping where none is given."""
        content = self.resolve(located.node.get("content")) if isinstance(located.node, Mapping) else None
        return {
            str(media_type): Located(
                f"{located.pointer}/content/{escape_pointer(media_type)}/schema",
                media.get("schema", {}) if isinstance(media, Mapping) else {},
            )
            for media_type, media in (content.items() if isinstance(content, Mapping) else ())
        }

    def find_body(self, operation: DocumentOperation) -> Located | None:
        """The request body of an operation, or None."""
        if "requestBody" not in operation.node:
            return None
        located = self.locate(operation.node["requestBody"], f"{operation.pointer}/requestBody")
        return located if isinstance(located.node, Mapping) else None
