"""Files that an author may write by mistake or in malice: a sentence each, and never a wait, a traceback or a crash."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.contract.files import MAX_VALUES, load_document
from mock_server.errors import ContractError, ContractErrors
from mock_server.sessions.factory import load_checked, load_vocabulary
from tests.command_line import understudy
from tests.conftest import ROOT

LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGES = "a0: &a0 {k: x}\n" + "".join(f"a{n}: &a{n} {{k{n}: x, <<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40))

BAD_TEXTS = [
    pytest.param("openapi.yaml", LAUGHS, "aliases counted", id="aliases of aliases of aliases"),
    pytest.param("openapi.yaml", MERGES, "aliases counted", id="merges of merges"),
    pytest.param("openapi.yaml", "a: &a [*a]\n", "stands for nothing, or for itself", id="an alias of itself"),
    pytest.param("openapi.yaml", "a: *b\n", "stands for nothing", id="an alias of nothing"),
    pytest.param("openapi.yaml", "x: " + "[" * 100_000, "nested deeper", id="endless brackets"),
    pytest.param("openapi.yaml", "- " * 100_000, "nested deeper", id="endless dashes"),
    pytest.param("openapi.yaml", "x: " + "{a: " * 5_000 + "1" + "}" * 5_000, "nested deeper", id="endless braces"),
    pytest.param("openapi.yaml", "x: !!int abc\n", "cannot be read", id="a number that is none"),
    pytest.param("openapi.yaml", "x: !!float abc\n", "cannot be read", id="a fraction that is none"),
    pytest.param("openapi.yaml", f"x: {'9' * 5_000}\n", "cannot be read", id="5,000 digits"),
    pytest.param("openapi.yaml", f"x: {'9' * 500}\n", "64 bits", id="500 digits"),
    pytest.param("openapi.yaml", "x: .inf\n", "no number that JSON", id="infinity"),
    pytest.param("openapi.yaml", "? [a, b]\n: x\n", "a key must be text in line 1", id="a list as a key"),
    pytest.param("openapi.yaml", "x:\n  ? {a: b}\n  : x\n", "a key must be text in line 2", id="a mapping as a key"),
    pytest.param("openapi.yaml", "x: a\0b\n", "is not YAML", id="a NUL"),
    pytest.param("openapi.yaml", "x: !!binary aGk=\n", "tag", id="bytes"),
    pytest.param("openapi.yaml", "x: !!set {a}\n", "tag", id="a set"),
    pytest.param("openapi.yaml", "x: !!timestamp 2020-01-01\n", "tag", id="a moment"),
    pytest.param("openapi.yaml", "x: !!python/name:os.system\n", "tag", id="code"),
    pytest.param("openapi.yaml", "x: 1\n---\nx: 2\n", "is not YAML", id="two documents"),
    pytest.param("openapi.yaml", "x: {a: 1, a: 2}\n", "'a' stands twice in line 1", id="a doubled key"),
    pytest.param("openapi.yaml", "200: a\n'200': b\n", "'200' stands twice", id="a doubled key, once as a number"),
    pytest.param("book.schema.json", '{"a": 1, "b": {"c": 1, "c": 2}}', "'c' stands twice", id="a doubled JSON key"),
    pytest.param("book.schema.json", '{"a": ' + "9" * 5_000 + "}", "cannot be read", id="5,000 digits in JSON"),
    pytest.param("book.schema.json", '{"a": ' + "9" * 30 + "}", "64 bits", id="30 digits in JSON"),
    pytest.param("book.schema.json", '{"a": NaN}', "no number that JSON", id="NaN"),
    pytest.param("book.schema.json", '{"a": 1e999}', "no number that JSON", id="more than any number"),
    pytest.param("book.schema.json", '{"a": "\\ud800"}', "half a character", id="half a character"),
    pytest.param("book.schema.json", '{"\\ud800": 1}', "a key holds half a character", id="half a character as a key"),
    pytest.param("book.schema.json", "[" * 100_000, "nested deeper", id="endless brackets in JSON"),
    pytest.param("book.schema.json", "[" * 70 + "]" * 70, "nested deeper", id="deep JSON"),
    pytest.param("book.schema.json", "\ufeff{}", "is not JSON", id="a byte order mark"),
    pytest.param("readings.yaml", "- 1\n", "is not a mapping", id="a reading that is a number"),
    pytest.param("readings.yaml", "a: b\n", "is not a list", id="readings that are a mapping"),
    pytest.param(
        "readings.yaml",
        "- {id: a, about: c, reading: b}\n",
        "'alternatives'",
        id="a reading without alternatives",
    ),
    pytest.param(
        "readings.yaml",
        "- {id: a, about: b, reading: b, alternatives: {c: {says: d, actions: [{update: {}}]}}}\n",
        "'target'",
        id="an action without a target",
    ),
    pytest.param(
        "readings.yaml",
        "- {id: a, about: b, reading: b, alternatives: {c: {says: d, actions: [{target: $, remove: true}]}}}\n",
        "the whole contract",
        id="an action that removes everything",
    ),
]


@pytest.mark.parametrize(("name", "text", "problem"), BAD_TEXTS)
def test_validate_answers_any_file_with_a_sentence(toy: Path, name: str, text: str, problem: str) -> None:
    """In a process of its own: what crashed one crashed it whole."""
    (toy / "bookshop" / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    done = understudy("validate", str(toy / "bookshop"))
    assert done.returncode == 2 and done.stderr.startswith(f"bookshop/{name}#"), done.stderr
    assert problem in done.stderr and "Traceback" not in done.stderr and len(done.stderr) < 2_000


def test_keys_are_as_written_and_aliases_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("base: &base {200: {a: 1}, yes: b, null: c, 1.50: d}\nmore: {<<: *base, yes: e}\nagain: *base\n")
    base = {"200": {"a": 1}, "yes": "b", "null": "c", "1.50": "d"}
    assert load_document(file) == {"base": base, "more": {**base, "yes": "e"}, "again": base}


def test_a_large_file_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("x:\n" + "- 1\n" * (MAX_VALUES - 5))
    assert len(load_document(file)["x"]) == MAX_VALUES - 5


def test_responses_may_be_written_without_quotes(toy: Path) -> None:
    file = toy / "bookshop" / "openapi.yaml"
    file.write_text(file.read_text().replace("'200':", "200:").replace("'404':", "404:"))
    assert not problems_of(toy)


def problems_of(toy: Path) -> list[ContractError]:
    try:
        load_checked(toy / "bookshop", load_vocabulary(), {})
    except ContractErrors as error:
        return error.problems
    except ContractError as error:
        return [error]
    return []


def refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


DOUBLING = {
    f"s{n}": {"type": "object", "properties": {"a": refer(f"s{n + 1}"), "b": refer(f"s{n + 1}")}} for n in range(30)
}

LOOPS: list[Any] = [
    pytest.param({"components": {"schemas": {"a": refer("a")}}}, "circle", id="a schema that is itself"),
    pytest.param({"components": {"schemas": {"a": refer("b"), "b": refer("a")}}}, "circle", id="two in a circle"),
    pytest.param({"components": {"schemas": {"a": {"$ref": "#"}}}}, "circle", id="the whole document"),
    pytest.param({"components": {"schemas": {"a": {"$ref": "#/components"}}}}, "circle", id="what it stands in"),
    pytest.param(
        {"components": {"parameters": {"a": {"$ref": "#/components/parameters/a"}}}},
        "circle",
        id="a parameter that is itself",
    ),
    pytest.param(
        {"components": {"responses": {"A": {"$ref": "#/components/responses/A"}}}},
        "circle",
        id="a response that is itself",
    ),
    pytest.param(
        {"components": {"schemas": {**DOUBLING, "s30": {"const": 1}}}},
        "references multiply",
        id="references of references of references",
    ),
    pytest.param({"components": {"schemas": {"a": {"$ref": "a\0b.json"}}}}, "not the name of a file", id="a NUL"),
    pytest.param({"components": {"schemas": {"a": refer("nothing")}}}, "does not exist", id="nothing"),
]


@pytest.mark.parametrize(("added", "problem"), LOOPS)
def test_references_that_never_end_are_refused(toy: Path, added: dict[str, Any], problem: str) -> None:
    file = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(file.read_text())
    for kind, nodes in added["components"].items():
        document["components"].setdefault(kind, {}).update(nodes)
    file.write_text(json.dumps(document))
    started = time.monotonic()
    found = problems_of(toy)
    assert any(problem in f"{each.problem} {each.hint}" for each in found), [str(each) for each in found]
    assert all(each.file.startswith("bookshop/") for each in found)
    assert time.monotonic() - started < 60


PATTERNS = [
    pytest.param({"type": "string", "pattern": "("}, "/schema/pattern", "not a 'regex'", id="no pattern"),
    pytest.param({"type": "string", "pattern": r"(a)\1"}, "/schema/pattern", "linear time", id="a back-reference"),
    pytest.param({"anyOf": [{"pattern": "a(?=b)"}]}, "/schema/anyOf/0/pattern", "linear time", id="deep inside"),
    pytest.param({"type": "string", "pattern": 7}, "/schema/pattern", "no JSON Schema", id="a number"),
    pytest.param({"type": "string", "maxLength": "x"}, "/schema/maxLength", "no JSON Schema", id="a wrong keyword"),
]


@pytest.mark.parametrize(("schema", "pointer", "problem"), PATTERNS)
def test_a_pattern_that_could_stall_is_refused(toy: Path, schema: Any, pointer: str, problem: str) -> None:
    change_search(toy, schema)
    (found,) = problems_of(toy)
    assert found.pointer.endswith(f"/parameters/4{pointer}") and problem in found.problem


def change_search(toy: Path, schema: Any) -> None:
    """Give the bookshop's `q` another schema."""
    file = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(file.read_text())
    document["paths"]["/books"]["get"]["parameters"][4]["schema"] = schema
    file.write_text(json.dumps(document))


def test_validate_does_without_its_extra_and_says_how_to_get_it(toy: Path) -> None:
    program = "import sys; sys.modules['openapi_spec_validator'] = None; from mock_server.cli import main; main()"
    command = [sys.executable, "-c", program, "validate", str(toy / "bookshop")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert done.returncode == 0 and "bookshop: 6 operations" in done.stdout, done.stderr
    assert done.stderr.count("\n") == 1 and "pip install 'understudy[validate]'" in done.stderr
    (toy / "bookshop" / "error.schema.json").write_text("{")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert done.returncode == 2 and "is not JSON" in done.stderr
