"""Schemathesis over a provider: its engine's checks as findings, its exchanges among ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core import SCHEMATHESIS_TEST_CASE_HEADER
from schemathesis.engine import Status, events, from_schema
from schemathesis.schemas import BaseSchema

from contract_tests.checks.failures import explain
from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.records import knows_record, ready_values
from contract_tests.transport import Exchange, ForwardingApp, InProcessMock, required_headers
from mock_server import __version__
from mock_server.contract import Operation, Scheme

MAX_EXAMPLES = 25
"""Generated cases an operation in each mode; the coverage phase adds its own, which do not depend on chance."""


RUN_SECONDS = 120
"""For one request: a session of ours has a timeout of its own, and waits for its turn and for `Retry-After`."""

_GENERATION = {"deterministic": True, "database": "none"}


def load_schema(
    document: dict[str, Any],
    schemes: tuple[Scheme, ...],
    credentials: dict[str, str],
    app: Any,
    profile: dict[str, Any],
) -> BaseSchema:
    """A contract as Schemathesis takes it: the same cases each time, answered by an ASGI or WSGI application."""
    known = {s.name: {"bearer" if s.prefix else "api_key": credentials[s.name]} for s in schemes}
    settings = {
        "seed": 1,
        **({"auth": {"openapi": known}} if known else {}),
        # Literals of the mock's own source must not steer what is sent.
        "analysis": {"constants": {"enabled": False}},
        "request-timeout": RUN_SECONDS,
        # A redirect is an answer: who follows it may carry a credential elsewhere.
        "max-redirects": 0,
        **profile,
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(settings))
    schema.app = app
    return schema


def _profile(context: CheckContext) -> dict[str, Any]:
    """All phases, both modes, every check for a mock; boundary values of valid reads for a live target."""
    # As our own requests: a client without a name of its own, that takes a body as it is.
    headers = {"headers": {"User-Agent": f"understudy/{__version__}", "Accept-Encoding": "identity"}}
    if not context.target.is_live:
        return {**headers, "generation": {**_GENERATION, "mode": "all", "max-examples": MAX_EXAMPLES}}
    off = {"enabled": False}
    return {
        **headers,
        "generation": {**_GENERATION, "mode": "positive"},
        "phases": {
            "examples": off,
            "fuzzing": off,
            "stateful": off,
            "coverage": {"unexpected-methods": []},
        },
        # It would probe twice after an answer; `errors` has asked without and with a wrong credential already.
        "checks": {"ignored_auth": off},
        # Records are asked for by keys that the target has: made-up ones would be refusals and no answers.
        "parameters": {
            **{f"path.{n}": v for o in context.contract.operations for n, v in ready_values(context, o).items()},
            # A required header without a list of its values would be sent empty.
            **{f"header.{n}": v for o in context.contract.operations for n, v in required_headers(o).items()},
        },
    }


def check_conformance(
    context: CheckContext,
    operations: list[Operation],
    in_process: bool = False,
) -> Iterator[Finding]:
    """Run Schemathesis over the provider's operations and yield a finding for each failure it tells.

    In process the mock answers without a socket: the same cases, sooner.
    """
    yield from _run(context, operations, _profile(context), in_process)
    for operation in operations:
        yield from _reached(context, operation)


def check_written(context: CheckContext, in_process: bool = False) -> Iterator[Finding]:
    """Run Schemathesis over a mock's writes: each by itself, then in chains along the links of what creates them.

    In these chains a record that was deleted must be gone, and one that was created must be there.
    """
    profile, off = _profile(context), {"enabled": False}
    yield from _run(context, list(context.writes), {**profile, "phases": {"stateful": off}}, in_process)
    written = {operation.collection for operation in context.writes}
    chained = [o for o in (*context.operations, *context.writes) if o.collection in written]
    alone = {"examples": off, "coverage": off, "fuzzing": off}
    yield from _run(context, chained, {**profile, "phases": alone}, in_process)


def _run(
    context: CheckContext,
    operations: list[Operation],
    profile: dict[str, Any],
    in_process: bool,
) -> Iterator[Finding]:
    credentials = {name: states["valid"] for name, states in context.target.credentials.items()}
    # A path and no host: with an address of its own the engine would open connections past the guard.
    document = {**context.contract.document, "servers": [{"url": urlsplit(context.target.base_url).path or "/"}]}
    inside = InProcessMock(context.contract, context.target) if in_process else context.sender
    app = ForwardingApp(context.target, inside.forward, SCHEMATHESIS_TEST_CASE_HEADER, "schemathesis")
    schema = load_schema(document, context.contract.schemes, credentials, app, profile)
    schema = schema.include(operation_id=[operation.id for operation in operations])
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            yield from _findings(context, operations, event.recorder, app.exchanges)
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            context.sender.require_open()
            yield from _errors(context, operations, event)


def _reached(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A run in which nothing was answered with success passes every check and proves nothing."""
    mine = [e for e in context.sender.exchanges if (e.operation, e.check) == (operation.id, "schemathesis")]
    if mine and knows_record(context, operation) and not any(200 <= exchange.answer.status < 300 for exchange in mine):
        yield context.finding(
            operation,
            "schemathesis.reached",
            "",
            "No generated request was answered with success",
            operation.success.status,
            sorted({exchange.answer.status for exchange in mine}),
            context.of_reply(operation.success),
            mine[0],
        )


def _by_label(context: CheckContext, operations: list[Operation]) -> dict[str, Operation]:
    """Operations by the name that Schemathesis gives them: the method and the path as the document has it."""
    paths = {o.id: o.pointer.split("/")[2].replace("~1", "/").replace("~0", "~") for o in operations}
    return {f"{o.method} {paths[o.id]}": o for o in operations}


def _findings(
    context: CheckContext,
    operations: list[Operation],
    recorder: Any,
    exchanges: dict[str, list[Exchange]],
) -> Iterator[Finding]:
    labels = _by_label(context, operations)
    sent = {}
    for case_id, case in recorder.cases.items():
        label = case.value.operation.label
        for exchange in exchanges.pop(case_id, ()) if label in labels else ():
            sent[case_id] = context.sender.assign(exchange, labels[label].id)
    for case_id, nodes in recorder.checks.items():
        for node in nodes:
            if node.status == Status.FAILURE:
                failure = node.failure_info.failure
                operation = labels.get(failure.operation or "", operations[0])
                yield _finding(context, operation, node.name, failure, sent.get(failure.case_id or case_id))


def _finding(
    context: CheckContext,
    operation: Operation,
    check: str,
    failure: Any,
    exchange: Exchange | None,
) -> Finding:
    place, evidence = explain(context, operation, check, failure, exchange)
    return context.finding(
        operation,
        f"schemathesis.{check}",
        place,
        str(failure.title),
        "as the contract says",
        str(failure.message).strip() or "not",
        evidence,
        exchange,
    )


def _errors(context: CheckContext, operations: list[Operation], event: Any) -> Iterator[Finding]:
    error = getattr(event, "value", None) or getattr(event, "exception", event)
    yield context.finding(
        operations[0],
        "schemathesis.run",
        "",
        "Schemathesis could not finish",
        "a whole run",
        str(error)[:500],
    )
