"""The project's wheel, built and unpacked into an environment of its own, and a server that is started from it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT, Served, wait_until_served


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder; nothing is fetched."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(ROOT)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_environment(folder: Path, wheel: Path) -> tuple[Path, Path]:
    """An environment with the wheel alone in it; its Python and its packages' folder."""
    venv.create(folder, with_pip=False)
    packages = next((folder / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(packages)
    return folder / "bin" / "python", packages


def clean_environment(folder: Path) -> dict[str, str]:
    """Variables for a process that knows nothing of this repository and keeps its cache in the folder."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**variables, "XDG_CACHE_HOME": str(folder / "cache")}


@contextlib.contextmanager
def serve_from(python: Path, folder: Path) -> Iterator[Served]:
    """`understudy serve` by an environment's Python, started in a folder and ended after the block."""
    process = subprocess.Popen(
        [str(python), "-m", "mock_server", "serve", "--port", "0", "--cache", str(folder / "cache")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=clean_environment(folder),
    )
    with process:
        try:
            yield wait_until_served(process)
        finally:
            process.terminate()
