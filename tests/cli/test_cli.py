"""The command line: what a person types and what is said back."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from mock_server.cli import output
from mock_server.cli.terminal import Terminal
from tests.command_line import understudy
from tests.conftest import CREDENTIALS, ROOT, Start
from tests.raw import send
from tests.sessions.test_sessions import admin


def test_env_prints_what_a_client_needs() -> None:
    done = understudy("env", "fatora", "yativo", "--port", "9000")
    assert done.stdout.splitlines() == [
        "export FATORA_BASE_URL='http://127.0.0.1:9000/fatora/v1'",
        "export FATORA_API_KEY='00000000-0000-4000-8000-00000000F00D'",
        "export FATORA_API_KEY_INACTIVE='00000000-0000-4000-8000-0000DEADF00D'",
        "export FATORA_TOKEN='understudy-fatora-valid'",
        "export FATORA_TOKEN_EXPIRED='understudy-fatora-expired'",
        "export FATORA_TOKEN_INACTIVE='understudy-fatora-inactive'",
        "export YATIVO_BASE_URL='http://127.0.0.1:9000/yativo/api/v1'",
        "export YATIVO_TOKEN='understudy-yativo-valid'",
        "export YATIVO_TOKEN_EXPIRED='understudy-yativo-expired'",
        "export YATIVO_X_API_KEY='understudy-yativo-key'",
    ]


def test_env_in_other_forms() -> None:
    assert "SOURCEHUB_TOKEN=understudy-sourcehub-valid" in understudy("env", "--format", "dotenv").stdout.splitlines()
    assert (
        json.loads(understudy("env", "--format", "json").stdout)["SELLERCLOUD_TOKEN"] == "understudy-sellercloud-valid"
    )


def test_validate_says_what_is_good_and_what_is_not(toy: Path) -> None:
    good = understudy("validate", str(toy / "bookshop"))
    assert (good.returncode, good.stdout) == (0, "bookshop: 6 operations, 1 reading, no problem\n")
    path = toy / "bookshop" / "openapi.yaml"
    path.write_text(path.read_text().replace("x-page: number,", "x-page: numbr,"))
    bad = understudy("validate", str(toy / "bookshop"))
    assert bad.returncode == 2
    assert "bookshop/openapi.yaml#/paths/~1books/get/parameters/0/x-page: 'numbr' is not known here" in bad.stderr
    assert "did you mean 'number'?" in bad.stderr


def test_validate_takes_a_folder_of_providers(toy: Path) -> None:
    (toy / "bookshop").rename(toy / "a")
    shutil.copytree(toy / "a", toy / "b")
    good = understudy("validate", str(toy))
    assert good.stdout.splitlines() == [f"{name}: 6 operations, 1 reading, no problem" for name in "ab"]
    path = toy / "a" / "openapi.yaml"
    path.write_text(path.read_text().replace("x-page: number,", "x-page: numbr,"))
    bad = understudy("validate", str(toy), "nix")
    assert bad.returncode == 2 and bad.stdout == "b: 6 operations, 1 reading, no problem\n"
    assert "a/openapi.yaml#/paths" in bad.stderr and "There is no file or folder nix." in bad.stderr


def test_validate_asks_openapi_too(toy: Path) -> None:
    path = toy / "bookshop" / "openapi.yaml"
    path.write_text(path.read_text().replace("summary: One book", "tags: {not: a list}"))
    bad = understudy("validate", str(toy / "bookshop"))
    assert bad.returncode == 2 and "is not OpenAPI 3.1" in bad.stderr


def test_readings_are_listed_with_what_is_quoted_and_what_is_chosen() -> None:
    lines = [line.rstrip() for line in understudy("readings", "fatora", "yativo").stdout.splitlines()]
    assert lines[1:3] == ["Fatora Clients: 21 readings", "==========================="]
    at = lines.index("fatora.notes-field  The name of the notes field on a single client (FG-3).")
    assert lines[at + 1 : at + 5] == [
        "    “• note: string the addational note of client”  fatora-get-client, line 78",
        '    “"notes":"Additional notes"”  fatora-get-client, line 52',
        "    chosen  notes  the sample, the list and the create page say notes",
        "    or      note   the schema's note",
    ]


def test_readings_for_scripts_say_which_one_is_chosen() -> None:
    arguments = ("readings", "fatora", "--format", "json", "--reading", "fatora.notes-field=note")
    listed = json.loads(understudy(*arguments).stdout)
    assert list(listed) == ["fatora"]
    known = {reading["id"]: reading for reading in listed["fatora"]}
    assert (known["notes-field"]["reading"], known["notes-field"]["chosen"]) == ("notes", "note")
    assert known["credential"]["chosen"] == "api-key"
    assert known["credential"]["alternatives"]["bearer"] == "the current pages, a bearer token only"
    assert known["notes-field"]["quotes"][0]["document"] == "fatora-get-client"


def test_a_reading_is_served(start: Start) -> None:
    server = start("fatora", "--reading", "fatora.notes-field=note", "--reading", "fatora.error-code-type=number")
    headers = {"host": "x", "api_key": "00000000-0000-4000-8000-00000000F00D"}
    one = json.loads(send(server.port, "GET /fatora/v1/clients/1024", headers).body)
    assert list(one["client"]) == ["id", "name", "address", "phone", "email", "note"]
    many = json.loads(send(server.port, "GET /fatora/v1/clients?page_size=100", headers).body)
    listed = next(client for client in many["clients"] if client["id"] == 1024)
    assert listed["notes"] == one["client"]["note"]
    refused = json.loads(send(server.port, "GET /fatora/v1/clients", {"host": "x"}).body)
    assert refused["error"]["error_code"] == 401


def test_seed_and_records_are_obeyed(start: Start) -> None:
    headers = {"host": "x", "api_key": "00000000-0000-4000-8000-00000000F00D"}
    answers = []
    for arguments in (
        ("--records", "5"),
        ("--records", "5", "--seed", "other"),
        ("--records", "0"),
        ("--records", "5"),
    ):
        server = start("fatora", *arguments)
        answers.append(json.loads(send(server.port, "GET /fatora/v1/clients", headers).body))
    assert [answer["total"] for answer in answers] == [5, 5, 0, 5]
    assert answers[0] == answers[3] != answers[1]


def test_the_overview_holds_a_curl_line_that_works(start: Start) -> None:
    server = start("fatora", "sellercloud")
    lines = [line.partition("curl ")[2] for line in server.printed.splitlines() if "curl " in line]
    assert len(lines) == 4
    for line in lines:
        done = subprocess.run(["curl", "-sf", *_words(line)], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and json.loads(done.stdout)


def test_the_overview_names_what_a_client_needs_and_what_is_switched_on(start: Start) -> None:
    server = start("fatora", "--scenario", "flaky", "--scenario", "slow")
    assert f"\nUnderstudy plays 1 API at {server.url}  (console: {server.url}/)\n" in server.printed
    line = next(line for line in server.printed.splitlines() if "environment" in line).partition("environment")[2]
    done = subprocess.run(
        ["sh", "-c", f'{line}; echo "$FATORA_BASE_URL $FATORA_API_KEY"'],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stdout.split() == [f"{server.url}/fatora/v1", CREDENTIALS["fatora"]["api_key"]]
    plays = [line for line in server.printed.splitlines() if line.startswith("Plays the scenario")]
    assert plays == ["Plays the scenario flaky from the start.", "Plays the scenario slow from the start."]
    assert "Plays the scenario" not in start("fatora", "sourcehub").printed


def _words(line: str) -> list[str]:
    import shlex

    return shlex.split(line)


def test_a_toy_provider_is_played_from_its_folder_alone(toy: Path, start: Start) -> None:
    server = start("--schemas", str(toy), cwd=toy)
    headers = {"host": "x", "authorization": "Bearer bookshop-test"}
    body = json.loads(send(server.port, "GET /bookshop/v2/books?size=10&page=3", headers).body)
    assert (len(body["books"]), body["total"], body["next"]) == (5, 25, None)
    one = body["books"][0]
    assert json.loads(send(server.port, f"GET /bookshop/v2/books/{one['id']}", headers).body) == one
    french = json.loads(send(server.port, "GET /bookshop/v2/books?language=fr&size=50", headers).body)["books"]
    assert french and all(book["language"] == "fr" for book in french)
    assert send(server.port, "GET /bookshop/v2/books?size=51", headers).status == 400
    assert send(server.port, "GET /bookshop/v2/books/1", headers).status == 404


def test_a_provider_s_own_folder_is_served_as_well(toy: Path, start: Start) -> None:
    headers = {"host": "x", "authorization": "Bearer bookshop-test", "understudy-session": "five"}
    for schemas, cwd in ((toy / "bookshop", ROOT), (Path(), toy / "bookshop")):
        server = start("--schemas", str(schemas), cwd=cwd)
        assert len(json.loads(send(server.port, "GET /bookshop/v2/books", headers).body)["books"]) == 10
        # A session's reading is loaded from the same folder while the server plays.
        settings = {"readings": {"bookshop": {"page-size": "five"}}}
        assert admin(server, "PUT", "/settings?session=five", settings)["readings"] == settings["readings"]
        assert len(json.loads(send(server.port, "GET /bookshop/v2/books", headers).body)["books"]) == 5


def test_another_address_than_this_machine_is_warned_of(start: Start) -> None:
    server = start("fatora", "--host", "0.0.0.0")
    assert "everyone who reaches this machine can use the mock" in server.printed
    assert server.url.startswith("http://127.0.0.1:")


def test_the_records_are_told_while_they_are_built(tmp_path: Path) -> None:
    """A build of more than a second is told of; the bar itself is drawn on a terminal only."""
    from mock_server.sessions.factory import Settings, load_contracts, make_apis

    told: list[tuple[str, int, int]] = []
    settings = Settings(providers=("fatora",), records=12_000, cache=tmp_path)
    make_apis(load_contracts(settings), settings, lambda *progress: told.append(progress))
    assert told[-1] == ("fatora/clients", 12_000, 12_000) and len(told) == 6


def test_scenarios_are_listed_with_their_sentences() -> None:
    said = understudy("scenarios").stdout
    assert "flaky" in said and "Three in ten calls fail" in said and "On the wire" in said
    assert len(json.loads(understudy("scenarios", "--format", "json").stdout)) >= 45


def test_play_and_replay_reproduce_what_happened(start: Start, tmp_path: Path) -> None:
    served = start("fatora")
    said = understudy("play", "third-call-fails", "--session", "bug", "--url", served.url)
    assert said.stdout == "Session bug plays third-call-fails.\n"
    wrong = understudy("play", "third-call-fail", "--url", served.url)
    assert wrong.returncode == 2 and "Did you mean third-call-fails?" in wrong.stderr
    headers = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
    statuses = [send(served.port, f"GET /~bug/fatora/v1/clients?page={n}", headers).status for n in (1, 2, 3, 4)]
    assert statuses == [200, 200, 500, 200]
    excerpt = tmp_path / "bug.json"
    excerpt.write_bytes(send(served.port, "GET /__admin/requests?session=bug&bodies=true", {"host": "127.0.0.1"}).body)
    same = understudy("replay", str(excerpt), "--url", served.url)
    assert same.returncode == 0 and "4 requests sent again" in same.stdout and "none answered otherwise" in same.stdout
    told = json.loads(excerpt.read_text())
    told["meta"]["settings"]["scenarios"] = []
    told["meta"]["settings"]["seed"] = "other"
    excerpt.write_text(json.dumps(told))
    other = understudy("replay", str(excerpt), "--url", served.url)
    assert other.returncode == 1 and "status 500 then, 200 now" in other.stdout and "/clients/0/name" in other.stdout
    nobody = understudy("play", "flaky", "--url", "http://127.0.0.1:9")
    assert nobody.returncode == 2 and "understudy serve" in nobody.stderr
    excerpt.write_text("[1]")
    assert "no excerpt" in understudy("replay", str(excerpt), "--url", served.url).stderr


def test_a_long_build_shows_in_a_log_where_nothing_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "QUIET_SECONDS", 0.0)
    printed = io.StringIO()
    with output.progress(Terminal(printed, False, False)) as show:
        for done in (1000, 2000, 3000):
            show("fatora/clients", done, 3000)
        show("yativo/customers", 1, 1)
    assert printed.getvalue().splitlines() == [
        "Building fatora/clients: 3,000 records, kept for the next time …",
        "Building yativo/customers: 1 record, kept for the next time …",
    ]


def test_a_quick_build_shows_nothing() -> None:
    printed = io.StringIO()
    with output.progress(Terminal(printed, False, False)) as show:
        show("fatora/clients", 47, 47)
    assert printed.getvalue() == ""
