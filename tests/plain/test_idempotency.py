"""Requests that bear an idempotency key: done once, whatever happens, and answered with the same bytes."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mock_server.engine import MockApi, PlayContext
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import PlainOptions, load_plain_contract, make_plain_api
from mock_server.state import Changes, RateLimits, open_counts
from tests.conftest import Served, Start
from tests.plain.test_writes_over_sockets import find_workers

PAYMENT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "amount"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "amount": {"type": "integer"}},
}


def shows(schema: Any, status: str, *errors: str) -> dict[str, Any]:
    return {
        status: {"description": "", "content": {"application/json": {"schema": schema}}},
        **{each: {"description": ""} for each in errors},
    }


def create(name: str, *errors: str, header: str = "", field: str = "") -> dict[str, Any]:
    keyed = {"properties": {**PAYMENT["properties"], field: {"type": "string"}}} if field else {}
    parameters = [{"name": header, "in": "header", "schema": {"type": "string"}}] if header else []
    return {
        "operationId": name,
        "x-effect": {"create": "payments"},
        "parameters": parameters,
        "requestBody": {"content": {"application/json": {"schema": {**PAYMENT, **keyed}}}},
        "responses": shows(PAYMENT, "201", *errors),
    }


ROOT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Bank", "version": "1"},
    "x-collections": {"payments": {"key": "id", "records": 3}},
    "paths": {
        "/payments": {
            "get": {"x-effect": {"list": "payments"}, "responses": shows({"type": "array", "items": PAYMENT}, "200")},
            "post": create("pay", header="Idempotency-Key"),
        },
        "/conflicts": {"post": create("pay-or-conflict", "409", header="X-Request-Idempotency-Token")},
        "/wrongs": {"post": create("pay-or-wrong", "409", "422", header="Idempotency-Key")},
        "/olds": {"post": create("pay-the-old-way", "400", header="Idempotency-Key")},
        "/bodies": {"post": create("pay-by-body", field="idempotency_key")},
        "/plain": {"post": create("pay-plainly")},
    },
}


class Client:
    """One session's client of the bank."""

    def __init__(self, folder: Path, session: str = "", mode: str = "documented") -> None:
        contract = load_plain_contract(Document("bank", ROOT, "Bank"))
        limits, options = RateLimits("bank", open_counts()), PlainOptions(idempotency=mode)
        self.changes, self.session = Changes(folder), session
        self.api: MockApi = make_plain_api(contract, "s", limits, options, self.changes)

    def pay(self, path: str, key: str, amount: int = 5, name: str = "idempotency-key", **more: Any) -> Response:
        headers = {"content-type": "application/json", **({name: key} if name else {})}
        request = Request("POST", path, "", headers, body=json.dumps({"amount": amount, **more}).encode())
        return self.ask(request)

    def ask(self, request: Request) -> Response:
        match = self.api.find(request.method, request.path)
        assert match
        return self.api.answer(match, request, PlayContext(scope=self.session))

    def count(self) -> int:
        return len(json.loads(self.ask(Request("GET", "/payments")).body))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    yield Client(tmp_path)


ROWS: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("the usual header", "/payments", "idempotency-key", {}, 422),
    ("a header of another name", "/conflicts", "x-request-idempotency-token", {}, 409),
    ("both errors are documented", "/wrongs", "idempotency-key", {}, 422),
    ("a wrong request is all that is documented", "/olds", "idempotency-key", {}, 400),
    ("a property of the body", "/bodies", "", {"idempotency_key": "k1"}, 422),
]


@pytest.mark.parametrize(("path", "header", "body", "status"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_key_repeats_the_answer(client: Client, path: str, header: str, body: dict[str, Any], status: int) -> None:
    first = client.pay(path, "k1", name=header, **body)
    assert (first.status, client.count()) == (201, 4)
    assert client.pay(path, "k1", name=header, **body) == first, "the same bytes"
    assert client.pay(path, "k1", 6, name=header, **body).status == status, "another request under the key"
    assert client.count() == 4, "nothing is created twice"
    more: dict[str, Any] = dict.fromkeys(body, "k2")
    assert client.pay(path, "k2", name=header, **more).body != first.body
    assert client.count() == 5


def test_without_a_key_each_request_is_one_of_its_own(client: Client) -> None:
    assert client.pay("/payments", "", name="").body != client.pay("/payments", "", name="").body
    assert client.pay("/plain", "k1").body != client.pay("/plain", "k1").body, "nobody documents a key there"


def test_a_switch_knows_keys_everywhere(tmp_path: Path) -> None:
    client = Client(tmp_path, mode="always")
    assert client.pay("/plain", "k1") == client.pay("/plain", "k1")
    assert client.count() == 4


def test_what_was_refused_was_not_done(client: Client) -> None:
    request = Request(
        "POST",
        "/payments",
        "",
        {"content-type": "application/json", "idempotency-key": "k1"},
        body=b"{}",
    )
    assert client.ask(request).status == 400, "no amount"
    assert client.pay("/payments", "k1").status == 201


def test_keys_are_a_session_s_and_are_forgotten_with_it(tmp_path: Path) -> None:
    ann, bob = Client(tmp_path, "~ann/1/"), Client(tmp_path, "~bob/1/")
    assert [ann.pay("/payments", "k1").status, bob.pay("/payments", "k1", 6).status] == [201, 201]
    ann.changes.forget("~ann/")
    assert [ann.pay("/payments", "k1", 7).status, bob.pay("/payments", "k1", 8).status] == [201, 422]


def test_of_many_at_once_one_is_done(tmp_path: Path) -> None:
    clients = [Client(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: clients[n % 4].pay("/payments", f"k{n // 8}"), range(32)))
    for group in range(4):
        assert len({answer.body for answer in answers[group * 8 : group * 8 + 8]}) == 1
    assert clients[0].count() == 3 + 4


@pytest.fixture(scope="module")
def served(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Served:
    document = tmp_path_factory.mktemp("bank") / "bank.json"
    document.write_text(json.dumps(ROOT))
    return start(str(document), "--workers", "3")


def post(served: Served, key: str) -> bytes:
    """The body of a payment, sent again until it is answered."""
    for _ in range(20):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        headers = {"content-type": "application/json", "idempotency-key": key}
        try:
            connection.request("POST", "/payments", b'{"amount": 1}', headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
        assert response.status == 201, body
        return body
    raise AssertionError("no answer")


def test_nothing_is_created_twice_though_workers_are_killed(served: Served) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = []
        for number in range(10):
            same = [pool.submit(post, served, f"key {number}") for _ in range(6)]
            if number in (3, 6):
                os.kill(find_workers(served)[number % 3], signal.SIGKILL)
            answers.append({each.result() for each in same})
    assert [len(each) for each in answers] == [1] * 10
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", "/payments")
    assert len(json.loads(connection.getresponse().read())) == 3 + 10
    connection.close()
