"""The version of a record as HTTP has it: entity tags, and requests that depend on them (RFC 9110, 8.8.3 and 13)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from mock_server.errors import ApiError

_TAG = re.compile(r'(?:W/)?"[^"]*"|[^\s,"]+')


def make_etag(content: bytes) -> str:
    """The entity tag of a record by its content: another one when anything of it changes."""
    return f'"{hashlib.blake2b(content, digest_size=8).hexdigest()}"'


def require_match(headers: Mapping[str, str], etag: str | None, is_required: bool = False) -> None:
    """Let a write through that means the record as it is; without an `etag` there is none yet.

    Raises:
        ApiError: `precondition_failed` where the record is another one by now, `precondition_required` where the
            request says nothing of it although it must.
    """
    wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
    if wanted is not None and not _holds(wanted, etag):
        raise ApiError("precondition_failed", "the record is not the one that If-Match names", "If-Match")
    if unwanted is not None and _holds(unwanted, etag):
        raise ApiError("precondition_failed", "the record is the one that If-None-Match excludes", "If-None-Match")
    if wanted is None and unwanted is None and is_required:
        raise ApiError(
            "precondition_required",
            "If-Match is required: the ETag of the record as it was read",
            "If-Match",
        )


def is_known(headers: Mapping[str, str], etag: str) -> bool:
    """Whether a reader has this version already (`If-None-Match`) and is to hear 304."""
    known = headers.get("if-none-match")
    return known is not None and _holds(known, etag)


def _holds(header: str, etag: str | None) -> bool:
    """Whether a list of entity tags has this one; `*` has any that there is. Weak ones count as the others do:
    clients and gateways write them so, and no bytes are put together from parts here."""
    if etag is None:
        return False
    return header.strip() == "*" or etag.strip('"') in {_bare(tag) for tag in _TAG.findall(header)}


def _bare(tag: str) -> str:
    return tag.removeprefix("W/").strip('"')
