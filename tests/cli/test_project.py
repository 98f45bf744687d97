"""The project file: found upwards, checked line by line, outdone by the command line, written by `init`."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mock_server.cli import main
from mock_server.cli.project_file import LEFT_OUT, find_keys, find_project
from mock_server.errors import ContractErrors
from tests.cli.in_process import run
from tests.conftest import ROOT, Start, write_toy
from tests.raw import send


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with two documents and folders of a tester's own, in which the test works."""
    for name in ("petstore.yaml", "warehouse.yaml"):
        shutil.copy(ROOT / "examples" / name, tmp_path / name)
    for name in ("data", "mappings", "scenarios", "sub"):
        (tmp_path / name).mkdir()
    with contextlib.chdir(tmp_path):
        yield tmp_path


def read(command: str, *words: str) -> dict[str, Any]:
    """What a command would be called with, without calling it."""
    with main.make_context("understudy", [command, *words]) as ctx:
        found = main.get_command(ctx, command)
        assert found
        return found.make_context(command, list(words), parent=ctx).params


FROM_FILE = [
    ("a word", "serve: petstore.yaml", (), "providers", ("petstore.yaml",)),
    ("a list of words", "serve: [fatora, shop=petstore.yaml]", (), "providers", ("fatora", "shop=petstore.yaml")),
    ("a URL", "serve: ['http://a.test/b.json', '-']", (), "providers", ("http://a.test/b.json", "-")),
    ("words of the command line win", "serve: petstore.yaml", ("fatora",), "providers", ("fatora",)),
    ("a seed that is a number", "seed: 4711", (), "seed", "4711"),
    ("an option of the command line wins", "seed: 4711", ("--seed", "1"), "seed", "1"),
    ("records", "records: 7", (), "records", 7),
    ("a switch that is off", "log: false", (), "log", False),
    ("a switch of the command line wins", "log: false", ("--log",), "log", True),
    ("a switch that is on", "strict: true", (), "strict", True),
    ("a folder", "data: data", (), "data", Path("data")),
    ("scenarios that play", "scenario: [flaky, burst]", (), "scenarios", ("flaky", "burst")),
    ("one scenario", "scenario: flaky", (), "scenarios", ("flaky",)),
    ("a folder of scenarios", "scenarios: scenarios", (), "scenarios_folder", Path("scenarios")),
    ("a list of the command line wins whole", "scenario: [a, b]", ("--scenario", "c"), "scenarios", ("c",)),
    ("an overlay", "overlay: petstore=petstore.yaml", (), "overlays", ("petstore=petstore.yaml",)),
    ("an overlay of what the file serves", "serve: petstore.yaml\noverlay: a.yaml", ("fatora",), "overlays", ()),
    ("records of what the file serves", "serve: petstore.yaml\ndata: data", ("fatora",), "data", None),
    ("mounts of what the file serves", "mount: [petstore=/x]", ("--seed", "1", "fatora"), "mounts", ()),
    ("an overlay that is named too", "overlay: a.yaml", ("fatora", "--overlay", "b.yaml"), "overlays", ("b.yaml",)),
    ("mounts", "mount: [petstore=/x]", ("--seed", "1"), "mounts", ("petstore=/x",)),
    ("an empty file", "", (), "port", 8080),
    ("only a comment", "# nothing\n", (), "port", 8080),
    ("a file that is not wanted", "port: 9", ("--no-project",), "port", 8080),
    ("a file that is named beside", "port: 9", ("--no-project", "--project", "understudy.yaml"), "port", 9),
    ("a file that is named", "port: 9", ("--project", "understudy.yaml"), "port", 9),
]


@pytest.mark.parametrize(
    ("text", "words", "name", "value"),
    [row[1:] for row in FROM_FILE],
    ids=[r[0] for r in FROM_FILE],
)
def test_serve_takes_from_the_file(folder: Path, text: str, words: tuple[str, ...], name: str, value: object) -> None:
    (folder / "understudy.yaml").write_text(text)
    assert read("serve", *words)[name] == value


def test_paths_begin_at_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "serve: [petstore.yaml, shop=warehouse.yaml, fatora, data, x.json]\ndata: data\nkeep: /k\noverlay: o.yaml\n"
    (folder / "understudy.yaml").write_text(text)
    monkeypatch.chdir(folder / "sub")
    params = read("serve")
    assert params["providers"] == ("../petstore.yaml", "shop=../warehouse.yaml", "fatora", "../data", "../x.json")
    assert (params["data"], params["overlays"]) == (Path("../data"), ("../o.yaml",))
    assert params["keep"].resolve() == Path("/k")


OTHER_COMMANDS = [
    ("check", "serve: petstore.yaml\nseed: a\nlog: false\n", {"providers": ("petstore.yaml",), "seed": "a"}),
    ("check", "readings: understudy.yaml\n", {"detects_readings": None}),
    ("validate", "serve: petstore.yaml\nstrict: true\n", {"places": ("petstore.yaml",), "strict": True}),
    ("env", "serve: petstore.yaml\nport: 9\nhost: localhost\n", {"port": 9, "host": "localhost"}),
    ("scenarios", "scenarios: scenarios\n", {"scenarios_folder": Path("scenarios")}),
    ("wait", "port: 9\n", {"url": "http://127.0.0.1:9"}),
    ("reset", "port: 9\n", {"url": "http://127.0.0.1:9"}),
    ("reset", "port: 9\nhost: '::'\n", {"url": "http://[::1]:9"}),
    ("reset", "port: 0\n", {"url": "http://127.0.0.1:8080"}),
    ("reset", "seed: a\n", {"url": "http://127.0.0.1:8080"}),
]


@pytest.mark.parametrize(("command", "text", "expected"), OTHER_COMMANDS)
def test_other_commands_take_their_part(folder: Path, command: str, text: str, expected: dict[str, object]) -> None:
    (folder / "understudy.yaml").write_text(text)
    params = read(command)
    assert {name: params[name] for name in expected} == expected


def test_every_option_of_serve_is_a_key_unless_it_makes_no_sense(folder: Path) -> None:
    serve = main.commands["serve"]
    options = {o.removeprefix("--") for p in serve.params if not getattr(p, "hidden", False) for o in p.opts[:1]}
    assert options - set(LEFT_OUT) - {"providers"} == set(find_keys(serve)) - {"serve"}


def test_the_nearest_file_counts_and_a_repository_is_a_border(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_project(deep) is None
    (tmp_path / "understudy.yaml").touch()
    assert find_project(deep) == tmp_path / "understudy.yaml"
    (tmp_path / "a" / ".git").mkdir()
    assert find_project(deep) is None
    (tmp_path / "a" / "understudy.yaml").touch()
    assert find_project(deep) == tmp_path / "a" / "understudy.yaml"


WRONG = [
    ("recrods: 5", "understudy.yaml:1#/recrods: unknown key 'recrods' (did you mean records?)"),
    ("seed: a\nrecords: many", "understudy.yaml:2#/records: 'many' is no whole number from 0 to 10,000,000"),
    ("port: 70000", "understudy.yaml:1#/port: '70000' is no whole number from 0 to 65,535"),
    ("limits: sometimes", "understudy.yaml:1#/limits: 'sometimes' is not one of 'report', 'enforce', 'off'"),
    ("log: yes", "understudy.yaml:1#/log: 'yes' is neither true nor false (write true or false)"),
    ("seed: true", "understudy.yaml:1#/seed: is true (expected one text or number)"),
    ("seed: ''", "understudy.yaml:1#/seed: it is empty; leave the option out for its default"),
    ("port:", "understudy.yaml:1#/port: has no value (leave the line out for its default)"),
    ("port: [1]", "understudy.yaml:1#/port: is a list (expected one text or number)"),
    ("serve:\n- a\n- b: c", "understudy.yaml:3#/serve/1: is a mapping (expected one text or number)"),
    ("mount:\n  petstore: /x", "understudy.yaml:1#/mount: is a mapping (expected one text or number)"),
    ("data: nix", "understudy.yaml:1#/data: Directory 'nix' does not exist"),
    ("announce: true", "unknown key 'announce'"),
    ("no-log: true", "unknown key 'no-log'"),
    ("admin-token: x", "a secret does not belong in a file that is shared; set UNDERSTUDY_TOKEN"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_wrong_is_said_with_its_line(folder: Path, text: str, said: str) -> None:
    (folder / "understudy.yaml").write_text(text)
    with pytest.raises(ContractErrors) as caught:
        read("serve")
    assert str(caught.value).startswith(said) or said in str(caught.value)
    assert read("serve", "--no-project")["port"] == 8080


def test_every_mistake_is_said_at_once_and_none_is_a_traceback(folder: Path) -> None:
    (folder / "understudy.yaml").write_text("a: 1\nb: 2\n")
    done = run("serve", cwd=folder)
    assert done.returncode == 2 and [line.split(":")[1][0] for line in done.stderr.splitlines()] == ["1", "2"]
    for text in ("[1]", "a: 'b", "\x00", "a: &a [*a]"):
        (folder / "understudy.yaml").write_text(text)
        done = run("env", cwd=folder)
        assert done.returncode == 2 and "understudy.yaml" in done.stderr and "Traceback" not in done.stderr


def test_what_init_writes_is_served(folder: Path, start: Start) -> None:
    done = run("init", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Written: understudy.yaml (2 documents found). `understudy serve` plays it.\n"
    served = start(cwd=folder / "sub")
    assert send(served.port, "GET /petstore/v1/pets", {"host": "a"}).status == 200
    assert send(served.port, "GET /warehouse/v1/parcels", {"host": "a"}).status == 401
    assert "Project file: ../understudy.yaml" in run("validate", cwd=folder / "sub").stderr


def test_init_does_not_write_over_a_file_unless_it_is_told_to(folder: Path) -> None:
    (folder / "understudy.yaml").write_text("seed: mine\n")
    refused = run("init", cwd=folder)
    assert refused.returncode == 2 and refused.stderr == "understudy.yaml is there already; --force writes it anew.\n"
    assert (folder / "understudy.yaml").read_text() == "seed: mine\n"
    assert run("init", str(folder), "--force", cwd=ROOT).returncode == 0
    assert yaml.safe_load((folder / "understudy.yaml").read_text()) == {"serve": ["petstore.yaml", "warehouse.yaml"]}


def test_init_names_what_comes_with_understudy_where_nothing_else_is(folder: Path) -> None:
    assert run("init", "data", cwd=folder).returncode == 0
    assert yaml.safe_load((folder / "data" / "understudy.yaml").read_text())["serve"][0] == "fatora"


def test_init_finds_documents_of_odd_names_and_in_folders_below(folder: Path) -> None:
    (folder / "sub" / "- a: b.yaml").write_text("openapi: 3.1.0\npaths: {}\n")
    (folder / "scenarios" / "shop").mkdir()
    (folder / "scenarios" / "shop" / "openapi.yaml").write_text("openapi: 3.1.0\npaths: {}\n")
    for name, word in (("sub", "- a: b.yaml"), ("scenarios", "shop/openapi.yaml")):
        assert run("init", name, cwd=folder).returncode == 0
        assert yaml.safe_load((folder / name / "understudy.yaml").read_text()) == {"serve": [word]}


def test_every_key_that_init_shows_in_a_comment_is_one(folder: Path) -> None:
    run("init", cwd=folder)
    text = (folder / "understudy.yaml").read_text()
    keys = find_keys(main.commands["serve"])
    shown = [line[2:] for line in text.splitlines() if line.startswith("# ") and line[2:].split(":")[0] in keys]
    assert len(shown) == 8
    (folder / "understudy.yaml").write_text("\n".join(shown))
    params = read("serve")
    assert params["scenarios"] == ("third-call-fails",) and params["records"] == 50


def test_completion_reads_no_project_file(folder: Path) -> None:
    (folder / "understudy.yaml").write_text("nonsense: 1\n")
    with click.Context(main, resilient_parsing=True) as ctx:
        found = main.get_command(ctx, "serve")
        assert found and found.make_context("serve", [], parent=ctx, resilient_parsing=True).params["port"] == 8080


def test_validate_knows_every_word_of_the_file(folder: Path) -> None:
    (folder / "myapis" / "bookshop").mkdir(parents=True)
    write_toy(folder / "myapis" / "bookshop")
    (folder / "understudy.yaml").write_text("schemas: myapis\nserve: [bookshop, petstore.yaml]\n")
    done = run("validate", cwd=folder / "sub")
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["bookshop", "petstore"]
    assert [line.partition(":")[0] for line in run("validate", "fatora", "--no-project").stdout.splitlines()] == [
        "fatora",
    ]
