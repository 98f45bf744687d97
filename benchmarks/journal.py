"""What the journal costs the default path: the same server with and without it, in turns."""

from __future__ import annotations

import statistics

from rich.console import Console

from benchmarks.load import GET, LIST, free_port, load, require, running, understudy

BAR = 0.75
"""What must hold at eight connections: requests a second with a journal over those without."""


def run(console: Console, quick: bool) -> None:
    """Measure in turns, print medians and ratios. Every request is written down; the first seconds do not count."""
    require("wrk", "taskset")
    rounds, seconds = (1, 1) if quick else (5, 3)
    for kind, script in (
        ("list", LIST.format(path="/fatora/v1/clients", turns=400)),
        ("get", GET.format(path="/fatora/v1/clients", turns=9000)),
    ):
        found: dict[str, list[float]] = {"--journal": [], "--no-journal": []}
        for _ in range(rounds):
            for option, rates in found.items():
                port = free_port()
                with running(understudy(port, "--records", "10000", option), port):
                    load(port, script, 8, 2)
                    rates.append(load(port, script, 8, seconds).requests)
        kept, none = (statistics.median(rates) for rates in found.values())
        said = "held" if kept / none >= BAR else "MISSED"
        console.print(
            f"{kind}: {kept:,.0f} requests/s with a journal, {none:,.0f} without: {kept / none:.2f} {said} (bar {BAR})",
        )
