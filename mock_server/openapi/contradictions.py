"""What in a document contradicts the rest of it: examples and their schemas. Looked for only when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.openapi.document import Document, DocumentWarning, Located
from mock_server.openapi.keywords import find_pattern
from mock_server.openapi.validators import Direction, Validators

Placed = tuple[str, str]
"""A JSON Pointer and a problem."""


def find_contradictions(document: Document, file: str) -> Iterator[DocumentWarning]:
    """A warning for each example that its schema refuses, and each pattern that nobody can match, once."""
    seen: set[Placed] = set()
    for placed in (*_find_examples(document), *_find_patterns(document)):
        if placed not in seen:
            seen.add(placed)
            yield DocumentWarning(file, 0, *placed)


def _find_examples(document: Document) -> Iterator[Placed]:
    validators = Validators(document.root)
    for operation in document.operations:
        body = document.find_body(operation)
        if body is not None:
            yield from _check_content(document, validators, body, "request")
        for parameter in operation.parameters:
            yield from _check(validators, parameter.node.get("schema", {}), parameter, "request", document)
        for response in document.find_responses(operation).values():
            yield from _check_content(document, validators, response, "response")


def _check_content(
    document: Document,
    validators: Validators,
    above: Located,
    direction: Direction,
) -> Iterator[Placed]:
    content = above.node.get("content")
    for name, media in content.items() if isinstance(content, Mapping) else ():
        if isinstance(media, Mapping) and "schema" in media and "json" in str(name):
            place = Located(f"{above.pointer}/content/{escape_pointer(name)}", media)
            yield from _check(validators, media["schema"], place, direction, document)


def _check(
    validators: Validators,
    schema: Any,
    place: Located,
    direction: Direction,
    document: Document,
) -> Iterator[Placed]:
    for pointer, value in _list_examples(place, document):
        for where, problem in validators.find_problems(schema, value, direction)[:1]:
            at = f" at {where}" if where else ""
            yield pointer, f"the example contradicts its schema{at}: {problem}"


def _list_examples(place: Located, document: Document) -> Iterator[tuple[str, Any]]:
    if "example" in place.node:
        yield f"{place.pointer}/example", place.node["example"]
    named = place.node.get("examples")
    for name, written in named.items() if isinstance(named, Mapping) else ():
        pointer, example = document.locate(written, f"{place.pointer}/examples/{escape_pointer(name)}")
        if isinstance(example, Mapping) and "value" in example:
            yield f"{pointer}/value", example["value"]


def _find_patterns(document: Document) -> Iterator[Placed]:
    """Every pattern of the schemas that no engine here can read."""
    waiting: list[tuple[str, Any]] = [("/components/schemas", document.at("/components/schemas"))]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, Mapping):
            pattern = node.get("pattern")
            if isinstance(pattern, str) and find_pattern(pattern) is None:
                yield f"{pointer}/pattern", f"the pattern {pattern[:60]!r} cannot be read; any text matches"
            waiting.extend((f"{pointer}/{escape_pointer(key)}", child) for key, child in node.items())
        elif isinstance(node, list):
            waiting.extend((f"{pointer}/{number}", child) for number, child in enumerate(node))
