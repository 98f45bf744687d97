"""A small document with its annotations, played in process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from mock_server.contract import load_document
from mock_server.engine import MockApi
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import PlainOptions, load_plain_contract, make_plain_api
from mock_server.state import RateLimits, open_counts

PETSTORE = Path(__file__).parent / "petstore.yaml"
JSON = {"content-type": "application/json"}


class Play(NamedTuple):
    """A mock API to ask."""

    api: MockApi

    def ask(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: Mapping[str, str] = JSON,
    ) -> Response:
        """The answer to a request, whether it matches or not."""
        request = Request(method, path, query, headers, "http://mock", "/pets", body=body)
        match = self.api.find(method, path)
        return self.api.answer(match, request) if match else self.api.answer_unmatched(request)

    def get(self, path: str, query: str = "") -> Any:
        """The body of a GET that succeeds."""
        response = self.ask("GET", path, query)
        assert response.status == 200, response
        return orjson.loads(response.body)


def play(root: dict[str, Any], options: PlainOptions = PlainOptions(), seed: str = "s") -> Play:  # noqa: B008
    """A document of 3.1, annotations and all, as it plays."""
    contract = load_plain_contract(Document("pets", root, "Pets"))
    return Play(make_plain_api(contract, seed, RateLimits("pets", open_counts()), options))


def play_petstore(options: PlainOptions = PlainOptions()) -> Play:  # noqa: B008
    """The petstore beside these tests."""
    return play(load_document(PETSTORE), options)
