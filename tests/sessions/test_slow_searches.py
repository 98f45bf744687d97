"""A search through many records leaves the event loop: there it is answered only where it takes milliseconds."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mock_server.messages import Request, Response
from mock_server.sessions import MAX_RECORDS, Player, find_home
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_contracts, make_apis
from mock_server.sessions.session_apis import SessionApis
from mock_server.store import reader
from tests.conftest import CREDENTIALS, LISTS, ROOT


@pytest.fixture(params=["with sessions", "without"])
def player(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Player:
    """Mock APIs for which five records are many."""
    monkeypatch.setattr(reader, "AT_ONCE", 5)
    if request.param == "with sessions":
        apis: SessionApis = request.getfixturevalue("session_apis")
        return apis
    settings = Settings(cache=cache)
    return make_apis(load_contracts(settings), settings)


def ask(query: str, path: str = LISTS["fatora"]) -> Request:
    return Request("GET", path, query, CREDENTIALS["fatora"])


SLOW = ["keyword=bin", "page=1&keyword=bi", "%6Beyword=qat", "email=none@example.com", "keyword=zz&page_size=3"]
QUICK = ["", "page=2", "page=2&page_size=5", "page=abc", "keyword=", "keyword=bin&page=abc", "unknown=1"]


@pytest.mark.parametrize("query", SLOW)
def test_a_first_search_is_answered_on_a_thread_and_then_at_once(player: Player, query: str) -> None:
    assert player.find_answer(ask(query)) is None
    answer = player.answer(ask(query))
    assert answer and answer.status == 200
    again = player.find_answer(ask(query))
    assert again and again.body == answer.body


@pytest.mark.parametrize("query", QUICK)
def test_everything_else_is_answered_at_once(player: Player, query: str) -> None:
    assert isinstance(player.find_answer(ask(query)), Response)


def test_one_record_and_few_records_are_answered_at_once(player: Player, apis: MockApis) -> None:
    assert isinstance(player.find_answer(ask("keyword=bin", f"{LISTS['fatora']}/1000")), Response)
    assert isinstance(apis.find_answer(ask("keyword=never-asked")), Response)


def test_the_most_records_are_said_to_be_the_same_everywhere() -> None:
    """Command line, contract, scenario, session, console and README; the command line is tested with its options."""
    said = f"{MAX_RECORDS:,}"
    assert f"(0 to {said})" in (ROOT / "README.md").read_text()
    assert f"(0 to {said};" in (ROOT / "docs" / "scenarios.md").read_text()
    assert (
        f'"records": {{"type": "integer", "minimum": 0, "maximum": {MAX_RECORDS}}}'
        in (find_home() / "annotations.schema.json").read_text()
    )
    assert (
        f'{{"type": "integer", "minimum": 0, "maximum": {MAX_RECORDS}}}'
        in (find_home() / "scenario.schema.json").read_text()
    )
    static = ROOT / "mock_server" / "server" / "static" / "admin.openapi.yaml"
    settings = yaml.safe_load(static.read_text())["components"]["schemas"]["Settings"]["properties"]
    assert settings["records"]["maximum"] == MAX_RECORDS
    template = ROOT / "mock_server" / "server" / "templates" / "console" / "settings.html"
    assert '0 to {{ "{:,}".format(most_records) }}' in template.read_text()
