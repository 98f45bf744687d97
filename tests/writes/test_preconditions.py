"""Versions of a record, fields that are unique, and requests sent twice."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.errors import ApiError
from mock_server.messages import Request
from mock_server.writes import is_known, make_etag, make_fingerprint, read_key, require_match, require_unique

NOW, BEFORE = make_etag(b"now"), make_etag(b"before")
MATCHED: list[tuple[str, dict[str, str], str | None, bool, str]] = [
    ("nothing is said, and need not be", {}, NOW, False, ""),
    ("the version as it is", {"if-match": NOW}, NOW, True, ""),
    ("one of several", {"if-match": f"{BEFORE}, {NOW}"}, NOW, True, ""),
    ("as a gateway weakens it", {"if-match": f"W/{NOW}"}, NOW, False, ""),
    ("as clients write it, without quotes", {"if-match": NOW.strip('"')}, NOW, False, ""),
    ("any version", {"if-match": "*"}, NOW, False, ""),
    ("any version where there is none", {"if-match": "*"}, None, False, "precondition_failed"),
    ("an older version", {"if-match": BEFORE}, NOW, False, "precondition_failed"),
    ("nothing that is a version", {"if-match": ""}, NOW, False, "precondition_failed"),
    ("only where there is none, and there is", {"if-none-match": "*"}, NOW, False, "precondition_failed"),
    ("only where there is none, and there is not", {"if-none-match": "*"}, None, True, ""),
    ("nothing is said, and must be", {}, NOW, True, "precondition_required"),
]


@pytest.mark.parametrize(("headers", "etag", "required", "kind"), [m[1:] for m in MATCHED], ids=[m[0] for m in MATCHED])
def test_a_write_means_a_version(headers: dict[str, str], etag: str | None, required: bool, kind: str) -> None:
    if not kind:
        require_match(headers, etag, required)
        return
    with pytest.raises(ApiError) as refused:
        require_match(headers, etag, required)
    assert refused.value.kind == kind


def test_a_reader_who_has_the_version_is_known() -> None:
    assert [is_known({"if-none-match": each}, NOW) for each in (NOW, "*", BEFORE)] == [True, True, False]
    assert not is_known({}, NOW)


TAKEN: list[tuple[str, Any, Any, bool]] = [
    ("the same name", "rex", "rex", True),
    ("in another case", "Rex", "reX", True),
    ("another name", "rex", "tom", False),
    ("nothing is shared", None, None, False),
    ("an empty name is shared", "", "", False),
    ("a number is no text", 1, "1", False),
    ("a number is no truth", 1, True, False),
]


@pytest.mark.parametrize(("sent", "known", "is_taken"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_a_unique_field_is_one_record_s(sent: Any, known: Any, is_taken: bool) -> None:
    if not is_taken:
        require_unique(["name"], {"name": sent}, [{"id": 1}, {"name": known}])
        return
    with pytest.raises(ApiError, match="name"):
        require_unique(["name"], {"name": sent}, [{"id": 1}, {"name": known}])


def test_a_key_tells_the_same_request_from_another() -> None:
    request = Request("POST", "/pets", body=b"{}", headers={"idempotency-key": " k1 "})
    assert read_key(request.headers) == "k1"
    assert read_key({"x-idempotency-key": "k" * 300}) != "k" * 300
    assert (read_key({}), read_key({"i-token": "k2"}, ("i-token",))) == ("", "k2")
    assert make_fingerprint(request) == make_fingerprint(request._replace(headers={}))
    others = (request._replace(body=b"[]"), request._replace(path="/cats"), request._replace(query="a=1"))
    assert make_fingerprint(request) not in map(make_fingerprint, others)
