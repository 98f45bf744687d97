"""Generated requests leave through our guard alone, and what came back is what the engine and the report are given."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract_tests.transport.exchanges import Exchange
from contract_tests.transport.forwarding import LOCAL_HOST, ForwardingApp
from contract_tests.transport.guard import Refused
from contract_tests.transport.guarded_session import Sender
from contract_tests.transport.in_process import InProcessMock
from contract_tests.transport.targets import LIVE, Target
from mock_server.sessions.dispatch import MockApis
from tests.conftest import ROOT
from tests.target_server import Reply, response, scripted

SECRET = {"apiKey": {"valid": "s3cr3t-of-fatora"}}


def live(url: str) -> Target:
    return Target("fatora", LIVE, f"{url}/v1", SECRET)


def ask(
    app: ForwardingApp,
    path: str = "/v1/clients",
    query: str = "",
    method: str = "GET",
    server: tuple[str, int] = (LOCAL_HOST, 80),
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """One request as an ASGI client makes it: status, headers, body."""
    parts: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        parts.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "server": server,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver"), (b"x-case", b"7"), (b"accept-encoding", b"identity")],
    }
    asyncio.run(app(scope, receive, send))
    return parts[0]["status"], parts[0]["headers"], b"".join(part["body"] for part in parts[1:])


def forwarding(target: Target) -> ForwardingApp:
    sender = Sender(target, "/v1", {"Accept": "*/*"})
    return ForwardingApp(target, sender.forward, "X-Case", "schemathesis")


def test_a_request_goes_to_the_target_and_its_exchange_is_kept() -> None:
    with scripted(lambda head, number: response("299 Quite All Right", b"{}", x_more="1")) as server:
        app = forwarding(live(server.url))
        status, headers, body = ask(app, "/v1/clients%2F7", "page=2&a=%00")
    assert (status, body) == (299, b"{}") and (b"x-more", b"1") in headers
    assert server.heads[0].startswith("GET /v1/clients%2F7?page=2&a=%00 HTTP/1.1")
    assert "testserver" not in server.heads[0]
    (exchange,) = app.exchanges["7"]
    assert isinstance(exchange, Exchange) and exchange.url == f"{server.url}/v1/clients%2F7?page=2&a=%00"
    assert exchange.answer.reason == "Quite All Right" and exchange.check == "schemathesis"


def test_a_redirect_to_another_origin_is_refused() -> None:
    with scripted(lambda head, number: response("200 OK")) as server:
        with pytest.raises(Refused, match="another port"):
            ask(forwarding(live(server.url)), server=("127.0.0.1", 9))
        assert server.heads == []


def test_a_live_target_is_only_read() -> None:
    with scripted(lambda head, number: response("200 OK")) as server:
        with pytest.raises(Refused, match="only read"):
            ask(forwarding(live(server.url)), method="POST")
        assert server.heads == []


def test_an_encoded_body_is_handed_on_decoded_and_reported_as_it_came() -> None:
    packed = gzip.compress(b'{"a": 1}')
    with scripted(lambda head, number: response("200 OK", packed, content_encoding="gzip")) as server:
        app = forwarding(live(server.url))
        _, headers, body = ask(app)
    assert body == b'{"a": 1}' and not {b"content-encoding", b"content-length"} & {n.lower() for n, _ in headers}
    assert app.exchanges["7"][0].answer.header("content-encoding") == "gzip"


def test_the_mock_in_this_process_answers_for_its_target_only(apis: MockApis) -> None:
    contract = apis.apis["fatora"].contract
    inside = InProcessMock(contract, Target("fatora", "mock", "http://127.0.0.1:1/fatora/v1", SECRET))
    answer = inside.forward("GET", "http://127.0.0.1:1/fatora/v1/clients", {}, b"", "c").answer
    assert (answer.status, answer.reason) == (401, "Unauthorized")
    assert inside.forward("HEAD", "http://127.0.0.1:1/fatora/v1/clients", {}, b"", "c").answer.body == b""
    with pytest.raises(Refused, match=r"plays 127\.0\.0\.1:1/fatora only"):
        inside.forward("GET", "http://127.0.0.1:2/fatora/v1/clients", {}, b"", "c")


def test_nothing_reaches_a_target_that_the_report_does_not_count(tmp_path: Path) -> None:
    """The engine probes a server it knows the address of, in connections of its own; it must not know it."""

    def wrong(head: str, number: int) -> Reply:
        return response("200 OK", b'{"status": "SUCCESS", "clients": [], "total": 0}')

    with scripted(wrong) as server:
        base = ["--target", "live", "--rate", "1000", "--base-url", f"{server.url}/v1", "--no-readings"]
        subprocess.run(
            [sys.executable, "-m", "mock_server", "check", "fatora", *base, "--budget", "1000", "--report", "out"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "FATORA_API_KEY": "s3cr3t-of-fatora", "PATH": ""},
            capture_output=True,
            timeout=100,
        )
    (provider,) = json.loads((tmp_path / "out" / "report.json").read_text())["providers"]
    assert provider["matrix"]["listClients"]["schemathesis"]["calls"] >= 1
    assert len(server.heads) == provider["calls"]
