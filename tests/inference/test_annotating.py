"""A document with its annotations: its own win, then the author's overlay, then what was inferred."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from mock_server.errors import ContractError
from mock_server.inference import annotate, infer, read_overlay, render_overlay
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


def test_what_is_inferred_of_a_document_is_an_overlay_that_gives_the_same_document() -> None:
    secured = document(PATHS, securitySchemes={"key": {"type": "http", "scheme": "basic"}})
    text = render_overlay(secured, infer(secured))
    saved = read_overlay(yaml.safe_load(text), "saved.yaml")
    again, inference = annotate(secured, [saved])
    assert again.root == annotate(secured)[0].root
    assert (inference.conclusions, again.warnings) == ((), ())
    assert inference.summary() == infer(secured).summary()


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


def test_a_saved_inference_stays_as_its_author_left_it() -> None:
    saved = yaml.safe_load(render_overlay(document(PATHS), infer(document(PATHS))))
    saved["actions"] = [each for each in saved["actions"] if "x-paging" not in each["update"]]
    more = {**PATHS, "/cats": {"get": operation(MANY, "page", "limit")}}
    annotated, inference = annotate(document(more), [read_overlay(saved, "saved.yaml")])
    assert "x-paging" not in annotated.root["paths"]["/pets"]["get"]
    assert annotated.root["paths"]["/cats"]["get"]["x-paging"]["parameters"] == {"page": "number", "limit": "size"}
    assert {each.subject for each in inference.conclusions} == {"GET /cats"}
    assert inference.counts.lists == 2


@pytest.mark.parametrize(("applied", "expected"), [(False, None), (True, "answer")])
def test_a_guess_waits_until_its_author_takes_it(applied: bool, expected: Any) -> None:
    action = {"target": "$.paths['/toys'].get", "update": {"x-effect": "answer"}, "x-inferred": {"applied": applied}}
    annotated, inference = annotate(document({"/toys": {"get": operation()}}), [overlay(action)])
    assert effect(annotated.root, "/toys") == expected
    assert inference.counts.guesses == (not applied)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ([], "mine.yaml#: is not an overlay (expected `overlay: 1.0.0`, `info` and `actions`)"),
        ({"overlay": "2.0"}, "mine.yaml#/overlay: is not the version of an overlay (expected 1.0.0 or 1.1.0)"),
        ({"overlay": "1.0.0", "actons": []}, "mine.yaml#/actons: unknown key 'actons' (did you mean 'actions'?)"),
        ({"overlay": "1.0.0"}, "mine.yaml#/actions: is not a list of actions"),
        (
            {"overlay": "1.0.0", "actions": [{"update": {}}]},
            "mine.yaml#/actions/0: is not an action (expected a `target`, and `update`, `remove` or `copy`)",
        ),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$.paths", "updat": {}}]},
            "mine.yaml#/actions/0/updat: unknown key 'updat' (did you mean 'update'?)",
        ),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$.paths"}]},
            "mine.yaml#/actions/0: does nothing (expected `update`, `remove: true` or `copy`)",
        ),
    ],
)
def test_what_is_no_overlay_is_refused(written: Any, problem: str) -> None:
    with pytest.raises(ContractError) as refused:
        read_overlay(written, "mine.yaml")
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"target": "paths", "remove": True}, "'paths' is not a JSONPath"),
        ({"target": "$", "remove": True}, "would replace or remove the whole document"),
        ({"target": GET, "copy": "$.paths.*"}, "'$.paths.*' names 2 places"),
    ],
)
def test_what_an_action_cannot_do_is_refused(action: dict[str, Any], problem: str) -> None:
    with pytest.raises(ContractError, match=re.escape(problem)):
        annotate(document(PATHS), [overlay(action)])


def test_actions_of_form_1_1_copy() -> None:
    action = {"target": "$.paths['/pets'].post", "copy": GET, "update": {"summary": "copied"}}
    annotated, _ = annotate(document(PATHS), [overlay(action)])
    assert annotated.root["paths"]["/pets"]["post"]["summary"] == "copied"
    assert len(annotated.root["paths"]["/pets"]["post"]["parameters"]) == 3


def test_a_path_that_is_a_reference_is_annotated_on_its_own() -> None:
    paths = {"/pets": {"$ref": "#/x-files/a"}, "/cats": {"$ref": "#/x-files/a"}}
    root = {"x-files": {"a": {"get": operation(MANY, "page", "limit")}}}
    annotated, _ = annotate(document(paths, root=root))
    assert effect(annotated.root, "/pets") == {"list": "pets"}
    assert effect(annotated.root, "/cats") == {"list": "cats"}
    assert "x-effect" not in annotated.root["x-files"]["a"]["get"]
