"""Every documented error that a reader can provoke: its status, body and headers are the documented ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from contract_tests.checks.context import CheckContext
from contract_tests.checks.listing import find_roles
from contract_tests.checks.records import ready_values
from contract_tests.findings import Evidence, Finding, find_evidence
from mock_server.contract import Operation, Parameter, Reply, find_pointer
from mock_server.engine import CREDENTIAL_STATES, compile_inputs
from mock_server.errors import ApiError

MAX_BAD_LIVE = 2
"""Wrong parameters that a live target is tried with in one operation."""


class Cause(NamedTuple):
    """A request that is documented to fail: which rule it proves, the reply it should get, and how it is sent."""

    rule: str
    reply: Reply
    sent: dict[str, Any]
    what: str


def check_errors(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """No credential, a wrong one, a wrong parameter, an excluding Accept, a wrong method: refused as documented."""
    for cause in find_causes(context, operation):
        exchange = context.send(operation, "errors", reply=cause.reply, **cause.sent)
        answer, reply = exchange.answer, cause.reply
        if answer.status < 400 <= reply.status:
            yield context.finding(
                operation,
                cause.rule,
                "",
                f"{cause.what} is answered with success",
                reply.status,
                answer.status,
                context.of_reply(reply),
                exchange,
            )
        elif answer.status == reply.status:
            yield from _words(context, operation, cause, exchange)
        if reply.reason and answer.status == reply.status and answer.reason != reply.reason:
            yield context.finding(
                operation,
                "errors.body",
                "reason phrase",
                f"Another reason phrase than documented for {reply.status}",
                reply.reason,
                answer.reason,
                context.of_reply(reply),
                exchange,
            )
        if reply.kind == "method_not_allowed" and answer.status == reply.status:
            yield from _allow(context, operation, exchange)


def find_causes(context: CheckContext, operation: Operation) -> Iterator[Cause]:
    """The requests that provoke each documented error a reader can provoke."""
    ready = _ready(context, operation)
    errors = operation.errors
    if operation.security and "unauthenticated" in errors:
        for rule, state, what in _REFUSED:
            yield Cause(rule, errors["unauthenticated"], {**ready, "credential": state}, what)
    yield from _states(context, operation, ready)
    if "not_acceptable" in errors:
        sent = {**ready, "headers": {"Accept": "image/png"}}
        yield Cause("errors.accept", errors["not_acceptable"], sent, "An Accept header that excludes the answer")
    if "invalid" in errors:
        yield from _bad_parameters(context, operation, ready)
    # DELETE is no read: a live target that does not keep its contract might obey.
    if not context.target.is_live:
        reply = errors.get("method_not_allowed") or context.contract.errors["method_not_allowed"]
        yield Cause("errors.method", reply, {**ready, "method": "DELETE"}, "A method that is not documented")


_REFUSED = (
    ("errors.credential", "none", "A request without credential"),
    ("errors.credential", "wrong", "A wrong credential"),
)


def _ready(context: CheckContext, operation: Operation) -> dict[str, Any]:
    """What a request of this operation needs to be right but for the one wrong thing."""
    return {"path_values": ready_values(context, operation)}


def _states(context: CheckContext, operation: Operation, ready: dict[str, Any]) -> Iterator[Cause]:
    """Credentials that are known and not valid: expired, inactive."""
    for state, kind in CREDENTIAL_STATES.items():
        given = all(state in context.target.credentials[s.name] for s in (operation.security or ((),))[0])
        if kind and kind in operation.errors and operation.security and given:
            yield Cause(
                "errors.credential",
                operation.errors[kind],
                {**ready, "credential": state},
                f"An {state} credential",
            )


def _bad_parameters(context: CheckContext, operation: Operation, ready: dict[str, Any]) -> Iterator[Cause]:
    """Values that the contract refuses, by the mock's own reading of it."""
    count = 0
    for parameter in operation.parameters:
        value = find_bad_value(context, operation, parameter)
        if value is None or (context.target.is_live and count >= MAX_BAD_LIVE):
            continue
        count += 1
        in_path = parameter.where == "path"
        values = {**ready["path_values"], parameter.name: value}
        sent = {**ready, **({"path_values": values} if in_path else {"query": {parameter.name: value}})}
        what = f"A wrong {parameter.name} ({value})"
        yield Cause("errors.parameter", operation.errors["invalid"], sent, what)


def find_bad_value(context: CheckContext, operation: Operation, parameter: Parameter) -> str | None:
    """A value of the parameter that the contract refuses, or None where it takes everything."""
    read = compile_inputs(operation, "query" in context.contract.ignore_case)
    keys = {p.name: "1" for p in operation.parameters if p.where == "path"}
    for value in _wrong_values(parameter):
        in_path = parameter.where == "path"
        # The mock's own reader decides what is wrong: what it takes, no target can be blamed for taking.
        try:
            read("" if in_path else f"{parameter.name}={value}", {**keys, parameter.name: value} if in_path else keys)
        except ApiError as error:
            if error.kind == "invalid" and parameter.where in ("path", "query"):
                return value
    return None


def _wrong_values(parameter: Parameter) -> Iterator[str]:
    schema = parameter.schema
    # A word first: to most parameters that are numbers or dates it is wrong at once.
    yield "understudy-wrong"
    for name, step in (("minimum", -1), ("maximum", 1)):
        if isinstance(schema.get(name), int):
            yield str(schema[name] + step)


def _words(context: CheckContext, operation: Operation, cause: Cause, exchange: Any) -> Iterator[Finding]:
    """The documented code and text of an error, where its schema says where they stand."""
    reply, body = cause.reply, exchange.answer.json
    documented = {"status": reply.status, "code": reply.code or reply.status, "detail": reply.detail}
    for role, place in find_roles(reply.schema, "x-error"):
        expected = documented.get(role)
        actual = find_pointer(body, place.pointer)
        if expected and actual is not None and str(actual) != str(expected):
            yield context.finding(
                operation,
                "errors.body",
                place.pointer,
                f"The {role} of {reply.status} is not the documented one",
                expected,
                actual,
                _of_words(context, reply, find_evidence(place.schema, role)),
                exchange,
            )


def _of_words(context: CheckContext, reply: Reply, of_place: Evidence) -> Evidence:
    """The words stand in the reply, not in the schema: an assumed reply has assumed words."""
    of_reply = context.of_reply(reply, "words")
    return Evidence(of_reply.sentence or of_place.sentence, of_reply.assumed or of_place.assumed)


def _allow(context: CheckContext, operation: Operation, exchange: Any) -> Iterator[Finding]:
    allowed = [method.strip() for method in (exchange.answer.header("allow") or "").split(",")]
    if operation.method not in allowed:
        reply = context.contract.errors["method_not_allowed"]
        yield context.finding(
            operation,
            "errors.allow",
            "allow",
            "A 405 does not tell the allowed methods (RFC 9110, 15.5.6)",
            operation.method,
            exchange.answer.header("allow") or "no Allow header",
            context.of_reply(reply),
            exchange,
        )
