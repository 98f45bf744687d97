"""Each rule of the wire reports the answer that offends it, and leaves the answers of correct servers alone."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import pytest

from contract_tests.answers.wire import SERIES
from contract_tests.answers.wire_rules import RULES
from contract_tests.transport import CUT, CUT_CODING, SURPLUS, Answer, Exchange
from mock_server.sessions import MockApis

NOW = email.utils.formatdate(time.time(), usegmt=True)
SENT = (("Authorization", "Bearer x"), ("Accept", "*/*"))
JSON = ("Content-Type", "application/json")


def exchange(*headers: tuple[str, str], sent: Any = SENT, body: bytes = b"{}", **more: Any) -> Exchange:
    """An answer with a date and these headers."""
    plain = () if any(name == "Date" for name, _ in headers) else (("Date", NOW),)
    answer = Answer(200, "OK", (*plain, *headers), body, 0.1, head=b"HTTP/1.1 200 OK\r\n", **more)
    return Exchange("p", "o", "paging", "GET", "http://localhost/", sent, answer)


def judge(one: Exchange) -> list[tuple[str, str]]:
    """Rule and place of each fault."""
    return [(fault.name, fault.place) for rule in RULES for fault in rule(one)]


LATIN = "application/json; charset=ISO-8859-1"
KEY = (("api_key", "x"),)
FAULTS = [
    pytest.param(exchange(problems=(CUT,)), "wire.length", "content-length", id="cut"),
    pytest.param(exchange(problems=(SURPLUS,)), "wire.length", "content-length", id="longer than announced"),
    pytest.param(exchange(problems=(CUT_CODING,)), "wire.coding", "content-encoding", id="gzip without its end"),
    pytest.param(exchange(("Content-Encoding", "gzip")), "wire.coding", "content-encoding", id="gzip unasked"),
    pytest.param(exchange(("Content-Type", LATIN), body="é".encode()), "wire.charset", "content-type", id="charset"),
    pytest.param(exchange(JSON, ("Content-Type", "text/html")), "wire.headers", "content-type", id="two types"),
    pytest.param(
        exchange(("Content-Length", "2"), ("Transfer-Encoding", "chunked")),
        "wire.length",
        "content-length",
        id="both",
    ),
    pytest.param(exchange(("Retry-After", "soon")), "wire.retry_after", "retry-after", id="retry after soon"),
    pytest.param(exchange(("Date", "2026-01-01 00:00:00")), "wire.date", "date", id="no date of HTTP"),
    pytest.param(exchange(("Date", "Thu, 01 Jan 2015 00:00:00 GMT")), "wire.date", "date", id="long ago"),
    pytest.param(exchange(("ETag", "abc")), "wire.etag", "etag", id="a tag without quotes"),
    pytest.param(exchange(("Cache-Control", "public, max-age=60")), "wire.cache", "cache-control", id="public"),
    pytest.param(
        exchange(("Cache-Control", "max-age=60"), sent=KEY),
        "wire.cache",
        "cache-control",
        id="kept by a key",
    ),
    pytest.param(
        exchange(("Expires", email.utils.formatdate(time.time() + 3600, usegmt=True)), sent=KEY),
        "wire.cache",
        "cache-control",
        id="expires later",
    ),
    pytest.param(exchange(("Age", "12")), "wire.cache", "age", id="from a cache"),
]


@pytest.mark.parametrize(("one", "rule", "place"), FAULTS)
def test_an_answer_that_offends_http_is_reported(one: Exchange, rule: str, place: str) -> None:
    assert judge(one) == [(rule, place)]


FINE = [
    pytest.param(exchange(JSON, ("Content-Length", "2")), id="plain"),
    pytest.param(exchange(("Content-Type", "application/json;charset=UTF-8"), body="é".encode()), id="utf-8"),
    pytest.param(exchange(("Content-Type", LATIN)), id="a charset that does not matter"),
    pytest.param(
        exchange(("Content-Encoding", "gzip"), sent=(*SENT, ("Accept-Encoding", "gzip"))),
        id="gzip that was asked for",
    ),
    pytest.param(exchange(("Cache-Control", "no-cache, private"), ("Expires", "-1")), id="kept from caches"),
    pytest.param(exchange(("Cache-Control", "max-age=60")), id="kept by the caller alone"),
    pytest.param(exchange(("Cache-Control", "max-age=60"), ("Vary", "api_key"), sent=KEY), id="kept by key"),
    pytest.param(exchange(("Retry-After", "120"), ("ETag", 'W/"a"'), ("Age", "0")), id="well formed"),
    pytest.param(exchange(("Retry-After", NOW)), id="retry at a date"),
]


@pytest.mark.parametrize("one", FINE)
def test_a_correct_answer_is_left_alone(one: Exchange) -> None:
    assert judge(one) == []


def remaining(*counts: object, limit: str = "60") -> list[Exchange]:
    return [exchange(("X-RateLimit-Limit", limit), ("X-RateLimit-Remaining", str(count))) for count in counts]


ROWS: list[Any] = [
    pytest.param(remaining(*[57] * 10), "stay the same", id="constant"),
    pytest.param(remaining(*range(10, 22)), "grow", id="growing"),
    pytest.param(remaining("many"), "no number", id="a word"),
    pytest.param(remaining(59) + remaining(58, limit="120"), "changes", id="two limits"),
    pytest.param(remaining(99), "than the limit", id="more than the limit"),
    pytest.param(
        [exchange(("ETag", '"a"'), body=b'{"page": 1}'), exchange(("ETag", '"a"'), body=b'{"page": 2}')],
        "one ETag",
        id="one tag for two answers",
    ),
]


@pytest.mark.parametrize(("exchanges", "words"), ROWS)
def test_answers_in_a_row_are_judged_together(exchanges: list[Exchange], words: str, apis: MockApis) -> None:
    context: Any = type("Context", (), {"contract": apis.apis["fatora"].contract})
    [fault] = [fault for judge_row in SERIES for fault, _ in judge_row(context, exchanges)]
    assert words in fault.problem


def test_calls_that_are_counted_are_left_alone(apis: MockApis) -> None:
    context: Any = type("Context", (), {"contract": apis.apis["fatora"].contract})
    row = remaining(*range(40, 20, -1), *[0] * 20, 59, 58)
    assert [fault for judge_row in SERIES for fault in judge_row(context, row)] == []
