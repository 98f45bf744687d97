"""Requests with two credentials, of which one is the valid one: servers and proxies differ in which they take."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.context import CheckContext
from contract_tests.findings import NOTE, Finding
from contract_tests.records import ready_values
from contract_tests.refusals.credentials import QUERY_NAMES, Sent, find_order, is_open, is_protected, try_causes
from contract_tests.refusals.errors import ANY, Cause
from contract_tests.transport import WRONG
from mock_server.contract import Operation, credential_header, present_credentials

RULE = "errors.twice"


def check_doubled(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A wrong credential beside the valid one: in the header that stands twice, and in header and query."""
    if is_protected(operation) and not is_open(context, operation) and not find_order(context, operation):
        yield from try_causes(context, operation, _causes(context, operation))


def _causes(context: CheckContext, operation: Operation) -> Iterator[Cause]:
    schemes = operation.security[0]
    known = context.target.credentials
    valid = present_credentials(schemes, lambda scheme: known[scheme.name]["valid"]).headers
    wrong = present_credentials(schemes, lambda scheme: WRONG).headers
    if not valid:  # a credential of a query is not sent twice: it would be logged twice
        return
    place = credential_header(schemes[0])
    for first, then, words in (
        (wrong, valid, "wrong one and then a valid"),
        (valid, wrong, "valid one and then a wrong"),
    ):
        sent: Sent = {"headers": first, "lines": tuple(then.items())}
        yield _cause(context, operation, f"A credential sent twice, a {words} one,", place, sent)
    # Servers log a query: the valid credential is put into none but this very machine's.
    if context.target.is_own_machine:
        value = known[schemes[0].name]["valid"]
        sent = {"headers": wrong, "query": dict.fromkeys(QUERY_NAMES, value)}
        yield _cause(
            context,
            operation,
            "A credential sent twice, a wrong one and the valid one in the query,",
            place,
            sent,
        )


def _cause(context: CheckContext, operation: Operation, what: str, place: str, sent: Sent) -> Cause:
    """Who has the valid credential may see the data; but who looks at one of two may be shown the other: a note."""
    return Cause(
        RULE,
        operation.errors["unauthenticated"],
        {"path_values": ready_values(context, operation), "credential": "none", **sent},
        what,
        "which of two credentials counts",
        refusal=ANY,
        grade=NOTE,
        place=place,
    )
