"""A thousand records against a million: lists, deep pages, searches."""

from __future__ import annotations

import statistics
import time

from rich.console import Console

from benchmarks.load import LIST, free_port, load, require, running, understudy
from mock_server.messages import Condition
from mock_server.sessions import NOW, Settings, default_cache, load_contracts
from mock_server.store import Recipe, StoredRecords, open_records

MILLION = 1_000_000
FIELDS = ("name", "email", "phone", "address")
KEYWORDS = {
    "rare (one e-mail)": [f"{n * 7919 % MILLION}@" for n in range(1, 60)],
    "one in a thousand (a street)": [f"street {n + 300}" for n in range(1, 30)],
    "long, of common parts": [f"building {n}, street {n + 300}" for n in range(1, 30)],
    "common (a family name)": ["al-ansari", "al-attiyah", "al-badr", "al-baker", "al-dosari", "al-emadi", "al-hajri"],
    "in a tenth to all": ["doha", ", doha, qatar", "zone 5", "building 1", "example.net", "street", "@example"],
    "one or two characters": ["e", " ", "zz", "qa", "07", "a@", "al"],
    "common parts in no record": ["qatar, doha", "zone 5, street 999, doha x", "ad b", "oha,q", "x" * 200],
}
MAX_SEARCH_MS = 50.0


def run(console: Console, quick: bool) -> None:
    """Print the ratios and the times of searches."""
    require("wrk", "taskset")
    seconds = 1 if quick else 3
    rates = {count: _rate(count, 40, seconds) for count in (1_000, MILLION)}
    ratio = rates[MILLION] / rates[1_000]
    console.print(f"list of 20 at 1,000,000 records against 1,000: {ratio:.2f} {_verdict(ratio >= 0.8)} (bar 0.80)")
    shelf = _shelf()
    near, far = (_page_us(shelf, first) for first in (0, 49_999))
    console.print(
        f"page 1: {near:.1f} µs, page 50,000: {far:.1f} µs, {far / near:.2f} {_verdict(far / near <= 1.2)} (bar 1.20)",
    )
    for name, words in KEYWORDS.items():
        times = [_search_ms(shelf, word) for word in words]
        told = f"median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms"
        held = _verdict(max(times) < MAX_SEARCH_MS)
        console.print(f"search of a million, {name}: {told} {held} (bar {MAX_SEARCH_MS:.0f})")


def _verdict(held: bool) -> str:
    return "held" if held else "MISSED"


def _rate(count: int, turns: int, seconds: float) -> float:
    port = free_port()
    script = LIST.format(path="/fatora/v1/clients", turns=turns)
    with running(understudy(port, "--records", str(count)), port):
        load(port, script, 8, 1)
        return statistics.median(load(port, script, 8, seconds).requests for _ in range(3))


def _shelf() -> StoredRecords:
    contract = load_contracts(Settings(providers=("fatora",)))["fatora"]
    return open_records(Recipe(contract.collections["clients"], "understudy", MILLION, NOW), default_cache())


def _page_us(shelf: StoredRecords, first: int) -> float:
    """Microseconds for a page near `first`, another page each time."""
    best = []
    for _ in range(7):
        started = time.perf_counter()
        for number in range(200):
            shelf.page((), (first - number * (first > 0) + number * (first == 0)) * 20, 20)
        best.append((time.perf_counter() - started) / 200 * 1e6)
    return min(best)


def _search_ms(shelf: StoredRecords, word: str) -> float:
    started = time.perf_counter()
    shelf.page((Condition("search", FIELDS, word),), 0, 20)
    return (time.perf_counter() - started) * 1000
