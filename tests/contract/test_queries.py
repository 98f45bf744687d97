"""Queries of documents: what RFC 9535 knows is found, what only the library knows is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mock_server.contract import find_matches

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/x": {"get": {"parameters": [{"name": "limit", "in": "query"}, {"name": "it's", "old": False}]}},
        "/y": {"get": {"name": "get", "pattern": "g.t"}},
    },
    "é": [1, 2, 3],
    "x-a": {"b": None},
    "\x1f\\u001f": 1,
}
PARAMETERS = ("paths", "/x", "get", "parameters")

FOUND: list[tuple[str, list[tuple[str | int, ...]]]] = [
    ("$", [()]),
    ("$.paths['/x'].get.parameters", [PARAMETERS]),
    ('$["paths"]["/y"]', [("paths", "/y")]),
    ("$.paths.*", [("paths", "/x"), ("paths", "/y")]),
    ("$.paths[*].get", [("paths", "/x", "get"), ("paths", "/y", "get")]),
    ("$..get", [("paths", "/x", "get"), ("paths", "/y", "get")]),
    ("$..parameters[-1]", [(*PARAMETERS, 1)]),
    ("$..parameters[-3]", []),
    ("$..parameters[?(@.name=='limit')]", [(*PARAMETERS, 0)]),
    ("$..parameters[?@.name == 'limit']", [(*PARAMETERS, 0)]),
    (r"$..parameters[?@.name == 'it\'s']", [(*PARAMETERS, 1)]),
    ("$..parameters[?@.old]", [(*PARAMETERS, 1)]),
    ("$..parameters[?!@.old && @.in == 'query']", [(*PARAMETERS, 0)]),
    ("$..parameters[?length(@.name) == 5]", [(*PARAMETERS, 0)]),
    ("$..parameters[?count(@.*) == 2]", [(*PARAMETERS, 0), (*PARAMETERS, 1)]),
    ("$..parameters[?match(@.name, 'lim')]", []),
    ("$..parameters[?match(@.name, 'x|lim.*')]", [(*PARAMETERS, 0)]),
    ("$..parameters[?search(@.name, 'im')]", [(*PARAMETERS, 0)]),
    ("$.paths.*[?match(@.name, @.pattern)]", [("paths", "/y", "get")]),
    ("$.paths.*[?match(@.name, @.none)]", []),
    ("$.é[0:2]", [("é", 0), ("é", 1)]),
    (r"$['\u001f\\u001f']", [("\x1f\\u001f",)]),
    (r"$['\u00e9'][-1]", [("é", 2)]),
    ("$['x-a'].b", [("x-a", "b")]),
    ("$['x-a'][?@ == null]", [("x-a", "b")]),
]


@pytest.mark.parametrize(("query", "steps"), FOUND, ids=[query for query, _ in FOUND])
def test_a_query_finds_places(query: str, steps: list[tuple[str | int, ...]]) -> None:
    assert [place.steps for place in find_matches(DOCUMENT, query)] == steps


REFUSED = [
    "",
    "paths",
    ".paths",
    " $.paths",
    "$.paths ",
    "^.paths",
    "$.~",
    "$[~'paths']",
    "$[?# == 'paths']",
    "$.x-a",
    r"$['\u001']",
    r"$['\ud83d\u0001']",
    "$['\x01']",
    "$.paths | $.é",
    "$.paths & $.é",
    "$[?@.b <> 1]",
    "$[?@.b =~ /x/]",
    "$[?@.b in ['x']]",
    "$[?@.b contains 'x']",
    "$[?@.a and @.b]",
    "$[?@.b == undefined]",
    "$[?typeof(@.b) == 'x']",
    "$[$.paths]",
    "$[paths]",
    "$.é[1e2]",
    "$.é[?@ == 1e400]",
    "$[?" + "(" * 3000 + "@.b" + ")" * 3000 + "]",
    "$..[?search(@.name, '(a')]",
    r"$..[?match(@.name, '(a)\\1')]",
]


@pytest.mark.parametrize("query", REFUSED, ids=[query[:24] for query in REFUSED])
def test_what_the_standard_does_not_know_is_refused_in_one_line(query: str) -> None:
    with pytest.raises(ValueError, match=r"\A.+\Z"):
        find_matches(DOCUMENT, query)


def test_no_pattern_of_a_target_or_a_document_explodes() -> None:
    document = [{"text": "a" * 40, "pattern": "^(a+)+$b"}]
    started = time.perf_counter()
    for function in ("match", "search"):
        assert find_matches(document, f"$[?{function}(@.text, '(a+)+b')]") == []
        assert find_matches(document, f"$[?{function}(@.text, @.pattern)]") == []
    assert time.perf_counter() - started < 2
