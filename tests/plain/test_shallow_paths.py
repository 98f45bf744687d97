"""Records that are listed below parents, and shown and written by paths that name none: one record in every place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.contract import load_document
from mock_server.inference import annotate
from mock_server.messages import Request
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract, make_plain_api
from mock_server.state import RateLimits, open_counts, open_state
from tests.mutation.written_mock import find_document


class Client:
    """Asks the mock of the document with stores, orders and notes."""

    def __init__(self, folder: Path) -> None:
        contract = load_plain_contract(
            annotate(Document("stores", load_document(find_document("stores")), "Stores"))[0],
        )
        counts, changes = RateLimits("stores", open_counts()), open_state(folder).changes
        self.api = make_plain_api(contract, "understudy", counts, changes=changes)

    def ask(self, method: str, path: str, sent: Any = None) -> Any:
        """The body of the answer where it has one, else its status."""
        body = b"" if sent is None else json.dumps(sent).encode()
        request = Request(method, path, "", {"content-type": "application/json"}, "http://mock", "", body=body)
        match = self.api.find(method, path)
        assert match
        response = self.api.answer(match, request)
        return json.loads(response.body) if response.status < 300 and response.body else response.status


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_a_listed_record_is_the_one_that_its_own_path_shows(client: Client) -> None:
    order = client.ask("GET", "/v1/stores/1/orders")["data"][0]["id"]
    for note in client.ask("GET", f"/v1/stores/1/orders/{order}/notes")[:5]:
        assert client.ask("GET", f"/v1/notes/{note['id']}") == note


def find_notes(client: Client) -> str:
    """The path of the notes of an order that is there."""
    return f"/v1/stores/1/orders/{client.ask('GET', '/v1/stores/1/orders')['data'][0]['id']}/notes"


def test_a_record_created_below_a_parent_is_shown_and_deleted_by_its_own_path(client: Client) -> None:
    notes = find_notes(client)
    made = client.ask("POST", notes, {"text": "a note"})
    assert client.ask("GET", f"/v1/notes/{made['id']}") == made
    assert made in client.ask("GET", notes)
    assert client.ask("DELETE", f"/v1/notes/{made['id']}") == 204
    assert client.ask("GET", f"/v1/notes/{made['id']}") == 404
    assert made not in client.ask("GET", notes)


def test_a_listed_record_that_is_deleted_by_its_own_path_is_listed_no_more(client: Client) -> None:
    notes = find_notes(client)
    first, *others = client.ask("GET", notes)
    assert client.ask("DELETE", f"/v1/notes/{first['id']}") == 204
    assert client.ask("GET", notes) == others
    assert client.ask("GET", f"/v1/notes/{first['id']}") == 404
