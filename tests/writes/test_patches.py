"""Patches as their RFCs have them: what a record is afterwards, and what is refused how."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.errors import ApiError
from mock_server.writes import apply_patch

JSON_PATCH = "application/json-patch+json"
RECORD = {"id": 1, "name": "Rex", "tags": ["a", "b"], "home": {"city": "Ulm", "zip": "1"}}

APPLIED: list[tuple[str, str, Any, Any]] = [
    ("a merge patch changes what it names", "application/merge-patch+json", {"name": "Tom"}, {**RECORD, "name": "Tom"}),
    (
        "plain JSON does as well",
        "application/json",
        {"home": {"zip": "2"}},
        {**RECORD, "home": {"city": "Ulm", "zip": "2"}},
    ),
    ("null takes away", "application/json", {"tags": None, "home": None}, {"id": 1, "name": "Rex"}),
    ("a list is replaced whole", "application/json", {"tags": []}, {**RECORD, "tags": []}),
    (
        "operations are done in turn",
        JSON_PATCH,
        [
            {"op": "test", "path": "/name", "value": "Rex"},
            {"op": "replace", "path": "/name", "value": "Tom"},
            {"op": "add", "path": "/tags/1", "value": "x"},
            {"op": "add", "path": "/tags/-", "value": "z"},
            {"op": "remove", "path": "/home/zip"},
            {"op": "move", "from": "/home/city", "path": "/city"},
            {"op": "copy", "from": "/name", "path": "/home/name"},
        ],
        {"id": 1, "name": "Tom", "tags": ["a", "x", "b", "z"], "home": {"name": "Tom"}, "city": "Ulm"},
    ),
    ("no operations change nothing", JSON_PATCH, [], RECORD),
    (
        "a name is taken as it is written",
        JSON_PATCH,
        [{"op": "add", "path": "/a\\u0062~1c", "value": 1}],
        {**RECORD, "a\\u0062/c": 1},
    ),
]
REFUSED: list[tuple[str, Any, str]] = [
    ("a mapping is no list of operations", {"name": "Tom"}, "invalid"),
    ("an operation without a place", [{"op": "remove"}], "invalid"),
    ("an operation without a value", [{"op": "add", "path": "/name"}], "invalid"),
    ("a word that is no operation", [{"op": "rename", "path": "/name"}], "invalid"),
    ("an operation of the library's own", [{"op": "addne", "path": "/name", "value": 1}], "invalid"),
    ("a place that is no pointer", [{"op": "remove", "path": "name"}], "invalid"),
    ("a number instead of an operation", [3], "invalid"),
    ("more operations than are done", [{"op": "test", "path": "", "value": RECORD}] * 1001, "invalid"),
    ("a test that fails", [{"op": "test", "path": "/name", "value": "Tom"}], "conflict"),
    ("a test of nothing", [{"op": "test", "path": "/none", "value": "Tom"}], "conflict"),
    ("a place that is not there", [{"op": "remove", "path": "/none"}], "conflict"),
    ("a place below nothing", [{"op": "add", "path": "/none/name", "value": 1}], "conflict"),
    ("a place of a list that is no number", [{"op": "add", "path": "/tags/x", "value": 1}], "conflict"),
    ("a place behind a list", [{"op": "add", "path": "/tags/9", "value": 1}], "conflict"),
    ("a place in a text", [{"op": "replace", "path": "/name/x", "value": 1}], "conflict"),
]


@pytest.mark.parametrize(("media_type", "body", "expected"), [row[1:] for row in APPLIED], ids=[r[0] for r in APPLIED])
def test_a_patch_is_applied(media_type: str, body: Any, expected: Any) -> None:
    before = str(RECORD)
    assert apply_patch(media_type, RECORD, body) == expected
    assert str(RECORD) == before, "the record itself stays"


@pytest.mark.parametrize(("body", "kind"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_patch_that_does_not_fit_is_refused(body: Any, kind: str) -> None:
    with pytest.raises(ApiError) as refused:
        apply_patch(JSON_PATCH, RECORD, body)
    assert refused.value.kind == kind
    assert refused.value.detail
    assert "\n" not in refused.value.detail
