"""`understudy check` as a person runs it: what it says, what it writes, how it ends."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from contract_tests.checks.registry import COLUMNS
from contract_tests.context.context import CheckContext
from contract_tests.readings.detection import ReadingDetection
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport.targets import Target
from mock_server.contract.model import Contract
from mock_server.sessions.factory import Settings, find_home, load_contracts
from tests.command_line import understudy
from tests.conftest import ROOT, Start
from tests.contract_tests.command import check, check_in_process_of_its_own
from tests.mutation.mutant_server import slug

CREDENTIALS = {
    "FATORA_API_KEY": "00000000-0000-4000-8000-00000000F00D",
    "YATIVO_TOKEN": "understudy-yativo-valid",
    "SOURCEHUB_TOKEN": "understudy-sourcehub-valid",
    "SELLERCLOUD_TOKEN": "understudy-sellercloud-valid",
}
PATHS = {"fatora": "/fatora/v1", "sourcehub": "/sourcehub/api", "yativo": "/yativo/api/v1"}


def live(base: str, provider: str = "fatora", mutant: str = "clean") -> list[str]:
    """A live run against a mutant; what it reads into contradictions has tests of its own."""
    return [
        provider,
        "--target",
        "live",
        "--no-readings",
        "--rate",
        "1000",
        "--base-url",
        f"{base}/~{slug(mutant)}{PATHS[provider]}",
    ]


def test_the_mock_is_as_documented_over_a_socket_and_every_report_is_written(tmp_path: Path) -> None:
    done = check_in_process_of_its_own("--report", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "As documented." in done.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [provider["name"] for provider in report["providers"]] == ["fatora", "sellercloud", "sourcehub", "yativo"]
    assert all(provider["findings"] == [] and not provider["stopped"] for provider in report["providers"])
    for provider in report["providers"]:
        for row in provider["matrix"].values():
            assert row["reached"]["outcome"] == "passed" and row["schemathesis"]["calls"] > 20
    suites = ElementTree.parse(tmp_path / "out" / "junit.xml").getroot()
    cells = sum(len(row) for provider in report["providers"] for row in provider["matrix"].values())
    assert sum(int(suite.attrib["tests"]) for suite in suites) == cells
    assert sum(int(suite.attrib["failures"]) for suite in suites) == 0
    har = json.loads((tmp_path / "out" / "traffic.har").read_text())["log"]
    assert har["version"] == "1.2" and len(har["entries"]) > 500
    assert {"status", "headers", "content"} <= har["entries"][0]["response"].keys()


def test_the_quick_form_is_in_process_and_is_reported(tmp_path: Path) -> None:
    done = check("yativo", "--in-process", "--report", "out", cwd=tmp_path)
    assert done.returncode == 0 and "schemathesis" in done.stdout, done.stderr
    entries = json.loads((tmp_path / "out" / "traffic.har").read_text())["log"]["entries"]
    generated = [entry["response"] for entry in entries if entry["comment"].endswith(": schemathesis")]
    assert len(generated) > 20 and {"OK"} < {answer["statusText"] for answer in generated}
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    assert provider["calls"] == len(entries)


@pytest.mark.parametrize("provider", PATHS)
def test_a_clean_server_standing_in_for_the_real_api_yields_nothing(mutants: str, provider: str) -> None:
    done = check(*live(mutants, provider), variables=CREDENTIALS)
    assert done.returncode == 0, done.stdout
    assert "breaking" not in done.stdout and "additive" not in done.stdout and "note" not in done.stdout


def test_a_live_run_keeps_its_budget_and_says_what_it_did_not_pay_for(mutants: str, tmp_path: Path) -> None:
    done = check(*live(mutants), "--report", "out", cwd=tmp_path, variables=CREDENTIALS)
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    assert done.returncode == 0 and provider["incomplete"] == "" and provider["calls"] <= 60
    left = provider["left_out"]
    assert bool(left) == (provider["stopped"] == "The budget of 60 calls is spent.")
    assert not left or f"Left out (The budget of 60 calls is spent): {left[0]}" in done.stdout


def test_a_run_that_could_not_ask_what_every_run_asks_is_incomplete(mutants: str, tmp_path: Path) -> None:
    done = check(*live(mutants), "--budget", "1", "--report", "out", cwd=tmp_path, variables=CREDENTIALS)
    assert done.returncode == 4 and "As documented" not in done.stdout
    lines = done.stdout.strip().splitlines()
    sentence = "Incomplete. The budget of 1 call is spent. Not asked: "
    assert lines[0].startswith(sentence) and any(line.startswith(sentence) for line in lines[1:])
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["exit_code"] == 4
    (provider,) = report["providers"]
    assert provider["incomplete"].startswith("The budget of 1 call is spent.")
    passed = {name for row in provider["matrix"].values() for name, cell in row.items() if cell["outcome"] == "passed"}
    assert {"reached", "schema"} <= passed and not passed & {"errors", "filters", "records"}
    (suite,) = ElementTree.parse(tmp_path / "out" / "junit.xml").getroot()
    (error,) = suite.findall("testcase[@name='complete']/error")
    assert suite.attrib["errors"] == "1" and error.attrib["message"] == provider["incomplete"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert '<b aria-hidden="true">!</b> Incomplete' in page and "As documented" not in page


def test_what_breaks_in_an_incomplete_run_still_fails_and_the_gap_is_said_first(mutants: str) -> None:
    done = check(*live(mutants, mutant="a field dropped"), "--budget", "3", variables=CREDENTIALS)
    assert done.returncode == 1 and done.stdout.startswith("Incomplete. The budget of 3 calls is spent.")
    assert "Not as documented: " in done.stdout


def test_a_list_is_walked_in_few_calls(mutants: str, tmp_path: Path) -> None:
    chosen = ["--check", "paging", "--check", "errors"]
    for provider in ("fatora", "sourcehub", "yativo"):
        check(*live(mutants, provider), *chosen, "--report", "out", cwd=tmp_path, variables=CREDENTIALS)
        entries = json.loads((tmp_path / "out" / "traffic.har").read_text())["log"]["entries"]
        checks = [entry["comment"].rpartition(": ")[2] for entry in entries]
        # What comes after the first other check is paid by what a budget has left.
        walked = len(list(itertools.takewhile(lambda name: name in ("reached", "paging"), checks)))
        assert 8 <= walked <= 18, checks


ENDS: list[tuple[str, list[str], dict[str, str], int, str]] = [
    (
        "nobody there",
        ["fatora", "--target", "live", "--base-url", "http://127.0.0.1:9/v1"],
        CREDENTIALS,
        3,
        "gave no answer: Connection refused",
    ),
    ("no URL", ["fatora", "--target", "live"], CREDENTIALS, 2, "Set FATORA_BASE_URL, or give --base-url"),
    ("no credential", ["fatora", "--target", "live", "--base-url", "http://127.0.0.1:9"], {}, 2, "set FATORA_API_KEY"),
    (
        "one URL for all",
        ["--target", "live", "--base-url", "http://127.0.0.1:9"],
        CREDENTIALS,
        2,
        "--base-url is for one provider",
    ),
    ("no such provider", ["fatroa"], {}, 2, "did you mean fatora?"),
    ("no such dotenv", ["fatora", "--dotenv", "nowhere.env"], {}, 2, "There is no dotenv file nowhere.env."),
    ("no such baseline", ["fatora", "--baseline", "nowhere.json"], {}, 2, "The baseline nowhere.json cannot be read"),
    ("another file as baseline", ["fatora", "--baseline", "pyproject.toml"], {}, 2, "The baseline pyproject.toml"),
    ("no such check", ["fatora", "--check", "pagin"], {}, 2, "paging"),
    (
        "in process elsewhere",
        ["fatora", "--in-process", "--base-url", "http://127.0.0.1:9"],
        {},
        2,
        "--in-process is for the mock",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "variables", "code", "said"), ENDS, ids=[row[0] for row in ENDS])
def test_a_run_that_cannot_be_ends_at_once_with_a_sentence(
    name: str,
    arguments: list[str],
    variables: dict[str, str],
    code: int,
    said: str,
) -> None:
    done = check(*arguments, variables=variables)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout + done.stderr and "Traceback" not in done.stdout + done.stderr


def test_a_refused_credential_ends_the_run_with_its_own_exit_code(mutants: str) -> None:
    done = check(*live(mutants), variables={"FATORA_API_KEY": "not-the-one"})
    assert done.returncode == 3 and "refuses the credential (401); nothing else was asked" in done.stdout
    assert "  1 call\n" in done.stdout


def test_url_and_credential_come_from_a_dotenv_file(mutants: str, tmp_path: Path) -> None:
    lines = [f"FATORA_BASE_URL={mutants}/~clean/fatora/v1", f"FATORA_API_KEY={CREDENTIALS['FATORA_API_KEY']}"]
    (tmp_path / ".env").write_text("\n".join(lines))
    done = check("fatora", "--target", "live", "--rate", "1000", "--dotenv", ".env", "--check", "paging", cwd=tmp_path)
    assert done.returncode == 0 and "paging" in done.stdout and "schemathesis" not in done.stdout


def test_what_env_prints_is_what_check_reads(start: Start, tmp_path: Path) -> None:
    server = start("yativo")
    printed = understudy("env", "yativo", "--port", str(server.port), "--format", "dotenv").stdout
    (tmp_path / ".env").write_text(printed)
    done = check("yativo", "--target", "live", "--rate", "1000", "--dotenv", ".env", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("header", "options", "mount"),
    [("understudy-session", [], "/~harness"), ("understudy-scenario", ["--scenario", "jitter"], "")],
)
def test_what_the_mock_says_of_itself_is_no_undocumented_header(
    header: str,
    options: list[str],
    mount: str,
    start: Start,
    tmp_path: Path,
) -> None:
    base = f"{start('yativo', *options).url}{mount}/yativo/api/v1"
    chosen = ["--no-readings", "--check", "paging", "--check", "audit", "--report", "out"]
    done = check("yativo", "--base-url", base, *chosen, cwd=tmp_path)
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    assert header in (tmp_path / "out" / "traffic.har").read_text()
    assert done.returncode == 0 and provider["findings"] == [], done.stdout
    assert provider["audit"]["listCustomers"]["headers"] == []


def test_a_finding_tells_everything_and_its_curl_line_works(mutants: str) -> None:
    done = check(*live(mutants, mutant="size capped"), variables=CREDENTIALS)
    assert done.returncode == 1
    printed = done.stdout.partition("paging.size")[2]
    assert "A page does not hold as many records as were asked for." in printed
    assert re.search(r"expected +\d+ records for", printed) and re.search(r"actual +7 records", printed)
    assert '"page_size OPTIONAL int The page size." (fatora-list-clients, line 76)' in printed
    (line,) = re.findall(r"^  (curl .*)$", printed, re.MULTILINE)[:1]
    assert '"api_key: $FATORA_API_KEY"' in line and CREDENTIALS["FATORA_API_KEY"] not in done.stdout
    answer = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env={**os.environ, **CREDENTIALS})
    assert answer.stdout.startswith("HTTP/1.1 200") and answer.stdout.count('"email"') == 7


def test_what_rests_on_an_assumption_is_a_note_on_a_live_target(mutants: str) -> None:
    done = check(*live(mutants, mutant="an unknown id answered"), variables=CREDENTIALS)
    assert done.returncode == 0
    assert "note fatora getClient records.unknown" in done.stdout
    assert "the assumption was wrong, not the API" in done.stdout and "assumed    D, https://fatora.io" in done.stdout


def test_deviations_are_accepted_known_and_stale(mutants: str, tmp_path: Path) -> None:
    faulty, place = live(mutants, mutant="a field dropped"), ["--deviations", "known"]
    assert check(*faulty, *place, "--accept", cwd=tmp_path, variables=CREDENTIALS).returncode == 1
    path = tmp_path / "known" / "fatora" / "deviations.yaml"
    entries = yaml.safe_load(path.read_text())
    assert entries and all({"finding", "reason", "source", "until"} <= entry.keys() for entry in entries)
    known = check(*faulty, *place, cwd=tmp_path, variables=CREDENTIALS)
    assert known.returncode == 0 and f"Known deviations seen: {len(entries)}." in known.stdout
    stale = check(*live(mutants), *place, cwd=tmp_path, variables=CREDENTIALS)
    assert stale.returncode == 1 and "is no longer seen: remove it." in stale.stdout
    path.write_text(yaml.safe_dump([{**entry, "until": "2020-01-01"} for entry in entries]))
    expired = check(*faulty, *place, cwd=tmp_path, variables=CREDENTIALS)
    assert expired.returncode == 1 and "was accepted until 2020-01-01" in expired.stdout


def test_a_part_of_the_checks_cannot_say_that_a_deviation_is_gone(mutants: str, tmp_path: Path) -> None:
    place = ["--deviations", "known"]
    check(*live(mutants, mutant="a field dropped"), *place, "--accept", cwd=tmp_path, variables=CREDENTIALS)
    done = check(*live(mutants), *place, "--check", "paging", cwd=tmp_path, variables=CREDENTIALS)
    assert done.returncode == 0


def test_drift_since_an_earlier_report(mutants: str, tmp_path: Path) -> None:
    check(*live(mutants, mutant="a field dropped"), "--report", "before", cwd=tmp_path, variables=CREDENTIALS)
    done = check(
        *live(mutants, mutant="size capped"),
        "--baseline",
        "before",
        "--report",
        "now",
        cwd=tmp_path,
        variables=CREDENTIALS,
    )
    drift = json.loads((tmp_path / "now" / "report.json").read_text())["drift"]
    assert drift["new"] and drift["gone"] and {f["check"].split(".")[0] for f in drift["gone"]} >= {"schema"}
    assert re.search(r"Since \S+: \d+ new, \d+ gone, \d+ unchanged\.", done.stdout)
    same = check(*live(mutants, mutant="size capped"), "--baseline", "now", cwd=tmp_path, variables=CREDENTIALS)
    assert ": 0 new, 0 gone," in same.stdout


def test_readings_found_are_kept_for_the_mock_to_serve(start: Start, tmp_path: Path) -> None:
    other = start("sourcehub", "--reading", "sourcehub.limit-parameter=only-limit", "--seed", "elsewhere")
    done = check(
        "sourcehub",
        "--target",
        "live",
        "--rate",
        "1000",
        "--base-url",
        f"{other.url}/sourcehub/api",
        "--write-readings",
        "found.yaml",
        cwd=tmp_path,
        variables=CREDENTIALS,
    )
    assert "It follows only-limit, not alias" in re.sub(r"\s+", " ", done.stdout)
    found = tmp_path / "found.yaml"
    assert yaml.safe_load(found.read_text()) == {"sourcehub": {"limit-parameter": "only-limit"}}
    again = start("sourcehub", "--readings", str(found))
    agreed = check(
        "sourcehub",
        "--target",
        "live",
        "--rate",
        "1000",
        "--base-url",
        f"{again.url}/sourcehub/api",
        "--reading",
        "sourcehub.limit-parameter=only-limit",
        cwd=tmp_path,
        variables=CREDENTIALS,
    )
    assert agreed.returncode == 0, agreed.stdout


def test_pytest_runs_the_same_checks_with_its_own_selection(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--pyargs",
            "contract_tests",
            "--understudy-target",
            "mock",
            "-k",
            "yativo",
            "-p",
            "no:cacheprovider",
        ],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT,
    )
    assert done.returncode == 0 and re.search(
        rf"\d+ passed, \d+ skipped, \d+ deselected|{len(COLUMNS)} ",
        done.stdout,
    ), done.stdout


def test_pytest_fails_on_what_breaks_and_ends_where_nobody_is(mutants: str) -> None:
    def run(url: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "contract_tests",
                "--understudy-target",
                "live",
                "--understudy-rate",
                "1000",
                "--understudy-provider",
                "fatora",
                "--understudy-base-url",
                url,
                "-p",
                "no:cacheprovider",
            ],
            capture_output=True,
            text=True,
            timeout=100,
            cwd=ROOT,
            env={**os.environ, **CREDENTIALS},
        )

    faulty = run(f"{mutants}/~{slug('total off by one')}/fatora/v1")
    assert (
        faulty.returncode == 1 and "All pages together do not hold as many records as the total says" in faulty.stdout
    )
    assert run("http://127.0.0.1:9/v1").returncode == 3


def detect(context: CheckContext, calls: int | None, cache: Path) -> tuple[list[dict[str, Any]], Contract | None]:
    return ReadingDetection(context, find_home() / context.contract.provider, cache).detect(calls)


@pytest.mark.parametrize(
    ("count", "kind"),
    [(0, "live"), (1, "live"), (3, "live"), (20, "live"), (0, "mock"), (1, "mock")],
)
def test_few_records_or_none_give_no_false_alarm(count: int, kind: str, start: Start, cache: Path) -> None:
    server = start("--records", str(count), "--seed", f"few {count}")
    for name, contract in load_contracts(Settings()).items():
        credentials = {s.name: {state: v[0] for state, v in s.values.items()} for s in contract.schemes}
        target = Target(name, kind, f"{server.url}/{name}{contract.base_path}", credentials)
        live = kind == "live"
        # What Schemathesis makes of few records does not depend on how few: of three it is asked, and of none.
        options = RunOptions(
            schemathesis=live and count in (0, 3),
            detect_readings=(lambda context, calls: detect(context, calls, cache)) if live else None,
        )
        outcome = run_provider(contract, target, options)
        assert [(f.check, f.problem) for f in outcome.findings] == [] and outcome.stopped == ""
        assert [row for row in outcome.readings if row["follows"] not in ("", row["default"])] == []
    server.process.terminate()
