"""Secrets never reach what is written: every form a credential can take is replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mock_server.state import REDACTED, find_forms, hide_header, hide_secrets, is_searched, pattern_of

__all__ = ["REDACTED", "Redactor", "find_forms", "is_searched"]


class Redactor:
    """Replaces what must not be written; text without it passes as it is."""

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = (), query: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if is_searched(secret) for form in find_forms(secret)}
        # The longest first, so that no half of a longer form stays behind; case is nothing to a reader.
        longest = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(pattern_of, longest)), re.IGNORECASE) if longest else None
        self._headers = frozenset(name.lower() for name in headers)
        self._query = frozenset(name.lower() for name in query)

    def text(self, text: str) -> str:
        """The text without any secret in any form."""
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be written."""
        return self.text(hide_header(name, value, self._headers, self._query))

    def url(self, url: str) -> str:
        """A URL with the values of secret parameters replaced."""
        return self.text(hide_secrets(url, self._query))
