"""An environment as somebody has it who installed this project beside pytest and the plug-ins of their choice."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_install import PROJECT, find_needed, link_packages
from tests.wheel import build_wheel, clean_environment, make_environment

PLUG_INS = ["pytest-asyncio", "pytest-base-url", "pytest-httpserver", "pytest-randomly", "pytest-xdist"]
CLIENTS = ["aiohttp", "requests"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of that environment: the wheel, and links to what is installed here."""
    folder = tmp_path_factory.mktemp("stranger")
    python, packages = make_environment(folder / "env", build_wheel(folder))
    link_packages(find_needed([*PROJECT["dependencies"], "pytest", *PLUG_INS, *CLIENTS]), packages)
    return python


def environment_of(python: Path) -> dict[str, str]:
    """Variables that say nothing of this repository or of the run that it is tested in."""
    variables = clean_environment(python.parents[2])
    return {name: value for name, value in variables.items() if not name.startswith("PYTEST_")}


def run_python(python: Path, folder: Path, *arguments: str, module: str = "pytest") -> subprocess.CompletedProcess[str]:
    """Run a module of that Python in a folder, pytest where none is named."""
    words = ["-q", "-p", "no:cacheprovider"] if module == "pytest" else []
    return subprocess.run(
        [str(python), "-m", module, *words, *arguments],
        cwd=folder,
        env=environment_of(python),
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def run(python: Path) -> Run:
    """The same of the Python that all tests share."""
    return functools.partial(run_python, python)


def project(folder: Path, **files: str) -> Path:
    """A project of somebody's: its files, `test_it_py` being `test_it.py`."""
    for name, text in files.items():
        path = folder / "theirs" / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "theirs"


def find_servers(folder: Path) -> list[int]:
    """The processes that play a document below a folder."""
    listed = subprocess.run(["pgrep", "-f", f"serve --announce .*{folder}"], capture_output=True, check=False)
    return [int(pid) for pid in listed.stdout.split() if int(pid) != os.getpid()]
