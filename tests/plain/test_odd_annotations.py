"""Annotations that somebody wrote wrong: a warning, and a document that plays all the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_server.messages import Request
from mock_server.sessions import Settings, load_contracts, make_apis
from tests.plain.test_writes import ROOT

ANY: tuple[Any, ...] = (None, True, 5, "x", [], [1], {}, {"x": 5}, {"pets": {}})

WRONG: Mapping[str, tuple[Any, ...]] = {
    "x-effect": (
        {"list": 5, "at": 7},
        {"list": "pets", "at": "data"},
        {"list": "pets", "at": "/no/where"},
        {"get": "nobody", "key": "id"},
        {"get": "pets"},
        {"list": "pets", "parents": 5},
        {"list": "pets", "parents": {"owner": 5}},
        {"list": "pets", "record": ["x"]},
        {"create": "pets", "answers": "x"},
        {"delete": ["pets"]},
        {"list": "pets", "get": "pets"},
    ),
    "x-paging": (
        {"parameters": 5},
        {"parameters": {"page": "x"}},
        {"parameters": {"page": ["number"]}},
        {"first": "x"},
        {"cursor": 7},
        {"body": {"x": "total"}},
        {"body": {"/total": 5}},
        {"headers": {"X": 7}},
    ),
    "x-filters": (
        {"kind": 5},
        {"kind": {}},
        {"kind": {"equals": 5}},
        {"kind": {"equals": "nobody"}},
        {"kind": {"x": "kind"}},
        {"nobody": {"equals": "kind"}},
        {"kind": {"ignore_case": True}},
        {"kind": {"equals": "kind", "contains": "kind"}},
        {"kind": {"sort": "x"}},
    ),
    "x-credential": ({"in": "body", "name": "x"}, {"in": "header"}, {"name": 5, "in": "query"}),
    "x-collections": (
        {"pets": 5},
        {"pets": {"key": 5}},
        {"pets": {"key": "nobody"}},
        {"pets": {"records": "x"}},
        {"pets": {"records": -5}},
        {"pets": {"records": 10**9}},
        {"pets": {"parents": 5}},
        {"pets": {"parents": {"owner": 5}}},
        {"pets": {"parents": {"owner": {"collection": "nobody"}}}},
        {"pets": {"parents": {"owner": {"collection": "pets"}}}},
    ),
    "x-error-shape": ({"message": 5}, {"/message": "message"}, {"code": "/x"}),
}
CASES = [(name, value) for name, values in WRONG.items() for value in (*ANY, *values)]
ASKED = (
    ("GET", "/zoo/pets", "page=2&size=2&kind=cat", b""),
    ("GET", "/zoo/pets/1", "", b""),
    ("GET", "/zoo/owners/1/visits", "page=x", b""),
    ("POST", "/zoo/pets", "", b'{"name": "Rex"}'),
)


@pytest.mark.parametrize("case", CASES, ids=[json.dumps(case) for case in CASES])
def test_what_is_wrong_is_passed_over(tmp_path: Path, case: tuple[str, Any]) -> None:
    name, value = case
    root = {**copy.deepcopy(ROOT), "openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}}
    node = root if name in ("x-collections", "x-error-shape") else root["paths"]["/pets"]["get"]
    node[name] = value
    (tmp_path / "zoo.json").write_text(json.dumps(root), encoding="utf-8")
    settings = Settings(providers=(str(tmp_path / "zoo.json"),), cache=tmp_path)
    apis = make_apis(load_contracts(settings), settings)
    for method, path, query, body in ASKED:
        headers = {"content-type": "application/json"} if body else {}
        response = apis.answer(Request(method, path, query, headers, body=body))
        assert response and response.status < 500, (method, path)
