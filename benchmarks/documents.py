"""Plain documents: seconds and memory to the first answer by their size, and lists a second beside a contract's."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from benchmarks.load import LIST, ROOT, free_port, load, require, running, understudy

PETSTORE = ROOT / "examples" / "petstore.yaml"

SIZES = (10, 300, 3_000)
"""Operations of the documents that are made up; the largest has about 13 MB."""

SECONDS_BAR, MEGABYTES_BAR, RATIO_BAR = 4.0, 250, 0.85
"""For the largest document; and for the petstore's list beside Fatora's."""


RECORDS = ("--records", "1000")
"""So that every page of both is full."""


class Started(NamedTuple):
    """Seconds to the first answer, and the most memory until then."""

    seconds: float
    megabytes: float


def make_document(operations: int) -> dict[str, Any]:
    """A document of lists and gets, each with schemas of its own, about as wordy as people's are."""
    words = "What this is for, at some length, as descriptions of properties usually are. " * 3
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in range(operations // 2):
        named = {f"field_{n}": {"type": "string", "description": words} for n in range(25)}
        schemas[f"Thing{number}"] = {"type": "object", "properties": {"id": {"type": "integer"}, **named}}
        item = {"$ref": f"#/components/schemas/Thing{number}"}
        pages = [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("page", "per_page")]
        key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        paths[f"/things{number}"] = {
            "get": {"parameters": pages, "responses": _answer({"type": "array", "items": item})},
        }
        paths[f"/things{number}/{{id}}"] = {"get": {"parameters": [key], "responses": _answer(item)}}
    info = {"title": "Things", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def run(console: Console, quick: bool) -> None:
    """Print what a start takes by the size of the document, and how lists of a plain document compare."""
    table = Table("operations", "megabytes of JSON", "seconds to the first answer", "megabytes of memory")
    with tempfile.TemporaryDirectory() as folder:
        for operations in SIZES:
            path = Path(folder) / f"things{operations}.json"
            path.write_text(json.dumps(make_document(operations)), encoding="utf-8")
            started = [start(path, "/things0?page=2&per_page=5") for _ in range(1 if quick else 3)]
            seconds = statistics.median(each.seconds for each in started)
            megabytes = max(each.megabytes for each in started)
            size = path.stat().st_size / 2**20
            table.add_row(f"{operations:,}", f"{size:.1f}", f"{seconds:.2f}", f"{megabytes:.0f}")
    console.print(table)
    console.print(f"the largest: bars {SECONDS_BAR:g} s and {MEGABYTES_BAR} MB")
    require("wrk")
    ratio = _measure_ratio(2 if quick else 10)
    console.print(f"petstore's list against Fatora's, 8 connections: {ratio:.2f} (bar {RATIO_BAR})")


def start(document: Path, target: str) -> Started:
    """Serve a document until it has answered once."""
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_server", "serve", str(document), "--port", str(port), "--no-log"],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}{target}"):
            time.sleep(0.02)
        seconds = time.monotonic() - began
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        return Started(seconds, int(peak[1]) / 1024 if peak else 0.0)
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=60) as response:
            return bool(response.read())
    except HTTPError:
        raise
    except (URLError, OSError):
        return False


def _measure_ratio(seconds: int) -> float:
    """Lists of 20 records a second of the petstore, as a share of Fatora's."""
    port = free_port()
    plain = [sys.executable, "-m", "mock_server", "serve", str(PETSTORE), "--port", str(port), "--no-log", *RECORDS]
    script = LIST.replace("page_size", "limit").format(path="/v1/pets", turns=50)
    with running(plain, port):
        # The petstore asks for no credential; one that no document lists would be searched for in each answer.
        petstore = load(port, script, 8, seconds, signed=False)
    port = free_port()
    with running(understudy(port, *RECORDS), port):
        fatora = load(port, LIST.format(path="/fatora/v1/clients", turns=50), 8, seconds)
    return petstore.requests / fatora.requests
