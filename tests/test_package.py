"""The wheel: `pip install .` in an empty environment, then `understudy serve` from any folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.raw import send
from tests.wheel import build_wheel, clean_environment, make_environment, serve_from


def test_the_wheel_plays_from_any_folder(tmp_path: Path) -> None:
    """The wheel is installed without its dependencies beside those of this environment: nothing is fetched."""
    wheel = build_wheel(tmp_path)
    names = zipfile.ZipFile(wheel).namelist()
    assert "mock_server/schemas/fatora/openapi.yaml" in names and {
        "mock_server/server/templates/console/overview.html",
        "mock_server/scenarios/flaky.yaml",
        "mock_server/generation/data/places.json.gz",
    } <= set(names)
    assert (
        "contract_tests/fixtures/fatora/list-curl.yaml" in names
        and "contract_tests/reports/templates/report.html" in names
    )
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}
    assert not [name for name in names if name.startswith(("tests/", "fixtures/", "benchmarks/", "tools/"))]
    assert not [name for name in names if "muta" in name], "planted faults are of the tests alone"
    python, packages = make_environment(tmp_path / "env", wheel)
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "dependencies.pth").write_text(own + "\n")
    _check(python, tmp_path)
    with serve_from(python, tmp_path) as served:
        answer = send(
            served.port,
            "GET /yativo/api/v1/customer",
            {"host": "x", "authorization": "Bearer YOUR_SECRET_TOKEN"},
        )
        assert answer.status == 200
        assert send(served.port, "GET /assets/console.css", {"host": "127.0.0.1"}).status == 200


def _check(python: Path, folder: Path) -> None:
    """The harness and its pytest plug-in, from a folder that knows nothing of this one."""
    for arguments in (
        ["mock_server", "check", "yativo", "--report", "report"],
        [
            "pytest",
            "--pyargs",
            "contract_tests",
            "--understudy-target",
            "mock",
            "--understudy-provider",
            "yativo",
            "-p",
            "no:cacheprovider",
        ],
    ):
        done = subprocess.run(
            [str(python), "-m", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=folder,
            env=clean_environment(folder),
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Yativo Customers" in (folder / "report" / "report.html").read_text()
