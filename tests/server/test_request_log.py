"""The log on the terminal: a line a request, what it tells and what it never tells."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CREDENTIALS, Served, Start
from tests.raw import send

MINE = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
LIST = "/fatora/v1/clients"


@pytest.fixture(scope="module")
def logging(start: Start) -> Served:
    """A server that logs; what it prints after its start is for the tests to read."""
    return start("fatora", "yativo", "--log")


LINES = [
    (f"{LIST}?page=2", {}, f"default GET     {LIST}?page=2 200 # ms"),
    (f"/~anna{LIST}", {}, f"anna GET     /~anna{LIST} 200 # ms"),
    (LIST, {"understudy-session": "bea"}, f"bea GET     {LIST} 200 # ms"),
    (f"{LIST}?colour=red&size=3", {}, f"default GET     {LIST}?colour=red&size=3 200 # ms unknown=colour,size"),
    (
        f"/~step{LIST}?__scenario=third-call-fails",
        {},
        f"step GET     /~step{LIST}?__scenario=third-call-fails 200 # ms scenario=third-call-fails",
    ),
    (f"{LIST}?page=2%1b[31m", {}, f"default GET     {LIST}?page=2%1b[31m 400 # ms"),
    ("/fatora/v1/%1b%5b31m", {}, "default GET     /fatora/v1/\\x1b[31m 404 # ms"),
    (f"{LIST}?api_key=mine-alone", {}, f"default GET     {LIST}?api_key=[redacted #] 200 # ms unknown=api_key"),
    ("/nobody", {}, "default GET     /nobody 404 # ms"),
    ("/__admin/health?token=mine-alone", {}, "default GET     /__admin/health?token=[redacted #] 200 # ms"),
]


@pytest.mark.parametrize(("target", "headers", "line"), LINES, ids=[line for _, _, line in LINES])
def test_a_line_tells_what_came_and_what_was_played(
    logging: Served,
    target: str,
    headers: dict[str, str],
    line: str,
) -> None:
    send(logging.port, f"GET {target}", {**MINE, **headers})
    assert logging.process.stdout
    printed = next(text for text in logging.process.stdout if re.match(r"\d\d:\d\d:\d\d", text))
    assert re.match(r"\d\d:\d\d:\d\d\.\d{3} ", printed)
    pattern = re.escape(line).replace(r"\#\ ms", r"\d+\.\d ms").replace(r"\#", "[0-9a-f]+")
    assert re.fullmatch(pattern, printed[13:].rstrip("\n")), printed


def test_a_line_names_the_mapping_that_answered(logging: Served) -> None:
    identifier = "00000000-0000-4000-8000-000000000007"
    value = json.dumps({"id": identifier, "request": {"urlPath": "/mapped"}, "response": {"status": 204}}).encode()
    sent = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(value))}
    assert send(logging.port, "POST /__admin/mappings?session=own", sent, value).status == 201
    send(logging.port, "GET /~own/mapped", MINE)
    assert logging.process.stdout
    printed = next(text for text in logging.process.stdout if "/~own/mapped" in text)
    assert printed.rstrip("\n").endswith(f"mapping={identifier}"), printed


def test_the_log_is_off_when_nobody_wants_it(tmp_path: Path) -> None:
    import tests.conftest as shared

    process = subprocess.Popen(
        [sys.executable, "-m", "mock_server", "serve", "fatora", "--port", "0", "--no-log", "--cache", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=shared.ROOT,
    )
    with process:
        assert process.stdout
        lines = iter(process.stdout)
        port = next(int(line.split("http://127.0.0.1:")[1].split()[0]) for line in lines if "http://" in line)
        next(line for line in lines if line.startswith("Ctrl-C"))
        send(port, f"GET {LIST}", MINE)
        process.terminate()
        rest = list(lines)
    assert rest[-1] == "Stopped.\n" and not [line for line in rest if LIST in line] and process.returncode == 0
