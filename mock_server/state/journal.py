"""The journal: what was asked and answered, written as it happens, redacted, bounded, shared by worker processes.

Each worker writes a mapped ring of its own (`ring`); readers merge them by time. An entry is written before its answer
is sent, so a worker that is killed loses none that a client saw.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from mock_server.messages import Headers, Request, Response
from mock_server.state.redaction import Redaction
from mock_server.state.ring_buffer import Ring

_dumps = orjson.dumps

RING_BYTES = 32 * 1024 * 1024
SECOND = 1_000_000_000
BURST, NOTED_A_SECOND = 20_000, 1_000
"""How many plain requests of the default session a worker notes at once, and each second of a longer flood."""

MAX_BODY_BYTES = 64 * 1024
"""How much of a body an entry keeps."""


class Entry(NamedTuple):
    """One request and its answer. `played` are the faults that were due, each with the number of its call."""

    id: str
    time_ns: int
    micros: int
    session: str
    provider: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    base: str
    address: str
    sent: str
    status: int
    reason: str
    answered: Headers
    fault: str
    played: tuple[tuple[str, int], ...]
    body: bytes
    body_bytes: int

    @property
    def target(self) -> str:
        """Path and query as they were asked for."""
        return f"{self.path}?{self.query}" if self.query else self.path


class Journal:
    """The journal of one worker (`slot`) among others in a folder."""

    def __init__(self, folder: Path, redaction: Redaction, slot: int = 0, size_bytes: int = RING_BYTES) -> None:
        self._folder, self._redaction, self._size = folder, redaction, size_bytes
        self._ring = Ring(_path(folder, slot), size_bytes)
        self._append = self._ring.append
        self._left, self._lost, self._quiet, self._refilled = BURST, 0, 0, time.time_ns()
        self._others: dict[int, Ring] = {slot: self._ring}

    def _refill(self, now: int) -> bool:
        """Whether requests of a flood may be noted again: a hundredth of a second's share at a time."""
        self._ring.skip(self._lost)
        self._lost = 0
        self._left = min(BURST, (now - self._refilled) * NOTED_A_SECOND // SECOND)
        if self._left < NOTED_A_SECOND // 100:
            self._left, self._quiet = 0, now + SECOND // 100
            return False
        self._refilled = now
        return True

    @property
    def skipped(self) -> int:
        """How many plain requests were not noted, in all workers."""
        return self._lost + sum(ring.skipped for _, ring in self._rings())

    def note(self, provider: str, request: Request, response: Response, started_ns: int) -> None:
        """Write down a request of the plain default session without its body, which the same request gives again.

        It stands in the way of every such request, hence in one piece: taken apart as `write` is, it costs twice.
        """
        if started_ns < self._quiet or (not self._left and not self._refill(started_ns)):
            self._lost += 1
            return None
        self._left -= 1
        method, path, query, headers, base, _, address, body = request
        if body or (query and self._redaction.is_secret(query)):
            return self.write("default", provider, request, response, started_ns)
        secret, kept = self._redaction.names, dict(headers)
        for name in headers:
            if name in secret:
                known = self._redaction.whole.get(headers[name])
                if known is None:
                    return self.write("default", provider, request, response, started_ns)
                kept[name] = known
        status, answered, content, reason, _ = response
        now = time.time_ns()
        head = _dumps(
            (
                now,
                (now - started_ns) // 1000,
                "default",
                provider,
                method,
                path,
                query,
                kept,
                base,
                address,
                "",
                status,
                reason,
                answered,
                "",
                (),
                len(content),
            ),
        )
        self._append(len(head).to_bytes(4, "little") + head)
        return None

    def write(
        self,
        session: str,
        provider: str,
        request: Request,
        response: Response,
        started_ns: int,
        played: tuple[tuple[str, int], ...] = (),
    ) -> None:
        """Write down one request as it came (`path` with its mount) and its answer."""
        found: list[str] = []
        redaction, body = self._redaction, response.body
        headers = redaction.headers(request.headers, found)
        query = redaction.query(request.query, found) if request.query else ""
        sent = redaction.body(request.body, found) if request.body else ""
        if found:
            body = redaction.anywhere(body, found)
        fault = response.delivery.fault if response.delivery else ""
        now = time.time_ns()
        head = _dumps(
            (
                now,
                (now - started_ns) // 1000,
                session,
                provider,
                request.method,
                request.path,
                query,
                headers,
                request.base,
                request.address,
                sent[:MAX_BODY_BYTES],
                response.status,
                response.reason,
                response.headers,
                fault,
                played,
                len(body),
            ),
        )
        if len(body) > MAX_BODY_BYTES:
            body = body[:MAX_BODY_BYTES]
        self._append(len(head).to_bytes(4, "little") + head, body)

    def _rings(self) -> Iterator[tuple[int, Ring]]:
        for path in self._folder.glob("journal-*.ring"):
            slot = int(path.stem.rpartition("-")[2])
            if slot not in self._others:
                self._others[slot] = Ring(path, self._size)
        yield from sorted(self._others.items())

    def read(self, keeps: Callable[[str, int], bool] = lambda session, time_ns: True) -> list[Entry]:
        """All entries, oldest first, whose session and time are kept."""
        entries = [
            entry
            for slot, ring in self._rings()
            for place, data in ring.read()[1]
            if (entry := _entry(slot, place, data)) and keeps(entry.session, entry.time_ns)
        ]
        return sorted(entries, key=lambda entry: entry.time_ns)

    def read_newest(self, keeps: Callable[[str, int], bool], most: int) -> list[Entry]:
        """The newest entries whose session and time are kept, oldest first; what is older is not even looked at."""
        found: list[Entry] = []
        for slot, ring in self._rings():
            entries = (_entry(slot, place, data) for place, data in ring.read_back())
            kept = (entry for entry in entries if entry and keeps(entry.session, entry.time_ns))
            found += itertools.islice(kept, most)
        return sorted(found, key=lambda entry: entry.time_ns)[-most:]

    def find(self, identifier: str) -> Entry | None:
        """The entry with that id, or None."""
        try:
            slot, place = _unpack(identifier)
        except ValueError:
            return None
        ring = dict(self._rings()).get(slot)
        data = ring.find(place) if ring else None
        entry = _entry(slot, place, data) if data else None
        return entry if entry and entry.id == identifier else None

    def follow(self) -> Callable[[], list[Entry]]:
        """A function that gives what was written since it was last called."""
        seen = {slot: ring.read()[0] for slot, ring in self._rings()}

        def more() -> list[Entry]:
            fresh = []
            for slot, ring in self._rings():
                seen[slot], found = ring.read(seen.get(slot, 0))
                fresh += [entry for place, data in found if (entry := _entry(slot, place, data))]
            return sorted(fresh, key=lambda entry: entry.time_ns)

        return more


def _path(folder: Path, slot: int) -> Path:
    return folder / f"journal-{slot}.ring"


def _entry(slot: int, place: int, data: bytes) -> Entry | None:
    """An entry of its bytes; None where they were overwritten while they were read."""
    try:
        length = int.from_bytes(data[:4], "little")
        head: list[Any] = orjson.loads(data[4 : 4 + length])
    except orjson.JSONDecodeError:
        return None
    *told, answered, fault, played, body_bytes = head
    headers = tuple((name, value) for name, value in answered)
    faults = tuple((name, call) for name, call in played)
    values = (_pack(slot, place, told[0]), *told, headers, fault, faults, data[4 + length :], body_bytes)
    return Entry._make(values)


def _pack(slot: int, place: int, time_ns: int) -> str:
    """An id that says where the entry stands; the time makes it one of a kind."""
    return str(uuid.UUID(int=(time_ns & (2**48 - 1)) << 80 | slot << 64 | place))


def _unpack(identifier: str) -> tuple[int, int]:
    number = uuid.UUID(identifier).int
    return number >> 64 & 0xFFFF, number & (2**64 - 1)
