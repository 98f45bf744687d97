"""Every documented error that a reader can provoke: its status, body and headers are the documented ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from contract_tests.answers import find_errors
from contract_tests.context import CheckContext
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding, find_node
from contract_tests.records import ready_values
from contract_tests.refusals.error_words import judge_allow, judge_words
from contract_tests.transport import NO_JSON, Answer, Exchange, required_query
from mock_server.contract import Operation, Parameter, Reply
from mock_server.engine import CREDENTIAL_STATES, compile_inputs
from mock_server.errors import ApiError

MAX_BAD_LIVE = 1
"""Wrong parameters that a live target is tried with in one operation at first; the others are for leftovers."""


EXACT, LIKELY, ANY = "exact", "likely", "any"


WORD = "understudy-wrong"
"""What is wrong for most parameters that are no texts."""


class Cause(NamedTuple):
    """A request that is documented to fail: which rule it proves, the reply it should get, and how it is sent.

    `what` begins a sentence about it, `why` is what it can prove. `refusal` says how sure the documented status is:
    EXACT is for all checks to judge, of a LIKELY one another status is worth a note, and ANY will do; a failure of
    the server is never one (`server_failures`). `is_firm`: success is wrong under every reading; `evidence` is what
    vouches for the refusal where the reply alone does not.
    """

    rule: str
    reply: Reply
    sent: dict[str, Any]
    what: str
    why: str = "whether it is refused as documented"
    refusal: str = EXACT
    is_firm: bool = False
    grade: str = BREAKING
    evidence: Evidence | None = None
    place: str = ""


def check_errors(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """An expired credential, a wrong parameter, an excluding Accept, a wrong method: refused as documented."""
    for cause in find_causes(context, operation):
        yield from judge_refusal(context, operation, cause, provoke(context, operation, cause))


def provoke(context: CheckContext, operation: Operation, cause: Cause) -> Exchange:
    """Send what should be refused; where the documents leave open how, no other check expects an answer of its own."""
    if cause.refusal == EXACT:
        return context.send(operation, "errors", reply=cause.reply, why=cause.why, **cause.sent)
    return context.sender.send(operation, "errors", why=cause.why, **cause.sent)


def judge_refusal(
    context: CheckContext,
    operation: Operation,
    cause: Cause,
    exchange: Exchange,
) -> Iterator[Finding]:
    """What an answer to such a request gets wrong: success, a failure of the server, other words."""
    answer, reply = exchange.answer, cause.reply
    if is_success(answer) and reply.status >= 400:
        yield _answered(context, operation, cause, exchange)
    elif answer.status == reply.status:
        yield from judge_words(context, operation, reply, exchange)
    elif cause.refusal == LIKELY and answer.status < 500:
        yield _of_status(context, operation, cause, exchange)
    if reply.kind == "method_not_allowed" and answer.status == reply.status:
        yield from judge_allow(context, operation, exchange)


def _of_status(context: CheckContext, operation: Operation, cause: Cause, exchange: Exchange) -> Finding:
    """A refusal of another status, where the documents do not say which it is."""
    return context.finding(
        operation,
        "errors.status",
        cause.place,
        f"{cause.what} is answered with another status than documented for such requests",
        cause.reply.status,
        exchange.answer.status,
        context.of_reply(cause.reply),
        exchange,
        NOTE,
    )


def is_success(answer: Answer) -> bool:
    """Whether a status says success: a redirect is none, and shows nothing."""
    return 200 <= answer.status < 300


def _answered(context: CheckContext, operation: Operation, cause: Cause, exchange: Exchange) -> Finding:
    """A request that should be refused and was not; an error under a success's status is wrong under any reading."""
    is_error = bears_error(operation, cause.reply, exchange.answer)
    how = "with the status of a success and an error as the body" if is_error else "with success"
    return context.finding(
        operation,
        cause.rule,
        cause.place,
        f"{cause.what} is answered {how}",
        cause.reply.status,
        exchange.answer.status,
        cause.evidence or context.of_reply(cause.reply),
        exchange,
        cause.grade,
        is_firm=cause.is_firm or is_error,
    )


def bears_error(operation: Operation, reply: Reply, answer: Answer) -> bool:
    """Whether a body is the documented error and not the documented success: its status should be an error's too."""
    if reply.schema is None or answer.json is NO_JSON:
        return False
    is_error = not any(True for _ in find_errors(reply.schema, answer.json))
    return is_error and any(True for _ in find_errors(operation.success.schema, answer.json))


def find_causes(context: CheckContext, operation: Operation) -> Iterator[Cause]:
    """The requests that provoke each documented error a reader can provoke, but for a missing or wrong credential."""
    ready = _ready(context, operation)
    errors = operation.errors
    yield from _states(context, operation, ready)
    # One excluding Accept a provider is enough of a live target at first: the same code answers for all.
    if "not_acceptable" in errors and not (context.target.is_live and operation is not context.contract.operations[0]):
        yield _excluding(errors["not_acceptable"], ready)
    if "invalid" in errors:
        yield from _bad_parameters(context, operation, ready)
    # DELETE is no read: a live target that does not keep its contract might obey.
    if not context.target.is_live:
        reply = errors.get("method_not_allowed") or context.contract.errors["method_not_allowed"]
        method = _find_other_method(context, operation)
        yield Cause("errors.method", reply, {**ready, "method": method}, "A method that is not documented")


def _find_other_method(context: CheckContext, operation: Operation) -> str:
    """A method that the operation's path does not document."""
    item = find_node(context.contract.document, operation.pointer.rpartition("/")[0])
    return next((method for method in ("DELETE", "PATCH", "PUT", "POST") if method.lower() not in item), "TRACE")


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
                is_firm=True,
            )


def check_more_errors(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """What a live target was spared at first: the other wrong parameters, an excluding Accept of each operation."""
    if not context.target.is_live:
        return
    ready, errors = _ready(context, operation), operation.errors
    bad = _find_bad(context, operation, ready)[MAX_BAD_LIVE:] if "invalid" in errors else []
    causes = [_of_parameter(context, operation, ready, parameter, value) for parameter, value in bad]
    if "not_acceptable" in errors and operation is not context.contract.operations[0]:
        causes.append(_excluding(errors["not_acceptable"], ready))
    for cause in causes:
        if context.remaining == 0:
            return
        yield from judge_refusal(context, operation, cause, provoke(context, operation, cause))


def _excluding(reply: Reply, ready: dict[str, Any]) -> Cause:
    sent = {**ready, "headers": {"Accept": "image/png"}}
    return Cause("errors.accept", reply, sent, "An Accept header that excludes the answer")


def _bad_parameters(context: CheckContext, operation: Operation, ready: dict[str, Any]) -> Iterator[Cause]:
    """Values that the contract refuses, by the mock's own reading of it."""
    count = MAX_BAD_LIVE if context.target.is_live else None
    for parameter, value in _find_bad(context, operation, ready)[:count]:
        yield _of_parameter(context, operation, ready, parameter, value)


def _find_bad(context: CheckContext, operation: Operation, ready: dict[str, Any]) -> list[tuple[Parameter, str]]:
    """Each parameter that has a wrong value, and that."""
    bad = []
    for parameter in operation.parameters:
        value = find_bad_value(context, operation, parameter)
        known = ready["path_values"].get(parameter.name)
        if value == WORD and isinstance(known, int):
            # No number either, and who reads only as far as it is one finds a record.
            value = f"{known}abc"
        if value is not None:
            bad.append((parameter, value))
    return bad


def _of_parameter(
    context: CheckContext,
    operation: Operation,
    ready: dict[str, Any],
    parameter: Parameter,
    value: str,
) -> Cause:
    in_path = parameter.where == "path"
    values = {**ready["path_values"], parameter.name: value}
    evidence = _of_both(context.of_reply(operation.errors["invalid"]), context.of_parameter(parameter, "type"))
    return Cause(
        "errors.parameter",
        operation.errors["invalid"],
        {**ready, **({"path_values": values} if in_path else {"query": {parameter.name: value}})},
        f"A wrong {parameter.name} ({'a known one and letters' if in_path else value})",
        f"whether a wrong {parameter.name} is refused",
        refusal=LIKELY if context.target.is_live and evidence.assumed else EXACT,
        evidence=evidence,
        place=parameter.name,
    )


def _of_both(reply: Evidence, parameter: Evidence) -> Evidence:
    """A refusal is as sure as its status and what makes the value a wrong one."""
    return Evidence(reply.sentence or parameter.sentence, reply.assumed or parameter.assumed)


def find_bad_value(context: CheckContext, operation: Operation, parameter: Parameter) -> str | None:
    """A value of the parameter that the contract refuses, or None where it takes everything."""
    read = compile_inputs(operation, "query" in context.contract.ignore_case)
    keys = {p.name: "1" for p in operation.parameters if p.where == "path"}
    for value in _wrong_values(parameter):
        in_path = parameter.where == "path"
        # The mock's own reader decides what is wrong: what it takes, no target can be blamed for taking.
        query = required_query(operation, "" if in_path else f"{parameter.name}={value}")
        try:
            read(query, {**keys, parameter.name: value} if in_path else keys)
        except ApiError as error:
            if error.kind == "invalid" and parameter.where in ("path", "query"):
                return value
    return None


def _wrong_values(parameter: Parameter) -> Iterator[str]:
    schema = parameter.schema
    # A word first: to most parameters that are numbers or dates it is wrong at once.
    yield WORD
    for name, step in (("minimum", -1), ("maximum", 1)):
        if isinstance(schema.get(name), int):
            yield str(schema[name] + step)
