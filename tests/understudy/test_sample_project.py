"""The suite of `examples/pytest`, as whoever copies it runs it: over workers, in any order, beside other plug-ins."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.understudy.conftest import Run, environment_of, find_servers


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the project, beside the document that it plays."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "examples" / "pytest"


def count_passed(done: subprocess.CompletedProcess[str]) -> int:
    """How many tests passed in a run in which nothing else happened."""
    assert done.returncode == 0 and "arning" not in done.stdout + done.stderr, done.stdout + done.stderr
    passed = re.search(r"\b(\d+) passed in", done.stdout)
    assert passed, done.stdout
    return int(passed[1])


def test_300_tests_over_four_workers_see_nothing_of_each_other(sample: Path, run: Run) -> None:
    assert count_passed(run(sample, "-n", "4")) == 300
    assert find_servers(sample.parent) == []


def test_an_order_that_is_given_is_the_order_again(sample: Path, run: Run) -> None:
    orders = []
    for _ in range(2):
        done = run(sample, "--randomly-seed=4711", "-vv", "test_shop.py")
        assert count_passed(done) == 29
        orders.append(re.findall(r"^test_shop\S+", done.stdout, re.MULTILINE))
    assert orders[0] == orders[1] != sorted(orders[0])


WAITING = """
import time, pytest

@pytest.mark.parametrize("number", range(2))
def test_of_theirs(understudy, number):
    open(f"ready{number}", "w").close()
    time.sleep(2)
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_no_server_outlives_a_pytest_that_is_killed(workers: int, sample: Path, python: Path) -> None:
    (sample / "test_waiting.py").write_text(WAITING)
    command = [str(python), "-m", "pytest", "test_waiting.py", "-n", str(workers)]
    with subprocess.Popen(command, cwd=sample, env=environment_of(python), stdout=subprocess.DEVNULL) as pytest_run:
        wait_until(lambda: len(list(sample.glob("ready*"))) == max(workers, 1), "tests run")
        assert len(find_servers(sample.parent)) == 1
        os.kill(pytest_run.pid, signal.SIGKILL)
    wait_until(lambda: find_servers(sample.parent) == [], "the server is gone")


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for what is to happen soon."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, f"never so: {what}"
        time.sleep(0.05)
