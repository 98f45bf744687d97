"""Reports for pipelines: workflow commands and a summary for GitHub, code quality for GitLab, with the right lines."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract_tests.reports.annotations import Annotation, Seen
from contract_tests.reports.pipelines import print_for_pipeline, quoted, render_code_quality, render_commands
from contract_tests.reports.places import find_place
from contract_tests.reports.summary import escape_markdown, render_summary
from mock_server.sessions import Settings, find_origins, get_document, load_checkable
from tests.conftest import ROOT, Start
from tests.contract_tests.command import Done, check
from tests.target_server import response, scripted

SECRET = "understudy-yativo-valid"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a repository with a document in a folder."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "api").mkdir()
    (folder / "api" / "petstore.yaml").write_text((ROOT / "examples" / "petstore.yaml").read_text())
    return folder


@pytest.fixture(scope="module")
def target(work: Path, start: Start) -> str:
    """A server whose pets have numbers for names, and whose clients have no notes."""
    text = (work / "api" / "petstore.yaml").read_text()
    (work / "other.yaml").write_text(text.replace("name: {type: string, example: Rex}", "name: {type: integer}"))
    shutil.copytree(ROOT / "schemas" / "fatora", work / "other" / "fatora")
    (work / "other" / "fatora" / "readings.yaml").unlink()
    clients = work / "other" / "fatora" / "client.schema.json"
    clients.write_text(clients.read_text().replace('"notes"', '"remarks"'))
    return start("petstore=other.yaml", "other/fatora", cwd=work).url


def ask(work: Path, target: str, form: str, *more: str, **variables: str) -> Done:
    """Check the petstore in the folder of the repository against the server."""
    words = ["--base-url", f"{target}/petstore/v1", "--format", form, "--check", "schema", "--check", "status"]
    return check("api/petstore.yaml", *words, *more, cwd=work, variables=variables)


def line_of(file: Path, text: str) -> int:
    """The line of a file that holds a text."""
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if text in line)


class Command(NamedTuple):
    """A workflow command as GitHub reads it."""

    level: str
    properties: dict[str, str]
    message: str


def unescape(text: str) -> str:
    return text.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def read_commands(printed: str) -> Iterator[Command]:
    """What GitHub's runner makes of the lines of a step: commands, unless they are stopped."""
    resumed = ""
    for line in map(str.strip, printed.splitlines()):
        if resumed:
            resumed = "" if line == f"::{resumed}::" else resumed
        elif match := re.fullmatch(r"::stop-commands::(.+)", line):
            resumed = match[1]
        elif match := re.fullmatch(r"::([a-z]+)(?: ([^:]*))?::(.*)", line):
            pairs = (pair.split("=", 1) for pair in (match[2] or "").split(",") if pair)
            yield Command(match[1], {name: unescape(value) for name, value in pairs}, unescape(match[3]))
    assert not resumed, "commands stay stopped"


def test_github_gets_an_annotation_at_the_line_of_the_field(work: Path, target: str, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    done = ask(work, target, "github", GITHUB_STEP_SUMMARY=str(summary), GITHUB_WORKSPACE=str(work))
    assert done.returncode == 1, done.stdout + done.stderr
    (command,) = read_commands(done.stdout)
    line = line_of(work / "api" / "petstore.yaml", "name: {type: string, example: Rex}")
    assert command.level == "error"
    assert command.properties == {
        "file": "api/petstore.yaml",
        "line": str(line),
        "title": "petstore get-pets: schema",
    }
    assert "another type than documented.\nplace: /data/*/name\nexpected: types: ['string']" in command.message
    assert "curl -i http" in command.message and "breaking petstore get-pets schema" in done.stdout
    text = summary.read_text()
    assert text.startswith("before\n## Contract tests\n\nNot as documented: 1 breaking.")
    assert "| schema | ✗ failed |" in text and f"- contract: api/petstore.yaml:{line}" in text
    assert f"\n```sh\ncurl -i {target}/petstore/v1/pets\n```\n" in text


def test_gitlab_gets_code_quality_alone_on_standard_output(work: Path, target: str) -> None:
    first, second = (ask(work, target, "gitlab", CI_PROJECT_DIR=str(work)) for _ in range(2))
    (entry,) = json.loads(first.stdout)
    assert first.returncode == 1 and "Not as documented" in first.stderr
    assert entry["location"] == {
        "path": "api/petstore.yaml",
        "lines": {"begin": line_of(work / "api" / "petstore.yaml", "example: Rex")},
    }
    assert (entry["check_name"], entry["severity"]) == ("schema", "major") and "\n" not in entry["description"]
    assert json.loads(second.stdout)[0]["fingerprint"] == entry["fingerprint"]


def test_paths_are_relative_to_the_working_folder_where_no_pipeline_says_another(work: Path, target: str) -> None:
    (command,) = read_commands(ask(work, target, "github", GITHUB_WORKSPACE="", GITHUB_STEP_SUMMARY="").stdout)
    assert command.properties["file"] == "api/petstore.yaml"
    (entry,) = json.loads(ask(work, target, "gitlab", CI_PROJECT_DIR=str(work / "api")).stdout)
    assert entry["location"]["path"] == "petstore.yaml"


def test_a_shipped_contract_is_annotated_in_the_checkout_and_named_elsewhere(target: str, work: Path) -> None:
    words = ["fatora", "--base-url", f"{target}/fatora/v1", "--format", "github", "--check", "schema", "--no-readings"]
    done = check(*words, cwd=ROOT, variables={"GITHUB_WORKSPACE": str(ROOT), "GITHUB_STEP_SUMMARY": ""})
    commands = list(read_commands(done.stdout))
    assert done.returncode == 1 and commands
    assert {c.properties["file"].rpartition("/")[0] for c in commands} == {"schemas/fatora"}
    named = next(c for c in commands if "/notes" in c.message)
    lines = (ROOT / named.properties["file"]).read_text().splitlines()
    assert "notes" in lines[int(named.properties["line"]) - 1]
    done = check(*words, cwd=work, variables={"GITHUB_WORKSPACE": str(work), "GITHUB_STEP_SUMMARY": ""})
    for command in read_commands(done.stdout):
        assert "file" not in command.properties and re.search(r"\ncontract: fatora/\S+:\d+$", command.message)


def test_a_summary_that_cannot_be_written_does_not_change_the_exit_code(
    work: Path,
    target: str,
    tmp_path: Path,
) -> None:
    done = ask(work, target, "github", GITHUB_STEP_SUMMARY=str(tmp_path / "nix" / "a.md"))
    assert done.returncode == 1 and "a.md cannot be written: No such file or directory." in done.stderr


def test_a_target_that_is_not_there_is_an_annotation_of_what_was_asked(work: Path) -> None:
    for form in ("github", "gitlab"):
        done = ask(work, "http://127.0.0.1:9", form, GITHUB_STEP_SUMMARY="")
        assert done.returncode == 3
    (entry,) = json.loads(done.stdout)
    assert entry["check_name"] == "reached" and entry["location"]["lines"]["begin"] == 6


def test_wrong_use_prints_nothing_that_a_machine_would_read(work: Path) -> None:
    done = check("nix.yaml", "--format", "gitlab", cwd=work)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr
    done = check("nix.yaml", "--format", "github", cwd=work)
    assert done.returncode == 2 and list(read_commands(done.stdout)) == []


SWAGGER = """swagger: '2.0'
info: {title: Old, version: '1'}
paths:
  /things:
    get:
      parameters:
        - {name: page, in: query, type: integer}
      responses:
        '200':
          description: Things
          headers: {X-Total: {type: integer}}
          schema:
            type: array
            items: {$ref: '#/definitions/Thing'}
definitions:
  Thing:
    allOf:
      - type: object
        properties:
          id: {type: integer}
      - $ref: parts.yaml#/More
"""

PLACES = [
    ("a field", "/*/id", "old.yaml", "id: {type: integer}"),
    ("a field of another file", "/*/colour", "parts.yaml", "colour: {type: string}"),
    ("an item by its number", "/0/id", "old.yaml", "id: {type: integer}"),
    ("a field that is documented nowhere", "/*/nix", "old.yaml", "items: {$ref"),
    ("a parameter", "?page", "old.yaml", "name: page"),
    ("parameters", "?size&page", "old.yaml", "name: page"),
    ("the name of a parameter", "page", "old.yaml", "name: page"),
    ("a header", "x-total", "old.yaml", "headers: {X-Total"),
    ("a header that is documented nowhere", "content-type", "old.yaml", "    get:"),
    ("nothing", "", "old.yaml", "    get:"),
]


@pytest.mark.parametrize(("place", "file", "text"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_a_place_is_at_its_line(place: str, file: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(SWAGGER)
    (tmp_path / "parts.yaml").write_text("More:\n  type: object\n  properties:\n    colour: {type: string}\n")
    (provider,) = load_checkable(Settings(providers=(str(tmp_path / "old.yaml"),))).values()
    (operation,) = provider.contract.operations
    pointer = find_place(get_document(provider), [operation], operation.id, place)
    assert find_origins(provider, [pointer])[pointer] == (tmp_path / file, line_of(tmp_path / file, text))


def test_what_is_of_no_operation_is_of_the_document(tmp_path: Path) -> None:
    assert find_place({}, [], "nix", "/a") == ""


def test_schemas_that_contain_themselves_end() -> None:
    (provider,) = load_checkable(Settings(providers=("fatora",))).values()
    operation = provider.contract.operations[0]
    node = {"properties": {"a": {"$ref": "#/n"}}, "anyOf": [{"$ref": "#/n"}, {"$ref": "#/n"}]}
    reply = {"content": {"a/b": {"schema": {"$ref": "#/n"}}}}
    document: dict[str, Any] = {"n": node, "paths": {"/clients": {"get": {"responses": {"200": reply}}}}}
    assert find_place(document, [operation], operation.id, "/a/a/a/b") == "/n/properties/a"


ODD = "50% a:b,c\r\n::error::x ünï \ud800"


def test_what_a_target_said_is_escaped_and_comes_back_whole() -> None:
    row = Annotation("error", "schema", ODD, ODD, "f", Seen("a,b:c%.yaml", 3, True))
    (line,) = render_commands([row])
    assert "\n" not in line and "\r" not in line
    (command,) = read_commands(line)
    assert command.message == ODD and command.properties == {"file": "a,b:c%.yaml", "line": "3", "title": ODD}
    assert json.loads("".join(render_code_quality([row])))[0]["location"]["path"] == "a,b:c%.yaml"


def test_a_report_for_people_holds_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    with quoted("github"):
        print("  ::error file=a::planted\n::add-mask::e")
    assert list(read_commands(capsys.readouterr().out)) == []
    with quoted("gitlab"):
        print("as it is")
    assert capsys.readouterr().out == "as it is\n"


def make_report(findings: int, problem: str) -> tuple[dict[str, Any], list[Annotation]]:
    """A report with so many findings, and its rows."""
    texts = dict.fromkeys(("expected", "actual", "sentence", "assumed", "known", "minimal"), problem)
    finding = {"provider": "p", "operation": "o", "check": "c", "place": "/a", "grade": "breaking", "problem": problem}
    listed = [{**finding, **texts, "reproduce": problem, "fingerprint": str(n)} for n in range(findings)]
    cell = {"outcome": "failed", "calls": 1}
    provider = {
        "name": "p",
        "title": "<b>P</b>|x",
        "base_url": "http://a",
        "calls": 1,
        "operations": ["o|`p`"],
        "matrix": {"o|`p`": {"c": cell}},
        "findings": listed,
        "stopped": "",
        "unreached": False,
        "incomplete": "",
    }
    report = {"exit_code": 1, "seconds": 1.0, "checks": [{"name": "c"}], "providers": [provider]}
    return report, [Annotation("error", "c", "t", "x", str(n), None) for n in range(findings)]


def test_a_summary_holds_no_markup_of_a_target() -> None:
    text = render_summary(*make_report(1, "<script>|a|\n# b ```` [c](d) *e* _f_ &amp; @g"), 1_000_000)
    assert "<" not in text.partition("`````sh")[0] and "\n# b" not in text.partition("`````sh")[0]
    assert "`````sh\n" in text and "| check | o&#124;&#96;p&#96; |" in text
    assert escape_markdown("a*b\nc_ü") == "a&#42;b c&#95;ü"


@pytest.mark.parametrize("room", [1_000_000, 5_000, 300, 199, 0, -5])
def test_a_summary_is_bounded_and_says_what_is_missing(room: int) -> None:
    text = render_summary(*make_report(400, "ü" * 1_000), room)
    assert len(text.encode()) <= max(room, 0)
    assert ("had no room here" in text) == (room >= 300)


def test_nothing_is_printed_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    print_for_pipeline("text", {}, {})
    assert capsys.readouterr().out == ""


def test_secrets_stay_secret(tmp_path: Path) -> None:
    """A target that repeats the credential in what is wrong: neither form shows it."""
    body = json.dumps({"data": SECRET, SECRET: 1}).encode()
    with scripted(lambda head, number: response("200 OK", body, **{"x-seen": SECRET})) as target:
        for form in ("github", "gitlab"):
            words = ["yativo", "--base-url", target.url, "--format", form, "--check", "schema", "--check", "headers"]
            done = check(*words, cwd=tmp_path, variables={"GITHUB_STEP_SUMMARY": str(tmp_path / "s.md")})
            assert done.returncode and any(SECRET in head for head in target.heads)
            assert SECRET not in done.stdout + done.stderr + (tmp_path / "s.md").read_text()
