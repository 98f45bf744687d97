"""The fixtures in a project of somebody's: one server for the run, a session a test, and what came where one fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.understudy.conftest import Run, find_servers, project

TESTS = """
import json, urllib.request
import pytest

def get(url):
    with urllib.request.urlopen(url) as response:
        return json.load(response)

@pytest.mark.understudy("petstore", records=3)
@pytest.mark.parametrize("number", range(NUMBER))
def test_of_theirs(understudy, number):
    assert get(understudy.url() + "/pets")["total"] == 3
    understudy.add("petstore", "pets", name=f"Pet {number}")
    names = [pet["name"] for pet in get(understudy.url() + "/pets")["data"]]
    assert len(names) == 4 and names[0] == f"Pet {number}"
    understudy.assert_called("GET /pets", times=2)

def test_one_server_for_all(understudy_server, tmp_path_factory):
    meeting = tmp_path_factory.getbasetemp().parent
    with open(meeting / "servers", "a") as file:
        file.write(understudy_server.base_url + "\\n")
"""
FAILING = """
import urllib.request, pytest

@pytest.mark.understudy("petstore", scenarios=["third-call-fails"])
def test_of_theirs(understudy):
    for _ in range(3):
        urllib.request.urlopen(understudy.url() + "/pets?limt=1")
"""
PASSING = """
import urllib.request

def test_of_theirs(understudy):
    urllib.request.urlopen(understudy.url("petstore") + "/pets?limt=1")
"""
INI = f"[pytest]\nunderstudy_serve = {ROOT / 'examples' / 'petstore.yaml'}\n"


def theirs(folder: Path, tests: str) -> Path:
    return project(folder, **{"test_theirs_py": tests, "pytest.ini": INI})


@pytest.mark.parametrize("workers", [0, 3])
def test_each_test_has_its_own_session_of_one_server(
    workers: int,
    tmp_path: Path,
    run: Run,
) -> None:
    folder = theirs(tmp_path, TESTS.replace("NUMBER", "30"))
    arguments = ["-p", "xdist", "-n", str(workers)] if workers else []
    done = run(folder, f"--basetemp={tmp_path / 'base'}", *arguments)
    assert "31 passed" in done.stdout, done.stdout + done.stderr
    assert "arning" not in done.stdout + done.stderr
    assert find_servers(tmp_path) == []


def test_a_test_that_fails_shows_what_came(tmp_path: Path, run: Run) -> None:
    done = run(theirs(tmp_path, FAILING))
    assert "1 failed" in done.stdout
    assert "GET /petstore/v1/pets?limt=1 -> 500  petstore get-pets  (scenario third-call-fails)" in done.stdout
    assert "documents no parameter 'limt'" in done.stdout


def test_a_test_whose_client_does_wrong_fails_where_that_is_wanted(
    tmp_path: Path,
    run: Run,
) -> None:
    folder = theirs(tmp_path, PASSING)
    assert "1 passed" in run(folder).stdout
    strictly = run(folder, "--understudy-strict").stdout
    assert "1 failed" in strictly and "documents no parameter 'limt'" in strictly


def test_nothing_starts_where_nobody_asks(tmp_path: Path, run: Run) -> None:
    tests = "import sys\n\ndef test_of_theirs():\n    assert 'understudy.mock' not in sys.modules\n"
    assert "1 passed" in run(theirs(tmp_path, tests)).stdout


def test_what_the_server_says_of_a_setting_is_what_the_test_says(tmp_path: Path, run: Run) -> None:
    tests = TESTS.replace("NUMBER", "1").replace("records=3", "record=3")
    said = run(theirs(tmp_path, tests)).stdout
    assert "There is no setting 'record'. Did you mean 'records'?" in said
