"""How plain documents are played: what a server is started with."""

from __future__ import annotations

from typing import NamedTuple

REQUESTS = ("refuse", "report", "off")
"""What becomes of a request that is not as documented: refused, answered with a header that says so, or answered."""

EXAMPLES = ("records", "prefer", "never")
"""What documented examples are for: records and answers, whole answers before anything else, nothing."""


class PlainOptions(NamedTuple):
    """How plain documents are played: a row of `REQUESTS` and of `EXAMPLES`; `credentials` are any or listed.

    `etags` and `idempotency` say when records have versions, and keys repeat an answer: `documented` or `always`.
    """

    requests: str = "refuse"
    examples: str = "records"
    credentials: str = "any"
    records: int | None = None
    etags: str = "documented"
    idempotency: str = "documented"
