"""Versions of records of an annotated contract: which operations tell an ETag, and which writes depend on one."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.contract import Contract, Operation, Reply
from mock_server.errors import ApiError, Problem
from mock_server.messages import Headers, RecordSource, Request, Response
from mock_server.writes import is_known, make_etag, require_match

ETAG = "etag"
FULLEST = 0
"""The view that a record's version is made of: one for all operations that show it."""


class Versions(NamedTuple):
    """What an operation does about versions: it tells them, knows them, refuses a write that names none.

    `is_documented` says that its refusal of a write with an old version is.
    """

    is_told: bool = False
    is_on: bool = False
    is_required: bool = False
    is_documented: bool = True

    def require(self, request: Request, source: RecordSource, key: str | int) -> None:
        """Let a write through that means the record as it is.

        Raises: ApiError `precondition_failed`, `precondition_required`; Problem 412 where nothing documents that.
        """
        if not self.is_on:
            return
        record = source.find(key, FULLEST)
        try:
            require_match(request.headers, None if record is None else make_etag(record), self.is_required)
        except ApiError as error:
            if self.is_documented:
                raise
            raise Problem(412, "Precondition Failed", str(error.detail)) from None


def find_versions(contract: Contract, operation: Operation, mode: str = "documented") -> Versions:
    """What an operation does: where it, or another one of the same records, documents an ETag or a condition.

    With the mode `always` every record has a version, and every answer about one tells it.
    """
    if operation.is_list or not operation.collection:
        return Versions()
    if mode == "always":
        is_documented = "precondition_failed" in {**contract.errors, **operation.errors}
        return Versions(operation.effect != "delete", True, "precondition_required" in operation.errors, is_documented)
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
