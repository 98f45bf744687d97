"""Schemathesis over a plain document, in process: every check, generated requests and boundary values, what failed.

The requests of a document are the same in every run. Nothing is sent: the mock API answers an ASGI application.
"""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import SchemathesisError
from schemathesis.engine import Status, events, from_schema

from mock_server.engine import MockApi
from mock_server.inference import annotate
from mock_server.messages import Request, Response, decode_path
from mock_server.openapi import read_document
from mock_server.plain import PlainOptions, load_plain_contract, make_plain_api
from mock_server.state import RateLimits, open_counts

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MAX_EXAMPLES = 15
"""Generated requests an operation in each mode; the boundary values are beside them."""

OFF = {"enabled": False}


class Failure(NamedTuple):
    """One thing that a check of Schemathesis disapproves of: `GET /pets`, the check, its words, the media type sent."""

    operation: str
    check: str
    words: str
    media_type: str = ""


class Run(NamedTuple):
    """What came of one document: failures once each, how many requests were sent, and what was answered (2, 4, 5)."""

    failures: tuple[Failure, ...]
    answers: Mapping[int, int]
    is_whole: bool
    problem: str = ""

    @property
    def requests(self) -> int:
        """How many were sent."""
        return sum(self.answers.values())


class DocumentApp:
    """An ASGI application that answers with a mock API, and counts the answers by the first digit of their status."""

    def __init__(self, api: MockApi) -> None:
        self.api = api
        self.answers: Counter[int] = Counter()

    def answer(self, request: Request) -> Response:
        """The answer to a request, whether anything documented matches or not."""
        match = self.api.find(request.method, request.path)
        response = self.api.answer(match, request) if match else self.api.answer_unmatched(request)
        self.answers[response.status // 100] += 1
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        response = self.answer(Request(scope["method"], decode_path(path), query, headers, body=body))
        pairs = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers]
        await send({"type": "http.response.start", "status": response.status, "headers": pairs})
        content = b"" if scope["method"] == "HEAD" else response.body
        await send({"type": "http.response.body", "body": content})


def load_app(path: Path) -> DocumentApp:
    """A document, understood and ready to play; only listed credentials are accepted."""
    document, _ = annotate(read_document(path))
    contract = load_plain_contract(document)
    return DocumentApp(make_plain_api(contract, "1", RateLimits("", open_counts()), PlainOptions(credentials="listed")))


def ask_document(path: Path, max_examples: int = MAX_EXAMPLES, seconds: float = 0, operations: int = 0) -> Run:
    """Every generated request to a document in a file, and what of the answers failed a check.

    With `operations` only so many are asked, spread evenly; after `seconds` no further scenario is begun. What
    Schemathesis cannot read or finish is the run's `problem`.
    """
    app = load_app(path)
    failures: dict[tuple[str, str, str], Failure] = {}
    end = time.monotonic() + seconds if seconds else float("inf")
    try:
        schema = _load_schema(path, app, max_examples)
        if operations:
            schema = schema.include(func=_choose(app, operations))
        engine = from_schema(schema).execute()
        for event in engine:
            for failure in _find_failures(event):
                failures.setdefault((failure.operation, failure.check, failure.words), failure)
            if time.monotonic() > end:
                engine.stop()
                break
        return Run(tuple(failures.values()), app.answers, time.monotonic() <= end)
    except SchemathesisError as error:
        return Run(tuple(failures.values()), app.answers, False, str(error).splitlines()[0])


def _choose(app: DocumentApp, most: int) -> Callable[[Any], bool]:
    """A choice of so many operations of a document, evenly from first to last."""
    names = [
        f"{each.method} {each.path.removeprefix(app.api.contract.base_path)}" for each in app.api.contract.operations
    ]
    step = max(1, -(-len(names) // most))
    chosen = set(names[::step])
    return lambda context: context.operation.label in chosen


def _load_schema(path: Path, app: DocumentApp, max_examples: int) -> Any:
    """The document as Schemathesis takes it: as it is written, the same requests each time, no state between them."""
    generation = {"deterministic": True, "database": "none", "mode": "all", "max-examples": max_examples}
    settings = {
        "seed": 1,
        "workers": 1,
        "continue-on-failure": True,
        **({"auth": {"openapi": credentials}} if (credentials := _find_credentials(app)) else {}),
        "analysis": {"constants": {"enabled": False}},
        "generation": generation,
        "phases": {"stateful": OFF},
        "max-redirects": 0,
    }
    schema = schemathesis.openapi.from_path(path, config=SchemathesisConfig.from_dict(settings))
    schema.app = app
    return schema


def _find_credentials(app: DocumentApp) -> dict[str, Any]:
    """A credential that the mock lists for each scheme, as Schemathesis takes it."""
    credentials: dict[str, Any] = {}
    for scheme in app.api.contract.schemes:
        value = scheme.values["valid"][0]
        if scheme.prefix == "basic ":
            user, _, password = base64.b64decode(value).decode().partition(":")
            credentials[scheme.name] = {"username": user, "password": password}
        else:
            credentials[scheme.name] = {"bearer" if scheme.prefix else "api_key": value}
    return credentials


def _find_failures(event: Any) -> Iterator[Failure]:
    """The failures of a scenario, and what kept it from being finished."""
    if isinstance(event, events.ScenarioFinished):
        for case_id, nodes in event.recorder.checks.items():
            case = event.recorder.cases.get(case_id)
            sent = str(case.value.media_type or "") if case else ""
            for node in nodes:
                if node.status == Status.FAILURE and node.failure_info:
                    failure = node.failure_info.failure
                    words = f"{failure.title}: {failure.message}".strip()
                    yield Failure(failure.operation or "", node.name, words, sent)
    elif isinstance(event, (events.NonFatalError, events.FatalError)):
        error = getattr(event, "value", None) or getattr(event, "exception", event)
        yield Failure(getattr(event, "label", ""), "run", str(error).strip())
