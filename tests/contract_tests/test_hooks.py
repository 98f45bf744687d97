"""Hooks: called where they should be, hidden in what is written, and a sentence where they fail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.hooks import FILE, NAMES, load_hooks
from mock_server.errors import UsageError
from tests.conftest import ROOT
from tests.contract_tests.command import Done, check, check_in_process_of_its_own
from tests.contract_tests.test_check import CREDENTIALS, live

SECRET = "tenant-4711-of-acme"


def checked(mutants: str, folder: Path, hooks: str, *arguments: str) -> Done:
    (folder / FILE).write_text(hooks)
    return check(*live(mutants), "--report", "out", *arguments, cwd=folder, variables=CREDENTIALS)


def entries(folder: Path) -> Iterator[dict[str, Any]]:
    for entry in json.loads((folder / "out" / "traffic.har").read_text())["log"]["entries"]:
        headers = {header["name"].lower(): header["value"] for header in entry["request"]["headers"]}
        yield {**entry, "sent": headers}


def test_each_request_is_prepared_and_what_was_added_is_hidden(mutants: str, tmp_path: Path) -> None:
    hooks = f"def before_each(request):\n    request.headers['X-Tenant'] = 'Key {SECRET}'\n"
    done = checked(mutants, tmp_path, hooks)
    assert done.returncode == 0 and f"Hooks of {FILE}: before_each" in done.stdout, done.stdout
    sent = list(entries(tmp_path))
    assert len(sent) > 20 and all("x-tenant" in entry["sent"] for entry in sent)
    assert any(entry["comment"].endswith("schemathesis") for entry in sent)
    written = done.stdout + "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert SECRET not in written


def test_a_hook_before_all_is_told_of_the_run(mutants: str, tmp_path: Path) -> None:
    hooks = "def before_all(context):\n    print(context.provider, context.target, context.operations)\n"
    done = checked(mutants, tmp_path, hooks, "--only", "listClients", "--check", "paging")
    assert done.stdout.count("fatora live ('listClients',)") == 1


def test_a_record_that_is_known_is_asked_for(mutants: str, tmp_path: Path) -> None:
    hooks = "def record(operation):\n    return {'client_id': 1007} if operation == 'getClient' else None\n"
    checked(mutants, tmp_path, hooks, "--only", "getClient", "--check", "errors")
    assert any("/clients/1007" in entry["request"]["url"] for entry in entries(tmp_path))


def test_a_credential_that_a_check_leaves_out_stays_out(mutants: str, tmp_path: Path) -> None:
    key = CREDENTIALS["FATORA_API_KEY"]
    hooks = f"def before_each(request):\n    request.headers['api_key'] = {key!r}\n"
    done = checked(mutants, tmp_path, hooks, "--check", "errors")
    assert done.returncode == 0, done.stdout
    assert any("api_key" not in entry["sent"] for entry in entries(tmp_path))


def test_the_type_of_a_request_says_what_it_is_for(mutants: str, tmp_path: Path) -> None:
    hooks = (
        "def before_each(request):\n"
        "    if request.check == 'errors' and not request.has_credential:\n"
        "        print('without:', request.provider, request.operation, request.method, request.url)\n"
    )
    done = checked(mutants, tmp_path, hooks, "--check", "errors", "--only", "listClients")
    assert "without: fatora listClients GET http" in done.stdout


FAILURES = [
    ("in before_all", "def before_all(context):\n    {}['KEY']\n", "line 2, in before_all: KeyError: 'KEY'."),
    (
        "in before_each",
        "def before_each(r):\n    raise ValueError('no token')\n",
        "line 2, in before_each: ValueError: no token.",
    ),
    ("ending the process", "def before_all(c):\n    raise SystemExit(0)\n", "in before_all: SystemExit: 0."),
    ("no text", "def before_each(r):\n    r.headers['X-A'] = 5\n", "the header 'X-A' cannot be sent"),
    ("no header", "def before_each(r):\n    r.headers['X-A'] = 'a\\nb'\n", "the header 'X-A' cannot be sent"),
    (
        "another parameter",
        "def record(o):\n    return {'client': 5}\n",
        "getClient has no path parameter 'client'; did you mean client_id?",
    ),
    ("no mapping", "def record(o):\n    return 5\n", "getClient got int; expected {client_id: …}"),
    ("another name", "def before_al(c):\n    pass\n", "there is no hook 'before_al'; did you mean before_all?"),
    ("no Python", "def before_all(:\n", f"{FILE}, line 1: invalid syntax"),
    ("when it is read", "import no_such_module\n", "line 1, ModuleNotFoundError: No module named 'no_such_module'."),
]


@pytest.mark.parametrize(("name", "hooks", "said"), FAILURES, ids=[row[0] for row in FAILURES])
def test_a_hook_that_fails_is_a_sentence(name: str, hooks: str, said: str, mutants: str, tmp_path: Path) -> None:
    done = checked(mutants, tmp_path, hooks)
    assert done.returncode == 2 and said in done.stderr and FILE in done.stderr, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_hook_that_fails_among_generated_requests_is_a_sentence_too(mutants: str, tmp_path: Path) -> None:
    hooks = "def before_each(r):\n    assert r.check != 'schemathesis', 'not here'\n"
    done = checked(mutants, tmp_path, hooks)
    assert done.returncode == 2 and "line 2, in before_each: AssertionError: not here." in done.stderr


def test_a_secret_in_what_a_hook_says_is_hidden(mutants: str, tmp_path: Path) -> None:
    key = CREDENTIALS["FATORA_API_KEY"]
    done = checked(mutants, tmp_path, f"def before_each(r):\n    raise ValueError({key!r})\n")
    assert done.returncode == 2 and key not in done.stdout + done.stderr


def test_a_file_of_another_name_that_imports_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "tokens_of_ours.py").write_text("TOKEN = 'abc'\n")
    path = tmp_path / "helpers" / "mine.py"
    path.write_text("from tokens_of_ours import TOKEN\n\ndef before_all(context):\n    print(TOKEN)\n")
    assert list(load_hooks(path).functions) == ["before_all"]
    assert not (path.parent / "__pycache__" / "mine.pyc").exists()
    with pytest.raises(UsageError, match="cannot be read"):
        load_hooks(tmp_path / "nowhere.py")


def test_a_plan_calls_no_hooks(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("raise ValueError('called')\n")
    assert check_in_process_of_its_own("fatora", "--plan", "--budget", "2", cwd=tmp_path).returncode == 0


def test_the_hooks_of_the_documentation_are_hooks(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "contract_tests.md").read_text(encoding="utf-8")
    (source,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "before_each" in block)
    (tmp_path / FILE).write_text(source)
    assert tuple(load_hooks(tmp_path / FILE).functions) == NAMES
