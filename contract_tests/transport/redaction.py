"""Secrets never reach what is written: every form a credential can take is replaced."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"},
)
"""Headers whose values are never written, whoever sent them; the security schemes add their own."""

SECRET_QUERY = frozenset({"key", "token", "access_token", "signature", "code", "client_secret", "refresh_token"})
"""Query parameters whose values are never written."""


SEARCHED_LENGTH, ANYWHERE_LENGTH = 4, 8
"""Characters from which a secret is searched for in text at all, and from which it is one wherever it stands.

In between it is replaced where it stands alone: `demo` goes, `democracy` stays. A shorter one cannot be told from
the text around it, and to replace every `x` of a report would leave no report; where a credential is sent, in its
header or parameter, it is hidden by that name, however short it is.
"""


def _base64_cores(raw: bytes) -> Iterator[str]:
    """What base64 makes of the bytes wherever they stand in a longer text: one core for each of three alignments."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        start = (0, 2, 3)[shift]
        end = len(encoded) - (1 if (len(raw) + shift) % 3 else 0)
        if end - start >= 6:
            yield encoded[start:end]
            yield encoded[start:end].replace("+", "-").replace("/", "_")


def find_forms(secret: str) -> set[str]:
    """Every text that gives the secret away: plain, quoted, escaped, in hexadecimal, in base64."""
    raw = secret.encode()
    escaped = "".join(f"\\u{ord(c):04x}" for c in secret)
    percent = "".join(f"%{byte:02x}" for byte in raw)
    forms = {
        secret,
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        quote_plus(secret),
        quote(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        repr(secret)[1:-1],
        escaped,
        percent,
        raw.hex(),
        *_base64_cores(raw),
    }
    return {form for form in forms if len(form) >= SEARCHED_LENGTH}


def is_searched(secret: str) -> bool:
    """Whether a secret is long enough to be found in text; a shorter one is hidden only where it is sent."""
    return len(secret) >= SEARCHED_LENGTH


def _pattern_of(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= ANYWHERE_LENGTH else rf"(?<![^\W_]){escaped}(?![^\W_])"


class Redactor:
    """Replaces what must not be written; text without it passes as it is."""

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = (), query: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if is_searched(secret) for form in find_forms(secret)}
        # The longest first, so that no half of a longer form stays behind; case is nothing to a reader.
        longest = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_pattern_of, longest)), re.IGNORECASE) if longest else None
        self._headers = SECRET_HEADERS | {name.lower() for name in headers}
        self._query = SECRET_QUERY | {name.lower() for name in query}

    def text(self, text: str) -> str:
        """The text without any secret in any form."""
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be written."""
        return REDACTED if name.lower() in self._headers else self.text(value)

    def url(self, url: str) -> str:
        """A URL with the values of secret parameters replaced."""
        front, mark, query = url.partition("?")
        pieces = [self._parameter(piece) for piece in query.split("&")] if mark else []
        return self.text(front + mark + "&".join(pieces))

    def _parameter(self, piece: str) -> str:
        name, equals, _ = piece.partition("=")
        return f"{name}={REDACTED}" if equals and name.lower() in self._query else piece
