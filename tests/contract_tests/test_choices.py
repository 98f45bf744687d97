"""What a run of `understudy check` is restricted to: some operations, some time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract_tests.baseline import compare
from mock_server.sessions.completion import complete_operation
from tests.contract_tests.command import check
from tests.contract_tests.test_check import CREDENTIALS, live


def report_of(folder: Path) -> dict[str, Any]:
    (provider,) = json.loads((folder / "out" / "report.json").read_text())["providers"]
    assert isinstance(provider, dict)
    return provider


def test_only_some_operations_are_checked_and_others_asked_for_what_they_need(mutants: str, tmp_path: Path) -> None:
    done = check(*live(mutants), "--only", "getClient", "--report", "out", cwd=tmp_path, variables=CREDENTIALS)
    provider = report_of(tmp_path)
    assert done.returncode in (0, 4), done.stdout
    assert provider["operations"] == ["getClient"] == list(provider["matrix"])
    assert provider["matrix"]["getClient"]["records"]["outcome"] == "passed"
    comments = [e["comment"] for e in json.loads((tmp_path / "out" / "traffic.har").read_text())["log"]["entries"]]
    assert {comment.rpartition(": ")[2] for comment in comments if "listClients" in comment} <= {"reached", "paging"}


def test_providers_without_the_operation_are_left_out(tmp_path: Path) -> None:
    done = check("--only", "getClient", "--check", "records", "--report", "out", cwd=tmp_path)
    assert done.returncode == 0 and report_of(tmp_path)["name"] == "fatora"


def test_an_unknown_operation_is_refused_with_the_nearest_name() -> None:
    done = check("fatora", "--only", "getCleint")
    assert (
        done.returncode == 2 and "There is no operation 'getCleint' of fatora; did you mean getClient?" in done.stderr
    )


@pytest.mark.parametrize(
    ("beginning", "providers", "words"),
    [("getC", (), ["getClient"]), ("list", ("fatora",), ["listClients"]), ("x", (), []), ("g", ("nobody",), [])],
)
def test_operations_are_completed(beginning: str, providers: tuple[str, ...], words: list[str]) -> None:
    assert complete_operation(beginning, None, providers) == words


def test_a_run_ends_when_its_time_is_over(mutants: str, tmp_path: Path) -> None:
    # The second call would have to wait for two seconds: no clock of this machine is measured.
    arguments = [*live(mutants), "--rate", "0.5", "--max-time", "1", "--report", "out"]
    done = check(*arguments, cwd=tmp_path, variables=CREDENTIALS)
    provider = report_of(tmp_path)
    assert provider["calls"] == 1 and "(--max-time) is over; nothing more was sent" in provider["stopped"]
    assert "(--max-time) is over" in done.stdout


def test_what_a_run_of_some_operations_left_out_is_not_gone() -> None:
    def report(operations: list[str], *names: str) -> dict[str, Any]:
        findings = [{"fingerprint": name, "provider": "acme", "operation": name} for name in names]
        return {"providers": [{"name": "acme", "operations": operations, "findings": findings}]}

    drift = compare(report(["a", "b"], "a", "b"), report(["a"]))
    assert [finding["operation"] for finding in drift["gone"]] == ["a"]
