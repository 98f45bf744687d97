"""The command line: what a person types and what is said back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CREDENTIALS, ROOT, Start
from tests.raw import send


def understudy(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mock_server", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200"},
    )


def test_env_prints_what_a_client_needs() -> None:
    done = understudy("env", "fatora", "yativo", "--port", "9000")
    assert done.stdout.splitlines() == [
        "export FATORA_BASE_URL='http://127.0.0.1:9000/fatora/v1'",
        "export FATORA_API_KEY='00000000-0000-4000-8000-00000000F00D'",
        "export FATORA_API_KEY_INACTIVE='00000000-0000-4000-8000-0000DEADF00D'",
        "export YATIVO_BASE_URL='http://127.0.0.1:9000/yativo/api/v1'",
        "export YATIVO_TOKEN='understudy-yativo-valid'",
        "export YATIVO_TOKEN_EXPIRED='understudy-yativo-expired'",
    ]


def test_env_in_other_forms() -> None:
    assert "SOURCEHUB_TOKEN=understudy-sourcehub-valid" in understudy("env", "--format", "dotenv").stdout.splitlines()
    assert (
        json.loads(understudy("env", "--format", "json").stdout)["SELLERCLOUD_TOKEN"] == "understudy-sellercloud-valid"
    )


WRONG = [
    (("serve", "fatroa"), "There is no provider 'fatroa'; did you mean fatora?"),
    (("env", "nix"), "known: fatora, sellercloud, sourcehub, yativo"),
    (("serve", "--reading", "fatora.notes-feld=note"), "did you mean fatora.notes-field?"),
    (("serve", "--reading", "nonsense"), "is not of the form PROVIDER.ID=ALTERNATIVE"),
    (("serve", "--reading", "fatora.notes-field=nope"), "has no alternative 'nope'; did you mean note?"),
    (("serve", "--schemas", "docs"), "No contract was found in docs"),
    (("serve", "--port", "70000"), "70000"),
    (("serve", "--records", "-1"), "-1"),
    (("serve", "--records", "10000001"), "10000001"),
    (("serve", "--host", "203.0.113.7"), "Cannot listen on 203.0.113.7"),
    (("nonsense",), "nonsense"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_use_is_a_sentence_and_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    done = understudy(*arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_validate_says_what_is_good_and_what_is_not(toy: Path) -> None:
    good = understudy("validate", str(toy / "bookshop"))
    assert (good.returncode, good.stdout) == (0, "bookshop: 2 operations, 1 readings, no problem\n")
    path = toy / "bookshop" / "openapi.yaml"
    path.write_text(path.read_text().replace("x-page: number,", "x-page: numbr,"))
    bad = understudy("validate", str(toy / "bookshop"))
    assert bad.returncode == 2
    assert "bookshop/openapi.yaml#/paths/~1books/get/parameters/0/x-page: 'numbr' is not known here" in bad.stderr
    assert "did you mean 'number'?" in bad.stderr


def test_validate_asks_openapi_too(toy: Path) -> None:
    path = toy / "bookshop" / "openapi.yaml"
    path.write_text(path.read_text().replace("summary: One book", "tags: {not: a list}"))
    bad = understudy("validate", str(toy / "bookshop"))
    assert bad.returncode == 2 and "is not OpenAPI 3.1" in bad.stderr


def test_readings_lists_what_can_be_chosen() -> None:
    said = understudy("readings", "fatora").stdout
    assert "fatora.notes-field=notes" in said and "or note: the schema's note" in said


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


def test_the_programme_holds_a_curl_line_that_works(start: Start) -> None:
    server = start("fatora", "sellercloud")
    lines = [line.partition("curl ")[2] for line in server.printed.splitlines() if "curl " in line]
    assert len(lines) == 3
    for line in lines:
        done = subprocess.run(["curl", "-sf", *_words(line)], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and json.loads(done.stdout)


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


def test_a_line_is_printed_for_each_request(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_server", "serve", "fatora", "--port", "0", "--cache", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout
    lines = iter(process.stdout)
    port = next(int(line.split("http://127.0.0.1:")[1].split()[0]) for line in lines if "http://" in line)
    next(line for line in lines if line.startswith("Ctrl-C"))
    send(port, "GET /fatora/v1/clients?page=2%1b[31m", {"host": "x"})
    line = next(line for line in lines if line.startswith("GET"))
    assert line.startswith("GET     /fatora/v1/clients?page=2%1b[31m 401 ") and line.endswith(" ms\n")
    process.terminate()
    assert process.wait(10) == 0


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
