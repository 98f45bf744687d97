"""Writes that come at once: of several that cannot all be done one is, whichever worker process gets them."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.conftest import Served, Start
from tests.mutation.written_mock import find_document
from tests.state.threads import in_threads

ROOMS = "/__admin/sessions/default/collections/members/rooms"
AT_ONCE: dict[str, tuple[str, dict[str, Any]]] = {
    "a key that clients choose": ("/v1/rooms", {"code": "AB{:04}", "name": "Aula", "seats": 3}),
    "a field that is unique": ("/v1/members", {"email": "ann{}@example.com", "name": "Ann"}),
    "a record of a tester's own": (ROOMS, {"code": "CD{:04}", "name": "Aula"}),
}


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(find_document("members")), "--workers", "4")


def post(served: Served, path: str, body: str, number: int) -> int:
    """The status of a request over a connection of its own, so that any worker may get it."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    headers = {"content-type": "application/json", "idempotency-key": f"00000000-0000-4000-8000-{number:012}"}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


@pytest.mark.parametrize("row", AT_ONCE)
def test_one_of_those_that_are_first_is_made_and_the_others_are_refused(row: str, served: Served) -> None:
    path, record = AT_ONCE[row]
    for number in range(6):
        body = json.dumps({name: v.format(number) if isinstance(v, str) else v for name, v in record.items()})
        statuses = in_threads(lambda thread: post(served, path, body, number * 100 + thread))  # noqa: B023
        assert sorted(statuses) == [201, *[409] * 15], statuses
