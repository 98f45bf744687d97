"""This server and Stoplight Prism in turn, on the same machine, under the same load."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from rich.console import Console
from rich.table import Table

from benchmarks.load import GET, LIST, ROOT, Figures, fatora_headers, free_port, load, require, running, understudy
from mock_server.messages import Request
from mock_server.server import publish
from mock_server.sessions import Settings, load_contracts, make_apis

CONNECTIONS = (1, 8, 64)
BARS = (("list", "Prism static", 5.0), ("list", "Prism dynamic", 20.0), ("get", "Prism static", 3.5))
"""What must hold at eight connections: this server's requests a second over the peer's."""

Results = dict[tuple[str, str, int], list[Figures]]


def run(console: Console, quick: bool) -> None:
    """Measure, interleaved, and print medians and ratios."""
    require("wrk", "npm", "taskset")
    prism, contract = _install_prism(), _write_contract()
    results: Results = defaultdict(list)
    for _ in range(1 if quick else 3):
        for name, command, prefix in _servers(prism, contract):
            port = free_port()
            with running([part.replace("PORT", str(port)) for part in command], port):
                _measure(results, name, port, prefix, 1 if quick else 3)
    _print(console, results)


def _servers(prism: Path, contract: Path) -> list[tuple[str, list[str], str]]:
    peer = ["node", str(prism), "mock", "-p", "PORT", "-h", "127.0.0.1", "-v", "silent", str(contract)]
    ours = [part if part != "0" else "PORT" for part in understudy(0, "--records", "10000")]
    return [
        ("Understudy", ours, "/fatora/v1/clients"),
        ("Understudy, no journal", [*ours, "--no-journal"], "/fatora/v1/clients"),
        ("Prism static", peer, "/clients"),
        ("Prism dynamic", [*peer, "--dynamic"], "/clients"),
    ]


def _measure(results: Results, name: str, port: int, path: str, seconds: float) -> None:
    for kind, script in (("list", LIST.format(path=path, turns=400)), ("get", GET.format(path=path, turns=9000))):
        load(port, script, 8, 1)
        for connections in CONNECTIONS:
            results[name, kind, connections].append(load(port, script, connections, seconds))


def _install_prism() -> Path:
    folder = user_cache_path("understudy") / "bench"
    found = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not found.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "benchmarks" / "package.json", folder)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return found


def _write_contract() -> Path:
    """The contract as it is published, without our annotations: some mean something else to Prism, and it fails."""
    settings = Settings(providers=("fatora",))
    apis = make_apis(load_contracts(settings), settings)
    document = _plain({**publish(apis.apis["fatora"], ""), "servers": [{"url": "http://127.0.0.1"}]})
    page = apis.find_answer(Request("GET", "/fatora/v1/clients", headers=fatora_headers()))
    assert page and page.status == 200
    # Prism's static answer is an example: it gets a page of 20 records, as many as Understudy sends.
    success = document["paths"]["/clients"]["get"]["responses"]["200"]["content"]["application/json"]
    success["examples"] = {"page": {"value": json.loads(page.body)}}
    path = Path(tempfile.mkdtemp(prefix="understudy-")) / "fatora.json"
    path.write_text(json.dumps(document))
    return path


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(child) for child in node]
    if isinstance(node, dict):
        return {key: _plain(child) for key, child in node.items() if not key.startswith("x-")}
    return node


def _median(figures: list[Figures]) -> Figures:
    return Figures(*(statistics.median(column) for column in zip(*figures)))


def _print(console: Console, results: Results) -> None:
    table = Table(
        "server",
        "what",
        "connections",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "errors",
        "Understudy is … times as fast",
    )
    medians = {row: _median(figures) for row, figures in results.items()}
    for (name, kind, connections), found in medians.items():
        ratio = medians["Understudy", kind, connections].requests / max(found.requests, 0.1)
        shown = [f"{found.requests:,.0f}", f"{found.p50_ms:.2f}", f"{found.p99_ms:.2f}", f"{found.errors:,.0f}"]
        table.add_row(name, kind, str(connections), *shown, "" if name.startswith("Understudy") else f"{ratio:.1f}")
    console.print(table)
    ours = sum(figures.errors for (name, _, _), runs in results.items() if name == "Understudy" for figures in runs)
    console.print(f"errors of our own: {ours:,.0f} {'MISSED' if ours else 'held'}")
    for kind, peer, bar in BARS:
        ratio = medians["Understudy", kind, 8].requests / max(medians[peer, kind, 8].requests, 0.1)
        console.print(
            f"{kind} against {peer}, 8 connections: {ratio:.1f} (bar {bar}) {'held' if ratio >= bar else 'MISSED'}",
        )
