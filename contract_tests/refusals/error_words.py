"""What an error says: the documented code, text and reason phrase, its own URL, and which methods are allowed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from contract_tests.context import CheckContext, find_roles
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding, find_evidence
from contract_tests.transport import Exchange
from mock_server.contract import Operation, Reply, find_pointer


def judge_words(context: CheckContext, operation: Operation, reply: Reply, exchange: Exchange) -> Iterator[Finding]:
    """What an error of the documented status says, where its schema says where that stands."""
    yield from _facts(context, operation, reply, exchange)
    yield from _own_url(context, operation, reply, exchange)
    yield from _reason(context, operation, reply, exchange)


def _facts(context: CheckContext, operation: Operation, reply: Reply, exchange: Exchange) -> Iterator[Finding]:
    """The documented code and text of an error, where its schema says where they stand."""
    body = exchange.answer.json
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


def _own_url(context: CheckContext, operation: Operation, reply: Reply, exchange: Exchange) -> Iterator[Finding]:
    """The URL that an error says it is of is the one that was asked for."""
    asked = urlsplit(exchange.url)
    for role, place in find_roles(reply.schema, "x-error"):
        actual = find_pointer(exchange.answer.json, place.pointer)
        if role != "url" or not isinstance(actual, str):
            continue
        named = urlsplit(actual)
        is_elsewhere = named.path.rstrip("/") != asked.path.rstrip("/")
        if is_elsewhere or named.netloc != asked.netloc:
            yield context.finding(
                operation,
                "errors.body",
                place.pointer,
                f"The URL in an error is of another {'path' if is_elsewhere else 'host'} than was asked for",
                f"{asked.scheme}://{asked.netloc}{asked.path}",
                actual,
                _of_words(context, reply, find_evidence(place.schema, role)),
                exchange,
                # What stands before an API may give it another name: worth a note.
                BREAKING if is_elsewhere else NOTE,
            )


def _reason(context: CheckContext, operation: Operation, reply: Reply, exchange: Exchange) -> Iterator[Finding]:
    if reply.reason and exchange.answer.reason != reply.reason:
        yield context.finding(
            operation,
            "errors.body",
            "reason phrase",
            f"Another reason phrase than documented for {reply.status}",
            reply.reason,
            exchange.answer.reason,
            # HTTP/2 and many a proxy drop the phrase: where the reply says that a part of it is assumed, it is this.
            context.of_reply(reply, "reason"),
            exchange,
        )


def _of_words(context: CheckContext, reply: Reply, of_place: Evidence) -> Evidence:
    """The words stand in the reply, not in the schema: an assumed reply has assumed words."""
    of_reply = context.of_reply(reply, "words")
    return Evidence(of_reply.sentence or of_place.sentence, of_reply.assumed or of_place.assumed)


def judge_allow(context: CheckContext, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    """What an answer about methods says is allowed: the documented method is, and a refusal must say so."""
    header = exchange.answer.header("allow")
    allowed = [method.strip() for method in (header or "").split(",")]
    if operation.method not in allowed:
        is_refusal = exchange.answer.status == 405
        yield context.finding(
            operation,
            "errors.allow",
            "allow",
            "A 405 does not tell the allowed methods (RFC 9110, 15.5.6)"
            if is_refusal
            else "Allow does not name the documented method (RFC 9110, 10.2.1)",
            operation.method,
            header or "no Allow header",
            Evidence("RFC 9110, 15.5.6: The origin server MUST generate an Allow header field in a 405 response"),
            exchange,
            BREAKING if is_refusal else NOTE,
            is_firm=True,
        )
