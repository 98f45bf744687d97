"""An operation as the rules look at it: the shape of its path, its parameters, what it answers when all is well."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.targets import render_target
from mock_server.inference.words import VERSION_WORDS
from mock_server.openapi import Document, DocumentOperation, Located

READS = ("GET", "HEAD", "OPTIONS", "TRACE", "QUERY")


@dataclass(frozen=True)
class Success:
    """The documented success of an operation: its status as written, and the JSON of its body, if it has one.

    `schema` is None where no JSON body is documented; `headers` are schemas by name.
    """

    status: str
    media_type: str
    schema: Any
    pointer: str
    headers: Mapping[str, Any]


def find_success(document: Document, operation: DocumentOperation) -> Success | None:
    """The success that an operation is played with: the smallest documented 2xx, else `2XX`, else `default`.

    A GET takes the first of them that has a JSON body.
    """
    responses = document.find_responses(operation)
    ranked = sorted((status for status in responses if _rank(status)), key=_rank)
    # Beside a documented success, `default` is what errors look like.
    ranked = [status for status in ranked if status != "default"] or ranked
    known = [_read_success(document, status, responses[status]) for status in ranked]
    if operation.method in READS:
        known = [each for each in known if each.schema is not None] or known
    return next(iter(known), None)


def _rank(status: str) -> str:
    """Sorts successes, smallest first; an empty text is none."""
    if re.fullmatch("2[0-9][0-9]", status):
        return status
    return "3" if status.upper() == "2XX" else "4" if status == "default" else ""


def is_json(media_type: str) -> bool:
    """Whether bodies of a media type are JSON; a wildcard may be."""
    essence = media_type.partition(";")[0].strip().lower()
    return ("json" in essence and "json-seq" not in essence) or essence in ("*/*", "*")


def find_json(document: Document, located: Located) -> tuple[str, Located] | None:
    """The JSON media type of a response or body, and its schema; of several, the plainest."""
    content = {name: schema for name, schema in document.find_content(located).items() if is_json(name)}
    name = next((name for name in content if name.startswith("application/json")), next(iter(content), None))
    return None if name is None else (name, content[name])


def _read_success(document: Document, status: str, located: Located) -> Success:
    body = find_json(document, located)
    headers = located.node.get("headers")
    by_name = {
        str(name): (document.resolve(header) or {}).get("schema", {})
        for name, header in (headers.items() if isinstance(headers, Mapping) else ())
        if isinstance(document.resolve(header), Mapping)
    }
    if body is None or not isinstance(body[1].node, Mapping):
        return Success(status, "", None, "", by_name)
    return Success(status, body[0], body[1].node, body[1].pointer, by_name)


@dataclass(frozen=True)
class OperationView:
    """One operation with what rules ask of it again and again.

    `shape` is the path with `{}` for each parameter; `slots` are the names of its parameters in their order; `words`
    its fixed segments.
    """

    operation: DocumentOperation
    shape: str
    slots: tuple[str, ...]
    words: tuple[str, ...]
    success: Success | None

    @functools.cached_property
    def name(self) -> str:
        """`GET /pets`."""
        return self.operation.name

    @property
    def method(self) -> str:
        """`GET`."""
        return self.operation.method

    @property
    def schema(self) -> Any:
        """The schema of its JSON success, or None."""
        return self.success.schema if self.success else None

    @property
    def word(self) -> str:
        """The last fixed segment of its path."""
        return self.words[-1] if self.words else ""

    @property
    def is_item(self) -> bool:
        """Whether its path ends in a parameter."""
        return self.shape.endswith("/{}")

    @functools.cached_property
    def above(self) -> str:
        """The shape of its path without the last segment."""
        return self.shape.rpartition("/")[0]

    @property
    def target(self) -> str:
        """Its place as a JSONPath."""
        return render_target(("paths", self.operation.path, self.operation.method.lower()))

    @property
    def given(self) -> Any:
        """The effect that the document itself or its author says it has, or None."""
        return self.operation.node.get("x-effect")

    @functools.cached_property
    def query(self) -> Mapping[str, Mapping[str, Any]]:
        """Its query parameters by name."""
        return {each["name"]: each for each in self.parameters("query")}

    def parameters(self, place: str) -> Iterator[Mapping[str, Any]]:
        """Its parameters in the path, the query, headers or cookies."""
        return (each.node for each in self.operation.parameters if each.node["in"] == place)

    def find_slot(self, slot: str) -> Mapping[str, Any]:
        """The path parameter of this name; an empty mapping where it is not declared."""
        return next((each for each in self.parameters("path") if each["name"] == slot), {})

    def say(self, name: str) -> str:
        """A text of the operation, in lower case: its `summary`, `description` or `operationId`."""
        return str(self.operation.node.get(name) or "").lower()


_PATH = re.compile(r"([^?#]*)(.*)", re.DOTALL)
_SLOT = re.compile(r"\{[+]?([^{}]*?)[*]?\}")


def view_operation(document: Document, operation: DocumentOperation) -> OperationView:
    """An operation as the rules look at it."""
    path, rest = _PATH.match(operation.path).groups()  # type: ignore[union-attr]
    path = re.sub(r"\.(json|xml)$", "", path.rstrip("/"))
    segments = [segment for segment in path.split("/") if segment]
    words = [segment for segment in segments if "{" not in segment]
    while len(words) > 1 and VERSION_WORDS.match(words[0]):
        words = words[1:]
    return OperationView(
        operation,
        # `/rest?method=a` and `/rest?method=b` are two paths, whatever a URL says.
        _SLOT.sub("{}", path) + rest,
        tuple(_SLOT.findall(path)),
        tuple(words),
        find_success(document, operation),
    )


def schema_of(parameter: Mapping[str, Any]) -> Any:
    """The schema of a parameter, also of one with `content`; an empty mapping where none is given."""
    if "schema" in parameter:
        return parameter["schema"]
    content = parameter.get("content")
    media: Any = next(iter(content.values()), {}) if isinstance(content, Mapping) else {}
    return media.get("schema", {}) if isinstance(media, Mapping) else {}
