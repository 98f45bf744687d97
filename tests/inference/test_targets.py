"""Places as JSONPath and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.contract import find_matches
from mock_server.inference.targets import find_steps, render_target, steps_of_pointer

TARGETS: list[tuple[str, tuple[str | int, ...] | None]] = [
    ("$", ()),
    ("$.paths['/pets'].get", ("paths", "/pets", "get")),
    ('$["paths"]["/pets"]', ("paths", "/pets")),
    (r"$['it\'s']['\u00e9']", ("it's", "é")),
    ("$.allOf[0].properties", ("allOf", 0, "properties")),
    ("$.paths.*", None),
    ("$..get", None),
    ("$.paths[?@.get]", None),
    ("$.paths[-1]", None),
    ("paths", None),
    ("", None),
]


@pytest.mark.parametrize(("target", "steps"), TARGETS)
def test_a_target_that_names_one_place_has_steps(target: str, steps: tuple[str | int, ...] | None) -> None:
    assert find_steps(target) == steps


@given(st.lists(st.text(max_size=8), max_size=4))
def test_steps_come_back_and_the_library_agrees(steps: list[str]) -> None:
    document: object = 1
    for step in reversed(steps):
        document = {step: document}
    target = render_target(steps)
    assert find_steps(target) == tuple(steps)
    if isinstance(document, dict) and "\x7f" not in target:
        assert [value for _, value in find_matches(document, target)] == [1]


def test_steps_of_a_pointer() -> None:
    assert steps_of_pointer("/paths/~1pets~1{id}/get") == ("paths", "/pets/{id}", "get")
