"""The journal: exact in any flood until the ring turns over, and then it says so; read lazily, newest first."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from mock_server.messages import Request, Response
from mock_server.state import journal as journal_module
from mock_server.state.journal import Journal
from mock_server.state.redaction import Redaction
from mock_server.state.ring_buffer import SEGMENTS, RingBuffer
from tests.conftest import CREDENTIALS, Served, Start
from tests.raw import send
from tests.state.threads import in_threads

ALL = {0: 0}
MEBIBYTE = 1024 * 1024


def texts(ring: RingBuffer) -> list[bytes]:
    """All records, oldest first."""
    return [record.data for record in ring.newest_first(ALL)][::-1]


def test_a_ring_keeps_the_newest_records_and_a_reader_in_the_middle_sees_whole_ones(tmp_path: Path) -> None:
    ring, sent = RingBuffer(tmp_path / "r", SEGMENTS * 300), []
    reader = RingBuffer(tmp_path / "r", SEGMENTS * 300)
    for number in range(3000):
        sent.append(b"%d|" % number + b"x" * (number * 37 % 200))
        ring.append(number, 0, sent[-1])
        found = texts(reader)
        assert found == sent[-len(found) :] and (number < 30 or len(found) > 20)
        assert (
            reader.written
            == number + 1
            == reader.overwritten(-1) + len(found)
            == reader.overwritten(-1) + reader.count(ALL)
        )
    again = RingBuffer(tmp_path / "r", SEGMENTS * 300)
    again.append(3000, 0, b"after a restart")
    assert texts(reader)[-2:] == [sent[-1], b"after a restart"] and reader.written == 3001
    assert reader.find(10**9) is None


def test_a_ring_counts_right_when_its_writer_was_killed_between_two_steps(tmp_path: Path) -> None:
    for wrong in (-1, 1):
        ring = RingBuffer(tmp_path / str(wrong), SEGMENTS * 300)
        for number in range(500):
            ring.append(number, 0, b"x" * 50)
        ring._words[2] += wrong
        again = RingBuffer(tmp_path / str(wrong), SEGMENTS * 300)
        again.append(500, 0, b"y")
        assert again.written == 501


def test_a_record_that_no_segment_holds_is_our_mistake(tmp_path: Path) -> None:
    ring = RingBuffer(tmp_path / "r", SEGMENTS * 300)
    ring.append(0, 0, b"x" * ring.largest_bytes)
    with pytest.raises(ValueError, match="larger than"):
        ring.append(0, 0, b"x" * (ring.largest_bytes + 1))
    assert [len(each) for each in texts(ring)] == [ring.largest_bytes]


def test_what_nobody_asks_for_is_not_read(tmp_path: Path) -> None:
    ring = RingBuffer(tmp_path / "r", MEBIBYTE)
    for number in range(2000):
        ring.append(number, number % 2, b"%d" % number)
    newest = ring.newest_first({1: 100})
    assert next(newest).data == b"1999" and next(newest).data == b"1997"
    assert ring.count({1: 100}) == 950 and ring.count({1: 0, 0: 1998}) == 1001 and ring.count({7: 0}) == 0


def test_a_follower_is_given_what_is_new_a_part_at_a_time(tmp_path: Path) -> None:
    ring = RingBuffer(tmp_path / "r", MEBIBYTE)
    place, seen = ring.end, []
    for number in range(250):
        ring.append(number, 0, b"%d" % number)
    for _ in range(3):
        place, records = ring.read(place, 100)
        seen += [int(record.data) for record in records]
    assert seen == list(range(250)) and ring.read(place, 100) == (place, [])


def test_threads_write_one_ring_and_none_overwrites_another(tmp_path: Path) -> None:
    ring = RingBuffer(tmp_path / "r", 8 * MEBIBYTE)

    def write(thread: int) -> None:
        for number in range(500):
            ring.append(number, 0, b"%d/%d|" % (thread, number), b"x" * (number % 50))

    in_threads(write)
    found = [data.rstrip(b"x") for data in texts(ring)]
    assert sorted(found) == sorted(b"%d/%d|" % (thread, n) for thread in range(16) for n in range(500))
    last = next(ring.newest_first(ALL))
    assert ring.find(last.place) == last and ring.written == 8000


def make_journal(folder: Path, slot: int = 0) -> Journal:
    return Journal(folder, Redaction([], b"salt"), slot)


REQUEST, RESPONSE = Request("GET", "/x", "", {"host": "x"}), Response(200, (), b"{}")


def test_a_journal_is_exact_and_says_what_it_no_longer_holds(tmp_path: Path) -> None:
    journals = [make_journal(tmp_path, slot) for slot in range(2)]
    number, long = 0, REQUEST._replace(query="q" * 1000)
    while not journals[0].overwritten():
        # Many are counted, and then long ones fill the rest.
        journals[number % 2].note("toy", REQUEST if number < 50_000 else long, RESPONSE, time.time_ns())
        number += 1
        if number == 50_000:
            assert journals[0].count({"default": 0}) == journals[1].written == 50_000
    assert journals[1].written == number
    assert journals[1].count({"default": 0}) + journals[1].overwritten() == number
    assert journals[1].overwritten(time.time_ns()) == 0, "nothing of a journal that begins now is gone"


def test_reading_a_full_journal_takes_little_memory(tmp_path: Path) -> None:
    journal = make_journal(tmp_path)
    while not journal.overwritten():
        journal.note("toy", REQUEST._replace(query="q" * 1000), RESPONSE, time.time_ns())
    tracemalloc.start()
    try:
        assert next(journal.newest_first({"default": 0})).query == "q" * 1000
        assert journal.count({"default": 0}) > 10_000
        assert sum(1 for _ in journal.newest_first({"default": 0})) > 10_000
        assert tracemalloc.get_traced_memory()[1] < 4 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_entries_of_several_workers_come_newest_first(tmp_path: Path) -> None:
    journals = [make_journal(tmp_path, slot) for slot in range(3)]
    for number in range(30):
        journals[number * 7 % 3].note("toy", REQUEST._replace(query=str(number)), RESPONSE, 0)
    assert [entry.query for entry in journals[0].newest_first({"default": 0})] == [str(n) for n in range(29, -1, -1)]


LARGE = [
    ("a path of escapes", REQUEST._replace(path="/" + "\0" * 60_000)),
    ("a query of letters beyond ASCII", REQUEST._replace(query="é" * 60_000)),
    ("a body of controls", REQUEST._replace(body=b"\1" * MEBIBYTE)),
    ("many secrets", REQUEST._replace(query="&".join(["key=1"] * 10_000), body=b'{"key":1},' * 100_000)),
    ("all at once", REQUEST._replace(path="/" + "\0" * 300_000, query="\0" * 300_000)),
]


@pytest.mark.parametrize(("name", "request_"), LARGE, ids=[name for name, _ in LARGE])
def test_the_largest_requests_have_an_entry(name: str, request_: Request, tmp_path: Path) -> None:
    journal = make_journal(tmp_path)
    journal.note("toy", request_, RESPONSE._replace(headers=(("location", request_.path),)), 0)
    (entry,) = journal.newest_first({"default": 0})
    assert entry.path[:1000] == request_.path[:1000]


def flood(port: int, count: int, padding: int = 1) -> int:
    """Send that many requests, pipelined, on a connection; how many answers came."""
    headers = {"host": "127.0.0.1", **KEY, "x-padding": "x" * padding}
    lines = ["GET /fatora/v1/clients/1000 HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    request, answers, tail = "\r\n".join(lines).encode(), 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for _ in range(count // 50):
            connection.sendall(request * 50)
            wanted = answers + 50
            while answers < wanted:
                tail += connection.recv(65536)
                answers += tail.count(b"HTTP/1.1 200 OK")
                tail = tail[-14:] if not tail.endswith(b"HTTP/1.1 200 OK") else b""
    return answers


KEY = CREDENTIALS["fatora"]


@pytest.fixture(scope="module")
def flooded(start: Start) -> Served:
    """Three workers that were sent 51,200 requests at once."""
    served = start("fatora", "--workers", "3")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: flood(served.port, 3200), range(16))) == 51_200
    return served


def ask(served: Served, line: str, told: Any = None) -> Any:
    body = json.dumps(told).encode() if told is not None else b""
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}
    return json.loads(send(served.port, line, headers, body).body)


def test_a_flood_is_counted_to_the_last_request(flooded: Served) -> None:
    counted = ask(flooded, "POST /__admin/requests/count", {"urlPath": "/fatora/v1/clients/1000"})
    assert (counted["count"], counted["meta"]) == (51_200, {"written": 51_200, "overwritten": 0})
    listed = ask(flooded, "GET /__admin/requests?limit=1")
    assert listed["meta"]["total"] == 51_200 and len(listed["requests"]) == 1


def test_a_journal_that_turned_over_says_so_until_it_is_emptied(flooded: Served) -> None:
    sent = 51_200
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        while not ask(flooded, "GET /__admin/requests?limit=1")["meta"]["overwritten"]:
            sent += sum(pool.map(lambda _: flood(flooded.port, 800, padding=2000), range(16)))
    meta = ask(flooded, "GET /__admin/requests?limit=1")["meta"]
    assert meta["written"] == sent == meta["total"] + meta["overwritten"]
    page = send(flooded.port, "GET /console/requests", {"host": "127.0.0.1"}).body.decode()
    assert f"The journal turned over: {meta['overwritten']:,} older requests" in page
    ask(flooded, "DELETE /__admin/requests")
    meta = ask(flooded, "GET /__admin/requests?limit=1")["meta"]
    assert (meta["total"], meta["overwritten"], meta["written"]) == (0, 0, sent)


def test_the_ring_is_as_large_as_the_documents_say() -> None:
    assert journal_module.RING_BYTES == 32 * MEBIBYTE
