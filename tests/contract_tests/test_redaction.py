"""Secrets do not reach anything that is written, in any form, however a run ends."""

from __future__ import annotations

import base64
import html
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract_tests.transport.redaction import Redactor, find_forms
from tests.conftest import ROOT
from tests.contract_tests.command import check, check_in_process_of_its_own
from tests.target_server import Reply, response, scripted

MARK = "S3cr3t/+\"<&>'zw~Q9%k"
"""A credential that every kind of escaping changes."""

FORMS: list[tuple[str, str]] = [
    ("plain", MARK),
    ("percent-encoded", quote(MARK, safe="")),
    ("percent-encoded in lower case", quote(MARK, safe="").lower()),
    ("percent-encoded twice", quote(quote(MARK, safe=""), safe="")),
    ("HTML", html.escape(MARK)),
    ("JSON", json.dumps(MARK)),
    ("JSON in JSON", json.dumps(json.dumps(MARK))),
    ("escaped", "".join(f"\\u{ord(c):04x}" for c in MARK)),
    ("hexadecimal", MARK.encode().hex()),
    ("base64", base64.b64encode(MARK.encode()).decode()),
    ("base64 for URLs", base64.urlsafe_b64encode(MARK.encode()).decode()),
    ("Basic authorization", base64.b64encode(f"user:{MARK}".encode()).decode()),
    ("base64 at another place", base64.b64encode(f"ab{MARK}cd".encode()).decode()),
    ("Python's repr", repr(MARK)),
    ("upper case", MARK.upper()),
]


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[name for name, _ in FORMS])
def test_a_secret_is_hidden_in_every_form(name: str, form: str) -> None:
    clean = Redactor([MARK]).text(f"before {form} behind")
    assert "[redacted]" in clean and clean.startswith("before ") and clean.endswith(" behind")
    assert all(known not in clean for known in find_forms(MARK))


def test_what_is_no_secret_stays() -> None:
    redactor = Redactor(["hunter2-long"], headers=["api_key"], query=["key"])
    assert redactor.text("keyword=doha") == "keyword=doha"
    assert redactor.header("X-Total", "12") == "12"
    assert redactor.header("API_KEY", "anything") == "[redacted]"
    assert redactor.url("http://x/?key=abc&keyword=doha") == "http://x/?key=[redacted]&keyword=doha"


SHORT: list[tuple[str, str, str, str]] = [
    ("one character is not searched for", "x", "x = 78 exchanges", "x = 78 exchanges"),
    ("three are not", "abc", "abc and abcd", "abc and abcd"),
    (
        "four go where they stand alone",
        "demo",
        "demo=demo, democracy, x_demo",
        "[redacted]=[redacted], democracy, x_[redacted]",
    ),
    ("seven as well, whatever the case", "matrix1", "MATRIX1, matrix12", "[redacted], matrix12"),
    ("eight go wherever they are", "exchange", "the exchanges", "the [redacted]s"),
]


@pytest.mark.parametrize(("name", "secret", "text", "clean"), SHORT, ids=[row[0] for row in SHORT])
def test_a_short_secret_does_not_shred_what_is_around_it(name: str, secret: str, text: str, clean: str) -> None:
    redactor = Redactor([secret], headers=["api_key"], query=["key"])
    assert redactor.text(text) == clean
    assert redactor.header("api_key", secret) == "[redacted]"
    assert redactor.url(f"http://h/?key={secret}") == "http://h/?key=[redacted]"


@pytest.mark.parametrize("secret", ["x", "matrix", "paging", "breaking", "listClients", "findings"])
def test_a_report_keeps_its_own_words_whatever_the_credential_is(secret: str, tmp_path: Path) -> None:
    """A credential that is a part of, or the same as, a name in the report."""

    known = {"status": "SUCCESS", "page": 1, "page_size": 20}

    def echo(head: str, number: int) -> Reply:
        return response("200 OK", json.dumps({**known, "clients": [{secret: secret}], "total": secret}).encode())

    chosen = ["--check", "paging", "--check", "errors", "--no-readings", "--report", "report"]
    with scripted(echo) as server:
        variables = {**environment(server.url, tmp_path), "FATORA_API_KEY": secret}
        done = check("fatora", "--target", "live", "--rate", "1000", *chosen, cwd=tmp_path, variables=variables)
    assert done.returncode == 1, done.stderr
    (provider,) = json.loads((tmp_path / "report" / "report.json").read_text())["providers"]
    assert provider["operations"] == ["listClients", "getClient"] == list(provider["matrix"])
    assert provider["matrix"]["listClients"]["paging"]["outcome"] == "failed"
    assert {finding["grade"] for finding in provider["findings"]} >= {"breaking"}
    assert {"listClients"} <= {finding["operation"] for finding in provider["findings"]}
    assert ("too short to be told from other text" in done.stdout) == (len(secret) < 4)


def echo_everything(head: str, number: int) -> Reply:
    """A target that sends the credential back in its body, its headers, its status line and its links."""
    secret = next((line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("api_key")), "")
    body = {"status": "SUCCESS", "clients": [{"id": secret, secret: quote(secret)}], "total": secret, "debug": head}
    return response(f"200 {quote(secret)}", json.dumps(body).encode(), x_echo=quote(secret), x_raw="plain " + secret)


def page_of_html(head: str, number: int) -> Reply:
    return response("502 Bad Gateway", f"<pre>{html.escape(head)}</pre>".encode(), content_type="text/html")


def dies_at_the_third(head: str, number: int) -> Reply:
    return echo_everything(head, number) if number < 3 else None


def refuses(head: str, number: int) -> Reply:
    return response("401 Unauthorized", json.dumps({"you sent": head}).encode())


FAILING: list[tuple[str, Callable[[str, int], Reply], int]] = [
    ("echoes the credential everywhere", echo_everything, 1),
    ("an HTML page that shows the request", page_of_html, 3),
    ("dies in the middle", dies_at_the_third, 1),
    ("refuses and quotes the request", refuses, 3),
]
each = pytest.mark.parametrize(("name", "answer", "code"), FAILING, ids=[name for name, _, _ in FAILING])


def environment(url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "FATORA_BASE_URL": url,
        "FATORA_API_KEY": MARK,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


def leaks(text: str) -> list[str]:
    return [form for form in find_forms(MARK) if form.casefold() in text.casefold()]


@each
def test_no_report_and_no_line_on_the_terminal_holds_it(
    name: str,
    answer: Callable[[str, int], Reply],
    code: int,
    tmp_path: Path,
) -> None:
    with scripted(answer) as server:
        arguments = [
            "--target",
            "live",
            "--rate",
            "1000",
            "--report",
            "report",
            "--accept",
            "--deviations",
            "deviations",
        ]
        variables = environment(server.url, tmp_path)
        done = check_in_process_of_its_own("fatora", *arguments, cwd=tmp_path, variables=variables)
    assert any(MARK in head for head in server.heads), "the marked credential was never sent"
    assert done.returncode == code and "Traceback" not in done.stderr, done.stdout + done.stderr
    assert leaks(done.stdout + done.stderr) == []
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"report.json", "report.html", "junit.xml", "traffic.har"} <= {path.name for path in written}
    assert {str(path): leaks(path.read_text(errors="replace")) for path in written} == {str(p): [] for p in written}


@each
def test_pytest_does_not_print_it_nor_any_local_variable(
    name: str,
    answer: Callable[[str, int], Reply],
    code: int,
    tmp_path: Path,
) -> None:
    with scripted(answer) as server:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                str(ROOT / "contract_tests"),
                "--understudy-target",
                "live",
                "--understudy-rate",
                "1000",
                "--understudy-provider",
                "fatora",
                "-p",
                "no:cacheprovider",
                "--junitxml",
                "junit.xml",
                "-l",
                "--tb=long",
            ],
            capture_output=True,
            text=True,
            timeout=100,
            cwd=tmp_path,
            env=environment(server.url, tmp_path),
        )
    assert done.returncode == code, done.stdout + done.stderr
    assert leaks(done.stdout + done.stderr) == []
    for path in tmp_path.glob("*.xml"):
        assert leaks(path.read_text()) == []


def test_a_mistake_of_ours_shows_its_traceback_without_the_secret(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(*given: object) -> None:
        raise RuntimeError(f"{MARK} and {base64.b64encode(MARK.encode()).decode()} broke it")

    monkeypatch.setattr("contract_tests.check_command.run", break_down)
    done = check("fatora", "--target", "live", cwd=tmp_path, variables=environment("http://127.0.0.1:9/v1", tmp_path))
    assert done.returncode == 70 and "RuntimeError: [redacted] and [redacted]" in done.stderr
    assert leaks(done.stdout + done.stderr) == []


UNSENDABLE: list[tuple[str, str, str]] = [
    ("a line break at its end", "s3cr3t-key\n", "FATORA_API_KEY ends with a line break"),
    ("a carriage return", "s3cr3t\r\nkey", "FATORA_API_KEY has a control character"),
    ("a tabulator inside", "s3cr3t\tkey", "FATORA_API_KEY has a control character"),
    ("blanks only", "   ", "FATORA_API_KEY is blank"),
    ("a blank before", " s3cr3t-key", "FATORA_API_KEY begins or ends with a blank"),
    ("no Latin-1", "s3cr3t-\u2116-key", "FATORA_API_KEY has a character that no header can carry"),
    ("no text at all", "s3cr3t-\udcff", "FATORA_API_KEY has a character that no header can carry"),
]


@pytest.mark.parametrize(("name", "secret", "said"), UNSENDABLE, ids=[row[0] for row in UNSENDABLE])
def test_what_cannot_be_sent_is_a_sentence_without_its_value(
    name: str,
    secret: str,
    said: str,
    tmp_path: Path,
) -> None:
    variables = {**environment("http://127.0.0.1:9/v1", tmp_path), "FATORA_API_KEY": secret}
    done = check("fatora", "--target", "live", cwd=tmp_path, variables=variables)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr and done.stderr.count("\n") == 1
    assert "s3cr3t" not in done.stderr


def test_a_word_that_is_put_before_it_anyway_is_a_sentence(tmp_path: Path) -> None:
    variables = {"YATIVO_BASE_URL": "http://127.0.0.1:9/v1", "YATIVO_TOKEN": "Bearer s3cr3t"}
    done = check("yativo", "--target", "live", cwd=tmp_path, variables=variables)
    assert done.returncode == 2 and "YATIVO_TOKEN begins with the word that is put before it anyway" in done.stderr


@pytest.mark.parametrize(
    "url",
    ["http://me:s3cr3t@host/v1", "http://host/v1\n", "http://ho st/", "http://h/?key=s3cr3t"],
)
def test_a_base_url_that_is_none_does_not_show_what_is_secret_in_it(url: str, tmp_path: Path) -> None:
    variables = {"FATORA_BASE_URL": url, "FATORA_API_KEY": "anything"}
    done = check("fatora", "--target", "live", cwd=tmp_path, variables=variables)
    assert done.returncode == 2 and "is no base URL" in done.stderr and "s3cr3t" not in done.stderr


WRITERS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "entities16": lambda text: "".join(f"&#x{ord(sign):x};" for sign in text),
    "octal": lambda text: "".join(f"\\{byte:o}" for byte in text.encode()),
    "x": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "basic": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "utf16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "utf16be": lambda text: base64.b64encode(text.encode("utf-16-be")).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "backwards": lambda text: text[::-1],
    "spaced": " ".join,
    "without dashes": lambda text: text.replace("-", ""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
}


def mirror(secret: str) -> Callable[[str, int], Reply]:
    """A target that says a key back in every way: as a header, as a name, as a value, and in an error page."""

    def answer(head: str, number: int) -> Reply:
        written = {name: writer(secret) for name, writer in WRITERS.items()}
        headers = {f"x-{name.replace(' ', '-')}": text for name, text in written.items()}
        if number % 3 == 2:
            page = "<pre>" + "\n".join(written.values()) + "</pre>"
            return response("400 Bad Request", page.encode(), content_type="text/html", **headers)
        client = {"id": 1, **written, **{text: name for name, text in written.items()}}
        body = {"status": "SUCCESS", "clients": [client], "total": secret, "page": 1, "page_size": written["hex"]}
        return response(f"200 {written['percent']}", json.dumps(body).encode(), **headers)

    return answer


@example('<u-#].Xy";GsN7STH7=98Rdh.~N+=')  # a tilde is written in two signs where a member is named by it
@settings(max_examples=4, deadline=None)
@given(secret=st.uuids().map(str) | st.text("".join(map(chr, range(33, 127))), min_size=10, max_size=40))
def test_any_secret_that_a_target_says_back_is_nowhere_in_what_is_written(secret: str) -> None:
    with tempfile.TemporaryDirectory() as name, scripted(mirror(secret)) as server:
        folder = Path(name)
        variables = {**environment(server.url, folder), "FATORA_API_KEY": secret}
        arguments = ["--target", "live", "--rate", "1000", "--budget", "25", "--report", "report", "--accept"]
        done = check("fatora", *arguments, "--deviations", "deviations", cwd=folder, variables=variables)
        files = {path.name: path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}
    assert {"report.json", "report.html", "junit.xml", "traffic.har"} <= set(files)
    for file, text in {**files, "terminal": done.stdout + done.stderr}.items():
        forms = {name: writer(secret)[2:-3].lower() for name, writer in WRITERS.items()}
        assert [name for name, form in forms.items() if len(form) > 5 and form in text.lower()] == [], file
