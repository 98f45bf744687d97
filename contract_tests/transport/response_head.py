"""The head of an answer: its status line and fields, as they were sent and what they mean for the body."""

from __future__ import annotations

import re
from typing import NamedTuple

from contract_tests.transport.bounded_stream import BoundedStream, TooMuch
from contract_tests.transport.exchanges import BAD_HEAD, TWO_LENGTHS

MAX_HEAD_BYTES = 65_536
MAX_INTERIM = 8
"""Answers of the class 1xx that may come before the one that counts."""

_STATUS_LINE = re.compile(rb"HTTP/(\d)\.(\d) +(\d{3})(?: (.*))?")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*")
_BODILESS = (204, 304)


class NoHttp(Exception):
    """What came is no HTTP: its first bytes."""


class Head(NamedTuple):
    """A head as it was read; `raw` is all of it, byte for byte."""

    version: tuple[int, int]
    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    raw: bytes

    def values(self, name: str) -> list[str]:
        """What is said under a name, field by field."""
        return [value for known, value in self.fields if known.lower() == name]

    @property
    def is_persistent(self) -> bool:
        """Whether the connection stays open for another request."""
        words = {word.strip().lower() for value in self.values("connection") for word in value.split(",")}
        return "close" not in words if self.version >= (1, 1) else "keep-alive" in words

    def has_body(self, method: str) -> bool:
        """Whether a body may follow at all."""
        return method != "HEAD" and self.status not in _BODILESS and self.status >= 200

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks."""
        codings = ",".join(self.values("transfer-encoding")).lower().split(",")
        return codings[-1].strip() == "chunked"

    @property
    def length(self) -> int | None:
        """The announced length; None where there is none that can be read."""
        first = next(iter(self.values("content-length")), "").partition(",")[0].strip()
        return int(first) if first.isascii() and first.isdecimal() and len(first) < 19 else None


def read_head(stream: BoundedStream) -> Head:
    """The head of the next answer that is not an interim one.

    Raises NoHttp, TooMuch, and what reading raises.
    """
    for _ in range(MAX_INTERIM):
        head = _read_one(stream)
        if head.status >= 200 or head.status == 101:
            return head
    raise TooMuch


def _read_one(stream: BoundedStream) -> Head:
    first = _read_first(stream)
    match = _STATUS_LINE.fullmatch(first.rstrip(b"\r\n"))
    if not match:
        raise NoHttp(first[:40])
    raw, fields, problems = first, [], list(_line_problems(first))
    while (line := stream.read_line(MAX_HEAD_BYTES - len(raw))).rstrip(b"\r\n"):
        raw += line
        problems += _line_problems(line)
        field = _FIELD.fullmatch(line.rstrip(b"\r\n"))
        if field:
            fields.append((field[1].decode("latin-1"), field[2].decode("latin-1")))
        else:
            problems.append(BAD_HEAD)
            fields += _forgive(line)
    version = int(match[1]), int(match[2])
    head = Head(version, int(match[3]), (match[4] or b"").decode("latin-1"), tuple(fields), (), raw + line)
    return head._replace(problems=tuple(dict.fromkeys([*problems, *_length_problems(head)])))


def _read_first(stream: BoundedStream) -> bytes:
    """The status line; what does not begin as one is not waited for."""
    while len(stream.buffer) < 5:
        stream.fill()
    if not stream.buffer.startswith(b"HTTP/"):
        raise NoHttp(bytes(stream.buffer[:40]))
    return stream.read_line(MAX_HEAD_BYTES)


def _line_problems(line: bytes) -> list[str]:
    return [] if line.endswith(b"\r\n") and b"\0" not in line and b"\r" not in line[:-2] else [BAD_HEAD]


def _forgive(line: bytes) -> list[tuple[str, str]]:
    """A field as most clients read it though it is wrong: with a blank before the colon, or odd signs in its name."""
    name, colon, value = line.decode("latin-1").partition(":")
    return [(name.strip(), value.strip())] if colon and not line[:1].isspace() else []


def _length_problems(head: Head) -> list[str]:
    lengths = {part.strip() for value in head.values("content-length") for part in value.split(",")}
    unclear = len(lengths) > 1 or (lengths and head.length is None) or (lengths and head.values("transfer-encoding"))
    return [TWO_LENGTHS] if unclear else []
