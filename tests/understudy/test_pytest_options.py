"""Each word of the configuration and of the command line does what it says; a wrong one is a sentence."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import understudy
from tests.conftest import ROOT
from tests.understudy.conftest import Run, project
from understudy.pytest_options import PREFIX, SETTINGS

INI = """
[pytest]
understudy_serve = petstore.yaml fatora
understudy_seed = 4711
understudy_records = 7
understudy_scenarios = rate-limit-headers slow-first-call
understudy_readings = fatora.notes-field=note
understudy_data = own/data
understudy_mappings = own/mappings
understudy_schemas = own/schemas
understudy_overlays = petstore=petstore.fix.yaml
understudy_options = --limits enforce
understudy_strict = true
"""
TESTS = """
import json, urllib.request
import pytest

def get(url):
    with urllib.request.urlopen(url) as response:
        return json.load(response)

@pytest.fixture
def settings(understudy):
    return understudy.describe()

def test_serve(understudy_server):
    assert list(understudy_server.providers) == ["petstore", "fatora"]

def test_seed(settings):
    assert settings["seed"] == "4711"

def test_records(settings):
    assert settings["records"] == 7

def test_scenarios(settings):
    assert settings["scenarios"] == ["rate-limit-headers", "slow-first-call"]

def test_readings(settings):
    assert settings["readings"]["fatora"]["notes-field"] == "note"

def test_data(understudy):
    assert understudy.records("petstore", "pets")[0]["name"] == "Rex of a file"

def test_mappings(understudy):
    assert get(understudy.url("petstore") + "/pets/1") == {"name": "Rex of a mapping"}

def test_schemas(understudy_server):
    assert understudy_server.providers["fatora"].title == "Clients of theirs"

def test_overlays(understudy_server):
    assert understudy_server.providers["petstore"].find_ids("petsOfTheirs")

def test_options(settings):
    assert settings["limits"] == "enforce"

def test_strict_fails(understudy):
    get(understudy.url("petstore") + "/pets?limt=1")

@pytest.mark.understudy(strict=False)
def test_not_so_strict(understudy):
    get(understudy.url("petstore") + "/pets?limt=1")
"""
FILES = {
    "pytest.ini": INI,
    "test_it_py": TESTS,
    "own/data/petstore/pets.yaml": "- {name: Rex of a file}\n",
    "own/mappings/one.json": '{"request": {"method": "GET", "urlPath": "/petstore/v1/pets/1"}, '
    '"response": {"jsonBody": {"name": "Rex of a mapping"}}}',
    "petstore.fix.yaml": "overlay: 1.0.0\ninfo: {title: x, version: '1'}\n"
    "actions: [{target: '$.paths[\"/pets\"].get', update: {operationId: petsOfTheirs}}]\n",
    "fatora__client_py": "",  # a package of theirs that is called as a provider
}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that says all there is to say."""
    folder = project(tmp_path_factory.mktemp("options"), **FILES)
    shutil.copy(ROOT / "examples" / "petstore.yaml", folder)
    shutil.copytree(ROOT / "schemas" / "fatora", folder / "own" / "schemas" / "fatora")
    contract = folder / "own" / "schemas" / "fatora" / "openapi.yaml"
    contract.write_text(contract.read_text().replace("title: Fatora Clients", "title: Clients of theirs"))
    return folder


def outcomes(text: str) -> dict[str, str]:
    """Each test's outcome, from `-v`."""
    return dict(re.findall(r"::(test_\w+) (PASSED|FAILED|ERROR)", text))


def test_every_word_of_the_configuration_is_obeyed(theirs: Path, run: Run) -> None:
    shown = run(theirs, "-vv", "--randomly-seed=1").stdout
    assert [name for name, outcome in outcomes(shown).items() if outcome != "PASSED"] == ["test_strict_fails"], shown
    assert "documents no parameter 'limt'" in shown


PLAYED = """
def test_it(understudy):
    settings = understudy.describe()
    assert (settings["seed"], settings["records"], settings["scenarios"]) == ("17", 3, ["slow", "emoji"])
"""
WORDS = ["--understudy-seed=17", "--understudy-records=3", "--understudy-scenario=slow", "--understudy-scenario=emoji"]


def test_the_command_line_wins(tmp_path: Path, run: Run) -> None:
    ini = "[pytest]\nunderstudy_serve = fatora\nunderstudy_seed = 1\nunderstudy_scenarios = flaky\n"
    done = run(project(tmp_path, test_it_py=PLAYED, **{"pytest.ini": ini}), *WORDS)
    assert "1 passed" in done.stdout, done.stdout


def test_a_server_that_runs_already_is_used_and_sessions_are_as_it_is_said(tmp_path: Path, run: Run) -> None:
    folder = project(tmp_path, test_it_py=PLAYED)
    with understudy.serve("fatora") as mock:
        done = run(folder, f"--understudy-url={mock.base_url}", *WORDS, "-n", "2")
        assert "1 passed" in done.stdout, done.stdout
        assert "1 passed" in run(folder, "-o", f"understudy_url={mock.base_url}", *WORDS).stdout
        assert mock.default.describe()["scenarios"] == []


SLIPS = [
    ("a provider that nobody knows", ["-o", "understudy_serve=fatoar"], "no provider 'fatoar'"),
    (
        "a number that is none",
        ["--understudy-records=many"],
        "Invalid value for '--records': 'many' is no whole number",
    ),
    ("a scenario that nobody knows", ["--understudy-scenario=slo"], "no scenario 'slo'"),
    ("a word that serve knows not", ["-o", "understudy_options=--limts"], "--limts"),
    ("a server that is not there", ["--understudy-url=http://127.0.0.1:9"], "No server answers at http://127.0.0.1:9"),
]


@pytest.mark.parametrize(("words", "said"), [row[1:] for row in SLIPS], ids=[row[0] for row in SLIPS])
def test_a_slip_is_one_sentence(words: list[str], said: str, tmp_path: Path, run: Run) -> None:
    ini = "[pytest]\nunderstudy_serve = fatora\n"
    shown = run(project(tmp_path, test_it_py=PLAYED, **{"pytest.ini": ini}), *words).stdout
    assert "1 error" in shown and said in shown, shown
    assert "Traceback" not in shown and "INTERNALERROR" not in shown and len(shown.splitlines()) < 16


def test_every_setting_is_documented_and_tried() -> None:
    table = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        assert f"| `{PREFIX}{setting.name}` |" in table
        assert not setting.flag or f"`--understudy-{setting.flag}`" in table
        assert f"{PREFIX}{setting.name}" in INI or setting.name == "url"
