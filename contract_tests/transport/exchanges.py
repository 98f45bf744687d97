"""What was sent to a target and what came back."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NO_JSON = object()
"""Stands for a body that is no JSON."""


@dataclass(frozen=True)
class Answer:
    """What came back: `headers` as they were received, `seconds` from the first byte sent to the last received."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        """The value of a header, or None."""
        values = (value for known, value in self.headers if known.lower() == name.lower())
        return next(values, None)

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @functools.cached_property
    def json(self) -> Any:
        """The body as a JSON value, or NO_JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # ten thousand nested lists are no JSON worth reading
            return NO_JSON


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `check` is the name of the check that sent it, `why` what it can prove."""

    provider: str
    operation: str
    check: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    answer: Answer
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    body: str = ""
    why: str = ""
