"""What the Tab key completes, asked as the shells ask it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import understudy
from tests.conftest import ROOT


def complete(line: str, cwd: Path = ROOT) -> list[str]:
    """The words that bash is told for the last word of a line."""
    words = line.split(" ")
    variables = {"_UNDERSTUDY_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = understudy(cwd=cwd, variables=variables)
    assert done.stderr == ""
    return [row.partition(",")[2] for row in done.stdout.splitlines() if row]


LINES = [
    ("understudy s", ["scenarios", "serve"]),
    ("understudy che", ["check"]),
    ("understudy serve ", ["fatora", "sellercloud", "sourcehub", "yativo"]),
    ("understudy serve fatora s", ["sellercloud", "sourcehub"]),
    ("understudy env ya", ["yativo"]),
    ("understudy readings fa", ["fatora"]),
    ("understudy check so", ["sourcehub"]),
    ("understudy play third", ["third-call-fails"]),
    ("understudy serve --scenario record-d", ["record-deleted-before-update", "record-deleted-while-paging"]),
    ("understudy serve --reading fatora.notes", ["fatora.notes-field=note"]),
    ("understudy check --reading fatora.notes", ["fatora.notes-field=note"]),
    ("understudy readings --reading fatora.cred", ["fatora.credential=bearer", "fatora.credential=both"]),
    ("understudy serve --limits e", ["enforce"]),
    ("understudy serve --jour", ["--journal"]),
    ("understudy serve --schemas nowhere f", []),
    ("understudy serve tests/plain/p", ["tests/plain/petstore.yaml"]),
    ("understudy serve fixt", ["fixtures/"]),
]


@pytest.mark.parametrize(("line", "words"), LINES, ids=[line for line, _ in LINES])
def test_the_tab_key_completes(line: str, words: list[str]) -> None:
    assert complete(line) == words


def test_own_providers_readings_and_scenarios_are_completed(toy: Path) -> None:
    assert complete(f"understudy serve --schemas {toy} ") == ["bookshop"]
    assert complete("understudy env --schemas . ", toy / "bookshop") == ["bookshop"]
    assert complete(f"understudy serve --schemas {toy} --reading b") == ["bookshop.page-size=five"]
    mine = toy / "mine"
    mine.mkdir()
    text = (ROOT / "fixtures" / "scenarios" / "flaky.yaml").read_text(encoding="utf-8")
    (mine / "flaky-here.yaml").write_text(text.replace("flaky", "flaky-here"), encoding="utf-8")
    assert complete(f"understudy serve --scenarios {mine} --scenario fla") == ["flaky", "flaky-here"]
