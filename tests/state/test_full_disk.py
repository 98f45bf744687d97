"""A temporary folder that is full: a sentence at start, an answer with a reason while serving; nobody dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.errors import Problem, UsageError
from mock_server.state.counters import open_counts
from mock_server.state.mapped_file import open_mapped
from mock_server.state.session_store import Sessions
from mock_server.state.shared_state import SharedState
from tests.conftest import CREDENTIALS, ROOT, Start
from tests.plain.playing import PETSTORE
from tests.plain.test_writes_over_sockets import call
from tests.raw import send

MEBIBYTE = 1024 * 1024


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 40 MiB, where this system lets us have one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(tmp_path)]
    if not Path("/proc").is_dir() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def fill(folder: Path, leave_bytes: int = 0) -> Path:
    """Write a file over all that is left but so many bytes."""
    space = os.statvfs(folder)
    path = folder / "full"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, space.f_bavail * space.f_frsize - leave_bytes))
    return path


def test_a_mapped_file_has_its_space_before_it_is_written(small: Path) -> None:
    mapped = open_mapped(small / "ring", 8 * MEBIBYTE)
    fill(small)
    mapped[:] = b"x" * (8 * MEBIBYTE)
    assert mapped[-1:] == b"x"
    with pytest.raises(UsageError, match=r"no room in .*: 8\.0 MiB are needed for other"):
        open_mapped(small / "other", 8 * MEBIBYTE)


def test_where_no_disk_can_be_mounted_the_largest_file_is_as_good(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from mock_server.errors import UsageError\n"
        "from mock_server.state.mapped_file import open_mapped\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "try:\n    open_mapped(Path(sys.argv[1]) / 'ring', 2_000_000)\n"
        "except UsageError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "There is no room in" in done.stdout, done.stderr


def test_sessions_and_counters_say_that_the_disk_is_full_and_go_on_when_it_is_not(small: Path) -> None:
    counts = open_counts(small / "counts.sqlite")
    sessions = Sessions(small, SharedState(counts), most=10_000)
    sessions.get("before")
    assert counts.count("x") == 1
    full = fill(small)
    with pytest.raises(Problem) as raised:
        for number in range(10_000):
            sessions.get(f"s{number}")
    assert raised.value.status == 507 and str(small) in raised.value.detail
    with pytest.raises(Problem):
        for number in range(10_000):
            counts.spend(f"caller {number}", 1, 60)
    assert sessions.get("before").name == "before"
    full.unlink()
    assert sessions.get("after").name == "after" and counts.count("x") >= 2


def test_a_server_with_no_room_for_its_journal_does_not_start(small: Path) -> None:
    fill(small, leave_bytes=10 * MEBIBYTE)
    command = [sys.executable, "-m", "mock_server", "serve", "fatora", "--port", "0", "--records", "3"]
    environment = {**os.environ, "TMPDIR": str(small), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60)
    assert done.returncode == 2 and "There is no room in" in done.stderr and "Traceback" not in done.stderr


def test_a_server_whose_folder_fills_up_answers_all_that_it_can(
    small: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(small))
    served = start("fatora")
    fill(small, leave_bytes=200_000)
    headers = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
    for number in range(700):
        answer = send(served.port, "GET /fatora/v1/clients", {**headers, "understudy-session": f"s{number}"})
        if answer.status != 200:
            break
    assert answer.status == 507 and "is full" in json.loads(answer.body)["detail"] and number > 0
    assert send(served.port, "GET /fatora/v1/clients", headers).status == 200
    meta = json.loads(send(served.port, "GET /__admin/requests", {"host": "127.0.0.1"}).body)["meta"]
    assert meta["total"] == number + 1 and served.process.poll() is None


@pytest.mark.parametrize("keep", [False, True])
def test_writes_are_refused_where_the_disk_is_full_and_none_that_was_answered_is_lost(
    keep: bool,
    small: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(small))
    served = start(str(PETSTORE), "--no-journal", *(("--keep", str(small / "kept")) if keep else ()))
    full = fill(small, leave_bytes=600_000)
    made: list[Any] = []
    status: int = 0
    said: dict[str, Any] = {}
    while status in (0, 201) and len(made) < 300:
        status, said = call(served, "POST", "/v1/pets", {"id": 0, "name": f"{len(made)}" + "x" * 20_000})
        made += [said] if status == 201 else []
    assert status == 507 and "is full" in said["detail"] and made
    assert call(served, "GET", "/v1/pets?per_page=1")[1]["total"] == 50 + len(made)
    assert [call(served, "GET", f"/v1/pets/{pet['id']}")[1] for pet in (made[0], made[-1])] == [made[0], made[-1]]
    full.unlink()
    assert call(served, "POST", "/v1/pets", {"id": 0, "name": "after"})[0] == 201
    assert call(served, "GET", "/v1/pets?per_page=1")[1]["total"] == 51 + len(made)
    served.process.terminate()
    served.process.wait(10)
