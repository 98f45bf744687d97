"""Microseconds per step of the flow, in process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.load import fatora_headers
from mock_server.engine import TemplateOperation, render_reply
from mock_server.messages import ANYBODY, Request
from mock_server.sessions import MockApis, Settings, load_contracts, make_apis


def run(console: Console, quick: bool) -> None:
    """Print the budget of a list of 20 and of one record."""
    settings = Settings(providers=("fatora",), records=10_000)
    apis = make_apis(load_contracts(settings), settings)
    turns = 2_000 if quick else 20_000
    targets = ("/fatora/v1/clients", "page=7&page_size=20"), ("/fatora/v1/clients/1024", "")
    columns = [_steps(apis, path, query, turns) for path, query in targets]
    table = Table("step", "list of 20, µs", "one record, µs")
    for name in columns[0]:
        table.add_row(name, *(f"{column[name]:.1f}" for column in columns))
    console.print(table)


def _steps(apis: MockApis, path: str, query: str, turns: int) -> dict[str, float]:
    headers = {"host": "127.0.0.1:8080", **fatora_headers(), "accept": "*/*"}
    request = Request("GET", path, query, headers, "http://127.0.0.1:8080")
    api, below = apis.dispatcher.aim(request)
    assert api
    match = api.find("GET", below.path)
    assert match
    compiled, values = match
    assert isinstance(compiled, TemplateOperation)
    inputs = compiled.read_inputs(query, values)
    result = compiled.fetch(below, inputs, ANYBODY)
    steps: dict[str, Callable[[], Any]] = {
        "which provider": lambda: apis.dispatcher.aim(request),
        "which operation": lambda: api.find("GET", below.path),
        "3 caller": lambda: compiled.find_caller(below),
        "5 inputs": lambda: compiled.read_inputs(query, values),
        "6 result (page and SQLite)": lambda: compiled.fetch(below, inputs, ANYBODY),
        "7 render": lambda: render_reply(compiled.success, result),
        "the whole short way": lambda: apis.find_answer(request),
    }
    return {name: _microseconds(step, turns) for name, step in steps.items()}


def _microseconds(step: Callable[[], Any], turns: int) -> float:
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(turns // 5):
            step()
        best = min(best, (time.perf_counter() - started) / (turns // 5) * 1e6)
    return best
