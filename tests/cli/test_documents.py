"""Plain documents on the command line: what is said of them, where they answer, what is refused."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import understudy
from tests.conftest import Served, Start
from tests.raw import Answer, send


def ask(served: Served, path: str) -> Answer:
    return send(served.port, f"GET {path}", {"host": served.url.partition("//")[2]})


def petstore(**more: Any) -> dict[str, Any]:
    pet = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    listed = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": pet}}}}}
    shown = {"200": {"description": "", "content": {"application/json": {"schema": pet}}}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    key = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": "https://pets.example/v1"}],
        "paths": {
            "/pets": {"get": {"parameters": [limit], "responses": listed}},
            "/pets/{petId}": {"get": {"parameters": [key], "responses": shown}},
        },
        **more,
    }


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "petstore.json"
    path.write_text(json.dumps(petstore(), indent=1), encoding="utf-8")
    return path


def test_a_document_answers_at_the_root_and_at_its_name(document: Path, start: Start) -> None:
    served = start(str(document))
    assert "2 operations: 1 list" in served.printed and f"curl '{served.url}/v1/pets'" in served.printed
    answers = {path: ask(served, path) for path in ("/v1/pets", "/pets", "/petstore/v1/pets", "/petstore/pets")}
    assert {answer.status for answer in answers.values()} == {200}
    assert len({answer.body for answer in answers.values()}) == 1
    assert ask(served, "/").headers["content-type"].startswith("text/html")
    assert ask(served, "/docs/petstore").status == 200
    published = json.loads(ask(served, "/openapi/petstore.json").body)
    assert published["servers"][0]["url"] == f"{served.url}/v1"


PAGES = [
    "/__console",
    "/__understudy/",
    "/__understudy/docs/shop",
    "/__understudy/assets/console.css",
    "/__admin/sessions",
]


def test_pages_of_our_own_are_found_though_a_document_has_their_paths(tmp_path: Path, start: Start) -> None:
    answer = {"200": {"description": "", "content": {"application/json": {"schema": {"enum": ["theirs"]}}}}}
    own = {path: {"get": {"responses": answer}} for path in ("/", "/docs/{id}", "/assets/{id}", "/{a}/{b}")}
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(petstore(paths=own, servers=[])), encoding="utf-8")
    served = start(str(path))
    for theirs in ("/", "/docs/shop", "/assets/console.css", "/x/y"):
        assert ask(served, theirs).body == b'"theirs"', theirs
    for ours in PAGES:
        answered = ask(served, ours)
        assert answered.status == 200 and answered.body != b'"theirs"', ours
    page = ask(served, "/__console").body.decode()
    assert 'href="/__understudy/assets/console.css"' in page and 'href="/assets' not in page
    assert ask(served, "/openapi/shop.json").status == 200, "a template is not that very path"


def test_the_console_and_verbose_say_what_was_understood_of_each_operation(document: Path, start: Start) -> None:
    served = start(str(document), "--verbose")
    page = html.unescape(ask(served, "/").body.decode())
    assert "2 operations: 1 list" in page
    reasons = re.findall(r"<summary>list</summary><p class=\"soft\">(.*?)</p>", page)
    assert len(reasons) == 1 and reasons[0] in served.printed
    assert ask(served, "/console/try/petstore/get-pets-petId").status == 200
    assert ask(served, "/console/data/petstore/pets").status == 200
    assert ask(served, "/console/readings").status == 200


def test_documents_and_contracts_are_played_side_by_side(document: Path, start: Start) -> None:
    served = start(f"animals={document}", str(document), "fatora", "--mount", "animals=/zoo")
    for path in ("/animals/pets", "/zoo/v1/pets", "/petstore/pets"):
        assert ask(served, path).status == 200, path
    assert ask(served, "/pets").status == 404
    assert ask(served, "/fatora/v1/clients").status == 401


def test_a_document_comes_from_standard_input(document: Path) -> None:
    done = understudy("validate", "-", given=document.read_bytes())
    assert done.stdout.startswith("Pets: 2 operations: 1 list"), done.stderr


def test_validate_prints_every_warning_with_its_line(document: Path) -> None:
    wrong = petstore(components={"schemas": {"A": {"$ref": "other.json"}, "B": {"pattern": "("}}})
    media = wrong["paths"]["/pets/{petId}"]["get"]["responses"]["200"]["content"]["application/json"]
    media["example"] = {"id": "seven"}
    del wrong["info"]
    document.write_text(json.dumps(wrong, indent=1), encoding="utf-8")
    done = understudy("validate", str(document))
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and lines[-1].endswith("; 4 warnings")
    text = document.read_text().splitlines()
    places = {line.split("#")[0].rpartition(":")[2]: line for line in lines[:-1]}
    for number, line in places.items():
        assert line.startswith(f"{document}:")
        assert any(word in text[int(number) - 1] for word in ("{", "$ref", "example", "pattern")), line
    assert understudy("validate", str(document), "--strict").returncode == 2


def test_names_in_a_document_steer_no_terminal(document: Path, start: Start) -> None:
    wrong = petstore(info={"title": "\x1b[2J[red]\nmine", "version": "1"})
    wrong["paths"]["no\x1b[2J"] = {}
    document.write_text(json.dumps(wrong), encoding="utf-8")
    served = start(str(document))
    assert "\x1b[2J" not in served.printed and "\\x1b[2J[red]\\x0amine" in served.printed
    for arguments in (("validate",), ("validate", "--strict"), ("serve", "--strict")):
        done = understudy(*arguments, str(document))
        said = done.stdout + done.stderr
        assert "\x1b" not in said and "/paths/no\\x1b[2J: a path begins with /" in said


def test_env_and_infer_take_a_document(document: Path) -> None:
    assert "PETSTORE_BASE_URL='http://127.0.0.1:8080/petstore/v1'" in understudy("env", str(document)).stdout
    assert "x-effect" in understudy("infer", str(document.parent)).stdout
    refused = understudy("infer", "schemas")
    assert refused.returncode == 2 and "schemas holds 0 plain documents; name one file." in refused.stderr


def test_an_overlay_beside_the_document_is_laid_over_it(document: Path, start: Start) -> None:
    action = {"target": "$['x-collections'].pets", "update": {"records": 3}}
    overlay = {"overlay": "1.0.0", "info": {"title": "mine", "version": "1"}, "actions": [action]}
    document.with_name("petstore.overlay.json").write_text(json.dumps(overlay), encoding="utf-8")
    served = start(str(document))
    assert "petstore.overlay.json" in served.printed
    assert len(json.loads(ask(served, "/pets").body)) == 3


def test_a_folder_of_documents_is_played_whole(document: Path, start: Start) -> None:
    (document.parent / "shop.yaml").write_text("swagger: '2.0'\npaths: {/a: {get: {responses: {204: {}}}}}", "utf-8")
    (document.parent / "notes.yaml").write_text("a: 1", encoding="utf-8")
    served = start(str(document.parent))
    assert ask(served, "/petstore/pets").status == 200 and ask(served, "/shop/a").status == 204


REFUSED = [
    ("NAME=missing.yaml", "missing.yaml#: there is no such file"),
    ("missing.yaml", "There is no file or folder missing.yaml."),
    ("docs=FILE", "A provider cannot be called 'docs'"),
    ("http://127.0.0.1:9/openapi.json", "cannot be read: [Errno 111] Connection refused."),
    ("fatra", "There is no provider 'fatra'; did you mean fatora?"),
]


@pytest.mark.parametrize(("word", "said"), REFUSED)
def test_what_cannot_be_played_is_refused_in_a_sentence(word: str, said: str, document: Path) -> None:
    done = understudy("serve", word.replace("FILE", str(document)))
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr, done.stderr
