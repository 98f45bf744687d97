"""What a session with very many changes costs: a page, a record and a create at 1,000, 10,000 and 100,000 of them."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from mock_server.contract import load_document
from mock_server.engine import MockApi
from mock_server.errors import Problem
from mock_server.inference import annotate
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract, make_plain_api
from mock_server.state import Changes, RateLimits, open_counts, open_state

COUNTS, QUICK_COUNTS = (1_000, 10_000, 100_000), (1_000, 10_000)
DOCUMENT = Path(__file__).parents[1] / "examples" / "petstore.yaml"
TURNS = 21
FIRST_KEY = 1_000
PET = {"name": "Rex", "status": "available"}


def run_many_changes(console: Console, quick: bool) -> None:
    """Print milliseconds, in process over the real file, each the median of so many; and that no more are taken."""
    contract = load_plain_contract(annotate(Document("petstore", load_document(DOCUMENT), "Petstore"))[0])
    with tempfile.TemporaryDirectory() as folder:
        changes = open_state(Path(folder)).changes
        assert changes
        api = make_plain_api(contract, "understudy", RateLimits("petstore", open_counts()), changes=changes)
        for count in QUICK_COUNTS if quick else COUNTS:
            _fill(changes, count - 2 * TURNS)
            console.print(f"{count:,} changes in a session, ms: {_describe_times(api, count)}")
        if not quick:
            _fill(changes, COUNTS[-1])
            console.print(_describe_end(api))


def _fill(changes: Changes, count: int) -> None:
    """New pets in the default session, so many in all."""
    with changes.changing():
        for key in range(FIRST_KEY, FIRST_KEY + count):
            record = {"id": key, "name": f"Pet {key}", "status": "sold"}
            changes.put("", "petstore/pets", "", str(key), orjson.dumps(record).decode())


def _describe_times(api: MockApi, count: int) -> str:
    """Medians: a filter is asked for right after a create, when nothing of it is kept."""
    times: dict[str, list[float]] = {"create": [], "page after it": [], "filter after it": [], "page": [], "get": []}
    for _ in range(TURNS):
        times["create"].append(_time(api, "POST", "/v1/pets", "", PET))
        times["page after it"].append(_time(api, "GET", "/v1/pets"))
        times["filter after it"].append(_time(api, "GET", "/v1/pets", "status=sold"))
        times["page"].append(_time(api, "GET", "/v1/pets"))
        times["get"].append(_time(api, "GET", f"/v1/pets/{FIRST_KEY + count // 2}"))
    return ", ".join(f"{what} {statistics.median(of):.2f}" for what, of in times.items())


def _time(api: MockApi, method: str, path: str, query: str = "", sent: Any = None) -> float:
    """Milliseconds of a request that succeeds."""
    started = time.perf_counter()
    response = _ask(api, method, path, query, sent)
    assert response.status < 300, response
    return (time.perf_counter() - started) * 1_000


def _ask(api: MockApi, method: str, path: str, query: str = "", sent: Any = None) -> Response:
    body = b"" if sent is None else orjson.dumps(sent)
    request = Request(method, path, query, {"content-type": "application/json"}, "http://mock", "", body=body)
    match = api.find(method, path)
    assert match
    return api.answer(match, request)


def _describe_end(api: MockApi) -> str:
    """What becomes of one change more than there may be, and whether any is lost by it."""
    before = orjson.loads(_ask(api, "GET", "/v1/pets").body)["total"]
    try:
        status = _ask(api, "POST", "/v1/pets", "", PET).status
    except Problem as problem:
        status = problem.status
    after = orjson.loads(_ask(api, "GET", "/v1/pets").body)["total"]
    return f"one more is answered {status}; records before and after it: {before:,}, {after:,}"
