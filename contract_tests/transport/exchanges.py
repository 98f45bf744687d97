"""What was sent to a target and what came back."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NO_JSON = object()
"""Stands for a body that is no JSON."""


CUT = "the body ends before its announced end"
SURPLUS = "more bytes came than the announced length"
BODY_AFTER_HEAD = "a body came where none may be (HEAD, 204, 304)"
BAD_CODING = "the body is not encoded as Content-Encoding says"
CUT_CODING = "the encoded body lacks its end"
UNKNOWN_CODING = "Content-Encoding names a coding that nobody asked for"
BAD_CHUNKS = "the chunks of the body are malformed"
TWO_LENGTHS = "the head announces two lengths"
BAD_HEAD = "the head has a line that is no header"
TOO_LARGE = "the body is larger than what is read"
TOO_SLOW = "the answer was not whole when its time was up"
NO_ANSWER = "no answer came"
PROBLEMS = (
    CUT,
    SURPLUS,
    BODY_AFTER_HEAD,
    BAD_CODING,
    CUT_CODING,
    UNKNOWN_CODING,
    BAD_CHUNKS,
    TWO_LENGTHS,
    BAD_HEAD,
    TOO_LARGE,
    TOO_SLOW,
    NO_ANSWER,
)
"""What can be wrong with an answer on the wire, whatever it says: the words are the same in every run."""


@dataclass(frozen=True)
class Answer:
    """What came back: `headers` as they were received, `seconds` from the first byte sent to the last received.

    `headers` keeps order, spelling and repetitions; a value is Latin-1. `body` is decoded as `Content-Encoding` says,
    as far as that goes; `wire_body` is the same without its chunks and before decoding, `head` the status line and
    headers byte for byte, `surplus` what came behind the end of the answer (64 KiB of it at most). `problems` are
    those of `PROBLEMS` that apply. An answer that did not come over a socket has none of these, nor has one that
    was never given, whose `status` is 0.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    wire_body: bytes = b""
    problems: tuple[str, ...] = ()
    head: bytes = b""
    surplus: bytes = b""

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
    """One request and its answer. `check` is the name of the check that sent it, `why` what it can prove.

    `retried` says in a sentence why the request was sent again: such an answer is recorded, and never judged. Before
    one that `is_after_write` the run had written something: records may be others than before.
    """

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
    retried: str = ""
    is_after_write: bool = False
