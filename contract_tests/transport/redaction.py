"""Secrets never reach what is written: every form a credential can take is replaced."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence

from contract_tests.findings import OUR_MISTAKE
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError
from mock_server.state import REDACTED, SecretSearch, find_forms, hide_header, hide_secrets, is_searched

__all__ = ["REDACTED", "SENTENCES", "Redactor", "find_forms", "is_searched", "tracebacks_without"]

SENTENCES = (UsageError, ContractError, ContractErrors, Problem, OSError)
"""Errors that somebody else words; all others are our mistakes, and their messages may quote anything."""


class Redactor:
    """Replaces what must not be written; text without it passes as it is."""

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = (), query: Iterable[str] = ()) -> None:
        self._search = SecretSearch()
        self._headers: frozenset[str] = frozenset()
        self._query = frozenset(name.lower() for name in query)
        self.learn(secrets, headers)

    def learn(self, secrets: Iterable[str] = (), headers: Iterable[str] = ()) -> None:
        """Replace more secrets, and the values of more headers, from now on."""
        self._search.add(secret for secret in secrets if is_searched(secret))
        self._headers |= {name.lower() for name in headers}

    def text(self, text: str) -> str:
        """The text without any secret in any form."""
        return self._search.hide(text, REDACTED)

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be written."""
        return self.text(hide_header(name, value, self._headers, self._query))

    def url(self, url: str) -> str:
        """A URL with the values of secret parameters replaced."""
        return self.text(hide_secrets(url, self._query))


@contextlib.contextmanager
def tracebacks_without(secrets: Sequence[str]) -> Iterator[None]:
    """A mistake of ours ends the command with its traceback, redacted; `secrets` may be filled meanwhile."""
    try:
        yield
    except SENTENCES:
        raise
    except Exception:
        print("A mistake of ours ended the run; nothing is said of the target. Its traceback:", file=sys.stderr)
        print(Redactor(secrets).text(traceback.format_exc()), file=sys.stderr)
        raise SystemExit(OUR_MISTAKE) from None
