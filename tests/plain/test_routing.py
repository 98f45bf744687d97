"""Paths of plain documents: which operation they lead to, and the values in them."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.plain.routing import PlainRoutes

PATHS = {
    "GET": [
        "/pets",
        "/pets/{id}",
        "/pets/mine",
        "/pets/{id}.json",
        "/pets/{id}/toys/{toy}",
        "/between/{a}-{b}",
        "/tasks/{task}:cancel",
        "/files/{+path}",
        "/slash/",
        "/search?kind=dog",
        "/letters/{number}",
        "/letters/{name}",
        "/token#new",
    ],
    "PUT": ["/pets/{pet}"],
    "HEAD": ["/slash/"],
}
ROWS: Any = [(method, path, f"{method} {path}") for method, paths in PATHS.items() for path in paths]
ROUTES = PlainRoutes(ROWS, "/v1", lambda target, values: values.get("number", "1").isdecimal())

MATCHES = [
    ("a fixed path", "GET", "/pets", "GET /pets", {}),
    ("a value", "GET", "/pets/7", "GET /pets/{id}", {"id": "7"}),
    ("a fixed path before a template", "GET", "/pets/mine", "GET /pets/mine", {}),
    ("a template where the fixed path has no such method", "PUT", "/pets/mine", "PUT /pets/{pet}", {"pet": "mine"}),
    ("text behind a parameter", "GET", "/pets/7.json", "GET /pets/{id}.json", {"id": "7"}),
    ("several values", "GET", "/pets/7/toys/ball", "GET /pets/{id}/toys/{toy}", {"id": "7", "toy": "ball"}),
    ("two parameters in a segment", "GET", "/between/x-y-z", "GET /between/{a}-{b}", {"a": "x", "b": "y-z"}),
    ("a verb", "GET", "/tasks/9:cancel", "GET /tasks/{task}:cancel", {"task": "9"}),
    ("a path as a value", "GET", "/files/a/b/c", "GET /files/{+path}", {"path": "a/b/c"}),
    ("a slash that was encoded", "GET", "/pets/a%2Fb", "GET /pets/{id}", {"id": "a/b"}),
    ("a slash too many", "GET", "/pets/7/", "GET /pets/{id}", {"id": "7"}),
    ("a slash too few", "GET", "/slash", "GET /slash/", {}),
    ("the base path", "GET", "/v1/pets/7", "GET /pets/{id}", {"id": "7"}),
    ("what stands behind a question mark in a template", "GET", "/search", "GET /search?kind=dog", {}),
    ("a fragment that was encoded", "GET", "/token#new", "GET /token#new", {}),
    ("a fragment that was left out", "GET", "/token", "GET /token#new", {}),
    ("the first of two templates that are alike", "GET", "/letters/7", "GET /letters/{number}", {"number": "7"}),
    ("or the other where the value does not fit", "GET", "/letters/a", "GET /letters/{name}", {"name": "a"}),
    ("HEAD as GET", "HEAD", "/pets", "GET /pets", {}),
    ("HEAD where it is documented", "HEAD", "/slash/", "HEAD /slash/", {}),
]


@pytest.mark.parametrize(
    ("method", "path", "target", "values"),
    [row[1:] for row in MATCHES],
    ids=[r[0] for r in MATCHES],
)
def test_a_path_leads_to(method: str, path: str, target: str, values: dict[str, str]) -> None:
    match = ROUTES.find(method, path)
    assert match
    assert [str(match.target), dict(match.values)] == [target, values]


@pytest.mark.parametrize("path", ["/", "/v1", "/pets/7/toys", "/between/xy", "/v2/pets", "/pets//7"])
def test_a_path_leads_nowhere(path: str) -> None:
    assert ROUTES.find("GET", path) is None


def test_the_methods_of_a_path_are_those_of_every_template_that_matches() -> None:
    assert ROUTES.allowed("/pets/mine") == ("GET", "HEAD", "OPTIONS", "PUT")
    assert ROUTES.allowed("/nothing") == ()


def test_a_segment_that_many_parameters_could_share_in_many_ways_is_refused_at_once() -> None:
    many: Any = [("GET", "/x/" + "-".join(f"{{p{n}}}" for n in range(12)), "many")]
    assert PlainRoutes(many, "").find("GET", "/x/" + "-" * 60_000) is None
