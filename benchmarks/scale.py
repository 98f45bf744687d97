"""A thousand records against a million: lists, deep pages, searches, starts, and who waits for whom."""

from __future__ import annotations

import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from benchmarks.load import LIST, fatora_headers, free_port, load, require, running, understudy
from mock_server.messages import Condition
from mock_server.sessions import NOW, Settings, default_cache, load_contracts
from mock_server.store import Recipe, StoredRecords, open_records

MILLION = 1_000_000
SIZES = (1_000, 50_000, MILLION)
FIELDS = ("name", "email", "phone", "address")
KEYWORDS = {
    "rare (one e-mail)": [f"{n * 7919 % MILLION}@" for n in range(1, 30)],
    "one in a thousand (a street)": [f"street {n + 300}" for n in range(1, 30)],
    "long, of common parts": [f"building {n}, street {n + 300}" for n in range(1, 30)],
    "common (a family name)": ["al-ansari", "al-attiyah", "al-badr", "al-baker", "al-dosari", "al-emadi", "al-hajri"],
    "in a tenth to all": ["doha", ", doha, qatar", "zone 5", "building 1", "example.net", "street", "@example"],
    "one or two characters": ["e", " ", "zz", "qa", "07", "a@", "al"],
    "common parts in no record": ["qatar, doha", "zone 5, street 999, doha x", "ad b", "oha,q", "x" * 200],
}
BARS_MS = {1_000: 2.0, 50_000: 50.0, MILLION: 1_000.0}
"""The longest first search of a keyword that we accept, by the number of records; in processor time."""


def run(console: Console, quick: bool) -> None:
    """Print the ratios and the times of searches."""
    require("wrk", "taskset")
    seconds = 1 if quick else 3
    rates = {size: _rate(size, 40, seconds) for size in (1_000, MILLION)}
    ratio = rates[MILLION] / rates[1_000]
    console.print(f"list of 20 at 1,000,000 records against 1,000: {ratio:.2f} {_verdict(ratio >= 0.8)} (bar 0.80)")
    records = {size: _open(size) for size in SIZES}
    near, far = (_page_us(records[MILLION], first) for first in (0, 49_999))
    console.print(
        f"page 1: {near:.1f} µs, page 50,000: {far:.1f} µs, {far / near:.2f} {_verdict(far / near <= 1.2)} (bar 1.20)",
    )
    console.print(f"a million records that are in the cache are open in {_open_ms():.0f} ms")
    console.print(_search_table(records))
    alone, beside = _waits_ms(seconds)
    console.print(
        f"a plain list beside nobody: median {statistics.median(alone):.1f} ms, worst {max(alone):.1f} ms; "
        f"beside first searches of a million: median {statistics.median(beside):.1f} ms, worst {max(beside):.1f} ms",
    )


def _verdict(held: bool) -> str:
    return "held" if held else "MISSED"


def _rate(size: int, turns: int, seconds: float) -> float:
    port = free_port()
    script = LIST.format(path="/fatora/v1/clients", turns=turns)
    with running(understudy(port, "--records", str(size)), port):
        load(port, script, 8, 1)
        return statistics.median(load(port, script, 8, seconds).requests for _ in range(3))


def _open(size: int) -> StoredRecords:
    contract = load_contracts(Settings(providers=("fatora",)))["fatora"]
    return open_records(Recipe(contract.collections["clients"], "understudy", size, NOW), default_cache())


def _open_ms() -> float:
    """Milliseconds to open a million records that were checked before."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        _open(MILLION)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _page_us(records: StoredRecords, first: int) -> float:
    """Microseconds for a page near `first`, another page each time."""
    best = []
    for _ in range(7):
        started = time.perf_counter()
        for number in range(200):
            records.page((), (first - number * (first > 0) + number * (first == 0)) * 20, 20)
        best.append((time.perf_counter() - started) / 200 * 1e6)
    return min(best)


def _search_table(records: dict[int, StoredRecords]) -> Table:
    """The first search of each keyword, and the same again."""
    table = Table("first search, ms of CPU (median / worst)", *(f"{size:,}" for size in SIZES), "again")
    worst = dict.fromkeys(SIZES, 0.0)
    for name, words in KEYWORDS.items():
        cells = []
        for size in SIZES:
            times = [_search_ms(records[size], word) for word in words]
            worst[size] = max(worst[size], *times)
            cells.append(f"{statistics.median(times):.1f} / {max(times):.1f}")
        again = statistics.median(_search_ms(records[MILLION], word) for word in words)
        table.add_row(name, *cells, f"{again:.3f}")
    table.add_row("bar", *(f"{BARS_MS[size]:,.0f} {_verdict(worst[size] <= BARS_MS[size])}" for size in SIZES), "")
    return table


def _search_ms(records: StoredRecords, word: str) -> float:
    """Milliseconds of processor time: what a search costs, however busy the machine is."""
    started = time.thread_time()
    records.page((Condition("search", FIELDS, word),), 0, 20)
    return (time.thread_time() - started) * 1000


def _waits_ms(seconds: float) -> tuple[list[float], list[float]]:
    """How long plain lists take, alone and while another client searches a million records for new keywords."""
    port = free_port()
    with running(understudy(port, "--records", str(MILLION)), port):
        alone = _list_ms(port, seconds)
        with _searching(port):
            return alone, _list_ms(port, seconds)


def _list_ms(port: int, seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        _ask(port, f"page={len(times) % 40 + 1}")
        times.append((time.perf_counter() - started) * 1000)
    return times


@contextmanager
def _searching(port: int) -> Iterator[None]:
    """A client that asks for one new keyword after the other."""
    stop = threading.Event()

    def search() -> None:
        for number in count(100):
            if stop.is_set():
                return
            _ask(port, f"keyword={quote(f'street {number}')}")

    thread = threading.Thread(target=search)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _ask(port: int, query: str) -> None:
    url = f"http://127.0.0.1:{port}/fatora/v1/clients?{query}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=fatora_headers())) as answer:
        answer.read()
