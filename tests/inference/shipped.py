"""The shipped contracts without their annotations: how many of these inference finds in the bare documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.inference import annotate
from mock_server.openapi import Document, DocumentOperation, read_document
from tests.conftest import ROOT

KINDS = ("lists", "page roles", "page facts", "keys", "filters", "parts of errors")
Found = Iterator[tuple[str, str, str]]
"""The kind of an annotation, the place and the word: in the same terms whether written or inferred."""

TESTS = ("equals", "one_of", "contains", "starts", "from", "to", "search")
SAME = {"unfiltered_total": "total", "contains": "search", "starts": "search"}
"""Words that mean more than inference can know; the word beside them counts as right."""


def strip(node: Any) -> Any:
    """A document without any annotation."""
    if isinstance(node, list):
        return [strip(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    return {key: strip(value) for key, value in node.items() if key == "x-files" or not str(key).startswith("x-")}


def list_schemas(document: Document, schema: Any, at: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every schema of a body that an array does not repeat, with its pointer in the body."""
    node = document.resolve(schema)
    if not isinstance(node, Mapping) or depth > 6:
        return
    yield at, node
    for name, inside in node.get("properties", {}).items():
        yield from list_schemas(document, inside, f"{at}/{name}", depth + 1)


def find_bodies(document: Document, operation: DocumentOperation, first: str) -> Iterator[Any]:
    for status, response in document.find_responses(operation).items():
        if status[0] in first:
            yield from (schema.node for schema in document.find_content(response).values())


def find_written(document: Document) -> Found:
    """What the authors of a contract annotated."""
    for operation in document.operations:
        name = operation.name
        for parameter in operation.parameters:
            yield from _find_written_parameter(name, parameter.node)
        for body in find_bodies(document, operation, "2"):
            for at, node in list_schemas(document, body):
                page = node.get("x-page")
                if page == "items":
                    yield "lists", name, at
                elif isinstance(page, str):
                    yield "page facts", f"{name} {at}", SAME.get(page, page)
        for body in find_bodies(document, operation, "45"):
            for at, node in list_schemas(document, body):
                if isinstance(node.get("x-error"), str):
                    yield "parts of errors", f"{name} {at}", node["x-error"]
    yield from ((("keys", key, "")) for key in find_keys(document.root))


def _find_written_parameter(name: str, node: Mapping[str, Any]) -> Found:
    page, test = node.get("x-page"), node.get("x-filter")
    if page:
        yield "page roles", f"{name} {node['name']}", page if isinstance(page, str) else page["role"]
    if test and node["in"] == "query":
        word = next(word for word in TESTS if word in test)
        yield "filters", f"{name} {node['name']}", SAME.get(word, word)


def find_keys(node: Any) -> set[str]:
    """The keys of the collections of a contract."""
    if isinstance(node, list):
        return {key for each in node for key in find_keys(each)}
    if not isinstance(node, Mapping):
        return set()
    own = node.get("x-collection")
    inside = {key for value in node.values() for key in find_keys(value)}
    return inside | ({own["key"]} if isinstance(own, Mapping) else set())


def find_inferred(document: Document) -> Found:
    """The same of what was inferred."""
    for operation in document.operations:
        name, effect = operation.name, operation.node.get("x-effect")
        paging, filters = (operation.node.get(key, {}) for key in ("x-paging", "x-filters"))
        if isinstance(effect, Mapping) and "list" in effect:
            yield "lists", name, effect.get("at", "")
        yield from (("page roles", f"{name} {each}", role) for each, role in paging.get("parameters", {}).items())
        yield from (("page facts", f"{name} {at}", fact) for at, fact in paging.get("body", {}).items())
        for parameter, test in filters.items():
            word = next(iter(test))
            yield "filters", f"{name} {parameter}", SAME.get(word, word)
        for body in find_bodies(document, operation, "45"):
            for at, node in list_schemas(document, body):
                if "x-error" in node:
                    yield "parts of errors", f"{name} {at}", node["x-error"]
    for collection in document.root.get("x-collections", {}).values():
        yield "keys", collection.get("key", ""), ""


def compare(provider: str) -> dict[str, tuple[int, int]]:
    """For each kind of annotation: how many its authors wrote, and how many of these are inferred."""
    written = read_document(ROOT / "schemas" / provider / "openapi.yaml")
    bare = Document(written.name, strip(written.root))
    mine, theirs = set(find_inferred(annotate(bare)[0])), set(find_written(written))
    all_of, right = Counter(kind for kind, _, _ in theirs), Counter(kind for kind, _, _ in theirs & mine)
    return {kind: (all_of[kind], right[kind]) for kind in KINDS}


def render_table(providers: tuple[str, ...]) -> str:
    """The comparison as the table of the documentation."""
    rows = {provider: compare(provider) for provider in providers}
    lines = [f"| contract | {' | '.join(KINDS)} |", "| --- |" + " --- |" * len(KINDS)]
    for provider, counts in rows.items():
        lines.append(f"| {provider} | " + " | ".join(f"{right} of {all_}" for all_, right in counts.values()) + " |")
    return "\n".join(lines)
