"""The container without a daemon: the steps of the Dockerfile run in folders of a test, compose.yaml says what is there."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from mock_server.cli import main
from tests.cli.test_wait import find_free_port
from tests.conftest import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FETCHES = "--require-hashes"
"""What marks a step that fetches packages. No test does that: the packages of this environment stand in for them."""


class Step(NamedTuple):
    """One instruction of the Dockerfile: its name, its words, and the stage it stands in."""

    name: str
    words: str
    stage: int


def read_steps() -> list[Step]:
    """The instructions in order, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    stage, steps = -1, []
    for line in lines:
        name, _, words = line.partition(" ")
        stage += name == "FROM"
        steps.append(Step(name, " ".join(words.split()), stage))
    return steps


STEPS = read_steps()


def get(name: str) -> str:
    """The words of the last instruction of this name."""
    return [step.words for step in STEPS if step.name == name][-1]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file at the top away from the build: the last line that fits counts."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch.fnmatch(path.split("/")[0], pattern):
            ignored = not line.startswith("!")
    return ignored


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands for the root of the image, in which every step was run in order."""
    folder = tmp_path_factory.mktemp("image")
    build = folder / "build"
    build.mkdir()
    for step in STEPS:
        if step.name == "COPY" and step.stage == 0:
            *sources, target = step.words.split()
            for source in sources:
                assert not is_ignored(source), source
                _copy(ROOT / source, build / target, build / target / Path(source).name)
        elif step.name == "RUN" and FETCHES in step.words:
            _link_packages(folder / step.words.split("/bin/python")[0].rpartition(" /")[2])
        elif step.name == "RUN":
            run_in(folder, step.words, build)
    return folder


def _copy(source: Path, folder: Path, file: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, file)


def _link_packages(environment: Path) -> None:
    """Let an environment of the image see the packages of ours, but not this checkout."""
    own = next(path for path in sys.path if path.endswith("site-packages"))
    packages = next((environment / "lib").glob("python*/site-packages"))
    (packages / "packages.pth").write_text(f"{own}\n")


def below(folder: Path, words: str) -> str:
    """The words of a step with absolute paths below a folder; who owns them is nobody else here."""
    inside = re.sub(r"(?<=[\s=:\"])/(?=(?:opt|cache|kept|contracts)\b)", f"{folder}/", f" {words}")
    return inside.replace("-o 10001 -g 10001", "").replace(" python -m", f" {shlex.quote(sys.executable)} -m").strip()


def run_in(folder: Path, words: str, place: Path) -> None:
    """Run one step in a shell, as a build does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["sh", "-ec", below(folder, words)],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"


def make_environment(root: Path) -> dict[str, str]:
    """The environment that the image sets, its paths below the folder."""
    pairs = (pair.split("=", 1) for pair in get("ENV").split())
    given = {name: below(root, f"={value}")[1:].replace("$PATH", os.environ["PATH"]) for name, value in pairs}
    return {"PATH": os.environ["PATH"], **given, "UNDERSTUDY_TOKEN": "of-this-test"}


def in_exec_form(words: str) -> list[str]:
    """The words of an instruction in JSON, without the options before them."""
    listed: list[str] = json.loads(words[words.index("[") :])
    return listed


@pytest.fixture(scope="module")
def port() -> int:
    return find_free_port()


@pytest.fixture
def running(root: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """What the container runs, on a free port, in the folder that is mounted."""
    words = [word.replace("8080", str(port)) for word in in_exec_form(get("ENTRYPOINT"))]
    words = [shutil.which(words[0], path=make_environment(root)["PATH"]) or "", *words[1:], "--no-log"]
    with subprocess.Popen(
        words,
        cwd=root / "contracts",
        env=make_environment(root),
        stdout=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def check_health(root: Path, port: int) -> int:
    """Run what the health check runs; its exit code."""
    words = [word.replace("8080", str(port)) for word in in_exec_form(get("HEALTHCHECK"))]
    program = shutil.which(words[0], path=make_environment(root)["PATH"])
    assert program and program.startswith(str(root)), "the image's own command"
    return subprocess.run([program, *words[1:]], env=make_environment(root), capture_output=True, timeout=60).returncode


def test_the_steps_make_an_image_whose_server_becomes_healthy_and_ends_when_it_is_told_to(
    root: Path,
    running: subprocess.Popen[bytes],
    port: int,
) -> None:
    assert check_health(root, port) == 0
    assert list((root / "cache").iterdir()), "records are kept where the image's user may write"
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0


def test_what_is_not_run_here_is_what_the_makefile_runs() -> None:
    """Packages are fetched with hashes, from the pinned files, and nothing that these do not name."""
    fetching = [step.words for step in STEPS if FETCHES in step.words]
    pinned = "--disable-pip-version-check --require-hashes --no-deps"
    assert [re.findall(r"-r (\S+)", words) for words in fetching] == [
        ["requirements/build.txt"],
        ["requirements/runtime.txt"],
    ]
    assert all(pinned in words for words in fetching) and pinned in MAKEFILE
    others = [
        step.words for step in STEPS if " install " in step.words and "pip" in step.words and FETCHES not in step.words
    ]
    assert all("--no-index --no-deps" in words for words in others)


def test_the_image_is_small_and_nobody_is_root() -> None:
    assert {step.words.split()[0] for step in STEPS if step.name == "FROM"} == {"python:3.13-slim"}
    last = [step for step in STEPS if step.stage == STEPS[-1].stage]
    assert [step.words for step in last if step.name == "COPY"] == ["--from=build /opt/understudy /opt/understudy"]
    assert get("USER") == "10001:10001" and [step.name for step in last].index("USER") > 1
    assert f'"{get("EXPOSE")}"' in get("ENTRYPOINT") and f":{get('EXPOSE')}" in get("HEALTHCHECK")


@pytest.mark.parametrize("path", [".git/config", ".venv/bin/python", "tests/conftest.py", ".env", "understudy.yaml"])
def test_what_the_image_does_not_need_is_not_sent_to_the_build(path: str) -> None:
    assert is_ignored(path)


def read_service() -> dict[str, Any]:
    """The service of compose.yaml."""
    document = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(document["volumes"]) == {"kept"}
    service: dict[str, Any] = document["services"]["understudy"]
    return service


def test_compose_says_what_serve_understands(monkeypatch: pytest.MonkeyPatch) -> None:
    service = read_service()
    words = [*in_exec_form(get("ENTRYPOINT"))[2:], *service["command"], "--no-project"]
    with main.make_context("understudy", ["serve"]) as ctx:
        serve = main.get_command(ctx, "serve")
        assert serve
        params = serve.make_context("serve", words, parent=ctx).params
    assert (params["providers"], params["host"], params["port"]) == ((".",), "0.0.0.0", 8080)
    targets = [re.sub(r"\$\{[^}]*\}", "", volume).split(":")[1] for volume in service["volumes"]]
    assert targets == [get("WORKDIR"), str(params["keep"])] and service["volumes"][0].endswith(":ro")
    assert service["healthcheck"]["test"] == ["CMD", *in_exec_form(get("HEALTHCHECK"))]
    assert service["ports"] == [f"127.0.0.1:8080:{get('EXPOSE')}"]
    assert (ROOT / "examples").is_dir()


def has_compose() -> bool:
    """Whether this machine has the command; it needs no daemon to check a file."""
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="docker compose is not on this machine")
def test_compose_takes_the_file() -> None:
    done = subprocess.run(["docker", "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
