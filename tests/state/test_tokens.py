"""The store of tokens: one for all workers, bounded, without their texts, forgotten with the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.state import ACCESS, EXPIRED, REFRESH, REVOKED, IssuedToken, IssuedTokens, open_state

TOKEN = IssuedToken(provider="shop", expires=100.0)


@pytest.fixture
def workers(tmp_path: Path) -> list[IssuedTokens]:
    return [IssuedTokens(tmp_path, most=5) for _ in range(2)]


def put(tokens: IssuedTokens, session: str = "", kind: str = ACCESS, family: str = "f") -> str:
    text = tokens.make_text()
    tokens.put(text, TOKEN._replace(session=session, kind=kind, family=family))
    return text


def find_end(tokens: IssuedTokens, text: str, session: str = "") -> str | None:
    token = tokens.find(session, "shop", text)
    return token.find_end(now=50.0) if token else None


def test_every_worker_knows_what_any_issued_and_ended(workers: list[IssuedTokens]) -> None:
    one, other = workers
    assert not one.are_there and one.find("", "shop", "x") is None
    text = put(one)
    assert [find_end(each, text) for each in workers] == ["", ""]
    token = other.find("", "shop", text)
    assert token and token.ending == text[-4:] and other.find_marked("shop", token.mark) == token
    assert [other.revoke(token.id), other.revoke(token.id), other.revoke("0")] == [1, 0, None]
    assert [find_end(each, text) for each in workers] == [REVOKED, REVOKED]


def test_a_token_is_good_up_to_its_last_second(workers: list[IssuedTokens]) -> None:
    token = workers[0].put("x", TOKEN)
    assert [token.find_end(now) for now in (99.9, 100.0)] == ["", EXPIRED]


def test_what_may_be_used_once_is_used_by_one(workers: list[IssuedTokens]) -> None:
    token = workers[0].put("x", TOKEN._replace(kind=REFRESH))
    assert [each.use(token, "used") for each in (*workers, *workers)] == [True, False, False, False]


def test_the_oldest_of_a_session_are_forgotten_and_known_as_its_own(workers: list[IssuedTokens]) -> None:
    one, other = workers
    kept = put(one, "~a/")
    texts = [put(one) for _ in range(7)]
    assert [find_end(other, text) for text in texts] == [None, None, "", "", "", "", ""]
    assert find_end(other, kept, "~a/") == ""
    assert [other.has_made(text) for text in (texts[0], texts[0][:-1] + "!", "x" * 32, "")] == [
        True,
        False,
        False,
        False,
    ]
    assert [token.ending for token in other.all("")] == [text[-4:] for text in reversed(texts[2:])]


def test_a_family_ends_together_and_a_session_is_forgotten(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    tokens = state.tokens
    assert tokens
    mine, other, default = put(tokens, "~a/1/", family="x"), put(tokens, "~a/1/", family="y"), put(tokens)
    assert tokens.end_family("x") == 1
    assert [find_end(tokens, text, "~a/1/") for text in (mine, other)] == [REVOKED, ""]
    assert tokens.revoke_all(["~b/"]) == 0
    state.forget_session("a")
    assert (find_end(tokens, other, "~a/1/"), find_end(tokens, default)) == (None, "")
    state.forget_session("")
    assert find_end(tokens, default) is None


def test_no_text_is_written_down(workers: list[IssuedTokens], tmp_path: Path) -> None:
    text = put(workers[0])
    assert workers[1].find("", "shop", text)
    assert all(text.encode() not in path.read_bytes() for path in tmp_path.iterdir())
