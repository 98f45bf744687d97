"""Documents that mean harm, or that no person wrote: a sentence, or an answer in bounds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli.terminal import as_line
from mock_server.errors import ContractError
from mock_server.messages import Request
from mock_server.openapi import Document, Source, read_document
from mock_server.sessions import Settings, load_contracts, make_apis
from tests.openapi.test_reader import MINIMAL, read, write

PATIENCE_SECONDS = 90.0
"""Far above what any of them takes, and far below what none of them may."""


@pytest.fixture(autouse=True)
def no_document_takes_long() -> Any:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < PATIENCE_SECONDS


def play(path: Path, url: str) -> tuple[int, bytes]:
    """What a document at a path of its own answers."""
    settings = Settings(providers=(str(path),))
    answer = make_apis(load_contracts(settings), settings).answer(Request("GET", url, "", {}))
    assert answer
    return answer.status, answer.body


def nested(depth: int, way: str) -> Any:
    node: Any = {"type": "string"}
    for _ in range(depth):
        node = {way: [node] if way == "allOf" else {"a": node} if way == "properties" else node}
    return node


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi")
)
TOO_MUCH = [
    pytest.param("openapi: 3.1.0\n" + BOMB, "holds more than 5,000,000 values", id="an alias bomb"),
    pytest.param("openapi: 3.1.0\na: &a [*a]", "stands for nothing, or for itself", id="an alias of itself"),
    pytest.param('{"openapi": ' + "[" * 10_000 + "]" * 10_000 + "}", "nested deeper than 512", id="brackets of JSON"),
    pytest.param("openapi: " + "[" * 10_000, "nested deeper than 512", id="brackets of YAML"),
    pytest.param("openapi: " + "[" * 200_000, "nested deeper than 512", id="very many of them"),
    pytest.param("- " * 10_000 + "a", "nested deeper than 512", id="lists in lists"),
    pytest.param('{"openapi": [' + "1," * 5_000_001 + "1]}", "holds more than 5,000,000 values", id="endless lists"),
    pytest.param("? [a, b]\n: c", "a key must be text", id="a list as a key"),
    pytest.param("openapi: !!python/object/apply:os.system ['true']\n- a", "is not YAML", id="code, and wrong besides"),
]


@pytest.mark.parametrize(("text", "said"), TOO_MUCH)
def test_what_is_too_much_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        read(text)
    assert said in str(caught.value) and len(str(caught.value)) < 300


def test_a_tag_runs_no_code(tmp_path: Path) -> None:
    document = read(f"openapi: 3.1.0\npaths: {{}}\nx-a: !!python/object/apply:os.mkdir ['{tmp_path}/made']")
    assert document.root["x-a"] == [f"{tmp_path}/made"] and not (tmp_path / "made").exists()


def test_no_reference_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"const": "secret"}', encoding="utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.json").symlink_to(tmp_path / "secret.json")
    leads = ["../secret.json", "%2e%2e/secret.json", "link.json", str(tmp_path / "secret.json"), "a/../../secret.json"]
    leads += [
        f"file://{tmp_path}/secret.json",
        "http://127.0.0.1:9/secret.json",
        "//127.0.0.1/secret.json",
        "\x00.json",
    ]
    schemas = {f"S{number}": {"$ref": lead} for number, lead in enumerate(leads)}
    document = read_document(write(tmp_path / "in", api_json={**MINIMAL, "components": {"schemas": schemas}}))
    assert all(node == {} for node in document.root["components"]["schemas"].values())
    assert '"const"' not in json.dumps(document.root) and len(document.warnings) == len(leads)


def test_a_document_that_is_no_file_refers_to_none() -> None:
    document = read_document(Source(json.dumps({**MINIMAL, "x": 1, "components": {"$ref": "pet.json"}}).encode(), "-"))
    assert "refers to no files" in str(document.warnings[0])


CYCLES: list[dict[str, Any]] = [
    {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
    {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}},
    {"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}},
    {"A": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/A"}}},
    {"A": {"required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/A"}}}},
    {"A": {"$ref": "#/components/schemas/A/properties/b", "properties": {"b": {"$ref": "#/components/schemas/A"}}}},
    {"A": {"not": {"$ref": "#/components/schemas/A"}}},
    {"A": {"$ref": "#/paths/~1a/get/responses/200/content/application~1json/schema"}},
    {"A": {"$ref": "#"}},
]


@pytest.mark.parametrize("schemas", CYCLES, ids=[json.dumps(each)[:60] for each in CYCLES])
def test_a_circle_of_references_is_answered(schemas: dict[str, Any], tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    path = {"get": {"responses": {"200": {"description": "", **body}}}}
    written = {**MINIMAL, "paths": {"/a": path}, "components": {"schemas": schemas}}
    status, answered = play(write(tmp_path, circles_json=written), "/a")
    assert status == 200 and len(answered) < 1_000_000
    json.loads(answered)


def test_circles_of_files_and_path_items_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        api_json={
            **MINIMAL,
            "paths": {"/a": {"$ref": "b.json"}, "/b": {"$ref": "#/paths/~1b"}, "/c": {"$ref": "#/paths"}},
        },
        b_json={"$ref": "c.json"},
        c_json={"$ref": "b.json"},
    )
    assert read_document(path).operations == ()


@pytest.mark.parametrize("way", ["properties", "items", "allOf", "not"])
@pytest.mark.parametrize("version", ["2.0", "3.0.0", "3.1.0"])
def test_deep_schemas_are_read(way: str, version: str) -> None:
    depth = 200 if way in ("properties", "allOf") else 450
    schema = {"A": nested(depth, way)}
    older = {"swagger": "2.0", "paths": {}, "definitions": schema}
    document = read(older if version == "2.0" else {**MINIMAL, "openapi": version, "components": {"schemas": schema}})
    assert "A" in document.root["components"]["schemas"]


def test_a_hundred_thousand_operations_are_played(tmp_path: Path) -> None:
    operation = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {"const": 1}}}}}}
    paths = {f"/things/{number}/parts": {"get": operation, "delete": operation} for number in range(50_000)}
    path = write(tmp_path, many_json={**MINIMAL, "paths": paths})
    settings = Settings(providers=(str(path),))
    contracts = load_contracts(settings)
    assert len(contracts["many"].operations) == 100_000
    answer = make_apis(contracts, settings).answer(Request("GET", "/things/49999/parts", "", {}))
    assert answer and answer.status == 200


NUMBERS = [("9" * 4_000, float), ("-" + "9" * 4_000, float), ("1e400", float), ("18446744073709551616", float)]


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize(("digits", "kind"), NUMBERS, ids=["4,000 digits", "and negative", "1e400", "2^64"])
def test_numbers_that_nobody_can_read_are_the_nearest_ones(digits: str, kind: type, form: str) -> None:
    text = f'{{"openapi": "3.1.0", "paths": {{}}, "x-a": {digits}}}'
    document = read(text if form == "json" else f"openapi: 3.1.0\npaths: {{}}\nx-a: {digits}")
    json.dumps(document.root, allow_nan=False)
    assert isinstance(document.root["x-a"], kind | str)


NAMES = ["[red]a[/]", "a\nb", "\x1b[31ma", "a\u202eb", "\r\x07"]


@pytest.mark.parametrize("name", NAMES, ids=[repr(name) for name in NAMES])
def test_names_cannot_steer_a_terminal(name: str) -> None:
    document = read(
        {**MINIMAL, "info": {"title": name, "version": "1"}, "paths": {f"/{name}": {"get": 5}}},
        file=f"{name}.json",
    )
    assert document.name.isascii() and document.name.replace("-", "").isalnum()
    for text in (document.title, *map(str, document.warnings)):
        assert all(sign.isprintable() for sign in as_line(text))


def test_half_a_character_is_none(tmp_path: Path) -> None:
    text = '{"openapi": "3.1.0", "paths": {}, "info": {"title": "a\\ud83d", "version": "1"}, "x-\\udc00": 1}'
    document: Document = read(text)
    json.dumps(document.root, ensure_ascii=False).encode("utf-8")


def test_bytes_that_are_no_text_are_said() -> None:
    document = read(b'openapi: 3.1.0\npaths: {}\ninfo: {version: 1, title: "caf\xe9"}')
    assert (
        document.title == "caf\ufffd" and "is not UTF-8" in str(document.warnings[0]) and document.warnings[0].line == 3
    )
