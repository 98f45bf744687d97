"""A long load with faults mixed in: what a server that runs for days must survive, bounded by count.

300,000 requests by 64 connections over two workers: plain ones, filters, errors, sessions, and every kind of fault.
Afterwards memory is flat, no descriptor is left open, no thread was added, and not one answer was a failure of ours.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.load import ROOT, fatora_headers, free_port, understudy
from mock_server.sessions import load_form, load_stock

REQUESTS = 300_000
CONNECTIONS = 64
PATIENCE_SECONDS = 0.5
MEMORY_GROWTH = 0.10
LEFT_OUT = {"a-million-records", "slow", "slow-first-call", "dribble", "maintenance"}
"""What would only make the run longer: answers that are late on purpose."""


class Usage(NamedTuple):
    """What the worker processes hold: memory of their own in MiB, open descriptors, threads."""

    memory_mib: float
    descriptors: int
    threads: int


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _measure(pid: int) -> Usage:
    memory, descriptors, threads = 0.0, 0, 0
    for worker in _children(pid):
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{worker}/status").read_text().splitlines() if ":" in line
        )
        memory += int(status["RssAnon"].split()[0]) / 1024
        threads += int(status["Threads"])
        descriptors += len(list(Path(f"/proc/{worker}/fd").iterdir()))
    return Usage(memory, descriptors, threads)


def _targets(seed: int) -> list[bytes]:
    """A deck of requests: mostly plain ones, some of sessions, some of each scenario."""
    draw, names = random.Random(seed), sorted(set(load_stock(load_form())) - LEFT_OUT)
    paths = [f"/fatora/v1/clients?page={n}&page_size=20" for n in range(1, 4)] + [
        f"/fatora/v1/clients/{n}" for n in range(990, 1050)
    ]
    paths += [
        "/fatora/v1/clients?keyword=ahmad",
        "/fatora/v1/clients?page=x",
        "/fatora/v1/nothing",
        "/v1/client",
        "/__admin/health",
    ]
    deck = [draw.choice(paths) for _ in range(3000)]
    deck += [f"/~soak{draw.randrange(40)}/fatora/v1/clients?page={draw.randrange(1, 4)}" for _ in range(400)]
    deck += [
        f"/~faults{draw.randrange(20)}/fatora/v1/clients?page=2&__scenario={draw.choice(names)}" for _ in range(600)
    ]
    draw.shuffle(deck)
    headers = "".join(f"{name}: {value}\r\n" for name, value in fatora_headers().items())
    return [f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}\r\n".encode() for path in deck]


async def _client(port: int, deck: list[bytes], counter: itertools.count[int], most: int, seen: Counter[str]) -> None:
    """One connection after another, each kept as long as the server keeps it."""
    reader = writer = None
    while (number := next(counter)) < most:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert reader
            writer.write(deck[number % len(deck)])
            status = await asyncio.wait_for(_read_answer(reader), PATIENCE_SECONDS)
            seen[status] += 1
            if status != "whole" and not status.isdecimal():
                raise ConnectionError
        except (TimeoutError, ConnectionError, ValueError, asyncio.IncompleteReadError) as error:
            seen[type(error).__name__] += 1
            if writer:
                writer.close()
            reader = writer = None
    if writer:
        writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    if not first.startswith("HTTP/1.1 ") or "content-length" not in headers:
        raise ConnectionError
    body = await reader.readexactly(int(headers["content-length"]))
    status = first.split(" ")[1]
    if (status == "500" and b"Understudy failed" in body) or b'"title":"Internal Server Error"' in body:
        return "500 of our own"
    return status


async def _load(port: int, deck: list[bytes], start: int, most: int, seen: Counter[str]) -> None:
    counter = itertools.count(start)
    await asyncio.gather(*(_client(port, deck, counter, most, seen) for _ in range(CONNECTIONS)))


def run(console: Console, quick: bool) -> None:
    """Load a server of two workers, print what it holds before and after, and say whether the bars hold."""
    total = REQUESTS // 20 if quick else REQUESTS
    port = free_port()
    process = _start(understudy(port, "--workers", "2"))
    try:
        _wait(port)
        deck, seen, started = _targets(1), Counter[str](), time.monotonic()
        asyncio.run(_load(port, deck, 0, total // 3, seen))
        warm = _measure(process)
        middle = asyncio.run(_staged(port, deck, total, seen, process))
        time.sleep(2.0)
        after = _measure(process)
        right = _is_right(port)
    finally:
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
    _print(console, warm, middle, after, seen, time.monotonic() - started, right)


def _start(command: list[str]) -> int:
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    return os.posix_spawn(command[0], command, dict(os.environ, PYTHONPATH=str(ROOT)), file_actions=quiet)


async def _staged(port: int, deck: list[bytes], total: int, seen: Counter[str], process: int) -> Usage:
    await _load(port, deck, total // 3, total * 2 // 3, seen)
    middle = _measure(process)
    await _load(port, deck, total * 2 // 3, total, seen)
    return middle


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while not _is_right(port):
        if time.monotonic() > deadline:
            sys.exit("The server did not start.")
        time.sleep(0.1)


def _is_right(port: int) -> bool:
    """Whether a plain request is answered as ever."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/fatora/v1/clients", headers=fatora_headers())
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return bool(json.load(answer)["total"] == 47)
    except OSError:
        return False


def _print(
    console: Console,
    warm: Usage,
    middle: Usage,
    after: Usage,
    seen: Counter[str],
    seconds: float,
    right: bool,
) -> None:
    table = Table("two workers", "memory, MiB", "descriptors", "threads")
    for name, usage in (("after a third (warm)", warm), ("after two thirds", middle), ("after all, idle", after)):
        table.add_row(name, f"{usage.memory_mib:.1f}", str(usage.descriptors), str(usage.threads))
    console.print(table)
    console.print(f"{sum(seen.values()):,} requests in {seconds:.0f} s: {dict(sorted(seen.items()))}")
    bars = {
        f"memory within {MEMORY_GROWTH:.0%} of warm": after.memory_mib <= warm.memory_mib * (1 + MEMORY_GROWTH),
        "no descriptor left open": after.descriptors <= warm.descriptors,
        "no thread added": after.threads <= warm.threads,
        "no failure of our own": seen["500 of our own"] == 0,
        "the next plain request is right": right,
    }
    for name, holds in bars.items():
        console.print(f"{name}: {'held' if holds else 'MISSED'}")
    if not all(bars.values()):
        sys.exit(1)
