"""Planted faults of a server that refuses writes: requests that come twice, what is taken, versions that are no more."""

from __future__ import annotations

import json
import uuid
from typing import Any

from mock_server.messages import Request, Response
from tests.mutation.written_mock import Spoil, WrittenMock, with_body

KEY = "idempotency-key"


def with_header(request: Request, name: str, value: str) -> Request:
    """A request with another value in a header."""
    return request._replace(headers={**request.headers, name: value})


def with_email(request: Request, email: str) -> Request:
    """A request whose body has another address."""
    return request._replace(body=json.dumps({**json.loads(request.body), "email": email}).encode())


def work_again(mock: WrittenMock, request: Request) -> Response:
    """A create that comes again under its key is done again, under an address of its own."""
    key = request.headers.get(KEY)
    if request.method != "POST" or key is None or mock.kept.setdefault(key, request.body) != request.body:
        return mock.answer(request)
    count = mock.kept[f"{key} count"] = mock.kept.get(f"{key} count", 0) + 1
    again = with_header(request, KEY, str(uuid.uuid4()))
    return mock.answer(request if count == 1 else with_email(again, f"again{count}@example.com"))


def pass_over_keys(mock: WrittenMock, request: Request) -> Response:
    """A create that comes again under its key meets what the first one made."""
    if KEY not in request.headers:
        return mock.answer(request)
    return mock.answer(with_header(request, KEY, str(uuid.uuid4())))


def take_other_bodies(mock: WrittenMock, request: Request) -> Response:
    """Another request under a key is done."""
    key = request.headers.get(KEY)
    if key is None or mock.kept.setdefault(key, request.body) == request.body:
        return mock.answer(request)
    return mock.answer(with_header(request, KEY, str(uuid.uuid4())))


def give_keys_twice(mock: WrittenMock, request: Request) -> Response:
    """A record under a key that another one has takes its place."""
    is_create = request.method == "POST" and request.path.endswith("/rooms")
    path = f"{request.path}/{json.loads(request.body)['code']}" if is_create else ""
    if path and mock.find(path):
        mock.ask("DELETE", path)
    return mock.answer(request)


def give_values_twice(mock: WrittenMock, request: Request) -> Response:
    """Two members have one address."""
    response = mock.answer(request)
    if request.method != "POST" or response.status != 409 or not request.path.endswith("/members"):
        return response
    sent: dict[str, Any] = json.loads(request.body)
    made = mock.answer(with_email(with_header(request, KEY, str(uuid.uuid4())), f"{uuid.uuid4().hex}@example.com"))
    return with_body(made, {**json.loads(made.body), "email": sent["email"]})


def match_anything(status: int) -> Spoil:
    """What would be refused for the version that it names, or does not, is done."""

    def spoil(mock: WrittenMock, request: Request) -> Response:
        response = mock.answer(request)
        return mock.answer(with_header(request, "if-match", "*")) if response.status == status else response

    return spoil


def refuse_and_do(mock: WrittenMock, request: Request) -> Response:
    """Who names a version that is no more is refused, and the record is changed all the same."""
    response = mock.answer(request)
    if response.status == 412:
        mock.answer(with_header(request, "if-match", "*"))
    return response


CONFLICTS: tuple[tuple[str, str, Spoil], ...] = (
    ("a request that comes again under its key is done again", "repeats.twice", work_again),
    ("the key of a request that comes again is passed over", "repeats.refused", pass_over_keys),
    ("another request under the same key is done", "repeats.misused", take_other_bodies),
    ("a key that a record has is given once more", "conflicts.taken", give_keys_twice),
    ("a unique value is given twice", "conflicts.unique", give_values_twice),
    ("a version that is no more may be changed", "conflicts.stale", match_anything(412)),
    ("a write need not name the version that it means", "conflicts.blind", match_anything(428)),
    ("what is refused is done all the same", "conflicts.lost", refuse_and_do),
)
"""Name, the checks of which one must tell, and the fault: of the document `members`."""
