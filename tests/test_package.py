"""The wheel: `pip install .` in an empty environment, then `understudy serve` from any folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

from tests.conftest import ROOT, Served
from tests.raw import send


def test_the_wheel_plays_from_any_folder(tmp_path: Path) -> None:
    """The wheel is installed without its dependencies beside those of this environment: nothing is fetched."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            str(ROOT),
        ],
        check=True,
        timeout=120,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "mock_server/schemas/fatora/openapi.yaml" in names and {
        "mock_server/server/templates/console/overview.html",
        "mock_server/scenarios/flaky.yaml",
    } <= set(names)
    assert (
        "contract_tests/fixtures/fatora/list-curl.yaml" in names
        and "contract_tests/reports/templates/report.html" in names
    )
    assert not [name for name in names if name.startswith(("tests/", "fixtures/", "benchmarks/"))]
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    target = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(target)
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (target / "dependencies.pth").write_text(own + "\n")
    _check(python, tmp_path)
    served = _serve(python, tmp_path)
    try:
        answer = send(
            served.port,
            "GET /yativo/api/v1/customer",
            {"host": "x", "authorization": "Bearer YOUR_SECRET_TOKEN"},
        )
        assert answer.status == 200
        assert send(served.port, "GET /assets/console.css", {"host": "127.0.0.1"}).status == 200
    finally:
        served.process.terminate()
        served.process.wait(10)


def _check(python: Path, folder: Path) -> None:
    """The harness and its pytest plug-in, from a folder that knows nothing of this one."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["XDG_CACHE_HOME"] = str(folder / "cache")
    for arguments in (
        ["mock_server", "check", "yativo", "--report", "report"],
        ["pytest", "--pyargs", "contract_tests", "--target", "mock", "--provider", "yativo", "-p", "no:cacheprovider"],
    ):
        done = subprocess.run(
            [str(python), "-m", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=folder,
            env=environment,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Yativo Customers" in (folder / "report" / "report.html").read_text()


def _serve(python: Path, folder: Path) -> Served:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [str(python), "-m", "mock_server", "serve", "--port", "0", "--cache", str(folder / "cache")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment,
    )
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Ctrl-C"):
            break
    found = re.search(r"at (http://\S+)", printed)
    assert found, printed
    return Served(found[1], process, printed)
