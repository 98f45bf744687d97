"""Every check by name: what it says, when it applies, and the function that yields its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from contract_tests.answers import (
    ask_more_of_wire,
    ask_wire,
    check_audit,
    check_failures,
    check_headers,
    check_leaks,
    check_media_type,
    check_reached,
    check_schema,
    check_slowness,
    check_status,
    check_steadiness,
    judge_wire,
)
from contract_tests.checks.examples import check_exchanges
from contract_tests.context import CheckContext
from contract_tests.filters import (
    check_filtered_exchanges,
    check_filters,
    check_hidden_filters,
    check_more_filters,
    check_more_hidden_filters,
    check_normal_forms,
    find_filters,
)
from contract_tests.findings import Finding
from contract_tests.pages import check_links, check_more_pages, check_paging
from contract_tests.records import check_coherence, check_more_records, check_records, knows_record
from contract_tests.refusals import (
    check_credentials,
    check_doubled,
    check_errors,
    check_methods,
    check_misplaced,
    check_more_credentials,
    check_more_errors,
    check_more_provocations,
    check_open_ways,
    check_provocations,
)
from contract_tests.transport import WRITES
from contract_tests.writes import (
    check_conflicts,
    check_create,
    check_delete,
    check_patch,
    check_repeats,
    check_replace,
    find_conflicts,
    find_key_header,
)
from mock_server.contract import Operation


class Check(NamedTuple):
    """One column of the matrix.

    `summary` is what must hold, as a sentence; `skip_reason` says why the check does not apply to an operation, or "".
    """

    name: str
    summary: str
    run: Callable[[CheckContext, Operation], Iterator[Finding]]
    skip_reason: Callable[[CheckContext, Operation], str]


def _always(context: CheckContext, operation: Operation) -> str:
    return ""


def _not_a_list(context: CheckContext, operation: Operation) -> str:
    return "" if operation.is_list else "it is no list"


def _no_links(context: CheckContext, operation: Operation) -> str:
    listing = context.listings.get(operation.id)
    linked = listing and any(role.endswith("_url") for role in listing.places)
    return "" if linked else "it documents no links"


def _no_records(context: CheckContext, operation: Operation) -> str:
    return "" if operation.collection and operation.effect not in WRITES else "it shows no records"


def _no_filters(context: CheckContext, operation: Operation) -> str:
    listing = context.listings.get(operation.id)
    return "" if listing and find_filters(listing, hidden=False) else "it documents no filters on what records show"


def _no_hidden_filters(context: CheckContext, operation: Operation) -> str:
    listing = context.listings.get(operation.id)
    return (
        "" if listing and find_filters(listing, hidden=True) else "it documents no filters on what records do not show"
    )


def _no_key(context: CheckContext, operation: Operation) -> str:
    return "" if operation.key else "it does not fetch one record"


def _no_record(context: CheckContext, operation: Operation) -> str:
    is_known = operation.effect in WRITES or knows_record(context, operation)
    return "" if is_known else "the target has no record to ask for"


def _not_timed(context: CheckContext, operation: Operation) -> str:
    return "" if context.target.is_live or context.slow_seconds else "nobody said how long an answer may take"


def _unless(effect: str) -> Callable[[CheckContext, Operation], str]:
    """Skips every operation that has another effect."""
    return lambda context, operation: "" if operation.effect == effect else f"it does not {effect} a record"


def _not_repeatable(context: CheckContext, operation: Operation) -> str:
    is_repeatable = operation.effect == "replace" or find_key_header(operation)
    return "" if is_repeatable else "nobody promises that it may be sent twice"


def _no_conflict(context: CheckContext, operation: Operation) -> str:
    return "" if find_conflicts(context, operation) else "it documents no conflict that can be made"


SCHEMATHESIS = "schemathesis"
_OF_WIRE = "Answers are whole and as HTTP has them, compressed and to HEAD as well"

# A check may have several rows: what it asks at first, and what it asks of a budget's leftovers.
SENDERS: tuple[Check, ...] = (
    Check("paging", "Pages are of one stable collection", check_paging, _not_a_list),
    Check("links", "Links lead where they say and end with the list", check_links, _no_links),
    Check("filters", "Filters select what satisfies them, and only that", check_filters, _no_filters),
    Check("records", "A record by its key is the listed one; unknown keys are refused", check_records, _no_key),
    Check("errors", "Errors a reader can provoke are the documented ones", check_credentials, _always),
    Check("wire", _OF_WIRE, ask_wire, _not_a_list),
    Check("errors", "Errors a reader can provoke are the documented ones", check_errors, _always),
    Check("errors", "Errors a reader can provoke are the documented ones", check_methods, _always),
    Check(
        "hidden_filters",
        "Filters on what records do not show are not ignored",
        check_hidden_filters,
        _no_hidden_filters,
    ),
    Check("errors", "Errors a reader can provoke are the documented ones", check_misplaced, _always),
    Check("errors", "Errors a reader can provoke are the documented ones", check_provocations, _always),
    Check("exchanges", "Documented requests get answers of the documented shape", check_exchanges, _no_record),
)
"""Checks that send requests, in the order they run: what tells most for few calls comes first."""

OPTIONAL = frozenset({"exchanges", "hidden_filters", "wire"})
"""Of these the ones without which a run is whole: what they send proves something beyond what every client relies on,
or the same as the others."""

WRITERS: tuple[Check, ...] = (
    Check(
        "create",
        "A created record is there as sent, listed and counted once",
        check_create,
        _unless("create"),
    ),
    Check("replace", "A replaced record is what was sent, and nothing that it was", check_replace, _unless("replace")),
    Check("patch", "A changed record has what was sent and keeps the rest", check_patch, _unless("patch")),
    Check("repeats", "A write that may be sent twice does what one does", check_repeats, _not_repeatable),
    Check("conflicts", "What is taken or has changed meanwhile is refused", check_conflicts, _no_conflict),
    Check("delete", "A deleted record is gone everywhere, and so is its key", check_delete, _unless("delete")),
)
"""Checks that write, in the order they run over all operations: a record is made, changed, and deleted at last."""

LATE: tuple[Check, ...] = (
    Check("filters", "Filters select what satisfies them, and only that", check_more_filters, _no_filters),
    Check("filters", "Filters select what satisfies them, and only that", check_normal_forms, _no_filters),
    Check("errors", "Errors a reader can provoke are the documented ones", check_more_errors, _always),
    Check("errors", "Errors a reader can provoke are the documented ones", check_more_credentials, _always),
    Check("errors", "Errors a reader can provoke are the documented ones", check_open_ways, _always),
    Check("errors", "Errors a reader can provoke are the documented ones", check_doubled, _always),
    Check("errors", "Errors a reader can provoke are the documented ones", check_more_provocations, _always),
    Check(
        "hidden_filters",
        "Filters on what records do not show are not ignored",
        check_more_hidden_filters,
        _no_hidden_filters,
    ),
    Check("records", "A record by its key is the listed one; unknown keys are refused", check_more_records, _no_key),
    Check(
        "wire",
        "Answers are whole and as HTTP has them, compressed and to HEAD as well",
        ask_more_of_wire,
        _not_a_list,
    ),
    Check("paging", "Pages are of one stable collection", check_more_pages, _not_a_list),
)
"""Checks that send a request or two for each of many parameters: what is left of a budget is theirs."""

JUDGES: tuple[Check, ...] = (
    Check("reached", "The operation was answered with success", check_reached, _no_record),
    Check("status", "Statuses are the documented ones", check_status, _always),
    Check("status", "No request makes the server fail", check_failures, _always),
    Check("status", "A request is answered when it is first sent", check_steadiness, _always),
    Check("leaks", "No answer shows stack traces, a server's inside or a credential", check_leaks, _always),
    Check("media_type", "Media types are the documented ones", check_media_type, _always),
    Check("headers", "Documented headers are sent", check_headers, _always),
    Check("schema", "Bodies are as their schemas say", check_schema, _always),
    Check("filters", "Filters select what satisfies them, and only that", check_filtered_exchanges, _no_filters),
    Check("slow", "Answers come before a client gives up", check_slowness, _not_timed),
    Check("wire", _OF_WIRE, judge_wire, _always),
    Check("coherence", "Records agree with themselves and with each other", check_coherence, _no_records),
    Check("audit", "Nothing beyond the documentation is sent", check_audit, _always),
)
"""Checks that send nothing: they judge everything that was answered."""

_SCHEMATHESIS = Check(
    SCHEMATHESIS,
    "Generated requests are answered as the contract says",
    lambda context, operation: iter(()),
    _always,
)

UNNAMED = "a live target is written to by the operations that --writes names, and by no others"

BELOW = "it stands below another record, which is looked for when writes are checked"


def ask_why_not(context: CheckContext, operation: Operation, check: Check) -> str:
    """Why a check does not apply to an operation, or nothing; what reads is not asked of writes, nor the reverse.

    Raises: what sending raises, where it must ask the target to know.
    """
    if (operation.effect in WRITES) != (check in WRITERS) and check not in (*JUDGES, _SCHEMATHESIS):
        return "it changes records" if operation.effect in WRITES else "it changes nothing"
    if operation.effect in WRITES and not context.may_write(operation):
        return UNNAMED
    if operation.id in context.below and check in (*SENDERS, *LATE, _SCHEMATHESIS):
        return BELOW
    return check.skip_reason(context, operation)


COLUMNS: tuple[Check, ...] = tuple(
    {check.name: check for check in reversed((*SENDERS, *LATE, _SCHEMATHESIS, *WRITERS, *JUDGES))}.values(),
)[::-1]
"""All checks as the matrix shows them; Schemathesis runs over a provider as a whole."""
