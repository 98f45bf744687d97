"""Tokens that were issued: by session and provider, for all worker processes; texts are kept as digests alone.

A session without tokens pays one look at a number in a mapped file; a token that was seen before, one in a table.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.state.database import Database
from mock_server.state.mapped_file import open_mapped
from mock_server.state.secret_marks import find_mark, find_salt

MAX_TOKENS = 10_000
"""So many tokens of a session are kept; the oldest are forgotten, and refused from then on."""

MAX_SEEN = 10_000
"""Of so many texts one process remembers what was found."""

MAX_TEXT = 8_192
"""The longest text that may be a token; all that are issued are shorter by far."""

ACCESS, REFRESH, CODE = "access", "refresh", "code"
"""What a token is: what a caller shows, what it renews that with, and what an authorize page sends it back with."""

EXPIRED, REVOKED, USED, REPLACED = "expired", "revoked", "used", "replaced"
"""Why a token ended before its time."""

RANDOM_BYTES, MARK_BYTES = 18, 6
"""A token's text is chance, and a mark that only this server can make."""

EVERY_SCOPE = ("*",)
"""The scopes of a token that may do everything: of a login, which asks for none."""


class IssuedToken(NamedTuple):
    """A token without its text, of which `ending` are the last four characters.

    `session` is the scope of a session; `mark` is how the journal writes the text; `scheme` is the security scheme that
    the token was issued for, `family` what all have in common that one grant led to. `issued` and `expires` are epoch
    seconds by the session's clock; `ended` is the reason why it ended before, else empty. `memo` is what is to be
    remembered with it.
    """

    id: str = ""
    session: str = ""
    provider: str = ""
    kind: str = ACCESS
    ending: str = ""
    mark: str = ""
    scheme: str = ""
    client: str = ""
    user: str = ""
    scopes: tuple[str, ...] = EVERY_SCOPE
    issued: float = 0.0
    expires: float = 0.0
    ended: str = ""
    family: str = ""
    memo: Mapping[str, str] = MappingProxyType({})

    def find_end(self, now: float) -> str:
        """Why it is of no use at a moment; empty while it is alive."""
        return self.ended or (EXPIRED if now >= self.expires else "")


class IssuedTokens:
    """The tokens of all sessions and providers, in a folder that worker processes share.

    `version` holds one number: 0 until one is issued, and another one after every change.
    """

    def __init__(self, folder: Path, most: int = MAX_TOKENS) -> None:
        self._database, self._most, self._salt = Database(folder / "tokens.sqlite", _TABLES), most, find_salt(folder)
        self._query = self._database.query
        self.version = memoryview(open_mapped(folder / "tokens.version", 8)).cast("q")
        self._seen: dict[tuple[str, str, str], IssuedToken | None] = {}
        self._seen_at = 0

    @property
    def are_there(self) -> bool:
        """Whether any was issued since the server started."""
        return bool(self.version[0])

    def make_text(self) -> str:
        """A new text that no one can guess, of 32 letters, digits, dashes and underscores."""
        raw = secrets.token_bytes(RANDOM_BYTES)
        return base64.urlsafe_b64encode(raw + self._sign(raw)).decode()

    def has_made(self, text: str) -> bool:
        """Whether this server made a text, be it forgotten since."""
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii")) if len(text) == 32 else b""
        except ValueError:
            return False
        return bool(raw) and self._sign(raw[:RANDOM_BYTES]) == raw[RANDOM_BYTES:]

    def _sign(self, raw: bytes) -> bytes:
        key = hashlib.blake2b(b"tokens", key=self._salt).digest()
        return hashlib.blake2b(raw, key=key, digest_size=MARK_BYTES).digest()

    def put(self, text: str, token: IssuedToken) -> IssuedToken:
        """Keep a token under its text; as it is kept, with its id. Of too many the session's oldest are forgotten."""
        mark = find_mark(text, self._salt)
        token = token._replace(id=secrets.token_hex(8), ending=text[-4:], mark=mark)
        with self._database.transaction():
            self._query(_PUT, (_digest(text), *_row(token)))
            self._query(_PRUNE, (token.session, token.session, self._most))
        self._renew()
        return token

    def find(self, session: str, provider: str, text: str) -> IssuedToken | None:
        """The token of a text in a session; None where none is kept."""
        version = self.version[0]
        if not version or len(text) > MAX_TEXT:
            return None
        if self._seen_at != version or len(self._seen) >= MAX_SEEN:
            self._seen, self._seen_at = {}, version
        seen, place = self._seen, (session, provider, text)
        if place not in seen:
            rows = self._query(_FIND, (session, provider, _digest(text)))
            seen[place] = _token(rows[0]) if rows else None
        return seen[place]

    def find_marked(self, provider: str, mark: str) -> IssuedToken | None:
        """The token that the journal writes so."""
        rows = self._query(f"{_SELECT} WHERE provider = ? AND mark = ?", (provider, mark)) if self.are_there else []
        return _token(rows[0]) if rows else None

    def use(self, token: IssuedToken, why: str) -> bool:
        """End a token that may be used once; whether nobody did before."""
        return self._end("id = ? AND ended = ''", (token.id,), why) == 1

    def end_family(self, family: str) -> int:
        """End all that one grant led to; how many were alive."""
        return self._end("family = ? AND ended = ''", (family,), REVOKED)

    def end_all(self, session: str, provider: str, why: str) -> int:
        """End what callers of a provider show in a session; how many were alive."""
        where = "session = ? AND provider = ? AND kind = 'access' AND ended = ''"
        return self._end(where, (session, provider), why)

    def revoke(self, identifier: str) -> int | None:
        """End the token of an id; how many that were alive, or None where there is none of that id."""
        ended = self._end("id = ? AND ended = ''", (identifier,), REVOKED)
        return ended if ended or self._query("SELECT 1 FROM tokens WHERE id = ?", (identifier,)) else None

    def revoke_all(self, sessions: Iterable[str]) -> int:
        """End every token of these sessions; how many were alive."""
        return sum(self._end("session = ? AND ended = ''", (session,), REVOKED) for session in sessions)

    def _end(self, where: str, values: tuple[str, ...], why: str) -> int:
        if not self.are_there:
            return 0
        ended = self._query(f"UPDATE tokens SET ended = ? WHERE {where} RETURNING id", (why, *values))
        self._renew()
        return len(ended)

    def all(self, session: str) -> list[IssuedToken]:
        """The tokens of a session, the newest first."""
        rows = self._query(f"{_SELECT} WHERE session = ? ORDER BY number DESC", (session,)) if self.are_there else []
        return [_token(row) for row in rows]

    def forget(self, prefix: str) -> None:
        """Forget the tokens of sessions whose scopes begin so; of an empty prefix, those of the default session."""
        if self.are_there:
            where = "substr(session, 1, length(?1)) = ?1" if prefix else "session = ?"
            self._query(f"DELETE FROM tokens WHERE {where}", (prefix,))
            self._renew()

    def _renew(self) -> None:
        """Another version: not a count, for two workers that count at once would write the same number."""
        self.version[0] = time.time_ns()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=32).digest()


def _row(token: IssuedToken) -> tuple[Any, ...]:
    return tuple({**token._asdict(), "scopes": json.dumps(token.scopes), "memo": json.dumps(dict(token.memo))}.values())


def _token(row: tuple[Any, ...]) -> IssuedToken:
    values = dict(zip(IssuedToken._fields, row))
    read = {name: json.loads(values[name]) for name in _LISTS}
    return IssuedToken(**{**values, **read, "scopes": tuple(read["scopes"])})


_LISTS = ("scopes", "memo")
_COLUMNS = ", ".join(IssuedToken._fields)
_SELECT = f"SELECT {_COLUMNS} FROM tokens"
_FIND = f"{_SELECT} WHERE session = ? AND provider = ? AND digest = ?"
_PUT = f"INSERT INTO tokens(digest, {_COLUMNS}) VALUES ({', '.join('?' * (len(IssuedToken._fields) + 1))})"
_PRUNE = (
    "DELETE FROM tokens WHERE session = ? AND number <= "
    "(SELECT number FROM tokens WHERE session = ? ORDER BY number DESC LIMIT 1 OFFSET ?)"
)
_TABLES = (
    f"CREATE TABLE IF NOT EXISTS tokens(number INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB, {_COLUMNS}, "
    "UNIQUE(session, provider, digest))",
    "CREATE INDEX IF NOT EXISTS by_id ON tokens(id)",
    "CREATE INDEX IF NOT EXISTS by_family ON tokens(family)",
    "CREATE INDEX IF NOT EXISTS by_mark ON tokens(mark)",
    "CREATE INDEX IF NOT EXISTS by_session ON tokens(session, number)",
)
