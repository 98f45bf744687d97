"""A run that begins again: what was asked is answered from the record, and readings are weighed by what they explain."""

from __future__ import annotations

from dataclasses import replace

from contract_tests.readings.choices import find_pair
from contract_tests.readings.evidence import Answers, compare, find_left, find_proof
from contract_tests.readings.fingerprints import Fingerprint
from contract_tests.transport.exchanges import Answer, Exchange
from contract_tests.transport.record import Record
from contract_tests.transport.wire import WireRequest

REQUEST = WireRequest("GET", "http://127.0.0.1:9/v1/clients?page=2", (("Accept", "*/*"),), b"")


def answered(body: bytes) -> Exchange:
    answer = Answer(200, "OK", (), body, 0.1)
    return Exchange("acme", "list", "paging", "GET", REQUEST.url, REQUEST.headers, answer)


def test_the_nth_identical_request_gets_the_nth_answer_and_then_the_last_one() -> None:
    record, exchanges = Record(), [answered(b"1"), answered(b"2")]
    for exchange in exchanges:
        assert record.take(REQUEST) is None
        record.keep(REQUEST, exchange)
    record.rewind(exchanges)
    labelled = replace(REQUEST, headers=(*REQUEST.headers, ("X-Schemathesis-TestCaseId", "abc")))
    assert [record.take(r) for r in (REQUEST, labelled, REQUEST)] == [exchanges[0], exchanges[1], exchanges[1]]
    assert record.take(replace(REQUEST, url="http://127.0.0.1:9/v1/clients?page=3")) is None
    assert list(record.take_rest([exchanges[1]])) == [exchanges[0]]


ASKED: dict[int, Fingerprint] = {0: {"status": 200, "size": 10}, 1: {"status": 400, "size": None}}


def test_what_the_believed_reading_explains_too_decides_nothing() -> None:
    twenty: Answers = [{"status": 200, "size": 20}]
    ten: Answers = [{"status": 200, "size": 10}]
    assert compare({0: ASKED[0]}, twenty, ten).is_sound
    assert not compare({0: ASKED[0]}, ten, ten).is_sound
    assert not compare({0: ASKED[0]}, ten, twenty).is_sound


def test_a_reading_is_proven_once_every_other_one_is_out() -> None:
    options: dict[str, Answers] = {
        "ten": [ASKED[0], {"status": 400, "size": None}],
        "all": [{"status": 200, "size": 99}, {"status": 400, "size": None}],
        "none": [ASKED[0], {"status": 200, "size": None}],
    }
    assert find_left({0: ASKED[0]}, options, "ten") == {"none"}
    assert find_proof({0: ASKED[0]}, options, "ten") is None
    assert find_proof(ASKED, options, "ten") == (0, "size", "size is 10")


def test_two_alternatives_explain_together_what_neither_does_alone() -> None:
    def of(status: int, member: str) -> dict[str, object]:
        return {"status": status, "media type": "json", "{}": frozenset({member})}

    observed = {0: of(200, "flat"), 1: of(200, "flat")}
    believed: Answers = [of(400, "error"), of(400, "error")]
    alone: dict[tuple[str, str], Answers] = {
        ("header", "required"): [of(200, "wrapped"), of(200, "wrapped")],
        ("envelope", "flat"): [of(400, "flat"), of(400, "flat")],
        ("other", "else"): believed,
    }
    asked = []

    def ask(one: tuple[str, str], other: tuple[str, str]) -> Answers:
        asked.append({one[0], other[0]})
        return [of(200, "flat"), of(200, "flat")]

    assert find_pair(observed, believed, alone, ask) == [("header", "required"), ("envelope", "flat")]
    assert asked == [{"header", "envelope"}], "what changes nothing of it is not played"
    assert find_pair(observed, [of(200, "flat")] * 2, alone, ask) == [] and len(asked) == 1, "nothing is unexplained"
