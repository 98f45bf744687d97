"""What it rests on that a request gets its documented reply: a sentence, or something that no document promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from contract_tests.context import CheckContext, Walk
from contract_tests.filters import is_shown, select
from contract_tests.findings import NONE, Evidence, names_value
from contract_tests.transport import Exchange
from mock_server.contract import Operation, Parameter, Reply

UNKNOWN_NAME = "I: no document says what is answered to a parameter that none has"


def of_status(context: CheckContext, operation: Operation, exchange: Exchange, reply: Reply) -> Evidence:
    """What the status of an answer rests on: the reply it should have been, and what the request asked for.

    A failure of the server rests on nothing but the reply: no assumption excuses it.
    """
    own = context.of_reply(reply, "status")
    if own.assumed or exchange.answer.status >= 500:
        return own
    # Which of the refusals: a credential is refused whatever else the request says.
    if reply.kind in ("unauthenticated", "forbidden"):
        return own
    return Evidence(own.sentence, of_request(context, operation, exchange).assumed)


def of_request(context: CheckContext, operation: Operation, exchange: Exchange) -> Evidence:
    """The assumption that a request needs to be answered as the contract says; nothing where all of it is promised."""
    walk = context.walks.get(operation.id)
    for parameter, name, value in find_sent(context, operation, exchange):
        if parameter is None:
            return Evidence(assumed=UNKNOWN_NAME)
        evidence = context.of_parameter(parameter, "value")
        is_promised = name == parameter.name and is_plain(context, parameter, value, walk)
        if evidence.assumed and not is_promised:
            return evidence
    return NONE


def find_sent(
    context: CheckContext,
    operation: Operation,
    exchange: Exchange,
) -> Iterator[tuple[Parameter | None, str, str]]:
    """Each parameter of the path and the query that was sent: the contract's, the name used, the value."""
    parts = urlsplit(exchange.url)
    segments = operation.path.strip("/").split("/")
    for segment, sent in zip(reversed(segments), reversed(parts.path.strip("/").split("/")), strict=False):
        name = segment.strip("{}")
        parameter = next((p for p in operation.parameters if p.where == "path" and p.name == name), None)
        if parameter and segment != name:
            yield parameter, name, unquote(sent)
    secret = {scheme.field for scheme in context.contract.schemes if scheme.where == "query"}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in secret:
            yield _find_parameter(operation, name), name, value


def _find_parameter(operation: Operation, name: str) -> Parameter | None:
    mine = [p for p in operation.parameters if p.where == "query"]
    return next((p for p in mine if name.lower() in (p.name.lower(), *map(str.lower, p.aliases))), None)


def is_plain(context: CheckContext, parameter: Parameter, value: Any, walk: Walk | None) -> bool:
    """Whether a value is one that every reader of the documents would send: none is at an undocumented border."""
    if parameter.page:
        test = _PLAIN_PAGES.get(parameter.page.role)
        number = int(value) if re.fullmatch(r"\d{1,18}", str(value)) else -1
        return test is not None and test(context, parameter, number, walk)
    return bool(parameter.filter) and _is_plain_filter(context, parameter, str(value), walk)


def _is_plain_size(context: CheckContext, parameter: Parameter, number: int, walk: Walk | None) -> bool:
    rule, schema = parameter.page, parameter.schema
    largest = (rule.maximum if rule else None) or schema.get("maximum")
    is_documented = largest is not None and not context.of_parameter(parameter, "maximum").assumed
    # What is served where nothing is asked is served where it is asked for.
    limit = largest if is_documented else schema.get("default", 1)
    return isinstance(limit, int) and 1 <= number <= limit


def _is_plain_number(context: CheckContext, parameter: Parameter, number: int, walk: Walk | None) -> bool:
    return number == 1 or (walk is not None and any(step.number == number for step in walk.pages))


def _is_plain_offset(context: CheckContext, parameter: Parameter, number: int, walk: Walk | None) -> bool:
    total = walk.total if walk else None
    return 0 <= number < (total or 1)


_PLAIN_PAGES: Mapping[str, Callable[[CheckContext, Parameter, int, Walk | None], bool]] = {
    "size": _is_plain_size,
    "number": _is_plain_number,
    "offset": _is_plain_offset,
}


def _is_plain_filter(context: CheckContext, parameter: Parameter, value: str, walk: Walk | None) -> bool:
    rule = parameter.filter
    if rule is None or not value.strip() or rule.dates:
        return False
    if rule.values is not None:
        return names_value(context.of_parameter(parameter).sentence, value)
    if walk is None:
        return parameter.where == "path"
    sent: Any = [value] if rule.test == "one_of" else value
    shown = walk.listing.item_schema.get("properties", {})
    return is_shown(parameter, shown) and bool(select(rule, sent, walk.seen))
