"""One version in one place, and workflows that run what everybody runs."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import understudy
from tests.conftest import ROOT
from tools.check_release import find_problem

WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}
DATED = "# Changes\n\n## 0.2.0 - 2026-11-21\n\n- A line.\n\n## 0.1.0 - 2026-11-20\n"

TAGS = [
    ("a dated version may be released", "v0.2.0", "0.2.0", DATED, ""),
    ("another tag than the version", "v0.3.0", "0.2.0", DATED, "is not v0.2.0"),
    ("a version that the changelog does not begin with", "v0.3.0", "0.3.0", DATED, "does not begin with 0.3.0"),
    ("a version without its date", "v0.2.0", "0.2.0", DATED.replace(" - 2026-11-21", ""), "no date"),
    ("an empty changelog", "v0.2.0", "0.2.0", "", "does not begin with"),
]


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "problem"),
    [row[1:] for row in TAGS],
    ids=[r[0] for r in TAGS],
)
def test_a_tag_is_released_where_package_and_changelog_agree(
    tag: str,
    version: str,
    changelog: str,
    problem: str,
) -> None:
    said = find_problem(tag, version, changelog)
    assert problem in said and bool(said) == bool(problem)


def test_this_version_could_be_tagged() -> None:
    command = [sys.executable, str(ROOT / "tools" / "check_release.py"), f"v{understudy.__version__}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (0, f"v{understudy.__version__} can be released.\n")


def test_the_version_stands_in_one_place() -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py", "*.toml"], capture_output=True, text=True, cwd=ROOT).stdout
    paths = [ROOT / name for name in tracked.split()] or [*ROOT.glob("*/*.py"), ROOT / "pyproject.toml"]
    assigned = re.compile(r'^(?:__version__|version) = "', re.MULTILINE)
    holders = [path for path in paths if path.exists() and assigned.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(ROOT) for path in holders] == [Path("mock_server/__init__.py")]


def test_what_is_installed_is_this_version() -> None:
    try:
        installed = importlib.metadata.version("understudy")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("understudy is not installed in this environment: make setup")
    assert installed == understudy.__version__


def _steps(workflow: str) -> list[str]:
    loaded: dict[str, Any] = yaml.safe_load(WORKFLOWS[workflow])
    return [step.get("run", step.get("uses", "")) for job in loaded["jobs"].values() for step in job["steps"]]


def test_workflows_run_what_everybody_runs() -> None:
    assert set(WORKFLOWS) == {"ci", "release"}
    assert ".ci/run" in _steps("ci") and ".ci/run" in _steps("release")
    assert '["3.11", "3.12", "3.13"]' in WORKFLOWS["ci"]
    for text in WORKFLOWS.values():
        targets = re.findall(r"make (\w+)", text)
        assert all(re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE) for name in targets)


def test_ci_runs_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in script and "$ make test" in (ROOT / "README.md").read_text(encoding="utf-8")
