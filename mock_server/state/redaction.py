"""Secrets taken out of what is written down: one replacement a secret, so that a replay still matches."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_plus

from mock_server.contract import Scheme

HEADERS = (
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-key",
    "api_key",
    "x-auth-token",
    "understudy-token",
)
FIELDS = (
    "key",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "signature",
    "code",
    "api_key",
    "password",
    "client_secret",
)

_NAMES = "|".join(FIELDS)


class Redaction:
    """What is secret: headers and fields by their names, and what the contracts' security schemes name.

    The listed test credentials are no secrets: they are written as what they stand for (`[valid]`).
    """

    def __init__(self, schemes: Iterable[Scheme], salt: bytes) -> None:
        schemes, self._salt = list(schemes), salt
        named = [scheme.field.lower() for scheme in schemes if scheme.where == "header"]
        self.names = frozenset((*HEADERS, *named))
        self._fields = frozenset((*FIELDS, *(s.field.lower() for s in schemes if s.where == "query")))
        queried = "|".join([_NAMES, *(re.escape(scheme.field) for scheme in schemes if scheme.where == "query")])
        self._query = re.compile(rf"((?:^|&)(?:{queried})=)([^&]*)", re.IGNORECASE)
        self._json = re.compile(rf'("(?:{_NAMES})"\s*:\s*")((?:[^"\\]|\\.)*)', re.IGNORECASE)
        self.whole = {
            prefix + value: f"{prefix}[{state}]"
            for s in schemes
            for state, values in s.values.items()
            for value in values
            for prefix in ("", "Bearer ", "bearer ")
        }
        self.labels = {value: f"[{state}]" for s in schemes for state, values in s.values.items() for value in values}

    def headers(self, headers: Mapping[str, str], found: list[str]) -> Mapping[str, str]:
        """The headers without secrets; those found are added to the list."""
        redacted: dict[str, str] | None = None
        for name in headers:
            if name in self.names:
                redacted = redacted or dict(headers)
                redacted[name] = self.whole.get(headers[name]) or self._header(headers[name], found)
        return redacted or headers

    def _header(self, value: str, found: list[str]) -> str:
        scheme, space, token = value.rpartition(" ")
        return scheme + space + self.one(token, found)

    def one(self, secret: str, found: list[str]) -> str:
        """What stands for one secret."""
        label = self.labels.get(secret)
        if label or not secret:
            return label or secret
        found.append(secret)
        digest = hashlib.blake2b(secret.encode("utf-8", "replace"), digest_size=4, key=self._salt)
        return f"[redacted {digest.hexdigest()}]"

    def is_secret(self, query: str) -> bool:
        """Whether a query may hold a secret: it names such a field, or is encoded in part."""
        for piece in query.split("&"):  # noqa: SIM110  (a generator costs twice as much, on every request)
            if piece.partition("=")[0].lower() in self._fields or "%" in piece:
                return True
        return False

    def query(self, text: str, found: list[str]) -> str:
        """A query or a form without secrets."""
        return self._query.sub(lambda hit: hit[1] + self.one(unquote_plus(hit[2]), found), text)

    def body(self, body: bytes, found: list[str]) -> str:
        """A request's body as text, without secrets."""
        text = body.decode("utf-8", "replace")
        if text.lstrip()[:1] in ("{", "["):
            return self._json.sub(lambda hit: hit[1] + self.one(hit[2], found), text)
        return self.query(text, found) if "=" in text else text

    def anywhere(self, body: bytes, found: Iterable[str]) -> bytes:
        """A response's body without the secrets of its request."""
        for secret in found:
            if len(secret) > 3:
                body = body.replace(secret.encode("utf-8", "replace"), b"[redacted]")
        return body
