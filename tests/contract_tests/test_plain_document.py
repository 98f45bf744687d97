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
