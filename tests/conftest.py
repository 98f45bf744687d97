"""What tests share: the shipped providers, a toy provider from the documentation, a server on a socket."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mock_server.messages import Request, Response
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_contracts, make_apis

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
CREDENTIALS = {
    "fatora": {"api_key": "00000000-0000-4000-8000-00000000F00D"},
    "yativo": {"authorization": "Bearer understudy-yativo-valid"},
    "sourcehub": {"authorization": "Bearer understudy-sourcehub-valid"},
    "sellercloud": {"authorization": "Bearer understudy-sellercloud-valid"},
}
LISTS = {
    "fatora": "/fatora/v1/clients",
    "yativo": "/yativo/api/v1/customer",
    "sourcehub": "/sourcehub/api/customers",
    "sellercloud": "/sellercloud/rest/api/Customers",
}
"""Each provider's list, below the mock."""


def pytest_configure() -> None:
    """Who runs the tests in the background may ignore Ctrl-C and a closed terminal; what the tests start may not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that all tests of a run share, also across its processes."""
    return tmp_path_factory.getbasetemp().parent / "understudy-cache"


@pytest.fixture(scope="session")
def apis(cache: Path) -> MockApis:
    """The four shipped providers, without rate limits so that tests do not count."""
    settings = Settings(cache=cache, limits="off")
    return make_apis(load_contracts(settings), settings)


Ask = Callable[..., Response]


def make_ask(apis: MockApis) -> Ask:
    """A function that asks a mock API in process, with a valid credential unless told otherwise."""

    def ask(target: str, method: str = "GET", headers: dict[str, str] | None = None, **more: object) -> Response:
        path, _, query = target.partition("?")
        given = CREDENTIALS.get(path.split("/")[1], {}) if headers is None else headers
        request = Request(method, path, query, given, "http://mock.test", **more)  # type: ignore[arg-type]
        response = apis.answer(request)
        assert response is not None
        return response

    return ask


@pytest.fixture(scope="session")
def ask(apis: MockApis) -> Ask:
    """Ask the shipped providers in process."""
    return make_ask(apis)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The provider of docs/add_a_provider.md, written out: a folder of contracts with `bookshop` in it."""
    folder = tmp_path / "myapis" / "bookshop"
    folder.mkdir(parents=True)
    write_toy(folder)
    return folder.parent


def write_toy(folder: Path) -> None:
    """Write the files of the bookshop into a folder."""
    text = (ROOT / "docs" / "add_a_provider.md").read_text(encoding="utf-8")
    for name, body in re.findall(r"```\w+ file=(\S+)\n(.*?)```", text, re.DOTALL):
        (folder / name).write_text(body, encoding="utf-8")


@dataclass
class Served:
    """A server in a process of its own."""

    url: str
    process: subprocess.Popen[str]
    printed: str

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])


Start = Callable[..., Served]


def wait_until_served(process: subprocess.Popen[str]) -> Served:
    """A server that was just started, once it has printed that it listens; its standard output must be a pipe."""
    printed = ""
    assert process.stdout
    for line in process.stdout:
        printed += line
        if line.startswith("Ctrl-C"):
            break
    url = re.search(r"at (http://\S+)", printed)
    assert url, printed
    return Served(url[1], process, printed)


@pytest.fixture(scope="session")
def start(cache: Path) -> Iterator[Start]:
    """Start `understudy serve` on a free port with more arguments; ended after the run."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, cwd: Path | None = None) -> Served:
        command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--no-log", "--cache", str(cache)]
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=cwd or ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        return wait_until_served(process)

    yield run
    for process in started:
        process.terminate()
        process.communicate(timeout=10)  # which closes its pipe as well


@pytest.fixture(scope="session")
def served(start: Start) -> Served:
    """The four shipped providers on a socket, rate limits reported."""
    return start()


@pytest.fixture(scope="session")
def mutants() -> Iterator[str]:
    """The base URL of a server that plays every planted fault."""
    # Imported here, for it opens the whole harness: a run of other tests does without.
    from tests.mutation.mutation import serving

    with serving() as url:
        yield url
