"""Clients of several languages, unchanged, ask a documented host: all they are given is `understudy env --proxy`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from mock_server.cli import main
from tests.conftest import CREDENTIALS, Served, Start
from tests.server.tls_client import data_folder

URL = "https://api.fatora.io/v1/clients?page_size=1"
KEY = CREDENTIALS["fatora"]["api_key"]

REQUESTS = "import requests, sys; print(requests.get(sys.argv[1], headers={'api_key': sys.argv[2]}).text)"
HTTPX = "import httpx, sys; print(httpx.get(sys.argv[1], headers={'api_key': sys.argv[2]}).text)"
URLLIB = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"api_key": sys.argv[2]})
print(urllib.request.urlopen(request).read().decode())
"""
AIOHTTP = """
import aiohttp, asyncio, sys
async def main():
    async with aiohttp.ClientSession(trust_env=True) as session:
        async with session.get(sys.argv[1], headers={"api_key": sys.argv[2]}) as response:
            print(await response.text())
asyncio.run(main())
"""
NODE = """
const { EnvHttpProxyAgent, fetch } = require(process.argv[1]);
fetch(process.argv[2], { headers: { api_key: process.argv[3] }, dispatcher: new EnvHttpProxyAgent() })
    .then((response) => response.text()).then(console.log);
"""
WGET = 'wget -qO- --ca-certificate="$SSL_CERT_FILE" --header "api_key: $2" "$1"'
UNDICI = Path(shutil.which("node") or "/node").resolve().parents[1] / "lib/node_modules/npm/node_modules/undici"

CLIENTS = [
    ("curl", ["curl", "-sS", URL, "-H", f"api_key: {KEY}"], "curl"),
    ("wget", ["sh", "-c", WGET, "sh", URL, KEY], "wget"),
    ("requests", [sys.executable, "-c", REQUESTS, URL, KEY], sys.executable),
    ("httpx", [sys.executable, "-c", HTTPX, URL, KEY], sys.executable),
    ("aiohttp", [sys.executable, "-c", AIOHTTP, URL, KEY], sys.executable),
    ("urllib", [sys.executable, "-c", URLLIB, URL, KEY], sys.executable),
    ("Node", ["node", "-e", NODE, str(UNDICI), URL, KEY], str(UNDICI / "index.js")),
    ("Java", ["java", str(Path(__file__).parent / "AskThroughProxy.java"), URL, KEY], "java"),
]


class Proxied(NamedTuple):
    """A server with a proxy, and what its clients are given."""

    served: Served
    url: str
    variables: dict[str, str]


@pytest.fixture(scope="module")
def proxied(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    with data_folder(tmp_path_factory.mktemp("a folder")):
        served = start("--proxy", "0", "fatora", "--workers", "2")
        url = re.search(r"Proxy at (http://\S+)", served.printed)
        assert url, served.printed
        printed = CliRunner().invoke(main, ["env", "--proxy", url[1], "fatora", "--format", "json"])
        yield Proxied(served, url[1], json.loads(printed.output))


@pytest.mark.parametrize(("name", "command", "needs"), CLIENTS, ids=[row[0] for row in CLIENTS])
def test_a_client_that_was_not_changed_plays_along(name: str, command: list[str], needs: str, proxied: Proxied) -> None:
    if not shutil.which(needs) and not Path(needs).is_file():
        pytest.skip(f"{name} is not on this machine")
    environment = {**os.environ, **proxied.variables}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert '"clients":[{"id":1000' in done.stdout, done.stderr


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_verifies_the_host_through_the_proxy(proxied: Proxied) -> None:
    command = ["openssl", "s_client", "-proxy", proxied.url.removeprefix("http://"), "-connect", "api.fatora.io:443"]
    command += ["-servername", "api.fatora.io", "-verify_hostname", "api.fatora.io", "-verify_return_error", "-brief"]
    environment = {**os.environ, **proxied.variables}
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=30, check=False, env=environment)
    assert done.returncode == 0 and "Verification: OK" in done.stderr, done.stderr


def test_the_system_is_trusted_as_before(proxied: Proxied) -> None:
    """A file of authorities takes the place of the system's own, so that one has both."""
    bundle = Path(proxied.variables["CURL_CA_BUNDLE"]).read_bytes()
    assert bundle.endswith(Path(proxied.variables["NODE_EXTRA_CA_CERTS"]).read_bytes())
    system = Path("/etc/ssl/certs/ca-certificates.crt")
    if system.is_file():
        assert bundle.count(b"BEGIN CERTIFICATE") == system.read_bytes().count(b"BEGIN CERTIFICATE") + 1


def test_what_was_set_before_does_not_double_it(proxied: Proxied) -> None:
    words = ["env", "--proxy", proxied.url, "fatora", "--format", "json"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in proxied.variables.items():
            patch.setenv(name, value)
        folder = Path(proxied.variables["CURL_CA_BUNDLE"]).parents[2]
        patch.setenv("XDG_DATA_HOME", str(folder))
        before = Path(proxied.variables["CURL_CA_BUNDLE"]).read_bytes()
        assert json.loads(CliRunner().invoke(main, words).output) == proxied.variables
        assert Path(proxied.variables["CURL_CA_BUNDLE"]).read_bytes() == before


WORDS = [
    (["--proxy"], "http://127.0.0.1:8081", "nothing is the usual port"),
    (["--proxy", "9000"], "http://127.0.0.1:9000", "a port"),
    (["--host", "::1", "--proxy", "9000"], "http://[::1]:9000", "a port at another address"),
    (["--proxy", "http://bug-4711@10.0.0.5:9000"], "http://bug-4711@10.0.0.5:9000", "a URL with a session"),
]


@pytest.mark.parametrize(("words", "url", "sentence"), WORDS, ids=[row[2] for row in WORDS])
def test_env_says_where_the_proxy_is(words: list[str], url: str, sentence: str, tmp_path: Path) -> None:
    with data_folder(tmp_path):
        done = CliRunner().invoke(main, ["env", *words, "fatora", "--format", "json"])
    variables = json.loads(done.output)
    assert variables["HTTPS_PROXY"] == variables["http_proxy"] == url and variables["FATORA_API_KEY"] == KEY
    assert "FATORA_BASE_URL" not in variables  # the documented one is asked


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "http://127.0.0.1", "http://h:port", "http://h:1/path"])
def test_what_is_no_proxy_is_refused(url: str, tmp_path: Path) -> None:
    with data_folder(tmp_path):
        done = CliRunner().invoke(main, ["env", "--proxy", url, "fatora"])
    assert done.exit_code == 2 and "is no proxy's URL" in done.output
