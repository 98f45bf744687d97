"""A mock of a small document that writes, and how its answers are spoilt: each fault has records of its own."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contract_tests.outcomes import Outcome
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport import Target
from mock_server.contract import load_document
from mock_server.engine import MockApi
from mock_server.inference import annotate
from mock_server.messages import Request, Response
from mock_server.openapi import Document
from mock_server.plain import PlainContract, load_plain_contract, make_checkable, make_plain_api
from mock_server.state import RateLimits, open_counts, open_state

DOCUMENTS = ("books", "members", "stores")
"""What is played, each a file beside this one: a record's whole life; requests that must be refused; records below others."""

CHECKS = frozenset({"create", "replace", "patch", "repeats", "conflicts", "delete", "status", "schema", "headers"})

JSON = {"content-type": "application/json"}
COLLECTION = "/v1/books"


def find_document(name: str) -> Path:
    """The file of a document."""
    return Path(__file__).with_name(f"{name}.yaml")


@functools.cache
def load(name: str) -> PlainContract:
    """The contract of a document."""
    return load_plain_contract(annotate(Document(name, load_document(find_document(name)), name.title()))[0])


@dataclass
class WrittenMock:
    """A mock whose records can be written; `kept` is what a fault keeps, by what it likes."""

    api: MockApi
    kept: dict[str, Any] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        """The clean mock's answer."""
        match = self.api.find(request.method, request.path)
        return self.api.answer(match, request) if match else self.api.answer_unmatched(request)

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> Response:
        """The clean mock's answer to a request of a fault's own."""
        media = "application/merge-patch+json" if method == "PATCH" else "application/json"
        sent = b"" if body is None else json.dumps(body).encode()
        return self.answer(Request(method, path, query, {"content-type": media}, "http://mock", "", body=sent))

    def find(self, path: str) -> dict[str, Any] | None:
        """The record at a path, or None."""
        response = self.ask("GET", path)
        return json.loads(response.body) if response.status == 200 else None


def with_body(response: Response, body: Any) -> Response:
    """A response with another JSON body."""
    return response._replace(body=json.dumps(body).encode())


Spoil = Callable[[WrittenMock, Request], Response]


def make_mock(folder: Path, seed: str, document: str = "books") -> WrittenMock:
    """A mock with records of its own, whose changes are kept in a folder."""
    changes = open_state(folder).changes
    return WrittenMock(make_plain_api(load(document), seed, RateLimits(document, open_counts()), changes=changes))


@contextmanager
def serving(mock: WrittenMock, spoil: Spoil) -> Iterator[str]:
    """The mock on a socket, each answer spoilt; its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one go: else each answer waits for the client's acknowledgement.
        wbufsize = 65_536

        def _reply(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            base = f"http://{self.headers['host']}"
            response = spoil(mock, Request(self.command, unquote(path), query, headers, base, "", body=body))
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            if response.status not in (204, 304):
                self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._reply
            raise AttributeError(name)

        def log_message(self, *arguments: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def check(base: str, only: frozenset[str] = CHECKS, document: str = "books", **target: Any) -> Outcome:
    """The harness against a mock that may be spoilt."""
    contract = make_checkable(load(document))
    options = RunOptions(schemathesis=False, only=only)
    return run_provider(contract, Target(document, target.pop("kind", "mock"), base, {}, **target), options)
