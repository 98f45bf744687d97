"""Answers that are given again: to a request that comes once more under the same idempotency key.

They lie in the file of the changes that they confirm, so that both are written in one transaction or not at all.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from mock_server.messages import Headers, Response
from mock_server.state.database import Database

MAX_ANSWERS = 20_000
"""So many answers are kept; the oldest are forgotten, and their keys are new again."""


class KeptAnswer(NamedTuple):
    """An answer, and the fingerprint of the request that it was given to."""

    fingerprint: str
    response: Response


class KeptAnswers:
    """Answers by session scope, by the operation that gave them, and by the key of the request."""

    def __init__(self, database: Database, most: int = MAX_ANSWERS) -> None:
        self._query, self._most = database.query, most

    def find(self, scope: str, operation: str, key: str) -> KeptAnswer | None:
        """The answer that was given under a key, or None."""
        rows = self._query(_FIND, (scope, operation, key))
        if not rows:
            return None
        fingerprint, status, headers, body, reason = rows[0]
        named: Headers = tuple((name, value) for name, value in json.loads(headers))
        return KeptAnswer(fingerprint, Response(status, named, body, reason))

    def put(self, scope: str, operation: str, key: str, fingerprint: str, response: Response) -> None:
        """Keep an answer; inside the transaction of what it confirms."""
        headers = json.dumps(response.headers)
        told = (response.status, headers, response.body, response.reason)
        self._query(_PUT, (scope, operation, key, fingerprint, *told))
        self._query(_PRUNE, (self._most,))


TABLES = (
    "CREATE TABLE IF NOT EXISTS answers(number INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT, operation TEXT, "
    "key TEXT, fingerprint TEXT, status INTEGER, headers TEXT, body BLOB, reason TEXT, UNIQUE(scope, operation, key))",
)
_FIND = "SELECT fingerprint, status, headers, body, reason FROM answers WHERE scope = ? AND operation = ? AND key = ?"
_PUT = (
    "INSERT INTO answers(scope, operation, key, fingerprint, status, headers, body, reason) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_PRUNE = "DELETE FROM answers WHERE number <= last_insert_rowid() - ?"
