"""Where records cannot be kept somebody says so, nothing half-built stays, and a server goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from mock_server.sessions import NOW
from mock_server.store import Recipe, StorageError, open_records
from mock_server.store.reader import StoredRecords
from tests.conftest import CREDENTIALS, LISTS, ROOT, Start
from tests.raw import send
from tests.sessions.test_sessions import admin
from tests.store.test_store import THINGS


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 2 MiB, where this system lets us have one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if not Path("/proc").is_dir() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_disk_that_is_too_small_is_a_sentence_and_left_as_it_was(small: Path) -> None:
    with pytest.raises(StorageError) as caught:
        open_records(Recipe(THINGS, "seed", 9_900, NOW), small, processes=1)
    assert str(caught.value).startswith(f"The 9,900 records of toy/things cannot be kept in {small}: ")
    assert "--cache" in str(caught.value) and not list(small.glob("*.part"))
    assert open_records(Recipe(THINGS, "seed", 100, NOW), small).total == 100


def test_a_server_whose_cache_is_full_says_so_and_goes_on(small: Path, start: Start) -> None:
    served = start("fatora", "--cache", str(small))
    body = json.dumps({"records": 9_900}).encode()
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}
    answer = send(served.port, "PUT /__admin/settings?session=large", headers, body, patience=60)
    assert answer.status == 507 and str(small) in json.loads(answer.body)["detail"]
    assert send(served.port, f"GET {LISTS['fatora']}", {"host": "127.0.0.1", **CREDENTIALS["fatora"]}).status == 200
    assert admin(served, "PUT", "/settings?session=large", {"records": 10})["records"] == 10


def test_where_no_disk_can_be_mounted_the_largest_file_is_as_good(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from mock_server.store import Recipe, StorageError, open_records\n"
        "from mock_server.sessions import NOW\n"
        "from tests.store.test_store import THINGS\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "try:\n    open_records(Recipe(THINGS, 'seed', 9_900, NOW), Path(sys.argv[1]))\n"
        "except StorageError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and f"cannot be kept in {tmp_path}: " in done.stdout, done.stderr
    assert not list(tmp_path.glob("*.part"))


def find_in_a_new_thread(records: StoredRecords, key: int) -> bytes | None:
    """As a thread of a server that was not used before does."""
    found: list[bytes | None] = []
    thread = threading.Thread(target=lambda: found.append(records.find(key)))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize("count", [100, 9_900])
def test_records_are_found_when_the_cache_folder_is_gone(tmp_path: Path, count: int) -> None:
    """Few records stand in memory, many in files that are open."""
    records = open_records(Recipe(THINGS, "seed", count, NOW), tmp_path / "cache")
    (database,) = (tmp_path / "cache").glob("*.sqlite")
    assert (database.stat().st_size > 256 * 1024) == (count == 9_900)
    shutil.rmtree(tmp_path / "cache")
    rows = records.page((), 0, count)[1]
    assert all(find_in_a_new_thread(records, orjson.loads(row)["id"]) == row for row in (rows[0], rows[50], rows[-1]))


def test_a_server_whose_cache_folder_is_removed_goes_on(tmp_path: Path, start: Start) -> None:
    cache = tmp_path / "cache"
    served = start("fatora", "--cache", str(cache), "--records", "9900")
    headers = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
    first = json.loads(send(served.port, f"GET {LISTS['fatora']}?page_size=1", headers).body)["clients"][0]
    shutil.rmtree(cache)
    for path in (LISTS["fatora"], f"/~other{LISTS['fatora']}"):  # the short way, and one on a thread
        for line in (f"GET {path}?page=3", f"GET {path}/{first['id']}", f"GET {path}?keyword=doha"):
            assert send(served.port, line, headers).status == 200, line
    assert admin(served, "PUT", "/settings?session=s", {"seed": "mine"})["seed"] == "mine"
    assert list(cache.glob("*.manifest")), "what is built next has its folder again"
