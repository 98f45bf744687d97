"""Annotations that people wrote: an overlay's are refused where they are wrong, a document's become warnings."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.errors import ContractError, ContractErrors
from mock_server.inference import annotate, read_overlay
from tests.inference.documents import ONE, document, envelope, operation

GET = "$.paths['/pets'].get"
ITEM = "$.paths['/pets/{petId}'].get"


def make(**annotations: Any) -> Any:
    listing = operation(envelope(total="integer"), "page", "per_page", "status", **annotations)
    return document({"/pets": {"get": listing}, "/pets/{petId}": {"get": operation(ONE)}})


def overlay(target: str, update: Any, **more: Any) -> Any:
    actions = [{"target": target, "update": update, **more}]
    return read_overlay({"overlay": "1.0.0", "info": {}, "actions": actions}, "mine.yaml")


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "a mistyped annotation",
        GET,
        {"x-efect": "answer"},
        "/actions/0/update/x-efect: unknown annotation 'x-efect' (did you mean 'x-effect'?)",
    ),
    (
        "a mistyped effect",
        GET,
        {"x-effect": "singelton"},
        "/actions/0/update/x-effect: 'singelton' is not known here (did you mean 'singleton'?)",
    ),
    (
        "a mistyped key of an effect",
        GET,
        {"x-effect": {"list": "pets", "att": "/data"}},
        "/actions/0/update/x-effect/att: unknown key 'att' (did you mean 'at'?)",
    ),
    (
        "an effect without a collection",
        GET,
        {"x-effect": {"at": "/data"}},
        "/actions/0/update/x-effect: must name exactly one collection (one of list, get, create, replace, patch, delete)",
    ),
    (
        "an unknown collection",
        ITEM,
        {"x-effect": {"get": "cats", "key": "petId"}},
        "/actions/0/update/x-effect/get: there is no collection 'cats' (did you mean 'pets'?)",
    ),
    (
        "a key that is no parameter",
        ITEM,
        {"x-effect": {"get": "pets", "key": "id"}},
        "/actions/0/update/x-effect/key: the path has no parameter 'id' (did you mean 'petId'?)",
    ),
    (
        "a parent that is no parameter",
        GET,
        {"x-effect": {"list": "pets", "at": "/data", "parents": {"userId": "userId"}}},
        "/actions/0/update/x-effect/parents/userId: the path has no parameter 'userId'",
    ),
    (
        "a place without an array",
        GET,
        {"x-effect": {"list": "pets", "at": "/total"}},
        "/actions/0/update/x-effect/at: '/total' is no array in the answer "
        "(a JSON Pointer such as '/data'; '' is the whole body)",
    ),
    (
        "a mistyped role",
        GET,
        {"x-paging": {"parameters": {"page": "nummber"}}},
        "/actions/0/update/x-paging/parameters/page: 'nummber' is not known here (did you mean 'number'?)",
    ),
    (
        "paging by a parameter that is not documented",
        GET,
        {"x-paging": {"parameters": {"pages": "number"}}},
        "/actions/0/update/x-paging/parameters/pages: there is no query parameter 'pages' (did you mean 'page'?)",
    ),
    (
        "a fact at a place that is not documented",
        GET,
        {"x-paging": {"body": {"/meta/total": "total"}}},
        "/actions/0/update/x-paging/body/~1meta~1total: the answer has no '/meta/total'",
    ),
    (
        "a mistyped test",
        GET,
        {"x-filters": {"status": {"equal": "status"}}},
        "/actions/0/update/x-filters/status/equal: unknown key 'equal' (did you mean 'equals'?)",
    ),
    (
        "a filter by a field that the record has not",
        GET,
        {"x-filters": {"status": {"equals": "state"}}},
        "/actions/0/update/x-filters/status/equals: the record has no 'state' (did you mean 'status'?)",
    ),
    (
        "a direction of nothing",
        GET,
        {"x-filters": {"status": {"direction": "sort"}}},
        "/actions/0/update/x-filters/status/direction: no parameter 'sort' sorts (known: status)",
    ),
    (
        "a wrong number of records",
        "$",
        {"x-collections": {"pets": {"records": "many"}}},
        "/actions/0/update/x-collections/pets/records: 'many' is not of type 'integer'",
    ),
    (
        "a mistyped part of an error",
        "$.components",
        {"schemas": {"Error": {"properties": {"message": {"x-error": "details"}}}}},
        "/actions/0/update/schemas/Error/properties/message/x-error: 'details' is not known here "
        "(did you mean 'detail'?)",
    ),
    (
        "test values of no known state",
        "$.components",
        {"securitySchemes": {"key": {"x-credentials": {"valid": ["a"], "expird": ["b"]}}}},
        "/actions/0/update/securitySchemes/key/x-credentials/expird: unknown key 'expird' (did you mean 'expired'?)",
    ),
    (
        "below the path",
        "$.paths['/pets']",
        {"get": {"x-effect": "list"}},
        "/actions/0: 'list' is not known here (known: answer, singleton)",
    ),
]


@pytest.mark.parametrize(("sentence", "target", "update", "problem"), WRONG, ids=[row[0] for row in WRONG])
def test_an_overlay_is_refused_for(sentence: str, target: str, update: dict[str, Any], problem: str) -> None:
    with pytest.raises((ContractError, ContractErrors)) as refused:
        annotate(make(), [overlay(target, update)])
    assert str(refused.value) == f"mine.yaml#{problem}"


OWN: list[tuple[str, dict[str, Any], str]] = [
    (
        "what has no form of ours is dropped",
        {"x-paging": True},
        "#/paths/~1pets/get/x-paging: True is not of type 'object'",
    ),
    (
        "what names nothing stays",
        {"x-filters": {"status": {"equals": "state"}}},
        "#/paths/~1pets/get/x-filters/status/equals: the record has no 'state' (did you mean 'status'?)",
    ),
]


@pytest.mark.parametrize(("sentence", "annotations", "warning"), OWN, ids=[row[0] for row in OWN])
def test_what_a_document_says_wrongly_is_a_warning(sentence: str, annotations: dict[str, Any], warning: str) -> None:
    annotated, _ = annotate(make(**annotations))
    assert [str(each) for each in annotated.warnings] == [warning]
    assert annotated.root["paths"]["/pets"]["get"]["x-paging"]["parameters"] == {"page": "number", "per_page": "size"}


def test_a_saved_inference_that_no_longer_fits_is_a_warning() -> None:
    saved = overlay(GET, {"x-filters": {"state": {"equals": "status"}}}, **{"x-inferred": {"rule": "F1"}})
    annotated, _ = annotate(make(), [saved])
    assert [str(each) for each in annotated.warnings] == [
        "mine.yaml#/paths/~1pets/get/x-filters/state: there is no query parameter 'state' (did you mean 'status'?)",
    ]


def test_annotations_that_other_tools_read_stay() -> None:
    annotated, _ = annotate(make(**{"x-ms-pageable": {}, "x-rate-limit": 3}))
    assert annotated.warnings == ()
    assert annotated.root["paths"]["/pets"]["get"]["x-rate-limit"] == 3
