"""Every command and snippet of README and docs, run as it is written, in a fresh copy of the project.

A page is one shell, as a reader has one: what a line exports or activates is there for the next. A command that serves stays
in the background until the next one serves, and whatever stands below a command as its output must come.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from filelock import FileLock

from tests.conftest import ROOT

PORT = 8080
"""The port of the documentation. One page at a time has it, also where tests run in several processes."""

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

NOT_RUN = {
    "make test": "it runs this",
    "make check": "it runs this",
    "make bench": "takes minutes and a tool that is not ours; benchmarks are run by hand",
    "make corpus": "takes half an hour and documents that are not ours; run by hand",
    "make soak": "takes minutes; benchmarks are run by hand",
    "make mutants": "takes minutes; each planted fault is a test in tests/mutation",
    "pipx install": "fetches; tests/test_package.py installs the wheel",
    "pip install": "fetches; tests/test_package.py installs the wheel",
    "pip-compile": "fetches",
}
"""Commands by their beginning, and why they are not run here."""

REPLACED = {
    "https://api.fatora.io/v1": f"http://127.0.0.1:{PORT}/fatora/v1",
    "FATORA_API_KEY=…": "FATORA_API_KEY=00000000-0000-4000-8000-00000000F00D",
    "--target live": "--target live --rate 1000",
}
"""No test leaves this machine: the real API is played by the mock, and need not be spared."""

EXPORTED = {
    "FATORA_BASE_URL": f"http://127.0.0.1:{PORT}/fatora/v1",
    "FATORA_API_KEY": "00000000-0000-4000-8000-00000000F00D",
    "SOURCEHUB_BASE_URL": f"http://127.0.0.1:{PORT}/sourcehub/api",
    "SOURCEHUB_TOKEN": "understudy-sourcehub-valid",
}
"""What a reader who asks a live API has exported before."""

FOLDERS = {
    "add_a_provider.md": "myapis/bookshop",
    "any_document.md": "examples",
    "scenarios.md": "myscenarios",
    "state.md": "mydata",
}
"""Where a page says that its files stand."""

SERVES = re.compile(r"^(make serve|understudy serve)\b")
WITH_EXIT_CODE = re.compile(r"# exit code (\d)")


class Block(NamedTuple):
    """A fenced block: its language, the words behind it, its text and the line it begins at."""

    language: str
    words: str
    text: str
    line: int


def find_blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*) ?(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE)
    return [Block(m[1], m[2], m[3], text.count("\n", 0, m.start()) + 1) for m in found]


def find_commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a block and the output that is shown below it; a shell block shows none."""
    if block.language == "sh":
        yield from ((line, "") for line in block.text.splitlines() if line.strip())
        return
    for piece in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = piece.partition("\n")
        yield command, shown


def matches(shown: str, printed: str) -> bool:
    """Whether the shown lines come, in their order: `…` is anything, and names that are made anew are alike."""
    lines = [re.sub(r"[0-9a-f]{8}", "…", line).rstrip() for line in shown.splitlines() if line.strip()]
    patterns = [".*".join(re.escape(part) for part in line.split("…")) for line in lines]
    return bool(re.search(r"[^\n]*\n(?:.*\n)*?".join(patterns), printed + "\n"))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's own files, set up as `make setup` does, but with the packages that are installed here."""
    folder = tmp_path_factory.mktemp("fresh") / "understudy"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    venv.create(folder / ".venv", with_pip=False, symlinks=True)
    packages = next((folder / ".venv" / "lib").glob("python*/site-packages"))
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "dependencies.pth").write_text(f"{own}\n")
    python = str(folder / ".venv" / "bin" / "python")
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
    ]
    subprocess.run([*install, "--ignore-installed", "--editable", str(folder)], check=True, timeout=120)
    for marker in (".test", ".runtime"):
        (folder / ".venv" / marker).touch()
    (folder / ".venv" / "bin" / "pytest").write_text(f'#!/bin/sh\nexec "{python}" -m pytest "$@"\n')
    (folder / ".venv" / "bin" / "pytest").chmod(0o755)
    return folder


class Reader:
    """Somebody who types what a page says: one shell, and what serves in the background."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        path = f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**inherited, **EXPORTED, "PATH": path, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}
        self.environment["XDG_DATA_HOME"] = str(cache / "data")  # the authority of --tls is made there
        self.server: subprocess.Popen[bytes] | None = None

    def run(self, command: str) -> tuple[int, str]:
        """Run one line in bash; what it exports stays. The exit code and all that was printed."""
        script = f"set -o pipefail\n{command}\ncode=$?\nenv -0 > .environment\nexit $code\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        kept = (self.folder / ".environment").read_text(encoding="utf-8").split("\0")
        self.environment = dict(line.split("=", 1) for line in kept if "=" in line)
        return done.returncode, done.stdout

    def serve(self, command: str) -> None:
        """Start what serves, in place of what served before, and wait until it answers."""
        self.stop()
        self.server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while not is_listening():
            assert self.server.poll() is None, (command, self.server.communicate()[1].decode())
            assert time.monotonic() < deadline, f"{command} does not listen on port {PORT}"
            time.sleep(0.1)

    def stop(self) -> None:
        """End what serves, as Ctrl-C does."""
        if self.server:
            os.killpg(self.server.pid, signal.SIGINT)
            self.server.communicate(timeout=30)
        self.server = None


def is_listening() -> bool:
    """Whether anything answers on the port of the documentation."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


def list_files(folder: Path) -> Iterator[Path]:
    """The files of a project, without its environment."""
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".venv"]
        yield from (Path(top) / name for name in names)


@pytest.fixture
def reader(clone: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody with the port of the documentation to themselves."""
    with FileLock(tmp_path_factory.getbasetemp().parent / "documented-port.lock"):
        if is_listening():
            pytest.fail(f"Something else listens on port {PORT}, which the documentation names: stop it for this test.")
        typing, before = Reader(clone, cache), set(list_files(clone))
        try:
            yield typing
        finally:
            typing.stop()
            # What one page has written is not there for the next: an overlay beside a document is found by itself.
            for path in set(list_files(clone)) - before:
                path.unlink()


def type_command(reader: Reader, command: str, shown: str, place: str) -> None:
    """One command as a reader types it, and what it should print."""
    for written, here in REPLACED.items():
        command = command.replace(written, here)
    if any(command.startswith(beginning) for beginning in NOT_RUN):
        return
    if SERVES.match(command):
        reader.serve(command.partition("  #")[0])
        return
    expected = WITH_EXIT_CODE.search(command)
    code, printed = reader.run(command)
    assert code == int(expected[1] if expected else 0), f"{place}: {command}\n{printed}"
    assert matches(shown, printed), f"{place}: {command}\nshown:\n{shown}\nprinted:\n{printed}"


def write_file(folder: Path, page: Path, block: Block) -> None:
    """A block that the page names a file."""
    path = folder / FOLDERS[page.name] / block.words.removeprefix("file=")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")


PARSERS: dict[str, Callable[[str], Any]] = {"yaml": lambda text: list(yaml.safe_load_all(text)), "json": json.loads}


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_command_and_snippet_works_as_written(page: Path, reader: Reader, clone: Path) -> None:
    blocks = find_blocks(page)
    if any(block.language in ("console", "sh", "python") for block in blocks):
        reader.serve("understudy serve")  # a reader has one running; a page that starts its own replaces it
    for block in blocks:
        place = f"{page.name}:{block.line}"
        if block.language in PARSERS:
            assert PARSERS[block.language](block.text) is not None, place
        if block.words.startswith("file="):
            write_file(clone, page, block)
        if block.language in ("console", "sh"):
            for command, shown in find_commands(block):
                type_command(reader, command, shown, place)
        if block.language == "python":
            (clone / "snippet.py").write_text(block.text, encoding="utf-8")
            code, printed = reader.run("python snippet.py")
            assert code == 0, f"{place}\n{printed}"


def test_every_language_of_a_block_is_one_that_is_tried() -> None:
    languages = {block.language for page in PAGES for block in find_blocks(page)}
    assert languages <= {"", "console", "sh", "python", "json", "yaml", "text"}


def test_what_is_not_run_stands_in_the_documentation() -> None:
    commands = [command for page in PAGES for block in find_blocks(page) for command, _ in find_commands(block)]
    prose = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [line for line in NOT_RUN if line not in prose and not any(c.startswith(line) for c in commands)] == []
