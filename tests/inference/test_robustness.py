"""Whatever a document says, inference says something or nothing, and never fails."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.errors import ContractError, ContractErrors
from mock_server.inference import annotate, infer, read_overlay
from mock_server.inference.targets import find_steps
from mock_server.openapi import Document
from tests.inference.documents import MANY, ONE, answer, document, envelope, operation, parameter

ERROR = {"type": "object", "properties": {"error": {"type": "object", "properties": {"message": {"type": "string"}}}}}
REFUSED = answer({"$ref": "#/components/schemas/Error"}, "default")
RICH = document(
    {
        "/pets": {
            "get": operation(envelope(total="integer", next="string"), "page", "limit", "status", "sort", "q", "after"),
            "post": {
                "requestBody": {"content": {"application/json": {"schema": ONE}}},
                "responses": answer(ONE, "201"),
            },
        },
        "/pets/{petId}": {
            "parameters": [parameter("petId", place="path")],
            "get": {"responses": {**answer(ONE), **REFUSED}},
            "patch": operation(ONE),
            "delete": {"responses": {"204": {"headers": {"Link": {"schema": {}}}}, **REFUSED}},
        },
        "/users/{userId}/pets": {"get": operation(MANY, parameter("api_key"))},
        "/settings": {"get": operation(ONE), "put": operation(ONE)},
    },
    schemas={"Error": ERROR, "Both": {"allOf": [ONE, {"oneOf": [ERROR, ONE]}]}},
    securitySchemes={"key": {"type": "apiKey", "in": "header", "name": "X"}},
).root

ODD: list[Any] = [None, True, 0, -1.5, "", "x", [], {}, [None], {"$ref": "#/components/schemas/Pet"}, {"$ref": 3}, "#"]


def list_places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree below its root."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [each for key, child in children for each in ((*at, key), *list_places(child, (*at, key)))]


PLACES = list_places(RICH)


def change(root: Any, place: tuple[Any, ...], value: Any) -> None:
    """Put a value at a place, or take away what stands there; nothing where it is gone already."""
    for step in place[:-1]:
        if not isinstance(root, dict | list) or (isinstance(root, dict) and step not in root):
            return
        if isinstance(root, list) and (not isinstance(step, int) or step >= len(root)):
            return
        root = root[step]
    if isinstance(root, dict) and value is ...:
        root.pop(place[-1], None)
    elif isinstance(root, dict) or (
        isinstance(root, list) and isinstance(place[-1], int) and place[-1] < len(root) and value is not ...
    ):
        root[place[-1]] = value


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from([..., *ODD])), min_size=1, max_size=6))
def test_a_document_with_odd_places_is_understood_as_far_as_it_goes(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    root = copy.deepcopy(dict(RICH))
    for place, value in changes:
        change(root, place, copy.deepcopy(value))
    before = copy.deepcopy(root)
    annotated, inference = annotate(Document("odd", root))
    assert root == before
    assert str(inference.counts)
    assert all(find_steps(each.target) is not None for each in inference.conclusions)
    assert infer(annotated).counts.lists == inference.counts.lists


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.sampled_from(ODD),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "paths",
                        "/pets",
                        "/a/{b}",
                        "get",
                        "responses",
                        "200",
                        "content",
                        "application/json",
                        "schema",
                        "type",
                        "items",
                        "properties",
                        "allOf",
                        "parameters",
                        "components",
                        "schemas",
                        "name",
                        "in",
                        "x-effect",
                        "x-paging",
                    ],
                ),
                inner,
            )
        ),
    ),
)
def test_anything_at_all_is_understood(root: Any) -> None:
    assert annotate(Document("odd", root if isinstance(root, dict) else {"paths": root}))


def test_three_hundred_parents_of_one_name_are_told_apart() -> None:
    paths = {f"/a{n}/things/{{id}}/pets": {"get": operation(MANY)} for n in range(300)}
    annotated, inference = annotate(
        document({"/pets": {"get": operation(MANY)}, "/pets/{id}": {"get": operation(ONE)}, **paths}),
    )
    assert inference.counts.lists == 301
    assert len(annotated.root["x-collections"]["pets"]["parents"]) == 300


TARGETS = [
    "$",
    "$.paths",
    "$.paths['/pets'].get",
    "$..get",
    "$..*",
    "$.paths['/pets'].get.parameters[0]",
    "$..[0]",
    "x",
]
TARGETS += [
    "$.components.schemas",
    "$['x-collections'].pets",
    "$.paths.*.get['x-effect']",
    "$.paths['/pets']['get','get']",
]
ACTIONS = st.fixed_dictionaries(
    {"target": st.sampled_from(TARGETS)},
    optional={
        "update": st.sampled_from(
            [*ODD, {"x-effect": "answer"}, {"x-paging": {"first": 0}}, {"get": {"x-effect": []}}],
        ),
        "remove": st.booleans(),
        "copy": st.sampled_from(TARGETS),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=4))
def test_an_overlay_is_carried_out_or_refused_in_words(actions: list[Any]) -> None:
    root = copy.deepcopy(dict(RICH))
    try:
        overlay = read_overlay({"overlay": "1.1.0", "info": {}, "actions": actions}, "mine.yaml")
        annotated, inference = annotate(Document("pets", root), [overlay])
    except (ContractError, ContractErrors) as refused:
        assert str(refused)
    else:
        assert str(inference.counts)
        assert annotated.operations is not None
    assert root == RICH
