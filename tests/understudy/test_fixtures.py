"""The fixtures in a project of somebody's: one server for the run, a session a test, and what came where one fails."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import ROOT
from tests.understudy.conftest import Run, find_servers, project, run_python

TESTS = """
import json, urllib.request
import pytest

def get(url):
    with urllib.request.urlopen(url) as response:
        return json.load(response)

@pytest.mark.understudy("petstore", records=3)
@pytest.mark.parametrize("number", range(12))
def test_of_theirs(understudy, number):
    assert get(understudy.url() + "/pets")["total"] == 3
    understudy.add("petstore", "pets", name=f"Pet {number}")
    names = [pet["name"] for pet in get(understudy.url() + "/pets")["data"]]
    assert len(names) == 4 and names[0] == f"Pet {number}"
    understudy.assert_called("GET /pets", times=2)

@pytest.mark.parametrize("number", range(6))
def test_one_server_for_all(understudy_server, number):
    with open("servers", "a") as file:
        file.write(understudy_server.base_url + "\\n")
"""
INI = "[pytest]\nunderstudy_serve = petstore.yaml fatora\naddopts = -p no:randomly\n"


def theirs(folder: Path, tests: str) -> Path:
    made = project(folder, **{"test_theirs_py": tests, "pytest.ini": INI})
    shutil.copy(ROOT / "examples" / "petstore.yaml", made)
    return made


def test_each_test_has_its_own_session_of_one_server(tmp_path: Path, run: Run) -> None:
    folder = theirs(tmp_path, TESTS)
    done = run(folder, "-n", "3")
    assert "18 passed" in done.stdout and "arning" not in done.stdout + done.stderr, done.stdout + done.stderr
    assert len(set((folder / "servers").read_text().splitlines())) == 1
    assert find_servers(tmp_path) == []


NAMES = """
import urllib.request
import pytest

def get(url):
    urllib.request.urlopen(url).close()

pytestmark = pytest.mark.understudy("petstore")
"""
SAID = (
    NAMES
    + """
@pytest.mark.understudy(scenarios=["third-call-fails"])
def test_an_error_of_the_client(understudy):
    for _ in range(3):
        get(understudy.url() + "/pets?limt=1")

def test_a_call_that_was_not(understudy):
    get(understudy.url() + "/pets?limit=2")
    understudy.assert_called("GET /pets", query={"limit": 3})

def test_many_requests(understudy):
    for _ in range(25):
        get(understudy.url() + "/pets")
    assert not understudy

@pytest.fixture
def signed_in(understudy):
    get(understudy.url() + "/pets/3")
    raise RuntimeError("no")

def test_a_set_up(signed_in):
    pass

@pytest.mark.understudy(strict=True)
def test_a_client_in_the_wrong(understudy):
    get(understudy.url() + "/pets?limt=1")

@pytest.mark.understudy("petstroe")
def test_a_provider(understudy):
    pass

@pytest.mark.understudy("petstore", "fatora")
def test_two_providers(understudy):
    pass

@pytest.mark.understudy(sede="1")
def test_a_setting(understudy):
    pass

@pytest.mark.understudy(scenarios=["third-call-fail"])
def test_a_scenario(understudy):
    pass

@pytest.mark.understudy(records=3)
def test_a_mark_without_its_fixture():
    pass

def test_an_operation(understudy):
    understudy.assert_not_called("GET /pet")

@pytest.fixture(scope="session")
def too_wide(understudy):
    pass

def test_a_scope(too_wide):
    pass
"""
)
SHOWN: list[tuple[str, list[str]]] = [
    (
        "test_an_error_of_the_client",
        [
            "GET /petstore/v1/pets?limt=1 -> 500  petstore get-pets  (scenario third-call-fails)",
            "documents no parameter 'limt'",
        ],
    ),
    (
        "test_a_call_that_was_not",
        ["GET /pets with query={'limit': 3} was to be called at least once and was called never", "but limit is '2'"],
    ),
    ("test_many_requests", ["… 5 more before"]),
    ("test_a_set_up", ["RuntimeError: no", "GET /petstore/v1/pets/3 -> 200"]),
    ("test_a_client_in_the_wrong", ["documents no parameter 'limt'", "GET /petstore/v1/pets?limt=1 -> 200"]),
    ("test_a_provider", ["There is no provider 'petstroe'; this server plays petstore, fatora."]),
    ("test_two_providers", ["names one provider, that of calls that name none, and not 'petstore', 'fatora'."]),
    ("test_a_setting", ["There is no setting 'sede'. Did you mean 'seed'?"]),
    ("test_a_scenario", ["There is no scenario 'third-call-fail'. Did you mean third-call-fails?"]),
    ("test_a_mark_without_its_fixture", ["does not ask for the fixture `understudy`"]),
    ("test_an_operation", ["No operation is called 'GET /pet'. Did you mean 'GET /v1/pets'?"]),
    ("test_a_scope", ["ScopeMismatch"]),
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, python: Path) -> dict[str, str]:
    """What JUnit's XML says of each test of a project, run over two workers; the terminal's text as the empty name."""
    folder = theirs(tmp_path_factory.mktemp("shown"), SAID)
    done = run_python(python, folder, "-n", "2", "--junitxml=report.xml", "-rA")
    said = {"": done.stdout}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        said[case.attrib["name"]] = "".join(each.text or "" for each in case if each.tag in ("failure", "error"))
    return said


@pytest.mark.parametrize(("test", "parts"), SHOWN, ids=[row[0] for row in SHOWN])
def test_a_report_says_what_came_or_what_is_wrong(test: str, parts: list[str], reports: dict[str, str]) -> None:
    said = reports[test]
    assert [part for part in parts if part not in said] == [], said
    assert all(part in reports[""] for part in parts)
    # Each thing once, and nothing of our own code.
    assert said.count(" received:") <= 1 and said.count("did wrong:") <= 1 and len(said.splitlines()) < 70
    assert "understudy/sessions.py" not in said and "During handling" not in said and "INTERNALERROR" not in said


PLAYED = (
    NAMES
    + """
import understudy as package

@pytest.fixture(name="understudy")
def theirs(understudy):
    understudy.play("slow-first-call")
    return understudy

@pytest.mark.understudy(records=3)
class TestMarks:
    @pytest.mark.understudy(seed="4711")
    def test_they_add_up(self, understudy):
        described = understudy.describe()
        assert (described["records"], described["seed"]) == (3, "4711")
        assert described["scenarios"] == ["slow-first-call"]
        assert understudy.url().endswith("/petstore/v1")

    def test_a_fixture_asked_for_later(self, request):
        assert request.getfixturevalue("understudy").describe()["records"] == 3

def test_a_session_that_the_test_ends(understudy):
    understudy.close()

def test_a_session_is_called_after_its_test(understudy):
    assert understudy.name.startswith("test_a_session_is_called_after_its_test-")

def test_other_hosts(understudy):
    with understudy.intercept():
        get("https://petstore.example/v1/pets")
    understudy.assert_called("GET /pets", times=1, path="/v1/pets")
"""
)


def test_marks_add_up_and_fixtures_of_theirs_stand_on_ours(tmp_path: Path, run: Run) -> None:
    done = run(theirs(tmp_path, PLAYED))
    assert "5 passed" in done.stdout, done.stdout


DYING = (
    NAMES
    + """
def test_it(understudy, understudy_server):
    understudy_server.close()
    assert False
"""
)


def test_a_server_that_died_is_said_and_no_more(tmp_path: Path, run: Run) -> None:
    done = run(theirs(tmp_path, DYING), "--understudy-strict")
    assert "1 failed" in done.stdout and "error" not in done.stdout.splitlines()[-1]
    assert re.search(r"What its session received is not known: No server answers at", done.stdout)


ELSEWHERE: list[tuple[str, str, list[str], str]] = [
    (
        "that asks for nothing of ours starts nothing",
        "import sys\n\ndef test_it():\n    assert 'understudy.mock' not in sys.modules\n",
        [],
        "1 passed",
    ),
    (
        "that is only collected starts nothing",
        "def test_it(understudy): pass\n",
        ["--collect-only"],
        "1 test collected",
    ),
    (
        "that shuts us out is not ours",
        "def test_it(pytestconfig):\n    assert not pytestconfig.pluginmanager.hasplugin('understudy')\n",
        ["-p", "no:understudy"],
        "1 passed",
    ),
    (
        "with a fixture of our name has its own",
        "import pytest\n\n@pytest.fixture\ndef understudy():\n    return 7\n\n"
        "@pytest.mark.understudy\ndef test_it(understudy):\n    assert understudy == 7\n",
        ["--understudy-strict"],
        "1 passed",
    ),
]


@pytest.mark.parametrize(("tests", "words", "said"), [r[1:] for r in ELSEWHERE], ids=[r[0] for r in ELSEWHERE])
def test_a_project(tests: str, words: list[str], said: str, tmp_path: Path, run: Run) -> None:
    folder = project(tmp_path, test_it_py=tests, **{"understudy/notes.md": "a folder of theirs"})
    done = run(folder, *words)
    assert said in done.stdout, done.stdout + done.stderr
