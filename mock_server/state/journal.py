"""The journal: what was asked and answered, written as it happens, redacted, bounded, shared by worker processes.

Each worker writes a ring buffer of its own; readers merge them by time. An entry is written before its answer is sent,
so a worker that is killed loses none that a client saw. Every request has an entry until the ring turns over, and what
it overwrote is counted.
"""

from __future__ import annotations

import functools
import hashlib
import heapq
import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from mock_server.messages import Headers, Request, Response
from mock_server.state.redaction import Redaction, hide_everywhere, hide_in_headers
from mock_server.state.ring_buffer import Record, RingBuffer
from mock_server.state.secret_forms import ANYWHERE_LENGTH

_dumps = orjson.dumps

RING_BYTES = 32 * 1024 * 1024
"""What a worker's entries take at most: 60,000 to 90,000 plain requests."""

MAX_BODY_BYTES = 64 * 1024
"""How much of a body an entry holds."""

FOLLOWED_AT_ONCE = 1_000
"""How many entries of one worker a follower is given at a time; the others come with its next calls."""


CUT, _HEADERS, _ANSWERED = 1_000, 6, 12
"""How much of a text is left of an entry that is too large, and where the headers of request and answer stand."""


class Entry(NamedTuple):
    """One request and its answer. `played` are the faults that were due, each with the number of its call.

    `mapped` is the id of the mapping that answered, and what of its answer departs from the contract; else empty.
    """

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
    mapped: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """Path and query as they were asked for."""
        return f"{self.path}?{self.query}" if self.query else self.path


class Journal:
    """The journal of one worker (`slot`) among others in a folder; raises UsageError where it has no room.

    Where it `keeps_bodies`, entries hold answers that the same request may not give again: of what is edited meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        redaction: Redaction,
        slot: int = 0,
        size_bytes: int = RING_BYTES,
        keeps_bodies: bool = False,
        ring: RingBuffer | None = None,
    ) -> None:
        self._folder, self._redaction, self._size, self._slot = folder, redaction, size_bytes, slot
        self._ring = ring or RingBuffer(_path(folder, slot), size_bytes)
        self._append = self._ring.append
        self.note = functools.partial(self.write, "default") if keeps_bodies else self._note
        self._default = key_of("default")
        self._last_headers: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
        self._opened: dict[int, RingBuffer] = {slot: self._ring}

    def renewed(self, redaction: Redaction) -> Journal:
        """The same with other secrets, its bodies kept: a ring has one writer, so both write to one."""
        return Journal(self._folder, redaction, self._slot, self._size, True, self._ring)

    def _note(self, provider: str, request: Request, response: Response, started_ns: int) -> None:
        """Write down a request of the plain default session without its body, which the same request gives again.

        It stands in the way of every such request, hence in one piece: taken apart as `write` is, it costs twice.
        """
        # One unpacking costs less than seven attributes, and one `dumps` less than a `struct` for each field.
        method, path, query, headers, base, _, address, body = request
        if body or ";" in path or (query and self._redaction.is_secret_query(query)):
            return self.write("default", provider, request, response, started_ns)
        # A client sends the same headers with every request: what was hidden in the last ones is hidden in these.
        last, hidden = self._last_headers
        if headers != last:
            safe = self._hide_listed(headers)
            if safe is None:
                return self.write("default", provider, request, response, started_ns)
            hidden = safe
            self._last_headers = headers, hidden
        status, answered, content, reason, _, _ = response
        now = time.time_ns()
        micros = (now - started_ns) // 1000
        asked = (micros, "default", provider, method, path, query, hidden, base, address, "")
        values = (*asked, status, reason, answered, "", (), len(content))
        data = _dumps(values)
        try:
            self._append(now, self._default, len(data).to_bytes(4, "little") + data)
        except ValueError:
            self._append_cut(now, self._default, values)
        return None

    def _hide_listed(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """The headers with listed test credentials named; None where one may be somebody's own."""
        is_secret, whole = self._redaction.secret_headers, self._redaction.whole
        labels = {name: whole.get(value) for name, value in headers.items() if is_secret[name]}
        named = {name: label for name, label in labels.items() if label is not None}
        return {**headers, **named} if len(named) == len(labels) else None

    def write(
        self,
        session: str,
        provider: str,
        request: Request,
        response: Response,
        started_ns: int,
        played: tuple[tuple[str, int], ...] = (),
        mapped: tuple[str, ...] = (),
    ) -> None:
        """Write down one request as it came (`path` with its mount) and its answer."""
        secrets: list[str] = []
        redaction, body, answered = self._redaction, response.body, response.headers
        headers = redaction.headers(request.headers, secrets)
        path, query, sent = redaction.path(request.path, secrets), redaction.query(request.query, secrets), ""
        if request.body:
            media_type = request.headers.get("content-type", "")
            sent = redaction.body(request.body[:MAX_BODY_BYTES], media_type, secrets)
        if secrets:  # the same secret may stand elsewhere under a name that says nothing, and in the answer's links
            headers = {name: hide_everywhere(value, secrets, ANYWHERE_LENGTH) for name, value in headers.items()}
            path = hide_everywhere(path, secrets, ANYWHERE_LENGTH)  # a short one may be what the path is made of
            query, sent = hide_everywhere(query, secrets), hide_everywhere(sent, secrets)
            answered = hide_in_headers(answered, secrets)
            body = hide_everywhere(body.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")
        if response.secrets:
            answered, body = redaction.answer(answered, body, response.secrets)
        fault, now = (response.delivery.fault if response.delivery else ""), time.time_ns()
        values = (
            (now - started_ns) // 1000,
            session,
            provider,
            request.method,
            path,
            query,
            headers,
            request.base,
            request.address,
            sent[:MAX_BODY_BYTES],
            response.status,
            response.reason,
            answered,
            fault,
            played,
            len(body),
            *mapped,
        )
        data, key = _dumps(values), key_of(session)
        try:
            self._append(now, key, len(data).to_bytes(4, "little") + data, body[:MAX_BODY_BYTES])
        except ValueError:
            self._append_cut(now, key, values)

    def _append_cut(self, now_ns: int, key: int, values: tuple[Any, ...]) -> None:
        """Write an entry that there is no room for, which none of our own server's is, without most of it."""
        cut = [value[:CUT] if isinstance(value, str) else () if isinstance(value, tuple) else value for value in values]
        cut[_HEADERS] = {}
        data = _dumps(cut)
        self._append(now_ns, key, len(data).to_bytes(4, "little") + data)

    def _rings(self) -> list[tuple[int, RingBuffer]]:
        for path in self._folder.glob("journal-*.ring"):
            slot = int(path.stem.rpartition("-")[2])
            if slot not in self._opened:
                self._opened[slot] = RingBuffer(path, self._size)
        return sorted(self._opened.items())

    @property
    def written(self) -> int:
        """How many entries were ever written, by all workers and of all sessions."""
        return sum(ring.written for _, ring in self._rings())

    def overwritten(self, since_ns: int = 0) -> int:
        """How many of them are gone, for their ring turned over; none of a ring where those are older than a moment."""
        return sum(ring.overwritten(since_ns) for _, ring in self._rings())

    def count(self, since_ns: Mapping[str, int]) -> int:
        """How many entries there are of these sessions, each since its moment."""
        wanted = _by_key(since_ns)
        return sum(ring.count(wanted) for _, ring in self._rings())

    def newest_first(self, since_ns: Mapping[str, int]) -> Iterator[Entry]:
        """The entries of these sessions, each since its moment; what nobody asks for is not even decoded."""
        wanted = _by_key(since_ns)
        records = [_numbered(slot, ring.newest_first(wanted)) for slot, ring in self._rings()]
        merged = heapq.merge(*records, key=lambda pair: pair[1].time_ns, reverse=True)
        return (entry for slot, record in merged if (entry := _entry(slot, record)))

    def find(self, identifier: str) -> Entry | None:
        """The entry with that id, or None."""
        try:
            slot, place = _unpack(identifier)
        except ValueError:
            return None
        ring = dict(self._rings()).get(slot)
        record = ring.find(place) if ring else None
        entry = _entry(slot, record) if record else None
        return entry if entry and entry.id == identifier else None

    def follow(self) -> Callable[[], list[Entry]]:
        """A function that gives what was written since it was last called, some of it at a time."""
        places = {slot: ring.end for slot, ring in self._rings()}

        def read_on() -> list[Entry]:
            entries = []
            for slot, ring in self._rings():
                places[slot], records = ring.read(places.get(slot, 0), FOLLOWED_AT_ONCE)
                entries += [entry for record in records if (entry := _entry(slot, record))]
            return sorted(entries, key=lambda entry: entry.time_ns)

        return read_on


def _path(folder: Path, slot: int) -> Path:
    return folder / f"journal-{slot}.ring"


def reserve_journal(folder: Path, slots: int) -> None:
    """Make the files of all workers before they start; raises UsageError where there is no room for them."""
    for slot in range(slots):
        RingBuffer(_path(folder, slot), RING_BYTES)


def key_of(session: str) -> int:
    """What a session's entries are found by without decoding them."""
    return int.from_bytes(hashlib.blake2b(session.encode(), digest_size=8).digest(), "little")


def _by_key(since_ns: Mapping[str, int]) -> dict[int, int]:
    return {key_of(session): moment for session, moment in since_ns.items()}


def _numbered(slot: int, records: Iterator[Record]) -> Iterator[tuple[int, Record]]:
    return zip(itertools.repeat(slot), records)


def _entry(slot: int, record: Record) -> Entry | None:
    """An entry of its record; None where it was overwritten while it was read."""
    data = record.data
    try:
        length = int.from_bytes(data[:4], "little")
        values: list[Any] = orjson.loads(data[4 : 4 + length])
    except orjson.JSONDecodeError:
        return None
    plain, (answered, fault, played, body_bytes, *mapped) = values[:_ANSWERED], values[_ANSWERED:]
    headers = tuple((name, value) for name, value in answered)
    faults = tuple((name, call) for name, call in played)
    identifier, body = _pack(slot, record.place, record.time_ns), data[4 + length :]
    written = identifier, record.time_ns, *plain, headers, fault, faults, body, body_bytes, tuple(mapped)
    return Entry._make(written)


def _pack(slot: int, place: int, time_ns: int) -> str:
    """An id that says where the entry stands; the time makes it one of a kind."""
    return str(uuid.UUID(int=(time_ns & (2**48 - 1)) << 80 | slot << 64 | place))


def _unpack(identifier: str) -> tuple[int, int]:
    number = uuid.UUID(identifier).int
    return number >> 64 & 0xFFFF, number & (2**64 - 1)
