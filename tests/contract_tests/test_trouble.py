"""Targets in trouble: what a whole run makes of a connection lost, a limit reached, a request that breaks the server."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from contract_tests.transport import patience
from mock_server.sessions.dispatch import MockApis
from tests.contract_tests.command import Done, check
from tests.contract_tests.played import play
from tests.target_server import Reply, response, scripted

KEY = "00000000-0000-4000-8000-00000000F00D"

Spoil = Callable[[str, int], Reply | str]
"""What is answered to a head in place of the mock's answer, by the number of the request; a text for the mock's."""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.01)


def run_check(apis: MockApis, folder: Path, spoil: Spoil) -> tuple[Done, dict[str, Any], list[Any], int]:
    """What the command says, its report, the entries of its archive, and how many requests arrived."""
    usual = play(apis, "http")

    def answer(head: str, number: int) -> Reply:
        spoiled = spoil(head, number)
        if not isinstance(spoiled, str):
            return spoiled
        start, _, rest = usual(head, "http").partition(b"\r\n")
        return start + f"\r\nConnection: close\r\nDate: {formatdate(usegmt=True)}\r\n".encode() + rest

    with scripted(answer) as server:
        base = {"FATORA_BASE_URL": f"{server.url}/fatora/v1", "FATORA_API_KEY": KEY}
        known = {"XDG_CACHE_HOME": str(folder / "cache"), **base}
        done = check("fatora", "--target", "live", "--rate", "1000", "--report", "out", cwd=folder, variables=known)
    (provider,) = json.loads((folder / "out" / "report.json").read_text())["providers"]
    entries = json.loads((folder / "out" / "traffic.har").read_text())["log"]["entries"]
    return done, provider, entries, len(server.heads)


def every(period: int, reply: Reply) -> Spoil:
    return lambda head, number: reply if number % period == period // 2 else "the mock's"


PASSING: list[tuple[str, Spoil]] = [
    ("one connection in twenty-five is lost", every(25, None)),
    ("one answer in twenty is a 503", every(20, response("503 Service Unavailable", b""))),
    ("one answer in fifteen is a 429 that asks for no time", every(15, response("429 Too Many", b"", retry_after="0"))),
    ("one answer in thirty is cut short", every(30, response("200 OK", b"{", content_length="99"))),
]


@pytest.mark.parametrize(("name", "spoil"), PASSING, ids=[name for name, _ in PASSING])
def test_what_passes_is_no_finding(name: str, spoil: Spoil, apis: MockApis, tmp_path: Path) -> None:
    done, report, entries, arrived = run_check(apis, tmp_path, spoil)
    assert [finding for finding in report["findings"] if finding["grade"] == "breaking"] == [], done.stdout
    assert done.returncode == 0, done.stdout
    assert arrived == report["calls"] == len(entries)
    assert any("sent again" in entry["comment"] for entry in entries)
    noted = [finding for finding in report["findings"] if "was sent once more" in finding["problem"]]
    assert bool(noted) == ("429" not in name)


def test_what_fails_every_third_time_is_named(apis: MockApis, tmp_path: Path) -> None:
    done, report, entries, arrived = run_check(apis, tmp_path, every(3, response("500 Oops", b"")))
    (failing,) = [f for f in report["findings"] if f["problem"].startswith("Requests fail again and again")]
    assert failing["grade"] == "breaking" and "the answer was 500" in failing["actual"]
    assert done.returncode == 1 and "only when they were sent again" in report["stopped"]
    assert arrived == report["calls"] == len(entries)


def breaks_by_a_quote(head: str, number: int) -> Reply | str:
    path = head.partition(" HTTP/")[0]
    return response("500 Internal Server Error", b"") if "%27" in path or "'" in path else "the mock's"


def breaks_by_zero(head: str, number: int) -> Reply | str:
    is_zero = re.search(r"[?&]page(_size)?=0[& ]", head)
    return response("500 Internal Server Error", b"") if is_zero else "the mock's"


BREAKING: list[tuple[str, Spoil]] = [("an apostrophe", breaks_by_a_quote), ("a page or a size of zero", breaks_by_zero)]


@pytest.mark.parametrize(("name", "spoil"), BREAKING, ids=[name for name, _ in BREAKING])
def test_what_breaks_by_one_request_is_named(name: str, spoil: Spoil, apis: MockApis, tmp_path: Path) -> None:
    done, report, entries, arrived = run_check(apis, tmp_path, spoil)
    assert "500" in json.dumps(report["findings"]), done.stdout
    assert done.returncode == 1 and "stopped answering" not in done.stdout
    assert arrived == report["calls"] == len(entries)


def breaks_down(head: str, number: int) -> Reply | str:
    return (
        "the mock's" if number < 12 else response("502 Bad Gateway", b"<h1>Bad gateway</h1>", content_type="text/html")
    )


def falls_silent(head: str, number: int) -> Reply | str:
    return "the mock's" if number < 12 else None


ENDING: list[tuple[str, Spoil, str]] = [
    ("a gateway without a server", breaks_down, "in a row with 502"),
    ("connections that are closed", falls_silent, "stopped answering"),
]


@pytest.mark.parametrize(("name", "spoil", "said"), ENDING, ids=[row[0] for row in ENDING])
def test_a_target_that_breaks_down_ends_the_run_early(
    name: str,
    spoil: Spoil,
    said: str,
    apis: MockApis,
    tmp_path: Path,
) -> None:
    done, report, entries, arrived = run_check(apis, tmp_path, spoil)
    assert said in report["stopped"] and done.returncode in (1, 4), done.stdout
    assert arrived == report["calls"] == len(entries) < 30


def test_a_body_without_end_takes_no_memory(apis: MockApis, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    done, report, entries, _ = run_check(apis, tmp_path, lambda _, number: head + b"[1,2,3,4]" * 4_000_000)
    assert done.returncode == 3 and "more than 16 MiB" in " ".join(done.stdout.split())
    assert report["calls"] == len(entries) == 1
    assert (tmp_path / "out" / "traffic.har").stat().st_size < 300_000
    # The server of this test is in the same process, with its 36 MB; in kilobytes, on Linux.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000
