"""A check of ours that crashes: a sentence, its traceback without secrets, and what the other checks found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from contract_tests import runner
from contract_tests.checks import Check
from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from mock_server.contract import Operation
from tests.contract_tests.command import Done, check
from tests.mutation.mutant_server import slug

KEY = "00000000-0000-4000-8000-00000000F00D"


def crash(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    yield from ()
    raise KeyError(f"no {context.target.credentials} and {KEY[::-1]}")


def replace_check(name: str, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(check._replace(run=crash) if check.name == name else check for check in checks)


def run_check(mutants: str, mutant: str, folder: Path) -> Done:
    base = f"{mutants}/~{slug(mutant)}/fatora/v1"
    arguments = ["fatora", "--target", "live", "--no-readings", "--rate", "1000", "--base-url", base, "--report", "out"]
    return check(*arguments, cwd=folder, variables={"FATORA_API_KEY": KEY})


ENDS: list[tuple[str, str, int]] = [
    ("nothing else is wrong", "clean", 70),
    ("another check finds what breaks", "a field dropped", 1),
]


@pytest.mark.parametrize("crashed", ["filters", "coherence"])
@pytest.mark.parametrize(("name", "mutant", "code"), ENDS, ids=[row[0] for row in ENDS])
def test_a_check_that_crashes_ends_by_itself_alone(
    name: str,
    mutant: str,
    code: int,
    crashed: str,
    mutants: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for group in ("SENDERS", "JUDGES"):
        monkeypatch.setattr(runner, group, replace_check(crashed, getattr(runner, group)))
    done = run_check(mutants, mutant, tmp_path)
    assert done.returncode == code
    sentence = f"Our mistake: the check {crashed} of listClients crashed (KeyError); the other checks went on."
    assert done.stdout.startswith(f"Incomplete. {sentence}")
    assert "Traceback" in done.stderr and "in crash" in done.stderr and "Traceback" not in done.stdout
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    assert sentence in provider["mistakes"][0]["sentence"] and "in crash" in provider["mistakes"][0]["lines"]
    cells = provider["matrix"]["listClients"]
    assert (cells[crashed]["outcome"], cells["paging"]["outcome"]) == ("skipped", "passed")
    assert cells[crashed]["why"].startswith(sentence)
    assert bool(provider["findings"]) == (mutant != "clean")
    (suite,) = ElementTree.parse(tmp_path / "out" / "junit.xml").getroot()
    assert sentence in suite.findall("testcase[@name='complete']/error")[0].attrib["message"]
    written = [done.stdout, done.stderr, *(path.read_text() for path in (tmp_path / "out").iterdir())]
    assert not any(KEY in text or KEY[::-1] in text for text in written)
