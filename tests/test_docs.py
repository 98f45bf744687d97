"""Documentation that cannot lie: commands run, and everything there is, is documented and tested."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from contract_tests.checks.registry import COLUMNS
from contract_tests.cli import check_command
from contract_tests.context.context import CheckContext, make_redactor
from contract_tests.transport.guarded_session import Sender
from contract_tests.transport.targets import Target
from mock_server.cli.commands import main
from mock_server.contract.model import ERROR_KINDS
from mock_server.engine.filters import DATE_FORMS
from mock_server.engine.pagination import PAGE_FACTS
from mock_server.generation.methods import METHODS
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import load_vocabulary
from tests.conftest import ROOT, Start
from tests.house import MAY_IMPORT
from tests.mutation.mutants import MUTANTS
from tests.mutation.mutants_of_writes import WRITE_MUTANTS

README = (ROOT / "README.md").read_text(encoding="utf-8")
ANNOTATIONS = (ROOT / "docs" / "annotations.md").read_text(encoding="utf-8")
ALL_TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
CONTRACTS = "\n".join(
    path.read_text(encoding="utf-8") for path in [*(ROOT / "schemas").glob("*/*"), ROOT / "docs" / "add_a_provider.md"]
)


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def words_of_the_vocabulary() -> Iterator[str]:
    names = load_vocabulary().names.values()
    yield from sorted({annotation for listed in names for annotation in listed})
    yield from [*PAGE_FACTS, *ERROR_KINDS, *METHODS, *DATE_FORMS]


@pytest.mark.parametrize("word", list(words_of_the_vocabulary()))
def test_every_word_of_a_contract_is_documented(word: str) -> None:
    if word in ("conflict", "unprocessable"):
        assert f"`{word}`" in ANNOTATIONS
    assert f"`{word}`" in ANNOTATIONS or word in ANNOTATIONS


@pytest.mark.parametrize("word", [*METHODS, *(w for w in words_of_the_vocabulary() if w.startswith("x-"))])
def test_every_word_of_a_contract_is_used_where_tests_see_it(word: str) -> None:
    assert word in CONTRACTS or word in ALL_TESTS


@pytest.mark.parametrize("command", list(main.commands))
def test_every_command_is_documented_and_tested(command: str) -> None:
    assert f"understudy {command}" in README and f'"{command}"' in ALL_TESTS


SHOWN = [p for p in main.commands["serve"].params if not getattr(p, "hidden", False)]


@pytest.mark.parametrize("option", [o for p in SHOWN for o in p.opts if o.startswith("--")])
def test_every_option_of_serve_is_documented(option: str) -> None:
    assert option in README


CHECKING = (ROOT / "docs" / "contract_tests.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", [o for p in check_command.params for o in p.opts if o.startswith("--")])
def test_every_option_of_check_is_documented(option: str) -> None:
    assert option in CHECKING or option in README


@pytest.mark.parametrize("check", [check.name for check in COLUMNS])
def test_every_check_is_documented(check: str) -> None:
    assert f"| `{check}` |" in CHECKING or f"`{check}`," in CHECKING or f", `{check}`" in CHECKING


def test_the_check_of_the_documentation_works(apis: MockApis, start: Start) -> None:
    """The example of adding a check, against a mock: it is a function as it stands."""
    (source,) = (block for block in blocks(CHECKING, "python") if "check_dates" in block)
    names: dict[str, Any] = {"CheckContext": CheckContext, "Operation": object, "Iterator": Iterator, "Finding": object}
    exec(source, names)
    contract = apis.apis["yativo"].contract
    credentials = {s.name: {state: v[0] for state, v in s.values.items()} for s in contract.schemes}
    target = Target("yativo", "mock", f"{start('yativo').url}/yativo{contract.base_path}", credentials)
    context = CheckContext(contract, target, Sender(target, contract.base_path, {}), make_redactor(contract, target))
    assert [finding.check for finding in names["check_dates"](context, contract.operations[0])] in (
        [],
        ["dates.missing"],
    )


def test_the_table_of_planted_faults_is_of_these_faults() -> None:
    table = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| `", table, re.MULTILINE)
    assert rows == [*MUTANTS, *WRITE_MUTANTS]
    caught = re.search(r"(\d+) of (\d+) caught", table)
    assert caught and caught[1] == caught[2] and "0 false alarms" in table


def test_make_prints_a_line_for_each_target() -> None:
    said = subprocess.run(["make"], capture_output=True, text=True, cwd=ROOT, timeout=20).stdout
    assert all(
        re.search(rf"^{name} +\S", said, re.MULTILINE)
        for name in ("setup", "serve", "test", "check", "contract", "mutants", "bench", "corpus", "soak")
    )


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGES = re.findall(r"^\| `([a-z_.]+)` \| [^|]+ \| ([^|]+) \|$", ARCHITECTURE, re.MULTILINE)
"""The rows of its table: a package and the names of its modules."""


def test_architecture_has_a_row_for_each_package() -> None:
    assert {name for name, _ in PACKAGES} == set(MAY_IMPORT)


@pytest.mark.parametrize(("package", "listed"), PACKAGES, ids=[name for name, _ in PACKAGES])
def test_architecture_names_every_module(package: str, listed: str) -> None:
    modules = {path.stem for path in (ROOT / package.replace(".", "/")).glob("*.py") if not path.stem.startswith("__")}
    assert set(re.findall(r"`(\w+)`", listed)) == modules


def test_architecture_sends_nobody_to_a_module_that_is_not_there() -> None:
    houses = "|".join(
        ["contract_tests", *(name.split(".")[1] for name in MAY_IMPORT if name.startswith("mock_server."))],
    )
    for package, module in re.findall(rf"`(?:mock_server\.)?((?:{houses})(?:\.checks)?)\.([a-z_]+)`", ARCHITECTURE):
        names = [ROOT / house / package.replace(".", "/") / module for house in ("mock_server", ".")]
        assert any(path.is_dir() or path.with_suffix(".py").exists() for path in names), f"{package}.{module}"


def test_architecture_names_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["check"], *extras["validate"]]
    names = [re.split(r"[<>=\[]", each)[0] for each in wanted]
    assert len(names) > 15 and [name for name in names if name not in ARCHITECTURE] == []
