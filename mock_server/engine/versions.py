"""Versions of records of an annotated contract: which operations tell an ETag, and which writes depend on one."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.contract import Contract, Operation, Reply
from mock_server.messages import Headers, RecordSource, Request, Response
from mock_server.writes import is_known, make_etag, require_match

ETAG = "etag"
FULLEST = 0
"""The view that a record's version is made of: one for all operations that show it."""


class Versions(NamedTuple):
    """What an operation does about versions: it tells them, knows them, refuses a write that names none."""

    is_told: bool = False
    is_on: bool = False
    is_required: bool = False

    def require(self, request: Request, source: RecordSource, key: str | int) -> None:
        """Let a write through that means the record as it is. Raises: ApiError `precondition_failed`, `_required`."""
        if self.is_on:
            record = source.find(key, FULLEST)
            require_match(request.headers, None if record is None else make_etag(record), self.is_required)


def find_versions(contract: Contract, operation: Operation) -> Versions:
    """What an operation does: where it, or another one of the same records, documents an ETag or a condition."""
    if operation.is_list or not operation.collection:
        return Versions()
    kin = [each for each in contract.operations if each.collection == operation.collection and not each.is_list]
    is_told = _has_etag(operation.success)
    is_on = is_told or any(_has_etag(each.success) or "precondition_failed" in each.errors for each in kin)
    return Versions(is_told, is_on, "precondition_required" in operation.errors)


def _has_etag(reply: Reply) -> bool:
    return any(header.name.lower() == ETAG for header in reply.headers)


def tell_version(record: bytes | None) -> Headers:
    """The header that tells a record's version, from its fullest view."""
    return () if record is None else ((ETAG, make_etag(record)),)


def answer_known(request: Request, response: Response) -> Response:
    """304 in place of an answer to a read whose client has that version already."""
    etag = dict(response.headers).get(ETAG, "")
    if request.method not in ("GET", "HEAD") or not etag or not is_known(request.headers, etag):
        return response
    headers = tuple((name, value) for name, value in response.headers if not name.startswith("content-"))
    return Response(304, headers, b"")
