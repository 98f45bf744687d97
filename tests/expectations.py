"""What scenarios show: functions that play one with a probe and look at every byte."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.probe import Probe, Seen

Expectation = Callable[[Probe], None]


def statuses(*wanted: int | str) -> Expectation:
    """The statuses of as many calls in a row; an error kind stands for its documented status."""

    def expect(probe: Probe) -> None:
        expected = [probe.status_of(each) if isinstance(each, str) else each for each in wanted]
        assert [probe.ask().status for _ in wanted] == expected
        assert probe.clean().status == 200

    return expect


def second_page(kind: str) -> Expectation:
    """The second page is refused when it is asked for first, whatever was asked for before, in each session by itself."""

    def expect(probe: Probe) -> None:
        numbers = (1, 1, 2, 2, 1, 2)
        expected = [200, 200, probe.status_of(kind), 200, 200, 200]
        assert [probe.ask(number=number, size=10).status for number in numbers] == expected
        again = Probe(probe.port, probe.contract, probe.scenario, f"{probe.session}-again")
        assert again.ask(number=2, size=10).status == probe.status_of(kind)

    return expect


def documented(kind: str) -> Expectation:
    """The documented error, byte for byte as `?__code` gives it."""

    def expect(probe: Probe) -> None:
        seen = probe.ask()
        assert seen.status == probe.status_of(kind)
        assert seen.header("content-type") == probe.list.errors[kind].media_type if kind in probe.list.errors else True

    return expect


def gateway(status: int, retry: Callable[[str], bool] = lambda text: text == "") -> Expectation:
    def expect(probe: Probe) -> None:
        seen = probe.ask()
        assert seen.status == status and seen.answer.body.startswith(b"<!doctype html>")
        assert seen.header("content-type") == "text/html; charset=utf-8" and retry(seen.header("retry-after"))

    return expect


def is_date_ahead(seconds: int) -> Callable[[str], bool]:
    return lambda text: abs(parsedate_to_datetime(text).timestamp() - time.time() - seconds) < 3


def flaky(probe: Probe) -> None:
    first = [probe.ask().status for _ in range(20)]
    again = Probe(probe.port, probe.contract, probe.scenario, f"{probe.session}-again")
    assert [again.ask().status for _ in range(20)] == first
    assert 1 <= first.count(500) <= 14 and set(first) == {200, 500}


def down_until_reset(probe: Probe) -> None:
    assert [probe.ask().status for _ in range(5)] == [200, 200, 500, 500, 500]


def slow_504(probe: Probe) -> None:
    first, second = probe.ask(), probe.ask()
    assert (first.status, second.status) == (504, 200) and first.seconds >= 0.3 > second.seconds


def after_the_work(probe: Probe) -> None:
    assert [probe.ask().status for _ in range(2)] == [502, 200]
    bad = Probe(probe.port, probe.contract, probe.scenario, f"{probe.session}-bad")
    assert bad.ask(number=-1).status in (502, bad.status_of("invalid"))


def record_gone(probe: Probe) -> None:
    key = probe.keys(probe.ask())[0]
    assert probe.ask(probe.record, key=key).status == 404
    assert probe.ask(probe.record, scenario="", key=key).status == 200


def limited(probe: Probe) -> None:
    seen = [probe.ask() for _ in range(6)]
    assert [each.status for each in seen] == [200] * 5 + [429]
    assert 1 <= int(seen[-1].header("retry-after")) <= 10


def limit_headers(probe: Probe) -> None:
    seen = [probe.ask() for _ in range(4)]
    assert [each.status for each in seen] == [200, 200, 200, 429]
    assert [each.header("x-ratelimit-remaining").rpartition(" ")[2] for each in seen[:3]] == ["2", "1", "0"]
    assert seen[0].header("x-ratelimit-limit").rpartition(" ")[2] == "3" and seen[-1].header("retry-after")


def throttled(retry: Callable[[str], bool]) -> Expectation:
    def expect(probe: Probe) -> None:
        first, second = probe.ask(), probe.ask()
        assert (first.status, second.status) == (429, 200) and retry(first.header("retry-after"))

    return expect


def takes(low: float, high: float, calls: int = 1) -> Expectation:
    def expect(probe: Probe) -> None:
        times = [probe.ask().seconds for _ in range(calls)]
        assert all(low <= each <= high for each in times), times

    return expect


def long_tail(probe: Probe) -> None:
    times = [probe.ask().seconds for _ in range(12)]
    assert 0.015 < statistics.median(times) < 0.25 and max(times) > 1.5 * statistics.median(times)


def slow_first(probe: Probe) -> None:
    assert probe.ask().seconds >= 1 > probe.ask().seconds


def never(probe: Probe) -> None:
    probe.patience = 0.4
    seen = probe.ask()
    assert (seen.data, seen.ended) == (b"", "open")


def dribble(probe: Probe) -> None:
    seen = probe.ask()
    assert seen.json == probe.clean().json and len(seen.arrivals) >= 5 and 0.45 <= seen.seconds < 3


def reset(probe: Probe) -> None:
    seen = probe.ask()
    assert (seen.data, seen.ended) == (b"", "reset")


def reset_once(probe: Probe) -> None:
    reset(probe)
    assert probe.ask().status == 200


def empty(probe: Probe) -> None:
    seen = probe.ask()
    assert (seen.data, seen.ended) == (b"", "closed")


def malformed(probe: Probe) -> None:
    seen = probe.ask()
    assert seen.status == 200 and seen.header("transfer-encoding") == "chunked" and not seen.header("content-length")
    size, _, rest = seen.answer.body.partition(b"\r\n")
    assert rest[int(size, 16) :].startswith(b"\r\nchunk of no size\r\n") and seen.ended == "closed"


def random_data(probe: Probe) -> None:
    seen = probe.ask()
    again = Probe(probe.port, probe.contract, probe.scenario, f"{probe.session}-again").ask()
    assert len(seen.data) == 64 and not seen.data.startswith(b"HTTP/") and seen.data == again.data


def truncated(probe: Probe) -> None:
    seen = probe.ask()
    assert seen.status == 200 and len(seen.answer.body) == int(seen.header("content-length")) // 2


def body(check: Callable[[Seen, bytes], bool]) -> Expectation:
    """A status 200 whose body is as the check says, beside the clean one."""

    def expect(probe: Probe) -> None:
        seen = probe.ask()
        assert seen.status == 200 and int(seen.header("content-length")) == len(seen.answer.body)
        assert check(seen, probe.clean().answer.body), seen.data[:300]

    return expect


def is_no_json(seen: Seen, clean: bytes) -> bool:
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.answer.body)
    return seen.header("content-type").startswith("application/json") and seen.answer.body[:-1] == clean[:-1]


def has_doubled_keys(seen: Seen, clean: bytes) -> bool:
    pairs: list[Any] = json.loads(seen.answer.body, object_pairs_hook=lambda found: found)
    return pairs[0][0] == pairs[1][0] and pairs[0][1] is None and json.loads(seen.answer.body) == json.loads(clean)


def drifted(check: Callable[[Probe, dict[str, Any], dict[str, Any]], bool]) -> Expectation:
    """The first record beside the clean one."""

    def expect(probe: Probe) -> None:
        bent, clean = probe.records(probe.ask())[0], probe.records(probe.clean())[0]
        assert check(probe, bent, clean), (bent, clean)

    return expect


def is_renamed(probe: Probe, bent: dict[str, Any], clean: dict[str, Any]) -> bool:
    (gone,) = clean.keys() - bent.keys()
    return bent.keys() - clean.keys() == {f"{gone}_v2"} and bent[f"{gone}_v2"] == clean[gone]


def is_retyped(probe: Probe, bent: dict[str, Any], clean: dict[str, Any]) -> bool:
    changed = [name for name in clean if bent.get(name) != clean[name]]
    return len(changed) == 1 and bent[changed[0]] in (7, "seven")


def is_nulled(probe: Probe, bent: dict[str, Any], clean: dict[str, Any]) -> bool:
    changed = [name for name in clean if bent[name] != clean[name]]
    return len(changed) == 1 and bent[changed[0]] is None and clean[changed[0]] is not None


def new_enum_value(probe: Probe) -> None:
    assert "understudy_new_value" in probe.ask().answer.body.decode()
    assert "understudy_new_value" not in probe.clean().answer.body.decode()


def flattened(probe: Probe) -> None:
    assert probe.ask().json == probe.records(probe.clean())


def holds(count: int | str) -> Expectation:
    """How many records there are, and what is on the last page and behind it."""

    def expect(probe: Probe) -> None:
        size = probe.listing.default_size or 20
        wanted = {"one page": size, "three pages": 3 * size}.get(str(count), count)
        seen = probe.ask()
        if not wanted and seen.status != 200:  # Yativo documents that no customers are not found
            assert seen.status == probe.status_of("not_found")
            return
        assert probe.total(seen) == wanted and len(probe.records(seen)) == min(size, int(wanted))
        if wanted == 3 * size:
            assert len(probe.records(probe.ask(number=3))) == size
            assert probe.ask(number=4).status != 200 or probe.records(probe.ask(number=4)) == []

    return expect


def values(wanted: Callable[[str], bool]) -> Expectation:
    """Some texts of the first record are as wanted, and the record by its key shows the same."""

    def expect(probe: Probe) -> None:
        seen = probe.ask()
        assert seen.status == 200
        first = probe.records(seen)[0]
        assert sum(wanted(text) for text in texts_of(first)) >= 1, first
        assert not any(map(wanted, texts_of(probe.records(probe.clean())[0])))
        if probe.record:
            assert first in probe.ask(probe.record, key=first[probe.listing.key]).json.values()

    return expect


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for child in value.values() for text in texts_of(child)]
    return [value] if isinstance(value, str) else []


def nulls_of(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(nulls_of, value.values()))
    return int(value is None)


def optional_null(probe: Probe) -> None:
    bent, clean = probe.records(probe.ask()), probe.records(probe.clean())
    assert all(nulls_of(record) >= 1 for record in bent) and sum(map(nulls_of, bent)) > sum(map(nulls_of, clean))


def optional_absent(probe: Probe) -> None:
    required = set(probe.listing.item_schema["required"])
    assert all(set(record) <= required | {probe.listing.key} for record in probe.records(probe.ask()))
    assert any(set(record) - required for record in probe.records(probe.clean()))


def duplicate_emails(probe: Probe) -> None:
    emails = [[text for text in texts_of(record) if "@" in text][:1] for record in probe.records(probe.ask())]
    pairs = list(zip(emails[::2], emails[1::2]))
    assert pairs and all(first == second for first, second in pairs) and any(first for first, _ in pairs)


def far_ids(beyond: int) -> Expectation:
    def expect(probe: Probe) -> None:
        keys = probe.keys(probe.ask())
        assert keys == [key + beyond for key in probe.keys(probe.clean())]
        if probe.record:
            assert probe.ask(probe.record, key=keys[0]).status == 200
            assert probe.ask(probe.record, key=keys[0] - beyond).status == 404

    return expect


def pages(probe: Probe) -> tuple[list[Any], list[Any], list[Any], Seen, Seen]:
    """The keys of the clean list, of a bent first page and of a bent second one."""
    clean = probe.keys(probe.clean(number=1, size=10)) + probe.keys(probe.clean(number=2, size=10))
    first = probe.ask(number=1, size=10)
    second = probe.ask(number=2, size=10)
    return clean, probe.keys(first), probe.keys(second), first, second


def inserted(probe: Probe) -> None:
    clean, first, second, page_one, page_two = pages(probe)
    assert first == clean[:10] and second == clean[9:19], "the last record of page one comes again"
    assert probe.total(page_two) == probe.total(page_one) + 1
    assert probe.keys(probe.ask(number=1, size=10))[1:] == clean[:9], "the new one is first"


def deleted(probe: Probe) -> None:
    clean, first, second, page_one, page_two = pages(probe)
    assert first == clean[:10] and second[:9] == clean[11:] and clean[10] not in second
    assert probe.total(page_two) == probe.total(page_one) - 1
    if probe.record:
        # The record itself is gone for whoever asks while it is deleted, and there without the scenario.
        assert probe.ask(probe.record, scenario="", key=clean[0]).status == 200


def total_drifts(probe: Probe) -> None:
    clean, first, second, page_one, page_two = pages(probe)
    assert first + second == clean and probe.total(page_two) == probe.total(page_one) + 1


def order_changes(probe: Probe) -> None:
    total = probe.total(probe.clean())
    clean, first, second, _, _ = pages(probe)
    assert first == clean[:10] and second != clean[10:]
    everything = probe.keys(probe.clean(number=1, size=probe.listing.max_size))
    if total <= probe.listing.max_size:
        assert second == everything[::-1][10:20]


def last_vanishes(probe: Probe) -> None:
    first = probe.ask(number=1, size=10)
    total = probe.total(first)
    last = -(-total // 10)
    seen = probe.ask(number=last, size=10)
    assert seen.status != 200 or (probe.records(seen) == [] and probe.total(seen) == (last - 1) * 10)
