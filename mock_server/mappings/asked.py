"""What a pattern is compared with: a request as it came, or as the journal has it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple

from mock_server.engine import split_query


class Asked(NamedTuple):
    """One request to compare: `paths` are all that its path may be called, decoded; header names are in lower case.

    `provider` and `operation` (its id) are empty where nothing documented was asked for; `status` is what was
    answered, 0 where nothing was yet.
    """

    method: str
    paths: tuple[str, ...]
    query: str
    headers: Mapping[str, str]
    body: str
    provider: str = ""
    operation: str = ""
    session: str = ""
    status: int = 0

    @property
    def targets(self) -> tuple[str, ...]:
        """Paths with the query behind them."""
        return tuple(f"{path}?{self.query}" if self.query else path for path in self.paths)

    def find_query(self, name: str) -> list[str]:
        """The values of a parameter of the query."""
        return split_query(self.query).get(name, [])

    def find_header(self, name: str) -> list[str]:
        """The value of a header, whatever the case of its name."""
        value = self.headers.get(name.lower())
        return [] if value is None else [value]

    def find_cookie(self, name: str) -> list[str]:
        """The value of a cookie."""
        try:
            cookie = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            cookie = None
        return [cookie.value] if cookie else []

    def find_form(self, name: str) -> list[str]:
        """The values of a field of a form that was sent as the body."""
        is_form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return split_query(self.body).get(name, []) if is_form else []

    def find_basic(self) -> tuple[str, str] | None:
        """Name and password of basic authentication."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode() if scheme.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            return None
        name, colon, password = text.partition(":")
        return (name, password) if colon else None
