"""What is said of a name that nobody knows."""

from __future__ import annotations

import pytest

from mock_server.errors import nearest, suggest, with_suggestion
from mock_server.sessions.setup import load_form, load_stock

HINTS = [
    pytest.param(("pgae", ["page", "size"]), {}, "did you mean 'page'?", id="a slip"),
    pytest.param(("zzz", ["page", "size"]), {}, "", id="nothing is near"),
    pytest.param(("zzz", ["page", 2]), {"else_all": True}, "known: page, 2", id="nothing is near, all are listed"),
    pytest.param(("pgae", ["page"]), {"form": "${}"}, "did you mean $page?", id="as a user writes it"),
    pytest.param((200, ["200", "404"]), {}, "did you mean '200'?", id="a name that is no text"),
]


@pytest.mark.parametrize(("names", "more", "hint"), HINTS)
def test_a_hint_names_the_nearest(names: tuple[object, list[object]], more: dict[str, object], hint: str) -> None:
    assert suggest(*names, **more) == hint  # type: ignore[arg-type]


def test_a_sentence_asks_back_only_where_a_name_is_near() -> None:
    assert with_suggestion("There is no setting 'sed'.", "sed", ["seed"]) == (
        "There is no setting 'sed'. Did you mean 'seed'?"
    )
    assert with_suggestion("There is no setting 'x'.", "x", ["seed"]) == "There is no setting 'x'."


SCENARIOS = tuple(load_stock(load_form()))

SUGGESTED: list[tuple[str, str]] = [
    ("emojis", "emoji"),
    ("slo", "slow"),
    ("credential-expire", "credential-expires"),
    ("record-insertd", "record-inserted-while-paging"),
    ("inserted", "record-inserted-while-paging"),
    ("Dribble", "dribble"),
    ("million", "a-million-records"),
    ("zzz", ""),
    ("x", ""),
    ("", ""),
]


@pytest.mark.parametrize(("word", "suggested"), SUGGESTED)
def test_a_word_is_compared_with_names_and_with_their_parts(word: str, suggested: str) -> None:
    assert nearest(word, SCENARIOS) == suggested


def test_of_a_word_without_end_the_beginning_is_compared() -> None:
    assert nearest("slow" + "-" * 10_000_000, SCENARIOS) in ("", "slow")
