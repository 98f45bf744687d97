"""Opaque cursors of lists: where the next page begins, with a mark that only the server can make."""

from __future__ import annotations

import base64
import hashlib
import uuid

from mock_server.contract import Parameter

MAX_OFFSET = 2**48

TOKEN_BYTES, MARK_BYTES = 6, 6
"""A token is where the next page begins, and a mark that only the server can make."""


class Tokens:
    """Opaque tokens of one list: no client can make one, and one of another list or filter is none of this."""

    def __init__(self, seed: str, operation: str, cursor: Parameter | None) -> None:
        self._secret = f"{seed}/{operation}".encode()
        schema = cursor.schema if cursor else {}
        kinds = schema.get("type")
        self._is_number = "integer" in (kinds if isinstance(kinds, list) else [kinds])
        self._is_uuid = schema.get("format") == "uuid"

    def make(self, offset: int, about: str) -> str | int:
        """The token of the page that begins at an offset; `about` says of what: the request's filters."""
        if self._is_number:
            return offset
        raw = offset.to_bytes(TOKEN_BYTES, "big")
        if self._is_uuid:
            return str(uuid.UUID(bytes=raw + self._mark(raw, about, 10), version=4))
        return base64.urlsafe_b64encode(raw + self._mark(raw, about, MARK_BYTES)).decode().rstrip("=")

    def read(self, text: str, about: str) -> int | None:
        """The offset of a token, or None where it is none of this list with these filters."""
        if self._is_number:
            return min(int(text), MAX_OFFSET) if text.isascii() and text.isdigit() and len(text) < 20 else None
        raw = _decode(text)
        offset = int.from_bytes(raw[:TOKEN_BYTES], "big") if raw else 0
        return offset if raw and self.make(offset, about) == text else None

    def _mark(self, raw: bytes, about: str, size: int) -> bytes:
        return hashlib.blake2b(raw + about.encode("utf-8", "replace"), key=self._secret[:64], digest_size=size).digest()


def _decode(text: str) -> bytes:
    if len(text) > 64 or not text.isascii():
        return b""
    try:
        return uuid.UUID(text).bytes if len(text) == 36 else base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
