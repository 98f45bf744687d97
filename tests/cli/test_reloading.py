"""What is loaded again of edited files, which files are looked at, and that nothing is left of what played before."""

from __future__ import annotations

import functools
import gc
import json
import sys
import time
import weakref
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli.reloading import make_reloading
from mock_server.cli.serve import _load, _load_own_records, serve_command
from mock_server.cli.watching import Watched, WatchedFolder, list_files
from mock_server.messages import Request
from mock_server.server import runtime_folder
from mock_server.server.app import make_slow_way
from mock_server.server.edits import _free, find_changed
from mock_server.sessions import make_session_apis, warming
from mock_server.sessions.analysis import ask_again
from tests.server.editing import BOOK, OTHER, SHOP, fill, write

HOST = {"host": "127.0.0.1"}


def given(folder: Path, **options: Any) -> dict[str, Any]:
    """What `serve` is given for a folder's files."""
    words = [str(folder / "specs"), "--reload", "--data", str(folder / "data"), "--cache", str(folder / "cache")]
    return {**serve_command.make_context("serve", words).params, **options}


def count_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_fifty_reloads_leave_nothing_behind(tmp_path: Path) -> None:
    fill(tmp_path)
    known = given(tmp_path)
    with runtime_folder() as folder:
        reloading = make_reloading(known, functools.partial(_load, known, folder))
        apis = make_session_apis(reloading.start().setup)
        edits = reloading.find_edits(functools.partial(_load_own_records, known))
        assert edits
        played, open_files, counts = [], [], []
        for number in range(50):
            assert apis.answer(Request("GET", "/shop/books/3", headers=HOST)).status == 200  # type: ignore[union-attr]
            page = make_slow_way(apis)(Request("GET", "/console/requests", headers=HOST))
            assert page.status == 200
            played.append(weakref.ref(apis))
            del page
            write(tmp_path / "specs/shop.yaml", SHOP.replace("const: first", f"const: {number}"))
            apis = edits.load(apis, 0)
            if number % 10 == 9:
                _free()
                open_files.append(count_files())
                counts.append(gc.get_freeze_count())
        gc.unfreeze()
        assert [each for each in played if each() is not None] == []
        assert len(set(open_files)) == 1 and counts[-1] - counts[0] < 2_000
        assert json.loads(apis.answer(Request("GET", "/shop/state", headers=HOST)).body) == {"word": 49}  # type: ignore[union-attr]


def test_only_what_changed_is_loaded_again(tmp_path: Path) -> None:
    fill(tmp_path)
    known = given(tmp_path)
    with runtime_folder() as folder:
        reloading = make_reloading(known, functools.partial(_load, known, folder))
        time.sleep(0.1)  # a file written this very moment may be written once more
        first = make_session_apis(reloading.start().setup)
        write(tmp_path / "specs/parts/book.yaml", BOOK.replace("low", "high"))
        edits = reloading.find_edits(functools.partial(_load_own_records, {**known, "data": None}))
        assert edits
        second = edits.load(first, 0)
        kept = {name for name in first.apis if first.apis[name].contract is second.apis[name].contract}
        assert (set(first.apis), kept) == ({"shop", "other"}, {"other"})


def test_what_was_asked_lately_is_asked_again_and_nothing_is_written_or_counted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(tmp_path)
    known = given(tmp_path)
    asked = []
    monkeypatch.setattr(warming, "ask_again", lambda analysis: asked.append(ask_again(analysis)))
    with runtime_folder() as folder:
        reloading = make_reloading(known, functools.partial(_load, known, folder))
        apis = make_session_apis(reloading.start().setup)
        for method, path in (
            ("GET", "/shop/state"),
            ("GET", "/shop/state"),
            ("POST", "/shop/books"),
            ("GET", "/shop/x"),
        ):
            body = b'{"id": 3, "title": "x", "shelf": "low"}'
            headers = {**HOST, "content-type": "application/json"}
            apis.answer(Request(method, path, headers=headers, body=body if method == "POST" else b""))
        journal = apis.services.journal
        assert journal
        before = journal.written
        edits = reloading.find_edits(functools.partial(_load_own_records, known))
        assert edits
        edits.load(apis, 1)
        assert [each and each.status for each in asked] == [None, 200] and journal.written == before


def test_files_that_editors_leave_beside_are_no_edits(tmp_path: Path) -> None:
    fill(tmp_path)
    watched = Watched(given(tmp_path), ())
    before = watched.look()
    for name in (".shop.yaml.swp", "shop.yaml~", "#shop.yaml#", "4913", "notes.txt"):
        (tmp_path / "specs" / name).write_text("x", encoding="utf-8")
    assert find_changed(before, watched.look()) == []
    (tmp_path / "specs/third.yaml").write_text(OTHER, encoding="utf-8")
    assert [Path(each).name for each in find_changed(before, watched.look())] == ["third.yaml"]


def test_a_folder_that_is_gone_holds_no_files(tmp_path: Path) -> None:
    assert list(list_files(WatchedFolder(tmp_path / "nothing", 2, None))) == []


STARTS = [
    ("a shipped provider", {"providers": ("fatora",)}, True, False),
    ("files of one's own on a terminal", {}, True, True),
    ("files of one's own elsewhere", {}, False, False),
    ("asked for", {"reload": True}, False, True),
    ("not wanted", {"reload": False}, True, False),
]


@pytest.mark.parametrize(("says", "options", "is_terminal", "is_on"), STARTS, ids=[row[0] for row in STARTS])
def test_files_are_looked_at_by_themselves_where_somebody_edits_them(
    says: str,
    options: dict[str, Any],
    is_terminal: bool,
    is_on: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(tmp_path)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    known = given(tmp_path, **{"reload": None, **options}, data=None)
    with runtime_folder() as folder:
        reloading = make_reloading(known, functools.partial(_load, known, folder))
        assert reloading.start().setup.is_edited is is_on
        assert (reloading.find_edits(functools.partial(_load_own_records, known)) is not None) is is_on
