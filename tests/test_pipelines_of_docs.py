"""The pipelines of docs/ci.md: YAML that their CI reads, and each step that can be run here is run, in order."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.test_wait import find_free_port
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
GITHUB, GITLAB, SERVICE = (yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))

NOT_RUN = {
    "pip install": "fetches; tests/test_package.py installs the wheel",
    "understudy check fatora --target live": "asks a real API; tests/test_documented_commands.py plays one",
}
"""Steps by their beginning, and why they are not run here."""


DOCUMENT = """openapi: 3.1.0
info: {title: Weather, version: '1'}
servers: [{url: https://weather.example/v1}]
paths:
  /now:
    get:
      operationId: getNow
      responses:
        '200':
          description: The weather
          content: {application/json: {schema: {type: object, properties: {sky: {enum: [clear, grey]}}}}}
"""
"""One answer: a check of it is quick."""


def list_steps(form: str) -> list[str]:
    """The lines that the job of the mock runs."""
    if form == "github":
        return [step["run"] for step in GITHUB["jobs"]["mock"]["steps"] if "run" in step]
    return list(GITLAB["mock"]["script"])


def is_run(step: str) -> bool:
    return not step.startswith(tuple(NOT_RUN))


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A repository with a document and its project file, and `understudy` on the path; its server is ended."""
    (tmp_path / "weather.yaml").write_text(DOCUMENT)
    (tmp_path / "understudy.yaml").write_text("serve: [weather.yaml]\n")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "understudy"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m mock_server "$@"\n')
    command.chmod(0o755)
    yield tmp_path


def run_steps(steps: list[str], checkout: Path, variables: dict[str, str]) -> None:
    """Run the steps in order; the first that fails ends them. What is in the background ends with the job."""
    port = find_free_port()
    script = "\n".join(steps).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    script = script.replace("understudy serve ", f"understudy serve --port {port} ")
    script = script.replace("understudy env", f"understudy env --port {port}")
    # Two checks are as good as all of them here, and a fifth of the time.
    script = script.replace("understudy check", "understudy check --check status --check schema")
    environment = {**os.environ, **variables, "PATH": f"{checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    ending = "code=$?; kill %1; wait; exit $code"
    done = subprocess.run(
        ["bash", "-c", f"set -e\ntrap '{ending}' EXIT\n{script}"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{(checkout / 'understudy.log').read_text()}"


def test_the_job_of_github_runs_step_by_step(checkout: Path) -> None:
    steps = [step for step in list_steps("github") if is_run(step)]
    assert len(steps) == 5
    summary, variables = checkout / "summary.md", checkout / "variables"
    run_steps(steps, checkout, {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ENV": str(variables)})
    assert "As documented." in summary.read_text() and (checkout / "report" / "report.html").is_file()
    assert re.match(r"WEATHER_BASE_URL=http://127.0.0.1:\d+/weather/v1\n", variables.read_text())


def test_the_job_of_gitlab_runs_as_one_script(checkout: Path) -> None:
    steps = [step for step in list_steps("gitlab") if is_run(step)]
    assert len(steps) == 5
    run_steps(steps, checkout, {"CI_PROJECT_DIR": str(checkout)})
    entries = json.loads((checkout / "code-quality.json").read_text())
    assert {entry["severity"] for entry in entries} <= {"info"}
    reports = GITLAB["mock"]["artifacts"]["reports"]
    assert all((checkout / path).is_file() for path in reports.values())


def list_jobs() -> list[tuple[str, dict[str, Any]]]:
    return [("github", GITHUB["jobs"]["live"]), ("gitlab", GITLAB["live"])]


@pytest.mark.parametrize(("form", "job"), list_jobs(), ids=[name for name, _ in list_jobs()])
def test_the_live_job_reads_only_and_has_its_secret_from_the_store(form: str, job: dict[str, Any]) -> None:
    text = json.dumps(job)
    assert f"check fatora --target live --format {form}" in text and "--writes" not in text
    assert "FATORA_API_KEY" not in text or "${{ secrets.FATORA_API_KEY }}" in text
    assert "schedule" in text


def test_what_is_cached_is_what_the_steps_write() -> None:
    assert "--cache .records" in json.dumps(GITHUB["jobs"]["mock"]) and "--cache .records" in json.dumps(GITLAB["mock"])
    cached = [step["with"]["path"] for step in GITHUB["jobs"]["mock"]["steps"] if "cache@" in step.get("uses", "")]
    assert cached == [".records"] and GITLAB["mock"]["cache"]["paths"] == [".pip", ".records"]


def test_the_service_is_steered_with_the_token_that_it_was_given() -> None:
    job = SERVICE["jobs"]["test"]
    assert job["services"]["understudy"]["env"] == job["env"] == {"UNDERSTUDY_TOKEN": "only-for-this-run"}
