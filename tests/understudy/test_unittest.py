"""The suite of `examples/unittest`: a server for a class, a session for a test, and nothing left open."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.conftest import ROOT
from tests.understudy.conftest import Run, find_servers


def test_unittest_has_a_server_for_a_class_and_a_session_for_a_test(tmp_path: Path, run: Run) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = run(tmp_path / "examples" / "unittest", module="unittest")
    assert done.returncode == 0 and "Ran 3 tests" in done.stderr, done.stderr
    assert "arning" not in done.stderr
    assert find_servers(tmp_path) == []
