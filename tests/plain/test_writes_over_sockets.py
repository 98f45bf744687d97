"""Writes over real sockets and several workers: seen by every worker at once, whatever is killed; reset takes them back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mock_server.cli import main
from tests.conftest import Served, Start
from tests.plain.playing import PETSTORE


def call(served: Served, method: str, path: str, sent: Any = None, session: str = "") -> tuple[int, Any]:
    """Status and body of one request over a connection of its own, so that any worker may get it."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    headers = {"content-type": "application/json"} if sent is not None else {}
    headers |= {"understudy-session": session} if session else {}
    connection.request(method, path, None if sent is None else json.dumps(sent), headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, json.loads(body) if body.startswith((b"{", b"[")) else None


@pytest.fixture(scope="module")
def served(start: Start) -> Served:
    return start(str(PETSTORE), "--workers", "3")


def find_workers(served: Served) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(served.process.pid)], capture_output=True, text=True)
    return [int(word) for word in listed.stdout.split()]


def test_what_was_answered_is_seen_by_every_worker_though_workers_are_killed(served: Served) -> None:
    keys = []
    for number in range(60):
        status, made = call(served, "POST", "/v1/pets", {"id": 0, "name": f"n{number}"})
        assert status == 201
        keys.append(made["id"])
        assert call(served, "GET", f"/v1/pets/{keys[-1]}")[1] == made
        if number in (20, 40):
            os.kill(find_workers(served)[number % 3], signal.SIGKILL)
    assert len(set(keys)) == 60
    for _ in range(12):
        status, listed = call(served, "GET", "/v1/pets?per_page=50&page=3")
        assert (listed["total"], [pet["id"] for pet in listed["data"]]) == (110, keys[50:])


def test_a_session_has_changes_of_its_own_until_it_is_reset(served: Served) -> None:
    assert call(served, "DELETE", "/v1/pets/2", session="ann")[0] == 204
    assert [call(served, "GET", "/v1/pets/2", session=name)[0] for name in ("ann", "bob", "")] == [404, 200, 200]
    status, entries = call(served, "GET", "/__admin/requests?session=ann")
    assert status == 200 and len(entries["requests"]) == 2
    assert call(served, "DELETE", "/__admin/sessions/ann")[0] in (200, 204)
    assert call(served, "GET", "/v1/pets/2", session="ann")[0] == 200


def test_the_journal_shows_what_was_answered_and_writes_nothing_again(served: Served) -> None:
    _, made = call(served, "POST", "/v1/pets", {"id": 0, "name": "Rex"}, session="eve")
    _, before = call(served, "GET", "/v1/pets", session="eve")
    _, entries = call(served, "GET", "/__admin/requests?session=eve")
    first = min(entries["requests"], key=lambda entry: entry["request"]["loggedDate"])
    _, whole = call(served, "GET", f"/__admin/requests/{first['id']}")
    assert json.loads(whole["response"]["body"]) == made
    assert call(served, "GET", "/v1/pets", session="eve")[1] == before


def reset_by_command(served: Served, session: str) -> None:
    said = CliRunner().invoke(main, ["reset", "--session", session, "--url", served.url])
    assert (said.exit_code, said.output) == (0, f"Session {session} is as at its start.\n"), said.output


WAYS: list[tuple[str, Callable[[Served, str], Any]]] = [
    ("the end of the session", lambda s, name: call(s, "DELETE", f"/__admin/sessions/{name}")),
    ("a reset of the session", lambda s, name: call(s, "POST", f"/__admin/sessions/{name}/reset")),
    ("a reset of what the query names", lambda s, name: call(s, "POST", f"/__admin/reset?session={name}")),
    ("a reset of all", lambda s, name: call(s, "POST", "/__admin/reset")),
    ("the command", reset_by_command),
    ("the command for all", lambda s, name: CliRunner().invoke(main, ["reset", "--url", s.url])),
]


@pytest.mark.parametrize(("name", "take_back"), WAYS, ids=[name for name, _ in WAYS])
def test_all_changes_are_taken_back_by(name: str, take_back: Callable[[Served, str], Any], served: Served) -> None:
    before = [call(served, "GET", path, session="tom") for path in ("/v1/pets", "/v1/pets/3", "/v1/owners")]
    call(served, "POST", "/v1/pets", {"id": 0, "name": "Rex"}, session="tom")
    assert call(served, "DELETE", "/v1/pets/3", session="tom")[0] == 204
    call(served, "PUT", "/__admin/sessions/tom", {"scenarios": ["fails-twice-then-succeeds"]})
    assert call(served, "GET", "/v1/pets", session="tom")[0] >= 500
    take_back(served, "tom")
    after = [call(served, "GET", path, session="tom") for path in ("/v1/pets", "/v1/pets/3", "/v1/owners")]
    assert after == before


def test_the_command_says_what_it_cannot_reset(served: Served) -> None:
    said = CliRunner().invoke(main, ["reset", "--session", "nobody", "--url", served.url])
    assert (said.exit_code, said.stderr) == (2, "There is no session 'nobody'.\n")


def test_the_file_of_changes_ends_with_the_server(tmp_path: Path, start: Start) -> None:
    served = start(str(PETSTORE))
    assert call(served, "DELETE", "/v1/pets/2")[0] == 204
    served.process.terminate()
    served.process.wait(10)
    again = start(str(PETSTORE))
    assert call(again, "GET", "/v1/pets/2")[0] == 200
