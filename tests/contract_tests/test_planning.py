"""`--plan` and `--dry-run`: what a live run would ask, without asking."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.contract_tests.command import check
from tests.contract_tests.test_check import CREDENTIALS, live


def test_a_plan_needs_neither_url_nor_credential() -> None:
    done = check("fatora", "--plan")
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    calls = [line for line in lines if re.match(r" +\d+  (GET|HEAD|OPTIONS) /", line)]
    assert first.startswith("Fatora Clients  $FATORA_BASE_URL") and f"{len(calls)} calls of at most 60" in first
    assert "paging listClients: Pages are of one stable collection" in lines
    assert any("/clients (no credential)" in line for line in calls)


def test_what_the_budget_leaves_out_is_named() -> None:
    done = check("fatora", "--plan", "--budget", "5", "--rate", "1")
    assert "5 calls of at most 5, 5 s at 1 a second" in done.stdout
    assert "Left out (The budget of 5 calls is spent): " in done.stdout and "errors of getClient" in done.stdout


def test_the_run_asks_what_was_planned(mutants: str, tmp_path: Path) -> None:
    planned = check(*live(mutants, "yativo"), "--dry-run").stdout.splitlines()
    check(*live(mutants, "yativo"), "--report", "out", cwd=tmp_path, variables=CREDENTIALS)
    entries = json.loads((tmp_path / "out" / "traffic.har").read_text())["log"]["entries"]
    urls = [entry["request"]["url"] for entry in entries]
    plain = [re.sub("['\"]", "", line.split()[-1]) for line in planned]
    assert [line.replace("$YATIVO_TOKEN", "[redacted]") for line in plain] == urls


def test_nothing_is_sent_to_the_target() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        base = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        for way in ("--plan", "--dry-run"):
            done = check("fatora", "--target", "live", "--base-url", base, way, "--budget", "20")
            assert done.returncode == 0 and base in done.stdout
        with pytest.raises(TimeoutError):
            server.accept()


def test_lines_of_a_dry_run_are_run_by_a_shell(start: Start) -> None:
    lines = check("fatora", "--dry-run", "--budget", "12").stdout.splitlines()
    assert '"$FATORA_BASE_URL"' in lines[0] and '"api_key: $FATORA_API_KEY"' in lines[0]
    variables = {**os.environ, **CREDENTIALS, "FATORA_BASE_URL": f"{start('fatora').url}/fatora/v1"}
    for line in lines[:2]:
        answer = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=variables)
        assert answer.stdout.startswith("HTTP/1.1 200"), line


def test_what_is_asked_of_this_machine_alone_is_planned_for_no_other() -> None:
    away, here = "https://api.acme.test/v1", "http://127.0.0.1:1/v1"
    chosen = ["fatora", "--check", "errors", "--dry-run", "--base-url"]
    asked = "?api_key=$FATORA_API_KEY"
    assert asked in check(*chosen, here).stdout and asked not in check(*chosen, away).stdout


def test_a_plan_writes_nothing() -> None:
    done = check("fatora", "--plan", "--report", "out")
    assert done.returncode == 2 and "A plan asks nobody" in done.stderr
