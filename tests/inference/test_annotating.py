"""A document with its annotations: its own win, then the author's overlay, then what was inferred."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.inference import annotate, infer, read_overlay
from tests.inference.documents import MANY, ONE, document, operation

PATHS: dict[str, Any] = {
    "/pets": {"get": operation(MANY, "page", "per_page", "status"), "post": operation(ONE)},
    "/pets/{petId}": {"get": operation(ONE), "delete": operation()},
}
GET = "$.paths['/pets'].get"


def effect(root: Any, path: str, method: str = "get") -> Any:
    return root["paths"][path][method].get("x-effect")


def test_what_is_inferred_is_laid_over_and_the_document_stays() -> None:
    plain = document(PATHS)
    annotated, inference = annotate(plain)
    assert effect(annotated.root, "/pets") == {"list": "pets"}
    assert effect(annotated.root, "/pets/{petId}") == {"get": "pets", "key": "petId"}
    assert annotated.root["x-collections"] == {"pets": {"key": "id", "records": 50}}
    assert "x-effect" not in PATHS["/pets"]["get"]
    assert "x-collections" not in plain.root
    assert inference.summary() == (
        "4 operations: 1 list (1 with pages), 1 found by id, 2 writes, 0 from the schema only; "
        "0 guesses, 0 filters without effect"
    )


def test_actions_are_an_overlay_that_gives_the_same_document() -> None:
    actions = infer(document(PATHS)).actions()
    saved = read_overlay({"overlay": "1.0.0", "info": {"title": "", "version": ""}, "actions": actions}, "saved")
    assert annotate(document(PATHS), [saved])[0].root == annotate(document(PATHS))[0].root


def overlay(*actions: dict[str, Any], **more: Any) -> Any:
    return read_overlay({"overlay": "1.0.0", "info": {}, "actions": list(actions), **more}, "mine.yaml")


@pytest.mark.parametrize(
    ("sentence", "action", "expected"),
    [
        ("an effect of one's own stays", {"target": GET, "update": {"x-effect": "answer"}}, ("x-effect", "answer")),
        (
            "one number is added to inferred pages",
            {"target": GET, "update": {"x-paging": {"first": 0}}},
            ("x-paging", {"first": 0, "parameters": {"page": "number", "per_page": "size"}}),
        ),
        (
            "what was inferred is removed",
            {"target": f"{GET}['x-paging'].parameters.page", "remove": True},
            ("x-paging", {"parameters": {"per_page": "size"}}),
        ),
        (
            "a search by JSONPath finds what was inferred",
            {"target": "$..parameters.per_page", "update": "offset"},
            ("x-paging", {"parameters": {"page": "number", "per_page": "offset"}}),
        ),
    ],
)
def test_the_author_wins(sentence: str, action: dict[str, Any], expected: tuple[str, Any]) -> None:
    annotated, _ = annotate(document(PATHS), [overlay(action)])
    key, value = expected
    assert annotated.root["paths"]["/pets"]["get"][key] == value
    assert annotated.warnings == ()


def test_a_target_that_matches_nothing_is_a_warning() -> None:
    annotated, _ = annotate(document(PATHS), [overlay({"target": "$.paths['/cats'].get", "remove": True})])
    assert [str(each) for each in annotated.warnings] == [
        "mine.yaml#/actions/0/target: \"$.paths['/cats'].get\" matches nothing",
    ]
