"""What scenarios show: functions that play one with a client and look at every byte."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.scenario_client import ScenarioClient, Seen

Expectation = Callable[[ScenarioClient], None]


def statuses(*wanted: int | str) -> Expectation:
    """The statuses of as many calls in a row; an error kind stands for its documented status."""

    def expect(client: ScenarioClient) -> None:
        expected = [client.status_of(each) if isinstance(each, str) else each for each in wanted]
        assert [client.ask().status for _ in wanted] == expected
        assert client.clean().status == 200

    return expect


def second_page(kind: str) -> Expectation:
    """The second page is refused when it is asked for first, whatever was asked for before, in each session by itself."""

    def expect(client: ScenarioClient) -> None:
        numbers = (1, 1, 2, 2, 1, 2)
        expected = [200, 200, client.status_of(kind), 200, 200, 200]
        assert [client.ask(number=number, size=10).status for number in numbers] == expected
        again = ScenarioClient(client.port, client.contract, client.scenario, f"{client.session}-again")
        assert again.ask(number=2, size=10).status == client.status_of(kind)

    return expect


def documented(kind: str) -> Expectation:
    """The documented error, byte for byte as `?__code` gives it."""

    def expect(client: ScenarioClient) -> None:
        seen = client.ask()
        assert seen.status == client.status_of(kind)
        assert (
            seen.header("content-type") == client.list.errors[kind].media_type if kind in client.list.errors else True
        )

    return expect


def gateway(status: int, retry: Callable[[str], bool] = lambda text: text == "") -> Expectation:
    def expect(client: ScenarioClient) -> None:
        seen = client.ask()
        assert seen.status == status and seen.answer.body.startswith(b"<!doctype html>")
        assert seen.header("content-type") == "text/html; charset=utf-8" and retry(seen.header("retry-after"))

    return expect


def is_date_ahead(seconds: int) -> Callable[[str], bool]:
    return lambda text: abs(parsedate_to_datetime(text).timestamp() - time.time() - seconds) < 3


def flaky(client: ScenarioClient) -> None:
    first = [client.ask().status for _ in range(20)]
    again = ScenarioClient(client.port, client.contract, client.scenario, f"{client.session}-again")
    assert [again.ask().status for _ in range(20)] == first
    assert 1 <= first.count(500) <= 14 and set(first) == {200, 500}


def down_until_reset(client: ScenarioClient) -> None:
    assert [client.ask().status for _ in range(5)] == [200, 200, 500, 500, 500]


def slow_504(client: ScenarioClient) -> None:
    first, second = client.ask(), client.ask()
    assert (first.status, second.status) == (504, 200) and first.seconds >= 0.3 > second.seconds


def after_the_work(client: ScenarioClient) -> None:
    assert [client.ask().status for _ in range(2)] == [502, 200]
    bad = ScenarioClient(client.port, client.contract, client.scenario, f"{client.session}-bad")
    assert bad.ask(number=-1).status in (502, bad.status_of("invalid"))


def record_gone(client: ScenarioClient) -> None:
    key = client.keys(client.ask())[0]
    assert client.ask(client.record, key=key).status == 404
    assert client.ask(client.record, scenario="", key=key).status == 200


def record_vanishes(client: ScenarioClient) -> None:
    first, second, *_ = client.keys(client.ask())
    total = client.total(client.ask())
    assert [client.ask(client.record, key=key).status for key in (first, second)] == [404, 200]
    assert client.ask(client.record, scenario="", key=first).status == 404
    assert client.keys(client.ask())[0] == second and client.total(client.clean()) == total - 1
    other = ScenarioClient(client.port, client.contract, "", f"{client.session}-other")
    assert other.ask(other.record, key=first).status == 200


def limited(client: ScenarioClient) -> None:
    seen = [client.ask() for _ in range(6)]
    assert [each.status for each in seen] == [200] * 5 + [429]
    assert 1 <= int(seen[-1].header("retry-after")) <= 10


def limit_headers(client: ScenarioClient) -> None:
    seen = [client.ask() for _ in range(4)]
    assert [each.status for each in seen] == [200, 200, 200, 429]
    assert [each.header("x-ratelimit-remaining").rpartition(" ")[2] for each in seen[:3]] == ["2", "1", "0"]
    assert seen[0].header("x-ratelimit-limit").rpartition(" ")[2] == "3" and seen[-1].header("retry-after")


def throttled(retry: Callable[[str], bool]) -> Expectation:
    def expect(client: ScenarioClient) -> None:
        first, second = client.ask(), client.ask()
        assert (first.status, second.status) == (429, 200) and retry(first.header("retry-after"))

    return expect


def takes(low: float, high: float, calls: int = 1) -> Expectation:
    def expect(client: ScenarioClient) -> None:
        times = [client.ask().seconds for _ in range(calls)]
        assert all(low <= each <= high for each in times), times

    return expect


def long_tail(client: ScenarioClient) -> None:
    times = [client.ask().seconds for _ in range(12)]
    assert 0.015 < statistics.median(times) < 0.25 and max(times) > 1.5 * statistics.median(times)


def slow_first(client: ScenarioClient) -> None:
    assert client.ask().seconds >= 1 > client.ask().seconds


def never(client: ScenarioClient) -> None:
    client.patience = 0.4
    seen = client.ask()
    assert (seen.data, seen.ended) == (b"", "open")


def dribble(client: ScenarioClient) -> None:
    seen = client.ask()
    assert seen.json == client.clean().json and len(seen.arrivals) >= 5 and 0.45 <= seen.seconds < 3


def reset(client: ScenarioClient) -> None:
    seen = client.ask()
    assert (seen.data, seen.ended) == (b"", "reset")


def reset_once(client: ScenarioClient) -> None:
    reset(client)
    assert client.ask().status == 200


def empty(client: ScenarioClient) -> None:
    seen = client.ask()
    assert (seen.data, seen.ended) == (b"", "closed")


def malformed(client: ScenarioClient) -> None:
    seen = client.ask()
    assert seen.status == 200 and seen.header("transfer-encoding") == "chunked" and not seen.header("content-length")
    size, _, rest = seen.answer.body.partition(b"\r\n")
    assert rest[int(size, 16) :].startswith(b"\r\nchunk of no size\r\n") and seen.ended == "closed"


def random_data(client: ScenarioClient) -> None:
    seen = client.ask()
    again = ScenarioClient(client.port, client.contract, client.scenario, f"{client.session}-again").ask()
    assert len(seen.data) == 64 and not seen.data.startswith(b"HTTP/") and seen.data == again.data


def truncated(client: ScenarioClient) -> None:
    seen = client.ask()
    assert seen.status == 200 and len(seen.answer.body) == int(seen.header("content-length")) // 2


def body(check: Callable[[Seen, bytes], bool]) -> Expectation:
    """A status 200 whose body is as the check says, beside the clean one."""

    def expect(client: ScenarioClient) -> None:
        seen = client.ask()
        assert seen.status == 200 and int(seen.header("content-length")) == len(seen.answer.body)
        assert check(seen, client.clean().answer.body), seen.data[:300]

    return expect


def is_no_json(seen: Seen, clean: bytes) -> bool:
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.answer.body)
    return seen.header("content-type").startswith("application/json") and seen.answer.body[:-1] == clean[:-1]


def has_doubled_keys(seen: Seen, clean: bytes) -> bool:
    pairs: list[Any] = json.loads(seen.answer.body, object_pairs_hook=lambda members: members)
    return pairs[0][0] == pairs[1][0] and pairs[0][1] is None and json.loads(seen.answer.body) == json.loads(clean)


def drifted(check: Callable[[ScenarioClient, dict[str, Any], dict[str, Any]], bool]) -> Expectation:
    """The first record beside the clean one."""

    def expect(client: ScenarioClient) -> None:
        played, clean = client.records(client.ask())[0], client.records(client.clean())[0]
        assert check(client, played, clean), (played, clean)

    return expect


def is_renamed(client: ScenarioClient, played: dict[str, Any], clean: dict[str, Any]) -> bool:
    (gone,) = clean.keys() - played.keys()
    return played.keys() - clean.keys() == {f"{gone}_v2"} and played[f"{gone}_v2"] == clean[gone]


def is_retyped(client: ScenarioClient, played: dict[str, Any], clean: dict[str, Any]) -> bool:
    changed = [name for name in clean if played.get(name) != clean[name]]
    return len(changed) == 1 and played[changed[0]] in (7, "seven")


def is_nulled(client: ScenarioClient, played: dict[str, Any], clean: dict[str, Any]) -> bool:
    changed = [name for name in clean if played[name] != clean[name]]
    return len(changed) == 1 and played[changed[0]] is None and clean[changed[0]] is not None


def new_enum_value(client: ScenarioClient) -> None:
    assert "understudy_new_value" in client.ask().answer.body.decode()
    assert "understudy_new_value" not in client.clean().answer.body.decode()


def flattened(client: ScenarioClient) -> None:
    assert client.ask().json == client.records(client.clean())


def holds(count: int | str) -> Expectation:
    """How many records there are, and what is on the last page and behind it."""

    def expect(client: ScenarioClient) -> None:
        size = client.listing.default_size or 20
        wanted = {"one page": size, "three pages": 3 * size}.get(str(count), count)
        seen = client.ask()
        if not wanted and seen.status != 200:  # Yativo documents that no customers are not found
            assert seen.status == client.status_of("not_found")
            return
        assert client.total(seen) == wanted and len(client.records(seen)) == min(size, int(wanted))
        if wanted == 3 * size:
            assert len(client.records(client.ask(number=3))) == size
            assert client.ask(number=4).status != 200 or client.records(client.ask(number=4)) == []

    return expect


def values(wanted: Callable[[str], bool]) -> Expectation:
    """Some texts of the first record are as wanted, and the record by its key shows the same."""

    def expect(client: ScenarioClient) -> None:
        seen = client.ask()
        assert seen.status == 200
        first = client.records(seen)[0]
        assert sum(wanted(text) for text in texts_of(first)) >= 1, first
        assert not any(map(wanted, texts_of(client.records(client.clean())[0])))
        if client.record:
            assert first in client.ask(client.record, key=first[client.listing.key]).json.values()

    return expect


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for child in value.values() for text in texts_of(child)]
    return [value] if isinstance(value, str) else []


def nulls_of(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(nulls_of, value.values()))
    return int(value is None)


def optional_null(client: ScenarioClient) -> None:
    played, clean = client.records(client.ask()), client.records(client.clean())
    assert all(nulls_of(record) >= 1 for record in played) and sum(map(nulls_of, played)) > sum(map(nulls_of, clean))


def optional_absent(client: ScenarioClient) -> None:
    required = set(client.listing.item_schema["required"])
    assert all(set(record) <= required | {client.listing.key} for record in client.records(client.ask()))
    assert any(set(record) - required for record in client.records(client.clean()))


def duplicate_emails(client: ScenarioClient) -> None:
    emails = [[text for text in texts_of(record) if "@" in text][:1] for record in client.records(client.ask())]
    pairs = list(zip(emails[::2], emails[1::2]))
    assert pairs and all(first == second for first, second in pairs) and any(first for first, _ in pairs)


def far_ids(beyond: int) -> Expectation:
    def expect(client: ScenarioClient) -> None:
        keys = client.keys(client.ask())
        assert keys == [key + beyond for key in client.keys(client.clean())]
        if client.record:
            assert client.ask(client.record, key=keys[0]).status == 200
            assert client.ask(client.record, key=keys[0] - beyond).status == 404

    return expect


def pages(client: ScenarioClient) -> tuple[list[Any], list[Any], list[Any], Seen, Seen]:
    """The keys of the clean list, of a first page and of a second one as played."""
    clean = client.keys(client.clean(number=1, size=10)) + client.keys(client.clean(number=2, size=10))
    first = client.ask(number=1, size=10)
    second = client.ask(number=2, size=10)
    return clean, client.keys(first), client.keys(second), first, second


def inserted(client: ScenarioClient) -> None:
    clean, first, second, page_one, page_two = pages(client)
    assert first == clean[:10] and second == clean[9:19], "the last record of page one comes again"
    assert client.total(page_two) == client.total(page_one) + 1
    assert client.keys(client.ask(number=1, size=10))[1:] == clean[:9], "the new one is first"


def deleted(client: ScenarioClient) -> None:
    clean, first, second, page_one, page_two = pages(client)
    assert first == clean[:10] and second[:9] == clean[11:] and clean[10] not in second
    assert client.total(page_two) == client.total(page_one) - 1
    if client.record:
        # The record itself is gone for whoever asks while it is deleted, and there without the scenario.
        assert client.ask(client.record, scenario="", key=clean[0]).status == 200


def total_drifts(client: ScenarioClient) -> None:
    clean, first, second, page_one, page_two = pages(client)
    assert first + second == clean and client.total(page_two) == client.total(page_one) + 1


def order_changes(client: ScenarioClient) -> None:
    total = client.total(client.clean())
    clean, first, second, _, _ = pages(client)
    assert first == clean[:10] and second != clean[10:]
    everything = client.keys(client.clean(number=1, size=client.listing.max_size))
    if total <= client.listing.max_size:
        assert second == everything[::-1][10:20]


def last_vanishes(client: ScenarioClient) -> None:
    first = client.ask(number=1, size=10)
    total = client.total(first)
    last = -(-total // 10)
    seen = client.ask(number=last, size=10)
    assert seen.status != 200 or (client.records(seen) == [] and client.total(seen) == (last - 1) * 10)
