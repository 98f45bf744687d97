"""Records at rest: built once, by one process, and never half."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import orjson
import pytest

from mock_server.contract.model import Collection
from mock_server.errors import UsageError
from mock_server.messages import Condition
from mock_server.sessions.factory import NOW
from mock_server.store import Recipe, StoredRecords, open_records
from tests.conftest import ROOT

FIELDS = {
    "id": {"type": "integer", "x-faker": {"sequence": {"start": 10, "step": 3}}},
    "name": {"type": "string", "x-faker": "name"},
    "note": {"type": "string", "x-faker": "sentence", "x-missing": {"as": "null", "share": 0.3}},
    "flag": {"type": "boolean", "x-faker": "boolean"},
}
COLUMNS = (
    ("search", ("name", "note")),
    ("contains", ("name",)),
    ("equals", ("flag",)),
    ("equals", ("note",)),
    ("one_of", ("id",)),
    ("at_least", ("id",)),
)
THINGS = Collection(
    "toy",
    "things",
    "id",
    100,
    "en_US",
    {"properties": FIELDS},
    {},
    (tuple((n, n) for n in FIELDS), (("id", "id"), ("label", "name"))),
    COLUMNS,
    "digest-1",
)


def records_of(folder: Path, count: int = 100) -> StoredRecords:
    return open_records(Recipe(THINGS, "seed", count, NOW), folder)


def test_a_page_is_a_slice_and_a_record_is_found_by_its_key(tmp_path: Path) -> None:
    records = records_of(tmp_path)
    total, rows = records.page((), 0, 200)
    assert total == records.total == len(rows) == 100
    assert records.page((), 40, 7) == (100, rows[40:47])
    assert all(records.find(orjson.loads(row)["id"]) == row for row in rows)
    assert records.find("nope") is None and records.find(10**40) is None and records.find(None) is None
    assert records.page((), 10**40, 5) == (100, [])


def test_a_second_view_shows_the_same_record(tmp_path: Path) -> None:
    records = records_of(tmp_path)
    one, other = (orjson.loads(records.page((), 5, 1, view)[1][0]) for view in (0, 1))
    assert other == {"id": one["id"], "label": one["name"]}


@pytest.mark.parametrize(
    ("test", "fields", "value", "satisfies"),
    [
        ("search", ("name", "note"), "AN", lambda r: "an" in r["name"].lower() or "an" in (r["note"] or "").lower()),
        ("search", ("name", "note"), "son", lambda r: "son" in r["name"].lower() or "son" in (r["note"] or "").lower()),
        ("search", ("name", "note"), "\x1f", lambda r: False),
        ("contains", ("name",), '"', lambda r: False),
        ("equals", ("flag",), True, lambda r: r["flag"]),
        ("one_of", ("id",), tuple(range(5000)), lambda r: True),
        ("at_least", ("id",), 10**30, lambda r: False),
    ],
)
def test_conditions_are_exact(
    tmp_path: Path,
    test: str,
    fields: tuple[str, ...],
    value: object,
    satisfies: object,
) -> None:
    records = records_of(tmp_path)
    rows = [orjson.loads(row) for row in records.page((), 0, 100)[1]]
    total, matching = records.page((Condition(test, fields, value),), 0, 100)
    expected = [row for row in rows if satisfies(row)]  # type: ignore[operator]
    assert (total, [orjson.loads(row) for row in matching]) == (len(expected), expected)


def spoil_nothing(path: Path) -> None:
    """Leave the file alone."""


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def make_foreign(path: Path) -> None:
    path.write_bytes(b"not a database at all")


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def make_another_database(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE records(x)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("spoil", [spoil_nothing, cut_short, make_foreign, make_empty, make_another_database])
@pytest.mark.parametrize("kind", ["sqlite", "view0", "view1.at"])
def test_a_spoilt_file_is_built_anew(tmp_path: Path, spoil: object, kind: str) -> None:
    rows = records_of(tmp_path).page((), 0, 100)
    (path,) = tmp_path.glob(f"*.{kind}")
    spoil(path)  # type: ignore[operator]
    assert records_of(tmp_path).page((), 0, 100) == rows
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spare"))
    (tmp_path / "spare").mkdir()
    assert records_of(blocked / "cache").page((), 0, 1)[0] == 100


BUILD = """
import sys
from pathlib import Path
from tests.store.test_store import THINGS
from mock_server.store import Recipe, open_records
from mock_server.sessions import NOW
if __name__ == "__main__":
    calls = []
    records = open_records(Recipe(THINGS, "seed", int(sys.argv[2]), NOW), Path(sys.argv[1]), lambda done, total: calls.append(done))
    print("built" if calls else "waited", records.total)
"""


def builder(folder: Path, count: int) -> subprocess.Popen[str]:
    script = folder / "build.py"
    script.write_text(BUILD)
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_two_that_start_together_build_once(tmp_path: Path) -> None:
    both = [builder(tmp_path, 12_000) for _ in range(2)]
    assert sorted(process.communicate(timeout=60)[0].strip() for process in both) == ["built 12000", "waited 12000"]


def test_an_interrupted_build_leaves_nothing_half_built(tmp_path: Path) -> None:
    process = builder(tmp_path, 3_000_000)
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("*.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(2)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert (
        not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("*.sqlite")) and not list(tmp_path.glob("*.view*"))
    )


def test_many_processes_and_one_make_the_same_file(tmp_path: Path) -> None:
    alone = open_records(Recipe(THINGS, "seed", 12_000, NOW), tmp_path / "a", processes=1)
    together = open_records(Recipe(THINGS, "seed", 12_000, NOW), tmp_path / "b", processes=2)
    assert alone.page((), 11_900, 100) == together.page((), 11_900, 100)


def test_a_killed_process_of_a_build_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    def kill(done: int, total: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(UsageError, match="was killed"):
        open_records(Recipe(THINGS, "seed", 100_000, NOW), tmp_path, kill, processes=2)
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("*.sqlite"))


def test_threads_share_records(tmp_path: Path) -> None:
    records = records_of(tmp_path)
    totals: list[int] = []

    def read() -> None:
        totals.extend(records.page((Condition("search", ("name", "note"), "a"),), n % 90, 5)[0] for n in range(200))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(totals) == 1600 and len(set(totals)) == 1


def test_zero_records_are_a_collection_too(tmp_path: Path) -> None:
    records = records_of(tmp_path, 0)
    assert records.page((), 0, 10) == (0, []) and records.find(10) is None


def test_a_forked_process_opens_its_own_connection(tmp_path: Path) -> None:
    records = records_of(tmp_path)
    mine = records._connection()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if records._connection() is not mine and records.page((), 0, 3)[0] == 100 else 1)
    assert os.waitpid(pid, 0)[1] == 0 and records._connection() is mine


def test_what_a_killed_builder_left_is_cleared_away(tmp_path: Path) -> None:
    process = builder(tmp_path, 3_000_000)
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("*.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=30)
    (left, *_) = tmp_path.glob("*.part")
    stem = left.name.split(".")[0]
    (tmp_path / f"{stem}.99999.part").touch()
    records_of(tmp_path)
    renamed = next(tmp_path.glob("*.sqlite")).name.split(".")[0]
    (tmp_path / f"{renamed}.99999.part").touch()
    (tmp_path / f"{renamed}.sqlite").unlink()
    records_of(tmp_path)
    assert not list(tmp_path.glob(f"{renamed}*.part"))
