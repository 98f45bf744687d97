"""What inference finds of the annotations that the shipped contracts were written with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from mock_server.inference import annotate, read_overlay, vocabulary
from mock_server.inference.rules import RULES
from mock_server.sessions.factory import load_vocabulary
from tests.conftest import ROOT
from tests.inference.documents import MANY, document, operation
from tests.inference.shipped import render_table

PAGE = (ROOT / "docs" / "annotations.md").read_text(encoding="utf-8")
PROVIDERS = ("fatora", "sellercloud", "sourcehub", "yativo")


def test_of_the_shipped_annotations_as_many_are_inferred_as_the_documentation_says() -> None:
    assert render_table(PROVIDERS) in PAGE


def test_every_rule_is_documented() -> None:
    rows = [f"| {rule.id} | {rule.evidence} | {rule.concludes} | {rule.confidence} | {rule.covers} |" for rule in RULES]
    assert "\n".join(rows) in PAGE
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_repairs_of_the_documentation_are_carried_out() -> None:
    (text,) = re.findall(r"```yaml\n(overlay: .*?)```", PAGE, re.DOTALL)
    listing = operation(MANY, "page", "per_page", "q", "mood")
    annotated, _ = annotate(document({"/pets": {"get": listing}}), [read_overlay(yaml.safe_load(text), "mine.yaml")])
    played = annotated.root["paths"]["/pets"]["get"]
    assert played["x-paging"] == {"parameters": {"page": "number", "per_page": "size"}, "first": 0}
    assert played["x-filters"] == {"q": {"search": ["name"]}}
    assert annotated.root["x-collections"]["pets"] == {"key": "id", "records": 100}
    assert annotated.warnings == ()


def test_every_word_of_the_vocabulary_is_documented() -> None:
    for place in (vocabulary.DOCUMENT, vocabulary.OPERATION, vocabulary.PROPERTY):
        words = set(vocabulary.NAMES[place]) | set(list_words(load_vocabulary()._schema, f"#/$defs/{place}"))
        assert [word for word in words if f"`{word}" not in PAGE and f"{word}:" not in PAGE] == []


def list_words(schema: Any, reference: str) -> Iterator[str]:
    """Every key and every word that a definition allows."""
    node: Any = schema
    for step in reference.split("/")[1:]:
        node = node[step]
    waiting = [node]
    while waiting:
        each = waiting.pop()
        waiting += list(each.values()) if isinstance(each, dict) else each if isinstance(each, list) else []
        if isinstance(each, dict):
            yield from (each["properties"] if isinstance(each.get("properties"), dict) else ())
            yield from (word for word in each.get("enum", ()) if isinstance(word, str))
            if str(each.get("$ref", "")).endswith("/fact"):
                yield from schema["$defs"]["fact"]["enum"]
