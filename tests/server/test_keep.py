"""A server whose state lasts: over a stop, over a kill of all its processes; what cannot be used is a sentence."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server import __version__
from mock_server.errors import Problem, UsageError
from mock_server.inference import annotate
from mock_server.openapi import read_document
from mock_server.plain import load_plain_contract
from mock_server.server import kept_folder, require_same_keys
from mock_server.server.keeping import FORM
from mock_server.state import EVERYONE, Changes, Sessions, open_state
from tests.conftest import ROOT, Served, Start
from tests.plain.playing import PETSTORE
from tests.plain.test_writes_over_sockets import call, find_workers
from tests.tokens.playing import SHOP


def kill(served: Served) -> None:
    """End all processes of a server at once, as a crash of the machine's user does."""
    for pid in [served.process.pid, *find_workers(served)]:
        os.kill(pid, signal.SIGKILL)
    served.process.wait(10)


def stop(served: Served) -> None:
    served.process.terminate()
    served.process.wait(10)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path, start: Start) -> None:
    keep = ("--keep", str(tmp_path / "kept"))
    served = start(str(PETSTORE), *keep, "--workers", "2")
    status, made = call(served, "POST", "/v1/pets", {"id": 0, "name": "Rex"}, session="ann")
    assert status == 201 and call(served, "DELETE", "/v1/pets/2")[0] == 204
    call(served, "PUT", "/__admin/sessions/ann", {"limits": "off", "scenarios": ["fails-twice-then-succeeds"]})
    assert call(served, "GET", f"/v1/pets/{made['id']}", session="ann")[0] >= 500
    mapping = {"request": {"method": "GET", "urlPath": "/v1/owners"}, "response": {"status": 418}}
    assert call(served, "POST", "/__admin/mappings?session=ann", mapping)[0] == 201
    _, before = call(served, "GET", "/__admin/requests?session=ann")
    served.process.kill()  # its workers end by themselves, and who comes next waits for that
    served.process.wait(10)
    again = start(str(PETSTORE), *keep)
    answers = [call(again, "GET", f"/v1/pets/{made['id']}", session="ann") for _ in range(2)]
    assert answers[0][0] >= 500 and answers[1] == (200, made), "what was counted is counted on"
    assert [call(again, "GET", "/v1/pets/2", session=name)[0] for name in ("", "bob")] == [404, 200]
    assert [call(again, "GET", "/v1/owners", session=name)[0] for name in ("", "ann")] == [200, 418]
    _, after = call(again, "GET", "/__admin/requests?session=ann")
    ids = [entry["id"] for entry in after["requests"]]
    assert ids[-len(before["requests"]) :] == [entry["id"] for entry in before["requests"]]
    stop(again)


def ask_token(served: Served, path: str, **sent: str) -> tuple[int, Any]:
    """The answer to a form, from a client of its own."""
    answer = httpx.post(f"{served.url}{path}", data=sent, auth=("ann", "s"), timeout=20)
    return answer.status_code, answer.json() if answer.content else None


def read_orders(served: Served, token: str) -> int:
    return httpx.get(f"{served.url}/v1/orders", headers={"authorization": f"Bearer {token}"}, timeout=20).status_code


def test_a_token_works_after_a_restart_and_one_that_was_revoked_does_not(tmp_path: Path, start: Start) -> None:
    keep = ("--keep", str(tmp_path / "kept"))
    served = start(str(SHOP), *keep)
    grant = {"grant_type": "password", "username": "u", "password": "p"}
    kept, revoked = (ask_token(served, "/oauth/token", **grant)[1] for _ in range(2))
    assert ask_token(served, "/oauth/revoke", token=revoked["access_token"]) == (200, None)
    kill(served)
    again = start(str(SHOP), *keep)
    tokens = (kept["access_token"], revoked["access_token"])
    assert [read_orders(again, token) for token in tokens] == [200, 401]
    status, renewed = ask_token(again, "/oauth/token", grant_type="refresh_token", refresh_token=kept["refresh_token"])
    assert status == 200 and read_orders(again, renewed["access_token"]) == 200
    assert ask_token(again, "/oauth/token", grant_type="refresh_token", refresh_token=kept["refresh_token"])[0] == 400
    stop(again)


CONTRACTS = {"petstore": load_plain_contract(annotate(read_document(PETSTORE), [])[0])}


def refuse(folder: Path) -> str:
    """What is said of a folder that no server can use."""
    with pytest.raises(UsageError) as raised, kept_folder(folder):
        require_same_keys(folder, CONTRACTS)
    return str(raised.value)


def fill(folder: Path) -> None:
    """What a server leaves behind that played the pet store and had one record changed."""
    (folder / "in-use").touch()
    keys = {"petstore/pets": "id", "petstore/owners": "id", "petstore/owners.visits": "id"}
    (folder / "kept.json").write_text(json.dumps({"form": FORM, "understudy": __version__, "keys": keys}))
    changes = Changes(folder)
    with changes.changing():
        changes.put("", "petstore/pets", "", "2", None)
    with sqlite3.connect(folder / "changes.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def spoil(folder: Path) -> None:
    """Overwrite the middle of the file of changes."""
    path = folder / "changes.sqlite"
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 4] = b"\x7f" * 4096 * 3
    path.write_bytes(content)


def note(**values: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / "kept.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=1))

    return write


def strew(folder: Path) -> None:
    """A folder of somebody's own."""
    for path in folder.iterdir():
        path.unlink()
    (folder / "thesis.txt").write_text("mine")


REFUSED: list[tuple[str, Callable[[Path], object], str]] = [
    ("a file that is cut", lambda f: (f / "changes.sqlite").write_bytes(b"SQLite?" * 100), "changes.sqlite is damaged"),
    ("a file with rubbish in it", spoil, "changes.sqlite is damaged"),
    ("notes that are no JSON", lambda f: (f / "kept.json").write_text("{"), "kept.json is damaged"),
    ("notes of another kind", lambda f: (f / "kept.json").write_text("[]"), "kept.json is damaged"),
    ("another form", note(form=99, understudy="9.9"), "Understudy 9.9 wrote it in form 99, and "),
    ("another key", note(keys={"petstore/pets": "uuid"}), "whose key was `uuid` and is now `id`"),
    ("a folder of somebody's own", strew, "none of Understudy's; name an empty folder"),
]


@pytest.mark.parametrize(("name", "change", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_folder_that_cannot_be_used_is_refused_and_left_as_it_is(
    name: str,
    change: Callable[[Path], object],
    says: str,
    tmp_path: Path,
) -> None:
    fill(tmp_path)
    change(tmp_path)
    files = [path for path in tmp_path.iterdir() if path.name in ("changes.sqlite", "kept.json", "thesis.txt")]
    before = [path.read_bytes() for path in files]
    assert says in refuse(tmp_path)
    assert [path.read_bytes() for path in files] == before


def test_a_collection_that_is_documented_no_more_is_refused_and_another_provider_is_not(tmp_path: Path) -> None:
    fill(tmp_path)
    changes = Changes(tmp_path)
    with changes.changing():
        changes.put("", "petstore/cats", "", "2", None)
        changes.put("", "zoo/cats", "", "2", None)
    note(keys={"petstore/cats": "id"})(tmp_path)
    assert "petstore/cats, whose key was `id` and is documented no more" in refuse(tmp_path)
    note(keys={"zoo/cats": "id"})(tmp_path)
    with kept_folder(tmp_path) as folder:
        require_same_keys(folder, CONTRACTS)
    assert "zoo/cats" in Changes(tmp_path).list_collections()


def test_a_folder_is_one_servers_at_a_time(tmp_path: Path, start: Start) -> None:
    served = start(str(PETSTORE), "--keep", str(tmp_path))
    command = [sys.executable, "-m", "mock_server", "serve", str(PETSTORE), "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert f"another server (process {served.process.pid}) uses it" in done.stderr
    assert done.returncode == 2 and "Traceback" not in done.stderr
    stop(served)
    with kept_folder(tmp_path):
        pass


def test_what_was_written_is_seen_though_the_mapped_number_was_lost(tmp_path: Path, start: Start) -> None:
    fill(tmp_path)
    (tmp_path / "changes.version").write_bytes(bytes(8))
    assert Changes(tmp_path).version[0] == 0 and not Changes(tmp_path).has_any(EVERYONE)
    with kept_folder(tmp_path) as folder:
        assert Changes(folder).has_any("") and len(Changes(folder).find("", "petstore/pets")) == 1


def test_a_kept_folder_waits_for_the_disk_and_another_does_not(tmp_path: Path) -> None:
    asked = "PRAGMA synchronous"
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "kept.json").touch()
    (tmp_path / "other").mkdir()
    for name, usual, loading in (("kept", 2, 1), ("other", 0, 0)):
        changes = Changes(tmp_path / name)
        query = changes._database.query
        with changes.loading():
            assert query(asked)[0][0] == loading
        assert query(asked)[0][0] == usual


def test_a_file_that_is_damaged_while_it_is_used_is_a_problem_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "changes.sqlite").write_bytes(b"no database at all " * 300)
    with pytest.raises(Problem) as raised:
        Changes(tmp_path).list_collections()
    assert raised.value.status == 503 and "cannot be used (file is not a database)" in raised.value.detail


FORMS = {
    "changes.sqlite": "226ed8f2f4b4",
    "counts.sqlite": "88eec29c367b",
    "mappings.sqlite": "655e016e7787",
    "sessions.sqlite": "1258eff21ad6",
    "tokens.sqlite": "551f53eff1c7",
}
"""What the tables of form 2 look like."""


def test_other_tables_are_another_form(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    Sessions(tmp_path, state)
    state.counts.count("x")
    assert state.changes and state.tokens and state.mappings
    state.changes.list_collections()
    state.tokens._database.query("SELECT 1")
    state.mappings.find_states("")
    digests = {}
    for path in sorted(tmp_path.glob("*.sqlite")):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        digests[path.name] = hashlib.blake2b(repr(tables).encode(), digest_size=6).hexdigest()
    hint = "a table was changed: give FORM in server/keeping.py another number, and write down its digest here"
    assert (FORM, digests) == (2, FORMS), hint
