"""A plain document as the contract that a target is asked by: `understudy check petstore.yaml`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.contract_tests.command import check_in_process_of_its_own
from tests.plain.playing import PETSTORE


def test_the_mock_of_a_plain_document_is_as_the_document_says(tmp_path: Path) -> None:
    done = check_in_process_of_its_own(str(PETSTORE), "--report", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    assert provider["matrix"]["get-pets"]["paging"]["outcome"] == "passed"
    assert {finding["grade"] for finding in provider["findings"]} <= {"note"}


def test_a_plain_document_is_asked_over_a_socket_alone(tmp_path: Path) -> None:
    done = check_in_process_of_its_own(str(PETSTORE), "--in-process", cwd=tmp_path)
    assert done.returncode == 2 and "asked over a socket" in done.stderr


def test_a_document_of_which_nothing_can_be_asked_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "writes.json"
    path.write_text(json.dumps({"openapi": "3.1.0", "paths": {"/a": {"post": {"responses": {"200": {}}}}}}))
    done = check_in_process_of_its_own(str(path), cwd=tmp_path)
    assert done.returncode == 2 and "can be asked without guessing" in done.stderr


def test_an_annotated_contract_with_writes_is_asked_for_them(toy: Path, tmp_path: Path) -> None:
    done = check_in_process_of_its_own("bookshop", "--schemas", str(toy), "--report", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    written = ("create", "replace", "patch", "repeats", "delete")
    assert all(f"{name} " in done.stdout for name in written) and "As documented" in done.stdout


def test_writes_are_asked_over_a_socket(toy: Path, tmp_path: Path) -> None:
    done = check_in_process_of_its_own("bookshop", "--schemas", str(toy), "--in-process", cwd=tmp_path)
    assert done.returncode == 2 and "one with writes is asked over a socket" in done.stderr
