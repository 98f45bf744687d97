"""What a contract may say of writes, and what is wrong with the rest, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.test_played import BOOK, Node, add, answering, problems_of

NOTHING: Node = {"const": {}}

REFUSED = [
    ("post", BOOK, {"create": "boks"}, "/create", "no collection 'boks'", "books"),
    ("post", BOOK, {"create": "books"}, "", "what is sent", "requestBody"),
    ("delete", NOTHING, {"delete": "books"}, "", "no path parameter", "equals: id"),
    ("get", NOTHING, {"delete": "books"}, "", "a GET changes nothing", ""),
    ("post", NOTHING, {"make": "books"}, "/make", "unknown key 'make'", ""),
]


@pytest.mark.parametrize(("method", "shown", "effect", "pointer", "problem", "hint"), REFUSED)
def test_an_effect_that_cannot_be_played_is_refused_with_its_place(
    toy: Path,
    method: str,
    shown: Node,
    effect: Node,
    pointer: str,
    problem: str,
    hint: str,
) -> None:
    add(toy, "/more", answering(shown, **{"x-effect": effect}), method)
    found = problems_of(toy)
    where = f"/{method}/x-effect{pointer}"
    assert any(e.pointer.endswith(where) and problem in e.problem and hint in e.hint for e in found), found
