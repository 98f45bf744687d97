"""Installed beside other people's suites, the plug-in is neither seen nor in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.understudy.conftest import Run, project
from understudy.pytest_plugin import OPTIONS, PREFIX

PASSING = "def test_of_theirs():\n    assert True\n"
THEIR_OPTION = "def pytest_addoption(parser):\n    parser.addoption({name!r}, default='theirs')\n"
READS_OPTION = "def test_of_theirs(pytestconfig):\n    assert pytestconfig.getoption({name!r}) == 'theirs'\n"

FOLDERS = ["contract_tests", "mock_server", "schemas", "fixtures", "tests", "benchmarks", "tools"]
"""Names of ours that a project may have as well."""

OTHERS = ["--target", "--base-url", "--dotenv", "--budget", "--rate", "--provider", "--records", "--seed"]
"""Options that other plug-ins and conftests have."""


@pytest.mark.parametrize("name", FOLDERS)
def test_a_project_may_have_a_folder_of_our_name(name: str, tmp_path: Path, run: Run) -> None:
    theirs = project(tmp_path, conftest_py="")
    (theirs / name).mkdir()
    (theirs / name / "__init__.py").write_text("")
    (theirs / name / "test_theirs.py").write_text(PASSING)
    done = run(theirs)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", OTHERS)
def test_a_conftest_may_have_an_option_of_that_name(name: str, tmp_path: Path, run: Run) -> None:
    theirs = project(tmp_path, conftest_py=THEIR_OPTION.format(name=name), test_it_py=READS_OPTION.format(name=name))
    done = run(theirs, "-p", "no:base_url")  # which has the first of them
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_pytest_base_url_works_beside_it(tmp_path: Path, run: Run) -> None:
    theirs = project(tmp_path, test_it_py="def test_of_theirs(base_url):\n    assert base_url == 'http://theirs'\n")
    done = run(theirs, "--base-url", "http://theirs")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_project_that_does_not_ask_for_us_loads_nothing_of_ours_but_the_plug_in(
    tmp_path: Path,
    run: Run,
) -> None:
    source = (
        "import sys\n"
        "def test_of_theirs():\n"
        "    ours = [m for m in sys.modules if m.split('.')[0] in ('mock_server', 'contract_tests', 'flask')]\n"
        "    assert ours == []\n"
    )
    done = run(project(tmp_path, test_it_py=source))
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_help_names_each_option_with_our_prefix(tmp_path: Path, run: Run) -> None:
    shown = run(project(tmp_path, test_it_py=PASSING), "--help").stdout
    assert [name for name, _ in OPTIONS if f"{PREFIX}{name}" not in shown] == []
