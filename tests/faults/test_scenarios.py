"""Every scenario of the catalogue, with every provider it makes sense for: exactly what a client sees on the wire."""

from __future__ import annotations

import math
import time
import unicodedata
import uuid

import pytest

from mock_server.faults.body import DIGITS, NESTED
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_contracts
from mock_server.sessions.setup import load_form, load_stock
from tests import expectations as see
from tests.conftest import LISTS, Served
from tests.faults.write_expectations import EXPECTED as WRITES
from tests.scenario_client import ScenarioClient

SCENARIOS = load_stock(load_form())

EXPECTED: dict[str, see.Expectation] = {
    "server-error": see.statuses("fault", "fault", "fault"),
    "fails-twice-then-succeeds": see.statuses("fault", "fault", 200, 200),
    "third-call-fails": see.statuses(200, 200, "fault", 200, 200),
    "every-fifth-call-fails": see.statuses(200, 200, 200, 200, "fault", 200, 200, 200, 200, "fault"),
    "flaky": see.flaky,
    "down-until-reset": see.down_until_reset,
    "bad-gateway": see.gateway(502),
    "maintenance": see.gateway(503, lambda text: text == "120"),
    "maintenance-until-a-date": see.gateway(503, see.is_date_ahead(120)),
    "gateway-timeout-once": see.slow_504,
    "fails-after-the-work": see.after_the_work,
    "record-gone": see.record_gone,
    "credential-expires": see.statuses(200, 200, "unauthenticated", "unauthenticated"),
    "credential-expires-while-paging": see.second_page("unauthenticated"),
    "credential-inactive": see.statuses("forbidden"),
    "credential-revoked": see.statuses("unauthenticated", "unauthenticated"),
    "rate-limited": see.limited,
    "rate-limit-headers": see.limit_headers,
    "throttled-once": see.throttled(lambda text: text == "1"),
    "throttled-until-a-date": see.throttled(see.is_date_ahead(2)),
    "slow": see.takes(0.5, 3),
    "jitter": see.takes(0.02, 1.5, calls=4),
    "long-tail": see.long_tail,
    "slow-first-call": see.slow_first,
    "never-answers": see.never,
    "dribble": see.dribble,
    "connection-reset": see.reset,
    "connection-reset-once": see.reset_once,
    "empty-response": see.empty,
    "malformed-chunk": see.malformed,
    "random-data": see.random_data,
    "truncated-body": see.truncated,
    "invalid-json": see.body(see.is_no_json),
    "wrong-content-type": see.body(
        lambda s, clean: s.answer.body == clean and s.header("content-type").startswith("text/plain"),
    ),
    "no-content-type": see.body(lambda s, clean: s.answer.body == clean and "content-type" not in s.answer.headers),
    "html-with-200": see.body(
        lambda s, clean: s.answer.body.startswith(b"<!doctype html>") and "html" in s.header("content-type"),
    ),
    "byte-order-mark": see.body(lambda s, clean: s.answer.body == b"\xef\xbb\xbf" + clean),
    "wrong-charset": see.body(
        lambda s, clean: s.answer.body.decode("utf-16").encode() == clean and "utf-8" in s.header("content-type"),
    ),
    "duplicate-keys": see.body(see.has_doubled_keys),
    "huge-number": see.body(lambda s, clean: b"9" * DIGITS in s.answer.body and math.isinf(float("9" * DIGITS))),
    "deep-nesting": see.body(
        lambda s, clean: s.answer.body.count(b"[" * NESTED) == 1 and s.answer.body.endswith(clean[1:]),
    ),
    "field-renamed": see.drifted(see.is_renamed),
    "field-dropped": see.drifted(
        lambda p, changed, clean: len(changed) == len(clean) - 1 and changed.items() <= clean.items(),
    ),
    "field-retyped": see.drifted(see.is_retyped),
    "field-null": see.drifted(see.is_nulled),
    "new-enum-value": see.new_enum_value,
    "new-field": see.drifted(lambda p, changed, clean: changed == {**clean, "understudy_new_field": "new"}),
    "envelope-flattened": see.flattened,
    "empty-collection": see.holds(0),
    "exactly-one-record": see.holds(1),
    "exactly-one-page": see.holds("one page"),
    "last-page-full": see.holds("three pages"),
    "a-million-records": see.holds(1_000_000),
    "optional-fields-null": see.optional_null,
    "optional-fields-absent": see.optional_absent,
    "longest-values": see.values(lambda text: len(text) == 255),
    "shortest-values": see.values(lambda text: len(text) == 1),
    "right-to-left": see.values(lambda text: bool(text) and unicodedata.bidirectional(text[0]) == "AL"),
    "emoji": see.values(lambda text: text.endswith("\U0001f1f6\U0001f1e6") and "\u200d" in text),
    "combining-characters": see.values(lambda text: "\u0301\u0323" in text),
    "apostrophes": see.values(lambda text: text.startswith("O'") and "\u2019" in text),
    "markup-in-names": see.values(lambda text: text.startswith("<script>")),
    "sql-in-names": see.values(lambda text: text.endswith("'); DROP TABLE customers;--")),
    "duplicate-emails": see.duplicate_emails,
    "ids-beyond-31-bits": see.far_ids(2**31),
    "ids-beyond-53-bits": see.far_ids(2**53),
    "record-inserted-while-paging": see.inserted,
    "record-deleted-while-paging": see.deleted,
    "total-drifts": see.total_drifts,
    "order-changes-while-paging": see.order_changes,
    "last-page-vanishes": see.last_vanishes,
    "record-vanishes": see.record_vanishes,
    "page-expires": see.second_page("invalid"),
}
"""What each scenario shows to a client that sees every byte."""

SLOW_TO_BUILD = {"a-million-records": ("yativo",)}
"""What takes long to build is shown with one provider."""

CONTRACTS = load_contracts(Settings())
PLAYED = [
    (name, provider)
    for name, scenario in SCENARIOS.items()
    for provider in SLOW_TO_BUILD.get(name, tuple(LISTS))
    if name in EXPECTED and scenario.suits(CONTRACTS[provider])
]


def test_every_scenario_is_shown_and_there_are_enough() -> None:
    assert sorted({*EXPECTED, *WRITES}) == sorted(SCENARIOS) and len(SCENARIOS) >= 45
    assert {name for name, _ in PLAYED} == set(EXPECTED)


def test_who_only_hands_out_tokens_does_not_write() -> None:
    assert [name for name, each in CONTRACTS.items() if SCENARIOS["read-only"].suits(each)] == []


@pytest.mark.parametrize(("name", "provider"), PLAYED, ids=[f"{name}: {provider}" for name, provider in PLAYED])
def test_a_client_sees_exactly_this(name: str, provider: str, served: Served, apis: MockApis) -> None:
    client = ScenarioClient(served.port, apis.apis[provider].contract, name, f"{name[:30]}-{uuid.uuid4().hex[:8]}")
    while name in SLOW_TO_BUILD and client.ask().status == 503 and int(client.ask().header("retry-after") or 1):
        time.sleep(0.5)
    EXPECTED[name](client)
    after = client.clean()
    assert after.status == 200 and "understudy-scenario" not in after.answer.headers, "the next plain request is right"
