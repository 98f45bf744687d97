"""What changes cost: no changes against no state at all, and 1,000 changes on 100,000 records against none."""

from __future__ import annotations

import functools
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks.load import fatora_headers
from benchmarks.many_changes import run_many_changes
from mock_server.engine import MockApi
from mock_server.messages import Request
from mock_server.sessions import Settings, load_contracts
from mock_server.sessions.factory import make_api
from mock_server.state import open_state

BARS = {"page": 2.0, "get": 1.3}
"""How many times as long a changed collection may take."""


def run(console: Console, quick: bool) -> None:
    """Print the ratios, in process: what a socket adds is the same for all."""
    count, turns = (20_000, 2_000) if quick else (100_000, 20_000)
    settings = Settings(providers=("fatora",), records=count, limits="off")
    contract = load_contracts(settings)["fatora"]
    with tempfile.TemporaryDirectory() as folder:
        without, unchanged = make_api(contract, settings), make_api(contract, settings, state=open_state(Path(folder)))
        for what, path in (("page", "/v1/clients"), ("get", "")):
            ratio = _microseconds(unchanged, path, turns) / _microseconds(without, path, turns)
            console.print(f"{what}, no changes against no state: {ratio:.2f} (bar 1.03)")
        plain = {what: _microseconds(unchanged, path, turns) for what, path in (("page", "/v1/clients"), ("get", ""))}
        _change(unchanged, count)
        assert unchanged.sources.by("clients", "").total == count - 500
        for what, path in (("page", "/v1/clients"), ("get", "")):
            ratio = _microseconds(unchanged, path, turns) / plain[what]
            verdict = "held" if ratio <= BARS[what] else "MISSED"
            console.print(f"{what}, 1,000 changes on {count:,} records: {ratio:.2f} {verdict} (bar {BARS[what]})")
    run_many_changes(console, quick)


def _change(api: MockApi, count: int) -> None:
    """A thousand records of one's own, in place of others all over the collection."""
    source = api.sources["clients"]
    for number in range(1_000):
        _, rows = source.page((), number * count // 1_000, 1)
        key = str(json.loads(rows[0])["id"])
        if number % 2:
            api.sources.take("clients", "", key)
        else:
            api.sources.give("clients", "", {"name": f"Number {number}"}, "last", key=key)


def _microseconds(api: MockApi, path: str, turns: int) -> float:
    """The best of five rounds of pages all over the collection, or of one record."""
    requests = _requests(api, path)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for turn in range(turns // 5):
            requests[turn % len(requests)]()
        best = min(best, (time.perf_counter() - started) / (turns // 5) * 1e6)
    return best


def _requests(api: MockApi, path: str) -> list[Callable[[], object]]:
    key = json.loads(api.sources["clients"].page((), 11, 1)[1][0])["id"]
    targets = (
        [(path, f"page={page * 7 + 1}&page_size=20") for page in range(100)] if path else [(f"/v1/clients/{key}", "")]
    )
    made: list[Callable[[], object]] = []
    for target, query in targets:
        match = api.find("GET", target)
        assert match
        request = Request("GET", target, query, fatora_headers())
        made.append(functools.partial(api.answer, match, request))
    return made
