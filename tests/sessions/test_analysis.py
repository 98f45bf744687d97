"""What the mock made of a request: what it may have meant, and what a session may choose."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.errors import Problem
from mock_server.messages import Request
from mock_server.sessions.analysis import Analysis, describe_near_miss
from mock_server.sessions.client_rules import find_verdicts
from mock_server.sessions.session_apis import SessionApis
from tests.conftest import CREDENTIALS, LISTS

CLIENTS = LISTS["fatora"]


def play(apis: SessionApis, method: str, path: str, query: str = "", provider: str = "fatora") -> Analysis:
    """Ask, and read what the journal's newest entry was taken for."""
    request = Request(method, path, query, {**CREDENTIALS[provider], "understudy-session": "mine"}, "http://mock.test")
    assert apis.answer(request) and apis.services.journal
    entry = next(apis.services.journal.newest_first({"mine": 0}))
    return apis.analyze(entry)


MEANT: list[tuple[str, str, str, list[str]]] = [
    ("a method that answers for every documented path", "OPTIONS", CLIENTS, []),
    ("a method that is not documented", "POST", CLIENTS, [f"did you mean GET {CLIENTS}?"]),
    ("a path with a slip", "GET", "/fatora/v1/cleints", [f"did you mean {CLIENTS}?"]),
    ("OPTIONS of a path with a slip", "OPTIONS", "/fatora/v1/cleints", [f"did you mean {CLIENTS}?"]),
]


@pytest.mark.parametrize(("name", "method", "path", "says"), MEANT, ids=[row[0] for row in MEANT])
def test_what_was_perhaps_meant(name: str, method: str, path: str, says: list[str], session_apis: SessionApis) -> None:
    analysis = play(session_apis, method, path)
    assert [describe_near_miss(near) for near in analysis.near_misses][:1] == says
    assert [verdict.rule for verdict in find_verdicts([analysis])] == (["unmatched"] if says else [])


READINGS: list[tuple[str, dict[str, Any]]] = [
    ("by provider", {"fatora": {"notes-field": "note"}}),
    ("as commands spell it", {"fatora.notes-field": "note"}),
    ("both", {"fatora.notes-field": "note", "fatora": {"notes-field": "note"}}),
]


@pytest.mark.parametrize(("name", "readings"), READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_chosen(name: str, readings: dict[str, Any], session_apis: SessionApis) -> None:
    session = session_apis.change(session_apis.services.sessions.get("mine"), {"readings": readings})
    assert session.readings == (("fatora", "notes-field", "note"),)


REFUSED: list[tuple[Any, str]] = [
    ({"fatora.notes-feild": "note"}, "Did you mean 'notes-field'?"),
    ({"fatora.notes-field": "nota"}, "Did you mean 'note'?"),
    ({"fatora": "note"}, "provider.reading"),
    ({"nobody.notes-field": "note"}, "provider.reading"),
    (["fatora"], "provider.reading"),
]


@pytest.mark.parametrize(("readings", "says"), REFUSED)
def test_what_is_no_reading_is_said(readings: Any, says: str, session_apis: SessionApis) -> None:
    with pytest.raises(Problem) as raised:
        session_apis.change(session_apis.services.sessions.get("mine"), {"readings": readings})
    assert says in raised.value.detail


UNKNOWN: list[tuple[str, str, str, str]] = [
    ("brackets behind an array's name", "sellercloud", "customerIDs[]=1&customerIDs[]=2", "'customerIDs'"),
    ("brackets with an index", "sellercloud", "customerIDs[0]=1", "'customerIDs'"),
    ("encoded brackets", "sellercloud", "customerIDs%5B%5D=1", "'customerIDs'"),
    ("a slip", "fatora", "pgae=2", "'page'"),
]


@pytest.mark.parametrize(("name", "provider", "query", "meant"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_a_parameter_that_is_not_documented_has_no_effect_and_is_reported(
    name: str,
    provider: str,
    query: str,
    meant: str,
    session_apis: SessionApis,
) -> None:
    analysis = play(session_apis, "GET", LISTS[provider], query, provider)
    (verdict,) = find_verdicts([analysis])
    assert (analysis.entry.status, verdict.rule) == (200, "unknown_parameter")
    assert verdict.says.endswith(f"it has no effect. Did you mean {meant}?")
