"""Targets that are no API at all, or one in trouble: how a run of each ends, and what its first line says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from tests.contract_tests.command import check
from tests.target_server import response, scripted

KEY = "00000000-0000-4000-8000-00000000F00D"
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>"
OTHER = json.dumps({"users": [{"uid": 7}], "next": None}).encode()
FAILED = json.dumps({"status": "ERROR", "error": {"error_code": "404", "description": "x"}}).encode()
RECORD = {"id": 1, "name": "A", "address": "B", "phone": "C", "email": "d@example.org", "notes": None}
LIST = {"status": "SUCCESS", "clients": [RECORD], "total": 1, "page_size": 20, "page": 1}


class Trouble(NamedTuple):
    """A target that answers every request alike: what it sends, how the run ends, what its first line has, calls at most."""

    name: str
    answer: bytes
    code: int
    said: str
    calls: int = 2


TROUBLES = [
    Trouble(
        "login redirect",
        response("302 Found", b"", location="/login?next=/"),
        3,
        "/login (302 Found), a login",
        1,
    ),
    Trouble("elsewhere", response("301 Moved", b"", location="https://www.example.org/v1"), 3, "redirects GET", 1),
    Trouble("portal", response("200 OK", PAGE, content_type="text/html"), 3, "a page for people (“Sign in”)"),
    Trouble("500", response("500 Oops", b"<h1>no</h1>", content_type="text/html"), 3, "answers 500 Oops"),
    Trouble("503 for an hour", response("503 Busy", b"", retry_after="3600"), 3, "asked to wait 3600 seconds", 1),
    Trouble("429", response("429 Too Many Requests", b"{}"), 3, "429", 4),
    Trouble("firewall", response("403 Forbidden", PAGE, content_type="text/html"), 3, "a firewall or proxy", 1),
    Trouble("inactive", response("403 Forbidden", FAILED), 3, "refuses the credential (403)", 1),
    Trouble("refused", response("401 Unauthorized", FAILED), 3, "refuses the credential (401)", 1),
    Trouble("404", response("404 Not Found", FAILED), 3, "is the base URL right, its path included?"),
    Trouble("another API", response("200 OK", OTHER), 3, "it holds users, next. Is this another API?"),
    Trouble("an error as success", response("200 OK", FAILED), 3, "not the documented answer"),
    Trouble("nothing", response("204 No Content", b""), 3, "204 No Content and nothing"),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=[row.name for row in TROUBLES])
def test_a_target_that_is_not_the_documented_api_is_not_reached_and_the_first_line_says_why(
    trouble: Trouble,
    tmp_path: Path,
) -> None:
    with scripted(lambda head, number: trouble.answer) as server:
        arguments = ["fatora", "--target", "live", "--rate", "1000", "--base-url", f"{server.url}/v1"]
        done = check(*arguments, "--report", "out", cwd=tmp_path, variables={"FATORA_API_KEY": KEY})
    assert done.returncode == trouble.code, done.stdout
    first = done.stdout.splitlines()[0]
    assert first.startswith("Not reached. ") and trouble.said in first
    assert "passed" not in done.stdout and len(server.heads) <= trouble.calls
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    (finding,) = provider["findings"]
    assert finding["check"] == "reached" and finding["grade"] == "breaking" and provider["unreached"]
    assert "assumption" not in finding["problem"]
    (suite,) = ElementTree.parse(tmp_path / "out" / "junit.xml").getroot()
    assert suite.attrib["errors"] == "1" and KEY not in done.stdout


NEARLY = [
    ("another case", json.dumps({name.upper(): value for name, value in LIST.items()}).encode(), "another case"),
    ("a byte order mark", b"\xef\xbb\xbf" + json.dumps(LIST).encode(), "The body is no JSON: a byte order mark"),
    ("a debug bar", json.dumps(LIST).encode() + b"<script></script>", "The body is no JSON: text stands after"),
    ("NaN", json.dumps({**LIST, "total": float("nan")}).encode(), "NaN"),
    ("the list is null", json.dumps({**LIST, "clients": None}).encode(), "another type than documented"),
    ("a bare list", json.dumps([RECORD]).encode(), "another type than documented"),
]


@pytest.mark.parametrize(("name", "body", "said"), NEARLY, ids=[row[0] for row in NEARLY])
def test_an_answer_that_is_nearly_right_does_not_end_the_run_and_its_fault_is_a_finding(
    name: str,
    body: bytes,
    said: str,
) -> None:
    with scripted(lambda head, number: response("200 OK", body)) as server:
        arguments = ["fatora", "--target", "live", "--rate", "1000", "--base-url", f"{server.url}/v1", "--no-readings"]
        done = check(*arguments, variables={"FATORA_API_KEY": KEY})
    assert done.returncode == 1 and said in done.stdout and len(server.heads) > 5


def test_a_first_answer_that_fails_is_asked_again_and_does_not_count() -> None:
    def answer(head: str, number: int) -> bytes:
        return response("503 Starting", b"") if number == 1 else response("200 OK", json.dumps(LIST).encode())

    with scripted(answer) as server:
        chosen = ["--base-url", f"{server.url}/v1", "--check", "schema", "--check", "status", "--no-readings"]
        done = check("fatora", "--target", "live", "--rate", "1000", *chosen, variables={"FATORA_API_KEY": KEY})
    assert done.returncode == 0 and "breaking" not in done.stdout and len(server.heads) == 2


def test_a_list_without_records_that_is_a_documented_404_is_no_failure_and_proves_nothing() -> None:
    def answer(head: str, number: int) -> bytes:
        known = "authorization:" in head.lower()
        return response("404 Not Found" if known else "401 Unauthorized", b'{"message": "Not Found"}')

    with scripted(answer) as server:
        arguments = ["yativo", "--target", "live", "--rate", "1000", "--base-url", f"{server.url}/api/v1"]
        done = check(*arguments, "--no-readings", variables={"YATIVO_TOKEN": "understudy-yativo-valid"})
    assert done.returncode == 4 and done.stdout.startswith("Incomplete. listCustomers is answered 404, as documented")
    assert "breaking" not in done.stdout


def test_every_curl_line_of_a_report_runs_as_it_is_printed_and_is_answered_alike(tmp_path: Path) -> None:
    def answer(head: str, number: int) -> bytes:
        return (
            response("500 Oops", b"<h1>no</h1>") if "page=" in head else response("200 OK", json.dumps(LIST).encode())
        )

    with scripted(answer) as server:
        arguments = ["fatora", "--target", "live", "--rate", "1000", "--base-url", f"{server.url}/v1", "--no-readings"]
        check(*arguments, "--report", "out", cwd=tmp_path, variables={"FATORA_API_KEY": KEY})
        (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
        lines = {finding["reproduce"]: finding for finding in provider["findings"] if finding["reproduce"]}
        assert len(lines) > 3 and KEY not in str(provider)
        for line, finding in lines.items():
            command = f"{line} --silent --max-time 10"
            before = len(server.heads)
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env={"FATORA_API_KEY": KEY})
            status = "500" if "page=" in server.heads[-1] else "200"
            assert done.returncode == 0 and len(server.heads) == before + 1, (line, done.stderr)
            assert done.stdout.startswith(f"HTTP/1.1 {status}"), (line, finding["problem"])
            assert "REDACTED" not in line and "$FATORA" not in server.heads[-1]
