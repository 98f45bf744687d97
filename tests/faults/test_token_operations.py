"""A scenario that names no operation leaves alone how a client comes by its credential."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.messages import Request
from mock_server.sessions.factory import Settings, load_contracts
from mock_server.sessions.session_apis import SessionApis
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis

TOKEN: dict[str, Any] = {
    "operationId": "getToken",
    "security": [],
    "responses": {
        "200": {
            "description": "A token.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["access_token"],
                        "properties": {"access_token": {"const": "bookshop-test"}},
                    },
                },
            },
        },
        "400": {"$ref": "#/components/responses/Invalid"},
        "401": {"$ref": "#/components/responses/Unauthenticated"},
        "404": {"$ref": "#/components/responses/NotFound"},
    },
}

SCENARIOS: dict[str, list[dict[str, Any]]] = {
    "all-fail": [{"status": 503}],
    "records-fail": [{"when": {"operation": "record"}, "status": 503}],
    "token-fails": [{"when": {"operation": "getToken"}, "status": 503}],
}


@pytest.fixture
def bookshop(toy: Path, cache: Path, tmp_path: Path) -> SessionApis:
    """The bookshop with an operation that issues its token."""
    file = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(file.read_text())
    document["paths"]["/token"] = {"get": TOKEN}
    file.write_text(yaml.safe_dump(document))
    folder = tmp_path / "scenarios"
    folder.mkdir()
    for name, faults in SCENARIOS.items():
        scenario = {"name": name, "group": "status", "says": "Some calls fail.", "faults": faults}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(scenario))
    settings = Settings(schemas=toy, cache=cache)
    return make_session_apis(Setup(load_contracts(settings), settings, load_stock(load_form(), [folder]), tmp_path))


PLAYED: list[tuple[str, str, list[int]]] = [
    ("every operation but the token's", "all-fail", [200, 503, 503]),
    ("every record", "records-fail", [200, 200, 503]),
    ("the token's, named", "token-fails", [503, 200, 404]),
    ("of the stock", "fails-twice-then-succeeds", [200, 500, 500]),
]


@pytest.mark.parametrize(("name", "scenario", "statuses"), PLAYED, ids=[row[0] for row in PLAYED])
def test_what_a_scenario_is_played_on(
    name: str,
    scenario: str,
    statuses: list[int],
    bookshop: SessionApis,
) -> None:
    headers = {"authorization": "Bearer bookshop-test", "prefer": f"scenario={scenario}"}
    paths = ("/bookshop/v2/token", "/bookshop/v2/books", "/bookshop/v2/books/1")
    answers = [bookshop.answer(Request("GET", path, "", headers)) for path in paths]
    assert [answer.status for answer in answers if answer] == statuses
