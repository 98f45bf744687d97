"""Planted faults in how wrong requests end: failures of the server, and what their answers tell of its inside."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mock_server.contract import get_test_value, present_credentials
from mock_server.messages import Request, Response
from tests.mutation.mutants_of_credentials import refuses_callers
from tests.mutation.operation_mock import OperationMock

JSON_HEADERS = (("content-type", "application/json"),)
TRACE = "System.NullReferenceException: Object reference not set.\n   at Shop.Get() in C:\\src\\Shop.cs:line 12"
SQL = "SQLSTATE[22P02]: Invalid text representation: 7 ERROR"


def _is_list(mock: OperationMock) -> bool:
    return mock.listing is not None


def _has_texts(mock: OperationMock) -> bool:
    return any(p.where == "query" and p.schema.get("type") == "string" for p in mock.operation.parameters)


def _has_number_key(mock: OperationMock) -> bool:
    return bool(mock.operation.key) and any(
        p.name == mock.operation.key and p.schema.get("type") == "integer" for p in mock.operation.parameters
    )


def _fail(
    is_bad: Callable[[Request], bool],
    text: str = "Server Error",
) -> Callable[[OperationMock, Request], Response]:
    """A request that the server stumbles over is answered with 500, whatever a clean one answers."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        is_refused = clean.status in (401, 403)
        body = json.dumps({"message": text}).encode()
        return clean if is_refused or not is_bad(request) else Response(500, JSON_HEADERS, body)

    return play


def _say(text: str) -> Callable[[OperationMock, Request], Response]:
    """Refusals tell more than they should."""

    def play(mock: OperationMock, request: Request) -> Response:
        clean = mock.answer(request)
        return clean._replace(body=json.dumps({"message": text}).encode()) if clean.status == 401 else clean

    return play


def _repeat_credential(mock: OperationMock, request: Request) -> Response:
    clean = mock.answer(request)
    schemes = mock.operation.security[0] if mock.operation.security else ()
    name = next(iter(present_credentials(schemes, get_test_value("valid")).headers))
    return clean._replace(headers=(*clean.headers, ("x-caller", request.headers.get(name.lower(), ""))))


def _cut_key(mock: OperationMock, request: Request) -> Response:
    """A key is read as far as it is a number."""
    parent, _, last = request.path.rpartition("/")
    digits = last[: len(last) - len(last.lstrip("0123456789"))]
    return mock.answer(request._replace(path=f"{parent}/{digits}")) if digits else mock.answer(request)


def _walk_upwards(mock: OperationMock, request: Request) -> Response:
    """A key is a part of a path for whoever looks up the record: two dots in it lead out of the collection."""
    parent, _, last = request.path.rpartition("/")
    is_above = last.upper().startswith("..%2F") and mock.other_keys
    return mock.answer(request._replace(path=f"{parent}/{mock.other_keys[0]}") if is_above else request)


FAILURE_MUTANTS: tuple[tuple[Any, ...], ...] = (
    ("numbers beyond 64 bits are a 500", "status", _is_list, _fail(lambda r: "99999999999" in r.query)),
    ("negative numbers are a 500", "status", _is_list, _fail(lambda r: "=-" in r.query)),
    ("lists in brackets are a 500", "status", _is_list, _fail(lambda r: "[]=" in r.query)),
    ("bytes that are no text are a 500", "status", _has_texts, _fail(lambda r: "%ff" in r.query.lower())),
    ("long values are a 500", "status", _has_texts, _fail(lambda r: len(r.query) > 2_000)),
    ("a key with letters behind it is found", "errors.parameter", _has_number_key, _cut_key),
    ("a key leads out of the collection", "errors.parameter", lambda mock: bool(mock.operation.key), _walk_upwards),
    ("refusals show a stack trace", "leaks.trace", refuses_callers, _say(TRACE)),
    ("refusals show words of the database", "leaks.inside", refuses_callers, _say(SQL)),
    ("answers repeat the credential", "leaks.credential", refuses_callers, _repeat_credential),
)
"""Name, the checks of which one must tell, whether an operation can have it, how it is played."""
