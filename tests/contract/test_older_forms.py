"""A contract written in OpenAPI 3.0 or Swagger 2.0 plays as its own form of 3.1 does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.contract.documents import load_bundle
from mock_server.contract.loader import load_contract
from mock_server.errors import ContractErrors
from mock_server.messages import Request
from mock_server.sessions import Settings, load_contracts
from mock_server.sessions.factory import load_vocabulary
from mock_server.sessions.setup import Setup, make_session_apis


def as_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """The bookshop as its author would have written it in OpenAPI 3.0."""
    schema = document["paths"]["/books"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema["properties"]["next"] = {"type": "string", "nullable": True, "x-page": "next_url"}
    return {**document, "openapi": "3.0.3"}


def as_2_0(document: dict[str, Any]) -> dict[str, Any]:
    """And in Swagger 2.0: shared parts at the top, schemas without content, keywords of a parameter in it."""
    schema = document["paths"]["/books"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema["properties"]["next"] = {"type": "string", "x-nullable": True, "x-page": "next_url"}
    for item in document["paths"].values():
        operation = item["get"]
        operation["parameters"] = [{**p, **p.pop("schema")} for p in operation["parameters"]]
        operation["responses"] = {int(status): _flat(r) for status, r in operation["responses"].items()}
    shared = document["components"]["responses"]
    return {
        "swagger": "2.0",
        "info": document["info"],
        "host": "api.bookshop.example",
        "basePath": "/v2",
        "schemes": ["https"],
        "security": document["security"],
        "paths": document["paths"],
        "responses": {name: _flat(response) for name, response in shared.items()},
        "securityDefinitions": {
            "key": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "x-credentials": {"valid": ["Bearer bookshop-test"], "expired": ["Bearer bookshop-expired"]},
            },
        },
    }


def _flat(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in response:
        return {"$ref": response["$ref"].replace("#/components/responses/", "#/responses/")}
    flat = {key: value for key, value in response.items() if key != "content"}
    return {**flat, "schema": response["content"]["application/json"]["schema"]}


@pytest.fixture(params=[as_3_0, as_2_0], ids=["OpenAPI 3.0", "Swagger 2.0"])
def older(request: pytest.FixtureRequest, toy: Path, tmp_path: Path) -> Path:
    """A folder of contracts with the bookshop in an older form."""
    folder = tmp_path / "older" / "bookshop"
    folder.mkdir(parents=True)
    for path in (toy / "bookshop").glob("*.json"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    document = yaml.safe_load((toy / "bookshop" / "openapi.yaml").read_text(encoding="utf-8"))
    (folder / "openapi.yaml").write_text(yaml.safe_dump(request.param(document), sort_keys=False), encoding="utf-8")
    return folder.parent


REQUESTS = ["/books", "/books?size=3&page=2", "/books?language=fr", "/books?page=0", "/books/102", "/books/1"]


@pytest.mark.parametrize("path", REQUESTS)
def test_a_contract_in_an_older_form_plays_the_same(
    path: str,
    older: Path,
    toy: Path,
    cache: Path,
    tmp_path: Path,
) -> None:
    answers = []
    for folder in (toy, older):
        settings = Settings(schemas=folder, cache=cache)
        apis = make_session_apis(Setup(load_contracts(settings), settings, {}, tmp_path))
        url, _, query = f"/bookshop/v2{path}".partition("?")
        answer = apis.answer(Request("GET", url, query, {"authorization": "Bearer bookshop-test"}))
        assert answer
        answers.append((answer.status, answer.headers, answer.body))
    assert answers[0] == answers[1]


def test_a_problem_of_an_older_document_names_its_own_place(older: Path) -> None:
    path = older / "bookshop" / "openapi.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("x-page: number", "x-page: numbr"), encoding="utf-8")
    with pytest.raises(ContractErrors) as caught:
        load_contract(older / "bookshop", load_vocabulary())
    written = load_bundle(older / "bookshop").original
    places = [problem.pointer for problem in caught.value.problems]
    assert places and all(_stands_in(written, place) for place in places), places


def _stands_in(document: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return bool(json.dumps(document, default=str))
