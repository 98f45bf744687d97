"""Each answer by itself: its status, media type, headers and body, as the reply it should be is documented."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from contract_tests.answers.grounds import of_status
from contract_tests.answers.server_failures import has_failed
from contract_tests.answers.strict_json import NO_JSON_WORDS, JsonFault, find_json_faults, find_written
from contract_tests.context import CheckContext
from contract_tests.findings import (
    GRADES,
    OTHER_CASE,
    Evidence,
    Finding,
    find_along,
    find_evidence,
    find_node,
    fold_name,
)
from contract_tests.transport import NO_JSON, Exchange
from mock_server.contract import Operation, Reply, escape_pointer, find_pointer

MAX_PLACES = 50
"""Places reported of one answer; the same place in many records is one finding."""


def check_reached(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Every operation was answered with success at least once: a run of refusals proves nothing."""
    answers = [e for e, reply in context.expected if e.operation == operation.id and not reply.kind]
    # An operation that was never asked (the budget was spent) is skipped by the matrix, not blamed.
    statuses = sorted({exchange.answer.status for exchange in answers})
    if not any(200 <= status < 300 for status in statuses) and answers:
        yield context.finding(
            operation,
            "reached",
            "",
            "The operation was never answered with success",
            operation.success.status,
            ", ".join(map(str, statuses)),
            context.of_reply(operation.success),
            answers[0],
        )


def check_status(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Each answer has the status that is documented for what was asked."""
    for exchange, reply in _of(context, operation):
        # A failure of the server is told once, whatever was asked (`server_failures`).
        if exchange.answer.status != reply.status and not has_failed(exchange):
            asked = f"a request that should be answered {reply.kind or 'with success'}"
            yield context.finding(
                operation,
                "status",
                "",
                f"Another status than documented for {asked}",
                reply.status,
                exchange.answer.status,
                of_status(context, operation, exchange, reply),
                exchange,
                is_firm=is_firm_status(exchange, reply),
            )


def is_firm_status(exchange: Exchange, reply: Reply) -> bool:
    """Whether a status is wrong whatever the contract assumes: the server fails, or lets somebody in without proof."""
    is_bypass = reply.kind in ("unauthenticated", "forbidden") and 200 <= exchange.answer.status < 300
    return exchange.answer.status >= 500 or is_bypass


def check_media_type(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Each answer has the documented media type."""
    for exchange, reply in _matching(context, operation):
        if reply.media_type and exchange.answer.media_type != reply.media_type and exchange.method != "HEAD":
            yield context.finding(
                operation,
                "media_type",
                "content-type",
                f"Another media type than documented for {reply.status}",
                reply.media_type,
                exchange.answer.header("content-type") or "none",
                context.of_reply(reply, "body"),
                exchange,
            )


def check_headers(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Each documented header is sent, with the documented value where one is."""
    for exchange, reply in _matching(context, operation):
        nodes = find_node(context.contract.document, reply.pointer).get("headers", {})
        for header in reply.headers:
            sent = exchange.answer.header(header.name)
            if (sent is None and header.required) or (header.value and sent and sent != header.value):
                node: Mapping[str, Any] = next((n for name, n in nodes.items() if name.lower() == header.name), {})
                yield context.finding(
                    operation,
                    "headers",
                    header.name,
                    f"A header of {reply.status} is not sent as documented",
                    header.value or "present",
                    "absent" if sent is None else sent,
                    find_evidence(node),
                    exchange,
                )


def check_schema(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Each body is JSON as RFC 8259 has it, and as its JSON Schema says."""
    of_reply = {id(exchange): reply for exchange, reply in _matching(context, operation)}
    written: list[tuple[JsonFault, Exchange]] = []
    for exchange in context.sender.exchanges:
        reply = of_reply.get(id(exchange))
        if exchange.operation != operation.id or not _has_json(context, exchange, reply):
            continue
        faults = _find_faults(exchange)
        body = exchange.answer.json
        if reply and body is not NO_JSON:
            wrong = {fault.place for fault in faults if fault.place}
            yield from _schema_findings(context, operation, exchange, reply, body, wrong)
            faults += find_written(reply.schema, body)
        written += [(fault, exchange) for fault in dict.fromkeys(faults)]
    # The worst of a place first: it is the one that its findings are merged under.
    for (place, problem, actual, grade), exchange in sorted(written, key=lambda pair: GRADES.index(pair[0].grade)):
        value = "a JSON value"
        yield context.finding(operation, "schema", place, problem, value, actual, _JSON, exchange, grade, is_firm=True)


def _find_faults(exchange: Exchange) -> list[JsonFault]:
    """What is wrong with a body's JSON; of one that did not come whole, one fault, for it is no other's."""
    faults = find_json_faults(exchange.answer.body)
    if not faults or not exchange.answer.problems:
        return faults
    return [faults[0]._replace(place="", problem=f"{NO_JSON_WORDS}: the answer did not come whole")]


_JSON = Evidence("RFC 8259: The JavaScript Object Notation (JSON) Data Interchange Format")


def _has_json(context: CheckContext, exchange: Exchange, reply: Reply | None) -> bool:
    """Whether a body is promised to be JSON: by its own media type, or by a reply whose body is no assumption."""
    answer = exchange.answer
    if exchange.method == "HEAD" or answer.status in (204, 304):
        return False
    is_documented = reply is not None and reply.schema is not None and not context.of_reply(reply, "body").assumed
    return is_documented or answer.media_type.endswith(("/json", "+json"))


def _schema_findings(
    context: CheckContext,
    operation: Operation,
    exchange: Exchange,
    reply: Reply,
    body: Any,
    wrong: Collection[str],
) -> Iterator[Finding]:
    """One finding for each place and keyword, with how many values it is true of; not of places that are `wrong`."""
    errors: dict[tuple[str, str, str], list[Any]] = {}
    for error in find_errors(reply.schema, body) if reply.schema is not None else ():
        place, path = find_place(error)
        if place not in wrong:
            errors.setdefault((place, _wording(error), _expected(error)), []).append((error, path))
    for (place, wording, expected), alike in list(errors.items())[:MAX_PLACES]:
        error, path = alike[0]
        yield context.finding(
            operation,
            "schema",
            place,
            f"{reply.status}: {wording}",
            expected,
            _find_other_case(error)
            or _shown(error.instance) + _where(context, operation, body, error.instance_path, len(alike)),
            of_place(context, operation, reply, body, place, path),
            exchange,
        )


def _where(context: CheckContext, operation: Operation, body: Any, path: Sequence[Any], times: int) -> str:
    """Which record of a list the value stands in, and in how many; nothing outside of a list."""
    listing = context.listings.get(operation.id)
    number = next((step for step in path if isinstance(step, int)), None)
    records = find_pointer(body, listing.places["items"].pointer) if listing else None
    if listing is None or number is None or not isinstance(records, list) or number >= len(records):
        return ""
    many = f" and in {times - 1} more of this page" if times > 1 else ""
    return f" in the record with the key {_shown(listing.key_of(records[number]))}{many}"


def of_place(
    context: CheckContext,
    operation: Operation,
    reply: Reply,
    body: Any,
    place: str,
    path: list[Any],
) -> Evidence:
    """What a rule of a schema rests on; where an alternative that may be followed is kept, the rule is in doubt."""
    evidence = find_along(reply.schema, path)
    for doubt in context.doubts if not evidence.assumed else ():
        other = next((o for o in doubt.contract.operations if o.id == operation.id), None)
        schemas = (
            [r.schema for r in (other.success, *other.errors.values()) if r.status == reply.status] if other else []
        )
        for schema in schemas:
            if schema is not None and all(find_place(error)[0] != place for error in find_errors(schema, body)):
                return Evidence(evidence.sentence, f"the documentation contradicts itself: {doubt.about}")
    return evidence


def find_place(error: Any) -> tuple[str, list[Any]]:
    """Where a schema error is: the place in the body, and the path to its rule in the schema."""
    place, path = generalize(error.instance_path), list(error.schema_path)
    # `required` is reported at the parent; the place and the evidence wanted are the missing member's own.
    if path and path[-1] == "required":
        name = getattr(error.kind, "property", "") or error.message.split('"')[1]
        return f"{place}/{escape_pointer(name)}", [*path[:-1], "properties", name]
    return place, path


def _find_other_case(error: Any) -> str:
    """The name that a missing member has in another case, or nothing."""
    name = getattr(error.kind, "property", None)
    names = error.instance if isinstance(name, str) and isinstance(error.instance, Mapping) else ()
    return next((written for written in names if fold_name(written) == fold_name(str(name))), "")


def _wording(error: Any) -> str:
    """What is wrong, without the value, so that the same departure is worded the same in every run."""
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    if _find_other_case(error):
        return OTHER_CASE
    return _WORDINGS.get(keyword, f"does not keep `{keyword}`")


_WORDINGS: Mapping[str, str] = {
    "required": "a documented member is missing",
    "type": "another type than documented",
    "enum": "a value that is not listed",
    "const": "another value than documented",
    "format": "not in the documented format",
    "additionalProperties": "a member that the documentation excludes",
}


def _expected(error: Any) -> str:
    kind = error.kind
    if _find_other_case(error):
        return str(kind.property)
    for name in ("options", "expected_value", "types", "format", "pattern", "limit", "property"):
        value = getattr(kind, name, None)
        if value is not None:
            return f"{name.removesuffix('_value')}: {value}" if name != "property" else f"{value} present"
    return str(error.message)[:300]


def find_errors(schema: Any, body: Any) -> Iterator[Any]:
    """The JSON Schema errors of a body."""
    # A schema is no hashable value, its text is; compiling it costs far more than asking it.
    yield from _validator(json.dumps(schema, sort_keys=True)).iter_errors(body)


@functools.lru_cache(maxsize=512)
def _validator(schema: str) -> Any:
    return jsonschema_rs.Draft202012Validator(_allow_empty_pages(json.loads(schema)), validate_formats=True)


def _allow_empty_pages(schema: Any) -> Any:
    """The schema without `minItems` of listed records: it is judged by the status, and a page past the end is empty."""
    if isinstance(schema, dict) and schema.get("x-page") == "items":
        return {key: value for key, value in schema.items() if key != "minItems"}
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return schema
    return {**schema, "properties": {name: _allow_empty_pages(child) for name, child in schema["properties"].items()}}


def generalize(path: list[Any]) -> str:
    """A JSON Pointer in which every index is a star: `/clients/*/email`."""
    return "".join(f"/{'*' if isinstance(step, int) else escape_pointer(step)}" for step in path)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return value[:200].decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False)[:500]


def _of(context: CheckContext, operation: Operation) -> list[tuple[Exchange, Reply]]:
    return [(exchange, reply) for exchange, reply in context.expected if exchange.operation == operation.id]


def _matching(context: CheckContext, operation: Operation) -> Iterator[tuple[Exchange, Reply]]:
    """Exchanges with the documented reply of their status, where there is one; others are `check_status`'s."""
    for exchange, reply in _of(context, operation):
        if exchange.answer.status == reply.status:
            yield exchange, reply
