"""The store of mappings: what one process writes another one reads, by session, and no more than there may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.errors import Problem
from mock_server.state import Mappings
from mock_server.state.shared_state import open_state

ANNA, ANNE = "~anna/1/", "~anne/2/"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Mappings, Mappings]:
    """The same file, opened by two workers."""
    return Mappings(tmp_path, most=3), Mappings(tmp_path, most=3)


def put(mappings: Mappings, scope: str, *identifiers: str, is_persistent: bool = False) -> None:
    with mappings.changing():
        for each in identifiers:
            mappings.put(scope, each, f'"{each}"', is_persistent)


def ids(mappings: Mappings, scope: str = "") -> list[str]:
    return [row.id for row in mappings.find(scope)]


def test_nobody_made_any(pair: tuple[Mappings, Mappings]) -> None:
    assert not pair[0].are_there and pair[0].find("") == () and pair[0].find_states("") == {}


def test_a_worker_sees_what_another_one_wrote_and_keeps_what_is_the_same(pair: tuple[Mappings, Mappings]) -> None:
    one, other = pair
    put(one, ANNA, "a", "b")
    seen = other.find(ANNA)
    assert ids(other, ANNA) == ["a", "b"] and other.find(ANNE) == ()
    put(one, ANNE, "c")
    assert other.find(ANNA) is seen, "nothing of this session changed"
    put(one, ANNA, "a")
    assert other.find(ANNA) is seen, "nor is it another one when it is written again as it was"
    with one.changing():
        one.take(ANNA, "a")
    assert ids(other, ANNA) == ["b"]


def test_one_that_is_replaced_keeps_its_place(pair: tuple[Mappings, Mappings]) -> None:
    put(pair[0], "", "a", "b")
    with pair[0].changing():
        pair[0].put("", "a", None)
    assert [(row.id, row.content) for row in pair[1].find("")] == [("a", None), ("b", '"b"')]


def test_more_than_there_may_be_are_refused_and_none_is_lost(pair: tuple[Mappings, Mappings]) -> None:
    put(pair[0], "", "a", "b", "c")
    with pytest.raises(Problem, match="507"):
        put(pair[0], "", "d")
    put(pair[0], "", "a")
    assert ids(pair[1]) == ["a", "b", "c"]


def test_a_reset_keeps_the_persistent_ones_alone(pair: tuple[Mappings, Mappings]) -> None:
    put(pair[0], "", "a", is_persistent=True)
    put(pair[0], "", "b")
    with pair[0].changing():
        pair[0].take_all("", keeps_persistent=True)
    assert ids(pair[1]) == ["a"]


def test_a_step_is_taken_from_the_required_state_alone(pair: tuple[Mappings, Mappings]) -> None:
    one, other = pair
    assert one.step("", "tea", "Started", "made", "Started")
    assert not other.step("", "tea", "Started", "made", "Started")
    assert other.find_states("") == {"tea": "made"}
    assert other.step("", "tea", "", "drunk", "Started") and one.find_states("") == {"tea": "drunk"}
    one.forget_states("")
    assert other.find_states("") == {}


def test_a_session_that_ends_takes_its_own_with_it(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    assert state.mappings
    for scope in ("", ANNA, ANNE):
        put(state.mappings, scope, "a")
        state.mappings.put_state(scope, "tea", "made")
    state.forget_session("anna")
    assert [ids(state.mappings, scope) for scope in ("", ANNA, ANNE)] == [["a"], [], ["a"]]
    state.forget_session("")
    assert [len(state.mappings.find_states(scope)) for scope in ("", ANNA, ANNE)] == [0, 0, 1]
