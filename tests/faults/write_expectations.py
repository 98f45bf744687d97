"""What scenarios about writes show: functions that play one with a client over raw sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.scenario_client import Seen, send_raw


@dataclass(frozen=True)
class Target:
    """A provider that writes: its list, a record to create, a change of one, and what its client sends.

    `whole` asks for all records in one page.
    """

    name: str
    list: str
    record: Mapping[str, Any]
    change: Mapping[str, Any]
    key: str = "id"
    headers: Mapping[str, str] = field(default_factory=dict)
    patch_type: str = "application/json"
    whole: str = "size=100"


@dataclass
class WriteClient:
    """One session's client, each of whose requests asks for a scenario."""

    port: int
    target: Target
    scenario: str
    session: str
    patience: float = 10

    def ask(
        self,
        method: str,
        path: str = "",
        sent: Any = None,
        *,
        clean: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        """One request of the list or of what lies below it; `clean` without the scenario."""
        body = b"" if sent is None else json.dumps(sent).encode()
        head = {**self.target.headers, "understudy-session": self.session, "content-length": str(len(body))}
        head |= headers or {}
        patch_type = self.target.patch_type if method == "PATCH" else "application/json"
        head |= {"content-type": patch_type} if body else {}
        head |= {} if clean else {"prefer": f"scenario={self.scenario}"}
        return send_raw(self.port, f"{method} {self.target.list}{path}", head, self.patience, body)

    def set_clock(self, seconds: float) -> None:
        """Put the session's clock forward."""
        body = json.dumps({"clockOffsetSeconds": seconds}).encode()
        head = {"content-type": "application/json", "content-length": str(len(body))}
        assert send_raw(self.port, f"PUT /__admin/sessions/{self.session}", head, body=body).status == 200

    def create(self, headers: Mapping[str, str] | None = None) -> Seen:
        """Create the record."""
        return self.ask("POST", "", self.target.record, headers=headers)

    def change(self, key: Any, headers: Mapping[str, str] | None = None) -> Seen:
        """Change a record."""
        return self.ask("PATCH", f"/{key}", self.target.change, headers=headers)

    def records(self, clean: bool = True) -> list[dict[str, Any]]:
        """All records, as they are or as the scenario shows them."""
        seen = self.ask("GET", f"?{self.target.whole}", clean=clean)
        assert seen.status == 200, seen
        whole = seen.json
        listed = whole if isinstance(whole, list) else next(each for each in whole.values() if isinstance(each, list))
        return list(listed)

    def keys(self, clean: bool = True) -> list[Any]:
        """Their keys."""
        return [record[self.target.key] for record in self.records(clean)]

    def get(self, key: Any, clean: bool = True) -> Any:
        """A record, or the status that it is answered with."""
        seen = self.ask("GET", f"/{key}", clean=clean)
        return seen.json if seen.status == 200 else seen.status


Expectation = Callable[[WriteClient], None]


def twice(first: Callable[[Seen], bool], done: bool) -> Expectation:
    """The first create is answered so, and is done or not; the next one is right."""

    def expect(client: WriteClient) -> None:
        before = client.keys()
        assert first(client.create())
        between = client.keys()
        assert len(between) == len(before) + done
        assert client.create().status == 201
        assert len(client.keys()) == len(between) + 1

    return expect


def is_answered(status: int) -> Callable[[Seen], bool]:
    return lambda seen: seen.status == status


def is_reset(seen: Seen) -> bool:
    return (seen.data, seen.ended) == (b"", "reset")


def of_each_write(first: int | str, done: bool) -> Expectation:
    """The first create, change and delete are answered so, and are done or not; reads are right."""

    def expect(client: WriteClient) -> None:
        client.patience = 0.5 if first == "open" else 10
        kept, changed, *_ = before = client.keys()
        seen = [client.create(), client.change(changed), client.ask("DELETE", f"/{kept}")]
        assert [each.status if each.data else each.ended for each in seen] == [first] * 3
        after = client.keys(clean=False)
        assert after == client.keys()
        assert (len(after), kept in after) == ((len(before), False) if done else (len(before), True))
        assert (client.target.change.items() <= client.get(changed).items()) is done
        client.patience = 10
        assert client.create().status == 201 and client.change(changed).status < 300

    return expect


def shows_late(reads: int) -> Expectation:
    """So many reads show what was there before; then what was written is there, and a client without lag never waits."""

    def expect(client: WriteClient) -> None:
        key, gone, *_ = before = client.keys()
        created = client.create().json[client.target.key]
        client.change(key)
        client.ask("DELETE", f"/{gone}")
        assert client.keys() == [each for each in before if each != gone] + [created]
        listed = [client.keys(clean=False) for _ in range(reads + 2)]
        assert listed == [before] * reads + [client.keys()] * 2
        client.ask("DELETE", f"/{created}")
        answers = [client.get(created, clean=False) == 404 for _ in range(reads + 2)]
        assert answers == [False] * reads + [True] * 2

    return expect


def lists_late(client: WriteClient) -> None:
    before = client.keys()
    created = client.create().json[client.target.key]
    assert client.get(created, clean=False) == client.get(created)
    assert [client.keys(clean=False) for _ in range(3)] == [before, before, [*before, created]]


def seconds_late(client: WriteClient) -> None:
    before = client.keys()
    created = client.create().json[client.target.key]
    assert client.keys(clean=False) == before and client.get(created, clean=False) == 404
    client.set_clock(2.05)
    assert client.keys(clean=False) == [*before, created] == client.keys()


def accepted_then_done(client: WriteClient) -> None:
    before = client.keys()
    assert client.create().status == 202 and client.ask("DELETE", f"/{before[0]}").status == 202
    listed = [client.keys(clean=False) for _ in range(3)]
    assert listed[:2] == [before] * 2 and listed[2] == client.keys() and len(listed[2]) == len(before)
    assert before[0] not in listed[2]


def accepted_never_done(client: WriteClient) -> None:
    before = client.records()
    assert [client.create().status, client.change(before[0][client.target.key]).status] == [202, 202]
    assert client.records() == before == client.records(clean=False)
    assert client.create().status == 201


def read_only(client: WriteClient) -> None:
    before = client.records()
    key = before[0][client.target.key]
    for _ in range(2):
        seen = [client.create(), client.change(key), client.ask("DELETE", f"/{key}")]
        assert [(each.status, each.header("retry-after")) for each in seen] == [(503, "120")] * 3
    assert client.records(clean=False) == before == client.records()


def throttles_writes(client: WriteClient) -> None:
    key = client.keys(clean=False)[0]
    assert [(seen.status, seen.header("retry-after")) for seen in (client.create(), client.create())] == [
        (429, "1"),
        (201, ""),
    ]
    assert [client.change(key).status for _ in range(2)] == [429, 200]


def loses_an_update(client: WriteClient) -> None:
    """Without If-Match the client's own change is all that is left; `refuses_a_stale_update` shows the other one."""
    key, other, *_ = client.keys()
    wanted = {**client.get(key), **client.target.change}
    for _ in range(2):
        assert client.change(key).status < 300 and client.get(key) == wanted
    assert client.get(other) == client.get(other, clean=False)


def refuses_a_stale_update(client: WriteClient) -> None:
    key = client.keys()[0]
    etag = client.ask("GET", f"/{key}").header("etag")
    assert etag and client.change(key, {"if-match": etag}).status == 412
    etag = client.ask("GET", f"/{key}").header("etag")
    assert client.change(key, {"if-match": etag}).status < 300


def creates_once(client: WriteClient) -> None:
    """A create sent again under its idempotency key is answered, and not done again."""
    before = client.keys()
    keyed = {"idempotency-key": "one"}
    assert client.create(keyed).status >= 500
    created = client.create(keyed)
    assert created.status == 201 and client.keys() == [*before, created.json[client.target.key]]


def vanishes(client: WriteClient) -> None:
    first, second, *rest = client.keys(clean=False)
    assert client.get(first, clean=False) == 404 and client.get(second, clean=False) == client.get(second)
    assert client.keys(clean=False) == [second, *rest] == client.keys()


def vanishes_before_update(client: WriteClient) -> None:
    first, second, *rest = client.keys(clean=False)
    assert [client.change(first).status, client.change(second).status] == [404, 200]
    assert client.keys() == [second, *rest]


EXPECTED: dict[str, Expectation] = {
    "eventually-consistent": shows_late(2),
    "lists-lag": lists_late,
    "seconds-behind": seconds_late,
    "accepted-then-done": accepted_then_done,
    "accepted-never-done": accepted_never_done,
    "create-fails-after-the-work": twice(is_answered(500), done=True),
    "create-conflicts-once": twice(is_answered(409), done=False),
    "write-fails-after-the-work": of_each_write(504, done=True),
    "write-reset-after-the-work": of_each_write("reset", done=True),
    "write-times-out": of_each_write("open", done=True),
    "write-never-arrives": of_each_write("reset", done=False),
    "writes-throttled": throttles_writes,
    "read-only": read_only,
    "lost-update": loses_an_update,
    "record-vanishes": vanishes,
    "record-deleted-before-update": vanishes_before_update,
}
"""What each scenario about writes shows to a client that sees every byte."""

OTHERS: dict[str, Expectation] = {
    "fails-after-the-work": twice(is_answered(502), done=True),
    "gateway-timeout-once": twice(is_answered(504), done=False),
    "connection-reset-once": twice(is_reset, done=False),
    "throttled-once": twice(is_answered(429), done=False),
    "slow-first-call": twice(is_answered(201), done=True),
}
"""What scenarios that are not about writes alone show to a client that writes."""
