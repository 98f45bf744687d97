"""How fast records are made, and a million of them are ready to serve."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import orjson
from rich.console import Console

from mock_server.generation import compile_maker
from mock_server.sessions import NOW, Settings, load_contracts
from mock_server.store import Recipe, open_records

BARS = {"sourcehub": 60.0}
"""Seconds for a million records with their indexes."""


def run(console: Console, quick: bool) -> None:
    """Print records a second on one core, and the time to build."""
    contracts = load_contracts(Settings())
    with tempfile.TemporaryDirectory() as cache:
        for name, contract in contracts.items():
            (collection,) = contract.collections.values()
            make, view = compile_maker(collection, "bench", NOW), collection.views[0]
            rate = max(_rate(make, view, 5_000 if quick else 40_000) for _ in range(3))
            console.print(f"{name}: {rate:,.0f} records/s on one core, JSON included (bar 50,000 for the richest)")
        count = 100_000 if quick else 1_000_000
        for name in ("sourcehub", "fatora"):
            (collection,) = contracts[name].collections.values()
            started = time.perf_counter()
            records = open_records(Recipe(collection, "bench", count, NOW), Path(cache))
            seconds = time.perf_counter() - started
            size = sum(path.stat().st_size for path in Path(cache).glob(f"{collection.name}-*")) / 2**20
            bar = f" (bar {BARS[name] * count / 1e6:.0f})" if name in BARS else " (with search over four fields)"
            console.print(
                f"{name}: {records.total:,} records ready to serve in {seconds:.1f} s{bar}, {size:,.0f} MiB on disk",
            )


def _rate(make: object, view: tuple[tuple[str, str], ...], count: int) -> float:
    started = time.perf_counter()
    for ordinal in range(count):
        record = make(ordinal)  # type: ignore[operator]
        orjson.dumps({name: record[field] for name, field in view if field in record})
    return count / (time.perf_counter() - started)
