"""Rules of one answer on the wire: its length, its coding, its headers, as the RFCs of HTTP have them."""

from __future__ import annotations

import codecs
import email.utils
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from contract_tests.findings import BREAKING, NOTE
from contract_tests.transport import (
    BAD_CHUNKS,
    BAD_CODING,
    BAD_HEAD,
    BODY_AFTER_HEAD,
    CUT,
    CUT_CODING,
    SURPLUS,
    TWO_LENGTHS,
    UNKNOWN_CODING,
    Exchange,
)

HTTP = "RFC 9110: HTTP Semantics"
MESSAGES = "RFC 9112: HTTP/1.1"
CACHING = "RFC 9111: HTTP Caching"


class WireFault(NamedTuple):
    """What is wrong with an answer on the wire; `place` is a header's name or a method, `sentence` what says so."""

    name: str
    place: str
    problem: str
    expected: str
    actual: str
    sentence: str = HTTP
    grade: str = BREAKING


_OF_PROBLEM: Mapping[str, tuple[str, str, str, str]] = {
    CUT: ("wire.length", "content-length", "The answer's body ends before its announced length", MESSAGES),
    SURPLUS: (
        "wire.length",
        "content-length",
        "The answer's body is longer than its Content-Length header announces (it counts characters, not bytes?)",
        MESSAGES,
    ),
    TWO_LENGTHS: ("wire.length", "content-length", "The answer's headers announce two lengths", MESSAGES),
    BODY_AFTER_HEAD: ("wire.head", "HEAD", "The answer has a body where none may be (HEAD, 204, 304)", MESSAGES),
    BAD_CODING: ("wire.coding", "content-encoding", "The answer's body is not encoded as its header says", HTTP),
    CUT_CODING: ("wire.coding", "content-encoding", "The answer's compressed body lacks its end", HTTP),
    UNKNOWN_CODING: (
        "wire.coding",
        "content-encoding",
        "The answer's Content-Encoding header names no coding",
        HTTP,
    ),
    BAD_CHUNKS: ("wire.chunks", "transfer-encoding", "The answer's chunks are malformed", MESSAGES),
    BAD_HEAD: ("wire.headers", "", "The answer's head has a line that is no header", MESSAGES),
}
"""What the transport saw, as a finding: rule, place, words, and what it offends."""


def _problems(exchange: Exchange) -> Iterator[WireFault]:
    """What could not be read as HTTP/1.1 has it."""
    for problem in exchange.answer.problems:
        if problem in _OF_PROBLEM:
            name, place, words, sentence = _OF_PROBLEM[problem]
            yield WireFault(name, place, words, "an answer that can be read", problem, sentence)


def _coding(exchange: Exchange) -> Iterator[WireFault]:
    """Compression is for those who accept it."""
    coding = (exchange.answer.header("content-encoding") or "identity").strip().lower()
    accepted = next((value for name, value in exchange.headers if name.lower() == "accept-encoding"), "identity")
    if coding != "identity" and coding not in accepted.lower() and "*" not in accepted:
        problem = "The answer is compressed (Content-Encoding header) for a request that accepts identity alone"
        yield WireFault("wire.coding", "content-encoding", problem, "no Content-Encoding", coding, HTTP, NOTE)


def _charset(exchange: Exchange) -> Iterator[WireFault]:
    """The declared charset is the one that the bytes are in."""
    declared = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", exchange.answer.header("content-type") or "", re.IGNORECASE)
    if declared is None or exchange.answer.body.isascii():
        return
    try:
        codec = codecs.lookup(declared[1]).name
    except LookupError:
        codec = ""
    if codec != "utf-8" and _is_utf8(exchange.answer.body):
        problem = "The Content-Type header declares another charset than that of the answer's bytes"
        yield WireFault("wire.charset", "content-type", problem, "charset=utf-8, or none", declared[0], HTTP)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


SINGLE = (
    "age",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
)
"""Headers that stand once."""


def _doubled(exchange: Exchange) -> Iterator[WireFault]:
    """A header that holds one value stands once."""
    for name in SINGLE:
        values = [value for known, value in exchange.answer.headers if known.lower() == name]
        if len(values) > 1:
            grade = BREAKING if len(set(values)) > 1 else NOTE
            problem = "A header that must stand once is sent twice"
            yield WireFault("wire.headers", name, problem, "one value", " and ".join(values), HTTP, grade)


def _lengths(exchange: Exchange) -> Iterator[WireFault]:
    """A chunked answer has no length."""
    answer = exchange.answer
    if answer.header("transfer-encoding") and answer.header("content-length"):
        problem = "The answer's headers have a Content-Length beside Transfer-Encoding: readers may part it differently"
        actual = f"Content-Length {answer.header('content-length')} with {answer.header('transfer-encoding')}"
        yield WireFault("wire.length", "content-length", problem, "one of the two", actual, MESSAGES)


def judge_retry_after(exchange: Exchange) -> Iterator[WireFault]:
    """When to try again is a number of seconds or a date."""
    value = exchange.answer.header("retry-after")
    if value is not None and not re.fullmatch(r"\d+", value.strip()) and _read_date(value) is None:
        problem = "The Retry-After header is neither a number of seconds nor a date"
        yield WireFault("wire.retry_after", "retry-after", problem, "120, or a date", value)


FAR_SECONDS = 300
"""How far a Date may be from the clock of the machine that asks."""


def _date(exchange: Exchange) -> Iterator[WireFault]:
    """An answer says when it was made; one that came over no socket need not."""
    if not exchange.answer.head:
        return
    value = exchange.answer.header("date")
    moment = _read_date(value or "")
    if value is None or moment is None:
        problem = "No Date header" if value is None else "The Date header is no date of HTTP"
        yield WireFault("wire.date", "date", problem, "a date as HTTP has it", value or "absent", HTTP, NOTE)
    elif abs((moment - exchange.started).total_seconds()) > FAR_SECONDS + exchange.answer.seconds:
        problem = "The Date header is far from the time at which the answer came: a wrong clock, or a cache"
        yield WireFault("wire.date", "date", problem, exchange.started.isoformat(" ", "minutes"), value, HTTP, NOTE)


def _read_date(value: str) -> datetime | None:
    """A date as HTTP writes it, in universal time; None for anything else."""
    if not re.fullmatch(r"[A-Z][a-z]{2,8},? .{15,25}", value.strip()):
        return None
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _etag(exchange: Exchange) -> Iterator[WireFault]:
    """A validator is quoted."""
    value = exchange.answer.header("etag")
    if value is not None and not re.fullmatch(r'(W/)?"[^"\x00-\x20\x7f]*"', value):
        problem = "The ETag header is not an entity tag in quotes"
        yield WireFault("wire.etag", "etag", problem, '"text" or W/"text"', value, HTTP, NOTE)


def _caching(exchange: Exchange) -> Iterator[WireFault]:
    """What was answered to one caller is not kept for another."""
    answer = exchange.answer
    control = ", ".join(value for name, value in answer.headers if name.lower() == "cache-control").lower()
    vary = (answer.header("vary") or "").lower()
    if not 200 <= answer.status < 300 or re.search(r"private|no-store|no-cache|max-age=0\b", control) or "*" in vary:
        return
    is_shared = re.search(r"\bpublic\b|s-maxage=[1-9]", control)
    moment = _read_date(answer.header("expires") or "")
    may_be_kept = re.search(r"max-age=[1-9]", control) or (moment and moment > datetime.now(UTC))
    sent = [name.lower() for name, _ in exchange.headers]
    # Beside Authorization only the first are a permission to share; of other headers a cache knows nothing.
    is_open = is_shared or (may_be_kept and "authorization" not in sent)
    if is_open and not any(name in vary for name in sent if name not in _COMMON):
        problem = "The Cache-Control or Expires header lets a shared cache give one caller's answer to another"
        shown = control or f"Expires: {answer.header('expires')}"
        yield WireFault("wire.cache", "cache-control", problem, "private, or no-store", shown, CACHING, NOTE)


_COMMON = ("accept", "accept-encoding", "user-agent", "host", "connection", "content-type")
"""Headers of a request that are the same for all callers."""


def _age(exchange: Exchange) -> Iterator[WireFault]:
    """An answer to a credential comes from the API, not from a shared cache."""
    age = (exchange.answer.header("age") or "0").strip()
    if age.isdecimal() and int(age) > 0:
        problem = "The Age header says that a shared cache gave an answer that depends on the caller"
        yield WireFault("wire.cache", "age", problem, "an answer of the API itself", f"{age} seconds", CACHING, NOTE)


RULES: tuple[Callable[[Exchange], Iterator[WireFault]], ...] = (
    _problems,
    _coding,
    _charset,
    _doubled,
    _lengths,
    judge_retry_after,
    _date,
    _etag,
    _caching,
    _age,
)
"""What must hold of each answer."""
