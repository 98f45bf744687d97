"""Clients that offer an upgrade with every request: `curl --http2` and Java's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Served

OFFERS = [
    ("GET /fatora/v1/clients", 401, "", "a quick answer"),
    ("GET /~offers/fatora/v1/clients", 401, "", "an answer of a session"),
    ("GET /fatora/v1/clients?__scenario=slow", 401, "", "a slow answer"),
    ("GET /openapi/fatora.json", 200, "", "an answer of a thread"),
    ("GET /docs/fatora", 200, "", "a page"),
    ("GET /__admin/health", 200, "", "an answer of the admin API"),
    ("POST /__admin/requests/count", 200, "{}", "one with a body"),
    ("POST /fatora/v1/clients", 405, "{}", "a refusal with a body"),
]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize(("asked", "status", "body", "sentence"), OFFERS, ids=[row[3] for row in OFFERS])
def test_curl_that_offers_http_2_is_answered(asked: str, status: int, body: str, sentence: str, served: Served) -> None:
    method, path = asked.split(" ")
    sent = ["--data", body, "-H", "content-type: application/json"] if body else []
    command = ["curl", "-sS", "--http2", "-m", "20", "-X", method, *sent, "-w", "\n%{http_code} %{http_version}"]
    done = subprocess.run([*command, served.url + path], capture_output=True, text=True, timeout=30, check=False)
    if "unsupported" in done.stderr or "doesn't support" in done.stderr:
        pytest.skip("this curl knows no HTTP/2")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"{status} 1.1"), done.stderr


@pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed")
def test_javas_own_client_is_answered_on_one_connection(served: Served, tmp_path: Path) -> None:
    source = Path(__file__).parent / "OfferUpgrade.java"
    asked = [f"{row[0].replace(' ', f' {served.url}')} {row[2]}".strip() for row in OFFERS]
    done = subprocess.run(
        ["java", str(source), *asked],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [[str(row[1]), "HTTP_1_1"] for row in OFFERS], (
        done.stderr
    )
