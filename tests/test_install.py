"""What `pip install understudy` brings: little, nothing that caps a user's pytest, and a sentence where more is needed."""

from __future__ import annotations

import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.raw import send
from tests.wheel import build_wheel, clean_environment, make_environment, serve_from

MAX_PACKAGES, MAX_BYTES = 45, 60_000_000

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def find_needed(requirements: list[str]) -> dict[str, Distribution]:
    """Every installed distribution that requirements need, those that they need in turn included, by its name."""
    needed: dict[str, Distribution] = {}
    todo = [Requirement(text) for text in requirements]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in needed or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        needed[name] = distribution(name)
        todo += [Requirement(text) for text in needed[name].requires or []]
    return needed


def size_of(installed: Distribution) -> int:
    """Bytes of all files that were installed, compiled ones included."""
    paths = [Path(str(file.locate())) for file in installed.files or []]
    return sum(path.stat().st_size for path in paths if path.is_file())


def pinned_in(name: str) -> set[str]:
    """The packages that a file of requirements pins."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {canonicalize_name(found) for found in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


def link_packages(needed: dict[str, Distribution], packages: Path) -> None:
    """Make what is installed here importable from another environment's folder of packages."""
    for each in needed.values():
        home = Path(str(each.locate_file("")))
        for top in {file.parts[0] for file in each.files or []} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(home / top)


@pytest.fixture(scope="module")
def core() -> dict[str, Distribution]:
    return find_needed(PROJECT["dependencies"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def core_python(core: dict[str, Distribution], wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel and what its core needs, and nothing else: links to what is installed here."""
    python, packages = make_environment(tmp_path_factory.mktemp("core") / "env", wheel)
    link_packages(core, packages)
    return python


def test_the_core_is_small(core: dict[str, Distribution], wheel: Path) -> None:
    own = sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist())
    sizes = {name: size_of(each) for name, each in core.items()}
    assert len(sizes) + 1 <= MAX_PACKAGES
    # Twice our own files: installing compiles them.
    assert sum(sizes.values()) + 2 * own <= MAX_BYTES, sorted(sizes.items(), key=lambda pair: -pair[1])[:5]


def test_the_core_needs_what_is_pinned_for_it_and_no_test_tool(core: dict[str, object]) -> None:
    assert set(core) == pinned_in("runtime.txt")
    assert not set(core) & {"pytest", "schemathesis", "hypothesis", "requests", "numpy", "pydantic"}


@pytest.mark.parametrize("extra", ["check", "tls", "validate"])
def test_an_extra_is_pinned_with_the_tests(extra: str) -> None:
    assert set(find_needed(PROJECT["optional-dependencies"][extra])) <= pinned_in("test.txt")
    assert "understudy[check,tls,validate]" in PROJECT["optional-dependencies"]["test"]


def test_no_requirement_of_ours_caps_pytest() -> None:
    ours = [Requirement(text) for texts in _lists() for text in texts]
    caps = [spec for each in ours if each.name == "pytest" for spec in each.specifier if spec.operator != ">="]
    assert caps == []


def _lists() -> Iterator[list[str]]:
    yield PROJECT["dependencies"]
    yield from PROJECT["optional-dependencies"].values()


def test_pins_are_versions_and_hashes_alone() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert re.fullmatch(r"(?:[\w.\[\]-]+==[\w.]+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)+", text), path


REFUSED = [
    ("check", []),
    ("check", ["yativo", "--report", "somewhere"]),
    ("check", ["--help"]),
    ("check", ["yativo", "--target", "live"]),
]


@pytest.mark.parametrize(("command", "arguments"), REFUSED, ids=[" ".join([c, *a]) for c, a in REFUSED])
def test_a_command_without_its_extra_says_the_line_that_installs_it(
    command: str,
    arguments: list[str],
    core_python: Path,
    tmp_path: Path,
) -> None:
    done = _run(core_python, tmp_path, command, *arguments)
    wanted = f"`understudy {command}` needs more than serving does: pip install 'understudy[{command}]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", wanted)


def test_a_pytest_of_the_user_s_own_says_the_line_too(core_python: Path, tmp_path: Path) -> None:
    packages = next(core_python.parents[1].glob("lib/python*/site-packages"))
    link_packages(find_needed(["pytest"]), packages)
    try:
        command = [str(core_python), "-m", "pytest", "--pyargs", "contract_tests", "-p", "no:cacheprovider"]
        environment = clean_environment(tmp_path)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=environment)
    finally:
        (packages / "pytest").unlink()
    assert done.returncode == 4 and "Traceback" not in done.stderr
    assert done.stderr.strip().endswith("pip install 'understudy[check]'"), done.stderr


def test_validate_without_its_extra_does_the_rest_and_says_the_line(core_python: Path, tmp_path: Path) -> None:
    done = _run(core_python, tmp_path, "validate")
    assert done.returncode == 0 and "yativo: 2 operations, " in done.stdout
    assert "pip install 'understudy[validate]'" in done.stdout + done.stderr


def test_the_core_lists_all_commands(core_python: Path, tmp_path: Path) -> None:
    done = _run(core_python, tmp_path, "--help")
    assert done.returncode == 0
    listed = re.findall(r"^  (\w+) ", done.stdout[done.stdout.index("Commands:") :], re.MULTILINE)
    assert {"check", "validate", "serve", "readings", "env"} <= set(listed)
    assert "pip install 'understudy[check]'" in done.stdout


def test_the_core_plays(core_python: Path, tmp_path: Path) -> None:
    with serve_from(core_python, tmp_path) as served:
        headers = {"host": "x", "authorization": "Bearer YOUR_SECRET_TOKEN"}
        assert send(served.port, "GET /yativo/api/v1/customer", headers).status == 200
        for path in ("/", "/docs/yativo", "/openapi/yativo.json", "/__admin/scenarios"):
            assert send(served.port, f"GET {path}", {"host": "127.0.0.1"}).status == 200, path


def _run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", "mock_server", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=clean_environment(folder),
    )
