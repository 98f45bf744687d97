"""Requests whose credential is missing, almost right, or in the wrong place: none of them may be answered."""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

from contract_tests.context import CASE, END, LONGER, PREFIX, CheckContext, NearMiss, find_near_misses, is_case_nothing
from contract_tests.findings import BREAKING, NOTE, Finding
from contract_tests.records import ready_values
from contract_tests.refusals.errors import ANY, Cause, is_success, judge_refusal, provoke
from contract_tests.transport import WRONG
from mock_server.contract import Operation, Scheme, credential_header, present_credentials

RULE = "errors.credential"
FIRST = (END, PREFIX, CASE, LONGER)
"""Near misses that are tried at once, dealt out over a provider's operations; the others are for leftovers."""

Sent = dict[str, Any]


def check_credentials(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """No credential, then the valid one, then near misses: none but the valid one is answered, whatever is kept."""
    if not is_protected(operation):
        return
    page = _page(context, operation)
    near = list(_near(context, operation, is_first=True))
    was_answered = yield from try_causes(context, operation, [_lacking(operation, page)])
    # Who answers without any credential takes every other one: more calls would say the same.
    if was_answered:
        return
    if page.get("query"):
        near = near[1:] if (yield from _shown_now(context, operation, page, near)) else near
    was_answered = yield from try_causes(context, operation, _wrong(context, operation, page), until_answered=True)
    if not was_answered:
        yield from try_causes(context, operation, near)


def _shown_now(
    context: CheckContext,
    operation: Operation,
    page: Sent,
    near: list[Cause],
) -> Generator[Finding, None, bool]:
    """The page that was just refused, by its right reader, and at once by a wrong one: what is kept is for nobody else.

    Says whether the first near miss was used for it.
    """
    if find_order(context, operation):
        return False
    yield from _still_valid(context, operation, page)
    for cause in near[:1]:
        was_answered = yield from try_causes(context, operation, [cause._replace(sent={**cause.sent, **_only(page)})])
        if was_answered:
            yield from try_causes(context, operation, [_lacking(operation, page)])
    return True


def _only(page: Sent) -> Sent:
    return {name: value for name, value in page.items() if name == "query"}


def check_misplaced(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """The valid credential where it is not documented: in the query, under another scheme."""
    if is_protected(operation) and not is_open(context, operation):
        yield from try_causes(context, operation, _misplaced_first(context, operation))


def check_more_credentials(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """What is left of the near misses, and no credential by every other way to the same data."""
    if is_protected(operation) and not is_open(context, operation):
        yield from try_causes(context, operation, _near(context, operation, is_first=False))
        yield from try_causes(context, operation, _misplaced_more(context, operation))


def is_protected(operation: Operation) -> bool:
    """Whether an operation is documented to need a credential, and to say so."""
    return bool(operation.security) and "unauthenticated" in operation.errors


def try_causes(
    context: CheckContext,
    operation: Operation,
    causes: Iterable[Cause],
    until_answered: bool = False,
) -> Generator[Finding, None, bool]:
    """Send each, and say whether one was answered with success; a target that asks for peace gets it."""
    was_answered = False
    for cause in causes:
        if context.remaining == 0 or (was_answered and until_answered):
            break
        exchange = provoke(context, operation, cause)
        yield from judge_refusal(context, operation, cause, exchange)
        was_answered = was_answered or is_success(exchange.answer)
        if exchange.answer.status == 429:
            break
    return was_answered


def _ready(context: CheckContext, operation: Operation) -> Sent:
    return {"path_values": ready_values(context, operation)}


def _lacking(operation: Operation, sent: Sent) -> Cause:
    what = "A page asked for without credential" if sent.get("query") else "A request without credential"
    reply, sent = operation.errors["unauthenticated"], {**sent, "credential": "none"}
    return Cause(RULE, reply, sent, what, "whether a credential is asked for", is_firm=True)


def _page(context: CheckContext, operation: Operation) -> Sent:
    """A request for the second page of a list, where pages can be asked for; else for what there is."""
    listing = context.listings.get(operation.id)
    query = listing.query(**{listing.style: 2}) if listing and listing.style else {}
    return {**_ready(context, operation), "query": query}


def _wrong(context: CheckContext, operation: Operation, page: Sent) -> Iterator[Cause]:
    """The first page without credential, where another was asked for; and with one that nobody has."""
    ready = _ready(context, operation)
    if page.get("query"):
        yield _lacking(operation, ready)
    if find_order(context, operation) == 0:
        reply, sent = operation.errors["unauthenticated"], {**ready, "credential": "wrong"}
        yield Cause(RULE, reply, sent, "A wrong credential", "whether the credential is looked at", is_firm=True)


def find_order(context: CheckContext, operation: Operation) -> int:
    """The place of an operation among those of its provider that need a credential."""
    return [o.id for o in context.contract.operations if is_protected(o)].index(operation.id)


def _still_valid(context: CheckContext, operation: Operation, page: Sent) -> Iterator[Finding]:
    """The request that was just refused, with the valid credential: a kept refusal must not be everybody's."""
    exchange = context.send(operation, "errors", **page, why="a kept refusal is not for who has the credential")
    if exchange.answer.status in (401, 403, operation.errors["unauthenticated"].status):
        yield context.finding(
            operation,
            RULE,
            "",
            "The valid credential is refused after a request without credential was",
            operation.success.status,
            exchange.answer.status,
            context.of_reply(operation.success),
            exchange,
            is_firm=True,
        )


def is_open(context: CheckContext, operation: Operation) -> bool:
    """Whether a request with no credential or a made-up one was answered already."""
    return any(
        is_success(exchange.answer) and exchange.method != "OPTIONS" and not _bears_valid(context, exchange.headers)
        for exchange in context.sender.exchanges
        if exchange.operation == operation.id
    )


def _bears_valid(context: CheckContext, headers: tuple[tuple[str, str], ...]) -> bool:
    values = [states["valid"] for states in context.target.credentials.values()]
    return any(value in text and WRONG not in text for value in values for _, text in headers)


def _schemes(operation: Operation) -> tuple[Scheme, ...]:
    return operation.security[0] if operation.security else ()


def _near(context: CheckContext, operation: Operation, is_first: bool) -> Iterator[Cause]:
    """Near misses of the valid credential: first the most telling, each at one operation only."""
    count = sum(is_protected(o) for o in context.contract.operations)
    order = find_order(context, operation)
    mine = FIRST[order::count]
    for scheme in _schemes(operation)[:1]:
        for near in find_near_misses(context.target.credentials[scheme.name]["valid"]):
            if near in mine if is_first else near not in FIRST and order == 0:
                yield _near_miss(context, operation, scheme, near)


def _near_miss(context: CheckContext, operation: Operation, scheme: Scheme, near: NearMiss) -> Cause:
    states = context.target.credentials
    valid = states[scheme.name]["valid"]
    values = {name: of["valid"] for name, of in states.items()} | {scheme.name: near.make(valid)}
    # Hexadecimal is often compared as the number it is: then its case is nothing.
    is_same = near is CASE and is_case_nothing(valid)
    return Cause(
        RULE,
        operation.errors["unauthenticated"],
        {**_ready(context, operation), **_present(operation, lambda s: values[s.name])},
        near.words,
        "a comparison of a part only",
        refusal=ANY,
        is_firm=not is_same,
        grade=NOTE if is_same else BREAKING,
        place=credential_header(scheme),
    )


def _present(operation: Operation, find_value: Callable[[Scheme], str]) -> Sent:
    presented = present_credentials(_schemes(operation), find_value)
    return {"credential": "none", "headers": presented.headers, "query": presented.query}


def _misplaced_first(context: CheckContext, operation: Operation) -> Iterator[Cause]:
    """The valid credential in a query and under another scheme: each tells several lenient readers."""
    if find_order(context, operation):
        return
    for scheme in _schemes(operation)[:1]:
        valid = context.target.credentials[scheme.name]["valid"]
        # Servers log a query: the valid credential is put into none but this very machine's.
        if context.target.is_own_machine and scheme.where != "query":
            names = (scheme.field, *QUERY_NAMES) if not scheme.prefix else QUERY_NAMES
            sent = {"query": dict.fromkeys(names, valid)}
            yield _place(context, operation, "The credential in the query", "query", sent)
        if scheme.prefix:
            # A word as long as `Bearer`: also who cuts off seven characters takes it.
            sent = {"headers": {"Authorization": f"Digest {valid}"}}
            yield _place(context, operation, "The credential under another scheme", "Authorization", sent)


QUERY_NAMES = ("api_key", "access_token", "token", "key")


def _misplaced_more(context: CheckContext, operation: Operation) -> Iterator[Cause]:
    """The valid credential in other headers, and in other forms of the documented one."""
    if find_order(context, operation):
        return
    for scheme in _schemes(operation)[:1]:
        valid = context.target.credentials[scheme.name]["valid"]
        for what, place, headers in _other_headers(scheme, valid):
            yield _place(context, operation, what, place, {"headers": headers})


def _other_headers(scheme: Scheme, valid: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    field = scheme.field or "token"
    others = {"X-Api-Key": valid, "X-Auth-Token": valid, "Cookie": f"{field}={valid}; token={valid}"}
    yield "The credential in other headers than the documented one", "X-Api-Key, X-Auth-Token, Cookie", others
    basic = base64.b64encode(f"{valid}:".encode()).decode()
    if scheme.prefix:
        yield "The credential without its scheme", "Authorization", {"Authorization": valid}
        yield "The credential under the scheme Token", "Authorization", {"Authorization": f"Token {valid}"}
    else:
        yield "The credential as a bearer token", "Authorization", {"Authorization": f"Bearer {valid}"}
    yield "The credential as the name of Basic", "Authorization", {"Authorization": f"Basic {basic}"}


def _place(context: CheckContext, operation: Operation, what: str, place: str, sent: Sent) -> Cause:
    """Whoever has the credential may see the data, so that taking it elsewhere breaks nothing: worth a note."""
    return Cause(
        RULE,
        operation.errors["unauthenticated"],
        {**_ready(context, operation), "credential": "none", **sent},
        what,
        "whether the credential counts where it is not documented",
        refusal=ANY,
        grade=NOTE,
        place=place,
    )
