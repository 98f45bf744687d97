"""Bodies: read to their announced end and no further than the limits, then decoded within the same limits."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

from contract_tests.transport.bounded_stream import PIECE, BoundedStream, Ended, Silent, TimeUp, TooMuch
from contract_tests.transport.exchanges import (
    BAD_CHUNKS,
    BAD_CODING,
    BODY_AFTER_HEAD,
    CUT,
    CUT_CODING,
    SURPLUS,
    TOO_LARGE,
    TOO_SLOW,
    UNKNOWN_CODING,
)
from contract_tests.transport.response_head import Head

MAX_BODY_BYTES = 16 * 1024 * 1024
"""The largest body that is read, before and after decoding: a page of a documented list is far smaller."""

MAX_LINE_BYTES = 4_096
SURPLUS_SECONDS = 0.05
"""How long a body is waited for that must not come: it arrives with the head, or at once after it."""


class BadChunks(Exception):
    """A chunk does not begin or end as it must."""


def read_body(stream: BoundedStream, head: Head, method: str) -> tuple[bytes, list[str]]:
    """The body before decoding and what is wrong with it; what is too large or too slow is given as far as it came."""
    if not head.has_body(method):
        return b"", []
    body = bytearray()
    reader = _find_reader(head)
    try:
        for piece in reader(stream, head):
            body += piece
            if len(body) > MAX_BODY_BYTES:
                raise TooMuch
    except (Ended, Silent, TimeUp, TooMuch, BadChunks) as stop:
        return bytes(body), [_PROBLEM_OF[type(stop)]]
    return bytes(body), []


_PROBLEM_OF: dict[type[Exception], str] = {
    Ended: CUT,
    Silent: CUT,
    TimeUp: TOO_SLOW,
    TooMuch: TOO_LARGE,
    BadChunks: BAD_CHUNKS,
}

Reader = Callable[[BoundedStream, Head], Iterator[bytes]]


def _find_reader(head: Head) -> Reader:
    if head.is_chunked:
        return _read_chunks
    return _read_to_close if head.length is None else _read_length


def _read_length(stream: BoundedStream, head: Head) -> Iterator[bytes]:
    left = head.length or 0
    while left:
        piece = stream.read(min(left, PIECE))
        left -= len(piece)
        yield piece


def _read_to_close(stream: BoundedStream, head: Head) -> Iterator[bytes]:
    while True:
        try:
            piece = stream.read(PIECE)
        except Ended as end:
            if end.args:  # a reset is no end
                raise
            return
        yield piece


def _read_chunks(stream: BoundedStream, head: Head) -> Iterator[bytes]:
    while size := _read_size(stream):
        while size:
            piece = stream.read(min(size, PIECE))
            size -= len(piece)
            yield piece
        if _read_short_line(stream) not in (b"\r\n", b"\n"):
            raise BadChunks
    for _ in range(100):  # the trailer
        if not _read_short_line(stream).strip():
            return
    raise BadChunks


def _read_size(stream: BoundedStream) -> int:
    text = _read_short_line(stream).partition(b";")[0].strip()
    try:
        return int(text, 16) if text.isalnum() and len(text) <= 16 else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> int:
    raise BadChunks


def _read_short_line(stream: BoundedStream) -> bytes:
    try:
        return stream.read_line(MAX_LINE_BYTES)
    except TooMuch:
        raise BadChunks from None


def find_surplus(stream: BoundedStream, head: Head, method: str) -> tuple[bytes, list[str]]:
    """What came behind the end of an answer, and what that is."""
    has_body = head.has_body(method)
    # Without a body there is no later moment at which it would be noticed: the next answer would begin with it.
    surplus = stream.take_surplus(0.0 if has_body else SURPLUS_SECONDS)
    return surplus, ([SURPLUS if has_body else BODY_AFTER_HEAD] if surplus else [])


def decode_body(body: bytes, codings: Iterable[str]) -> tuple[bytes, list[str]]:
    """The body without its content codings, as far as they can be taken off, and what is wrong with them."""
    names = [name.strip().lower() for value in codings for name in value.split(",")]
    problems: list[str] = []
    for name in reversed([name for name in names if name not in ("", "identity")]):
        if not body or problems:
            break
        bits = _WINDOWS.get(name)
        body, problems = (body, [UNKNOWN_CODING]) if bits is None else _inflate(body, bits)
    return body, problems


_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What zlib takes each coding for: 31 expects the head of gzip, 15 that of zlib."""


def _inflate(body: bytes, bits: int) -> tuple[bytes, list[str]]:
    """Unpacked with an eye on the size: a kilobyte may stand for a megabyte."""
    if bits == 15 and body[0] & 0x0F != 8:
        bits = -15  # `deflate` without the head that it should have, as some servers send it
    out, engine, rest = bytearray(), zlib.decompressobj(bits), body
    while rest:
        try:
            # In small pieces, so that what came before a fault is kept.
            piece, rest = rest[:4096], rest[4096:]
            out += engine.decompress(piece, MAX_BODY_BYTES + 1 - len(out))
        except zlib.error:
            return bytes(out) or body, [BAD_CODING]
        if len(out) > MAX_BODY_BYTES or engine.unconsumed_tail:
            return bytes(out[:MAX_BODY_BYTES]), [TOO_LARGE]
        if engine.eof and (rest := engine.unused_data + rest):
            if bits != 31 or not rest.startswith(b"\x1f\x8b"):
                return bytes(out), [SURPLUS]
            engine = zlib.decompressobj(bits)  # gzip may be several, one behind the other
    return bytes(out), [] if engine.eof else [CUT_CODING]
